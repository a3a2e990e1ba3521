"""Installing the app in a workspace: begun by an administrator of ours, confirmed by one of theirs (OAuth 2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from logging import Logger
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import structlog
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from sqlalchemy import delete
from sqlmodel import Session, col
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.slack.directory import DirectorySync
from integrations.slack.logs import quiet_logger
from integrations.slack.manifest import SCOPES
from integrations.slack.models import SlackState
from integrations.slack.settings import SlackSettings
from integrations.slack.workspaces import Workspaces, tenant_of
from workbot.errors import DeliveryError
from workbot.i18n import language
from workbot.people import Person, has_role
from workbot.platforms import Host
from workbot.web.pages import Pages

INSTALL, RETURN = "/slack/install", "/slack/oauth_redirect"
# In place of what is not set; Bolt would look for it by itself.
NONE = "none"
TEN_MINUTES = timedelta(minutes=10)

PAGES = Pages(Path(__file__).parent)

log = structlog.get_logger(__name__)


class Install:
    """The two addresses of an installation, on Bolt's flow with stores of our own."""

    def __init__(self, host: Host, settings: SlackSettings, workspaces: Workspaces, directory: DirectorySync) -> None:
        self.host = host
        self.settings = settings
        self.workspaces = workspaces
        self.directory = directory
        self.installations = Installations(workspaces)
        self.states = States(host)
        self._flow: AsyncOAuthFlow | None = None

    def routes(self) -> Sequence[BaseRoute]:
        if not self.settings.is_shared:
            return ()
        return (Route(INSTALL, self._begin), Route(RETURN, self._return))

    def bolt(self) -> dict[str, Any]:
        """What Bolt has to be told, so that it makes nothing of its own out of the environment that it finds."""
        return {"oauth_flow": self.flow, "installation_store": self.installations}

    @property
    def flow(self) -> AsyncOAuthFlow:
        if self._flow is None:
            self._flow = AsyncOAuthFlow(
                client=self.workspaces.client(), logger=quiet_logger(), settings=self._flow_settings(quiet_logger())
            )
        return self._flow

    def _flow_settings(self, logger: Logger) -> AsyncOAuthSettings:
        site = self.settings.api.removesuffix("api/")
        return AsyncOAuthSettings(
            client_id=self.settings.client_id or NONE,
            client_secret=self.settings.client_secret.get_secret_value() or NONE,
            scopes=SCOPES,
            redirect_uri=f"{self.host.settings.url}{RETURN}",
            install_path=INSTALL,
            redirect_uri_path=RETURN,
            install_page_rendering_enabled=False,
            authorization_url=f"{site}oauth/v2/authorize",
            installation_store=self.installations,
            state_store=self.states,
            state_expiration_seconds=int(TEN_MINUTES.total_seconds()),
            callback_options=AsyncCallbackOptions(success=self._installed, failure=self._failed),
            logger=logger,
        )

    async def _begin(self, request: Request) -> Response:
        return await self._for_admins(request, self.flow.handle_installation)

    async def _return(self, request: Request) -> Response:
        return await self._for_admins(request, self.flow.handle_callback)

    async def _for_admins(self, request: Request, handle: Any) -> Response:
        """Let administrators of ours through: whose workspaces we serve is not for strangers to say."""
        person = await self.host.signed_in(request)
        if person is None:
            return RedirectResponse(f"/signin?next={INSTALL}", HTTPStatus.SEE_OTHER)
        if not await self.host.database.read(partial(_is_admin, person=person)):
            lang = language(person.locale)
            return Response(lang("Only an administrator may do this."), HTTPStatus.FORBIDDEN)
        query: Any = dict(request.query_params)
        asked = AsyncBoltRequest(body="", query=query, headers=dict(request.headers))
        return to_starlette_response(await handle(asked))

    async def _installed(self, args: AsyncSuccessArgs) -> BoltResponse:
        made = args.installation
        tenant = tenant_of(made.enterprise_id, made.team_id, made.is_enterprise_install)
        log.info("slack.installed", workspace=tenant)
        try:
            if workspace := await self.workspaces.find(tenant):
                await self.directory.compare(workspace)
        except DeliveryError as error:
            log.warning("slack.cannot_compare", reason=error.reason)
        lang = language(self.host.settings.locale)
        message = lang("I am at home in “{name}” now. Invite me into your desks’ channels.", name=workspace_name(made))
        return await self._page(lang("The app is installed"), message)

    async def _failed(self, args: AsyncFailureArgs) -> BoltResponse:
        log.warning("slack.not_installed", reason=args.reason)
        lang = language(self.host.settings.locale)
        message = lang("Nothing was changed ({reason}). Begin again at /slack/install.", reason=args.reason)
        return await self._page(lang("The app was not installed"), message, status=args.suggested_status_code)

    async def _page(self, title: str, message: str, *, status: int = HTTPStatus.OK) -> BoltResponse:
        lang = language(self.host.settings.locale)
        frame = await self.host.frame(None, RETURN, lang)
        html = PAGES.fragment("refused.html", lang, frame=frame, title=title, message=message)
        headers: dict[str, str | Sequence[str]] = {
            "Content-Type": "text/html; charset=utf-8",
            "Cache-Control": "no-store",
        }
        return BoltResponse(status=status, body=str(html), headers=headers)


def workspace_name(made: Installation) -> str:
    return (made.enterprise_name if made.is_enterprise_install else made.team_name) or ""


class Installations(AsyncInstallationStore):
    """What Bolt reads and writes of installations, in our table."""

    def __init__(self, workspaces: Workspaces) -> None:
        self.workspaces = workspaces

    @property
    def logger(self) -> Logger:
        return quiet_logger()

    async def async_save(self, installation: Installation) -> None:
        await self.workspaces.save(installation)

    async def async_save_bot(self, bot: Bot) -> None:
        # Tokens are renewed where they are kept.
        return None

    async def async_find_bot(self, **which: Any) -> Bot | None:
        return None

    async def async_find_installation(self, **which: Any) -> Installation | None:
        return None


class States(AsyncOAuthStateStore):
    """Installations that were begun: each may come back once."""

    def __init__(self, host: Host) -> None:
        self.host = host

    @property
    def logger(self) -> Logger:
        return quiet_logger()

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        state = token_urlsafe(32)
        row = SlackState(state=state, expires_at=self.host.clock.now() + TEN_MINUTES)
        await self.host.database.run(lambda session: session.add(row))
        return state

    async def async_consume(self, state: str) -> bool:
        return await self.host.database.run(partial(_consume, state=state, now=self.host.clock.now()))


def _consume(session: Session, *, state: str, now: Any) -> bool:
    taken = session.execute(delete(SlackState).where(col(SlackState.state) == state, col(SlackState.expires_at) > now))
    session.execute(delete(SlackState).where(col(SlackState.expires_at) <= now))
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def _is_admin(session: Session, *, person: Person) -> bool:
    return has_role(session, person, "admin")
