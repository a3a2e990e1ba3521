"""Microsoft Teams: typed lines, cards, dialogs, channels, a message extension and a tab, in the tenants that we serve.

TEAMS_CLIENT_ID=…             the app registration of the bot (application id)
TEAMS_CLIENT_SECRET=…         a secret of it
TEAMS_TENANT_ID=…             the directory that it is registered in; TEAMS_TENANTS=… others that may use it
TEAMS_CLOUD=public            or gcc, gcch, dod
TEAMS_LINK_BY_EMAIL=true      false links accounts by the people file's teams_user_id alone
TEAMS_MAIL_DOMAINS=…=…        of which domains people of other tenants may confirm that an account is theirs
TEAMS_COMPARE=true            reads the directory by Graph, where User.Read.All is granted
TEAMS_INSTALL=false           installs the app for those whom we are to write to first, where Graph lets us
TEAMS_ALLOW_UNSIGNED=false    for development, with tools that play Teams on this machine; Microsoft is not asked then
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from integrations.teams.manifest import manifest
from integrations.teams.settings import TeamsSettings
from workbot.platforms import Host

if TYPE_CHECKING:
    from integrations.teams.platform import Teams

__all__ = ["build", "manifest"]


def build(host: Host) -> Teams | None:
    """The platform, where Teams is set up; its libraries are not even read where it is not."""
    settings = TeamsSettings()
    if not settings.is_on:
        return None
    settings.check(host.settings.host, urlsplit(host.settings.url).hostname or "")
    from integrations.teams.platform import Teams

    return Teams(host, settings)
