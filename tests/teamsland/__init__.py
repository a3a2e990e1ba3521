"""A Teams of our own: servers that keep Microsoft's rules, and a driver that does what people do in Teams.

No Teams is called. What is refused here is what Microsoft's documentation says is refused:
https://learn.microsoft.com/microsoftteams/platform and https://learn.microsoft.com/graph/api. Where it says
nothing the stricter reading is taken.
"""
