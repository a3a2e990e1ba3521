"""The personal tab: a person's own page of the web chat, in a window of Teams, signed in by Teams.

The tab's page asks Teams for a token of whoever looks at it, and gives it to us. What we give for it is a session of
the tab's own, good for a few hours and for nothing but that page: https://learn.microsoft.com/microsoftteams/platform/tabs/how-to/authentication/tab-sso-overview
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from integrations.teams.names import TAB
from workbot.i18n import language
from workbot.pages import Frame, Pages
from workbot.platforms import Host

ENTER = f"{TAB}/enter"
# What the tab shows in the end.
OWN_PAGE = "/chat/mine"

PAGES = Pages(Path(__file__).parent / "templates")


class Tab:
    """The page with which a tab begins."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def routes(self) -> Sequence[BaseRoute]:
        return [Route(TAB, self._show, methods=["GET"])]

    async def _show(self, request: Request) -> Response:
        # Teams puts its language into the address, as the app package asks it to.
        lang = language(request.query_params.get("locale") or self.host.settings.locale)
        return PAGES.page("tab.html", lang, frame=Frame(TAB, is_within=True), enter=ENTER, onward=OWN_PAGE)
