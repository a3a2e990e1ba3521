"""What Teams brings; its libraries are not even read where it is not set up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from integrations.teams.names import NAME
from workbot.i18n import N_
from workbot.plugins import AccountColumn, Plugin

if TYPE_CHECKING:
    from integrations.teams.platform import Teams
    from workbot.platforms import Host, Word


def build(host: Host) -> Teams | None:
    """The platform, where Teams is set up; raises WorkbotError where it is set up wrongly."""
    from integrations.teams.settings import TeamsSettings

    settings = TeamsSettings()
    if not settings.is_on:
        return None
    settings.check(host.settings.host, urlsplit(host.settings.url).hostname or "")
    from integrations.teams.platform import Teams

    return Teams(host, settings)


def manifest(url: str, words: Mapping[str, Word]) -> bytes:
    """The app package that Teams wants."""
    from integrations.teams.manifest import manifest

    return manifest(url, words)


REASONS = {
    "they have blocked or removed the app in Teams": N_("They have blocked or removed the bot in Teams."),
    "the app was removed in Teams": N_("They have blocked or removed the bot in Teams."),
    "the app is not installed for them in Teams": N_("The bot is not installed for them in Teams."),
    "the app is not in the organisation’s app catalogue": N_("The bot is not installed for them in Teams."),
    "a Teams administrator has blocked the app": N_("An administrator of Teams has blocked the bot."),
    "the account was closed in Entra": N_("Their Microsoft account was closed."),
    "the account may not sign in, says Entra": N_("Their Microsoft account is disabled."),
    "the account is a guest’s, says Entra": N_("They are a guest in Teams."),
    "Teams does not know them": N_("Teams does not know their account."),
    "Teams takes nothing there": N_("Teams takes no messages there."),
    "Teams takes no more just now": N_("Teams asked us to go slower."),
    "Teams is not well": N_("Teams could not be reached."),
    "Teams could not be reached": N_("Teams could not be reached."),
    "Microsoft does not": N_("Microsoft has locked the bot out. Look at its secret."),
}
PLUGIN = Plugin(
    NAME,
    "Teams",
    build,
    account_column=AccountColumn("teams_user_id"),
    reasons=REASONS,
    embeds_pages=True,
    manifest=manifest,
    models=("integrations.teams.models",),
    locales=Path(__file__).parent / "locales",
)
