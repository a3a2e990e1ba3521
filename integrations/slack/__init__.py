"""Slack: commands, buttons, forms, channels and Home, in one workspace or in many.

SLACK_BOT_TOKEN=xoxb-…        the token of one workspace; or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET for many
SLACK_SIGNING_SECRET=…        for HTTP at /slack/events; or SLACK_APP_TOKEN=xapp-… for Socket Mode
SLACK_LINK_BY_EMAIL=false     to link accounts by the people file's slack_user_id alone
SLACK_HOME_WORKSPACE=T…       whose members are known by their addresses; the first workspace by default
SLACK_MAIL_DOMAINS=T…=…       of which domains people of other workspaces may confirm that an account is theirs
SLACK_API_URL=https://slack-gov.com/api/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from integrations.slack.manifest import manifest
from integrations.slack.settings import SlackSettings
from workbot.platforms import Host

if TYPE_CHECKING:
    from integrations.slack.platform import Slack

__all__ = ["build", "manifest"]


def build(host: Host) -> Slack | None:
    """The platform, where Slack is set up; its libraries are not even read where it is not."""
    settings = SlackSettings()
    if not settings.is_on:
        return None
    settings.check()
    from integrations.slack.platform import Slack

    return Slack(host, settings)
