"""Slack: commands, buttons, forms, channels and Home, in one workspace or in many.

SLACK_BOT_TOKEN=xoxb-…        the token of one workspace; or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET for many
SLACK_SIGNING_SECRET=…        for HTTP at /slack/events; or SLACK_APP_TOKEN=xapp-… for Socket Mode
SLACK_LINK_BY_EMAIL=false     to link accounts by the people file's slack_user_id alone
SLACK_HOME_WORKSPACE=T…       whose members are known by their addresses; the first workspace by default
SLACK_MAIL_DOMAINS=T…=…       of which domains people of other workspaces may confirm that an account is theirs
SLACK_API_URL=https://slack-gov.com/api/
"""
