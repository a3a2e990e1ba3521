"""A Slack of our own: a server that keeps Slack's rules, and a driver that does what people do in it.

No Slack is called. What is refused here is what Slack's documentation says it refuses:
https://docs.slack.dev/reference. Where it says nothing the stricter reading is taken.
"""
