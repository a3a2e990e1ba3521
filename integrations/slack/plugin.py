"""What Slack brings; its libraries are not even read where it is not set up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrations.slack.names import NAME
from workbot.i18n import N_
from workbot.plugins import AccountColumn, Plugin

if TYPE_CHECKING:
    from integrations.slack.platform import Slack
    from workbot.platforms import Host, Word


def build(host: Host) -> Slack | None:
    """The platform, where Slack is set up; raises WorkbotError where it is set up wrongly."""
    from integrations.slack.settings import SlackSettings

    settings = SlackSettings()
    if not settings.is_on:
        return None
    settings.check()
    from integrations.slack.platform import Slack

    return Slack(host, settings)


def manifest(url: str, words: Mapping[str, Word]) -> dict[str, Any]:
    """The app as Slack wants it described."""
    from integrations.slack.manifest import manifest

    return manifest(url, words)


# Slack's own words are among them: https://docs.slack.dev/reference/methods/chat.postMessage#errors
REASONS = {
    "user_disabled": N_("Their Slack account was deactivated."),
    "deactivated in Slack": N_("Their Slack account was deactivated."),
    "a guest in Slack": N_("They are a guest in Slack."),
    "of another organisation in Slack": N_("Their Slack account belongs to another organisation."),
    "user_not_found": N_("Slack does not know their account."),
    "channel_not_found": N_("The Slack channel is gone, or the bot was not invited."),
    "not_in_channel": N_("The bot was not invited into the Slack channel."),
    "is_archived": N_("The Slack channel was archived."),
    "token_revoked": N_("Slack has locked the bot out. Install it again."),
    "invalid_auth": N_("Slack has locked the bot out. Install it again."),
    "app_uninstalled": N_("Slack has locked the bot out. Install it again."),
    "ratelimited": N_("Slack asked us to go slower."),
    "Slack could not be reached": N_("Slack could not be reached."),
}
PLUGIN = Plugin(
    NAME,
    "Slack",
    build,
    account_column=AccountColumn("slack_user_id"),
    reasons=REASONS,
    manifest=manifest,
    models=("integrations.slack.models",),
    locales=Path(__file__).parent / "locales",
)
