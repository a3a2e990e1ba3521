"""The way in: what Slack sends is checked, read as a turn, taken, and answered; by HTTP or by Socket Mode alike."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from traceback import extract_tb
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from integrations.slack.accounts import Accounts
from integrations.slack.alerts import Alerts
from integrations.slack.background_replies import BackgroundReplies
from integrations.slack.directory import DirectorySync
from integrations.slack.discretion import Discretion
from integrations.slack.errors import SendAgain
from integrations.slack.events import Events
from integrations.slack.homes import Homes
from integrations.slack.install import Install
from integrations.slack.interactions import Interactions
from integrations.slack.logs import quiet_logger
from integrations.slack.posting import Posting
from integrations.slack.replies import Replies
from integrations.slack.settings import SlackSettings
from integrations.slack.workspaces import Workspaces, tenant_of
from workbot.errors import DeliveryError, WorkbotError
from workbot.platforms import Host
from workbot.web.bodies import body as body_of

# Slack's largest payloads are some tens of kilobytes; a form of ours may hold a few long texts.
LONGEST_BODY = 1_000_000
# Notes in Bolt's context of a request that a listener of ours has taken it.
HEARD = "workbot_heard"
ANY = re.compile("")
WHOLE_SECONDS = re.compile("[0-9]{1,11}")
# What comes of reading a payload that is not as Slack describes it.
ODD = (KeyError, TypeError, AttributeError, IndexError, ValueError)
Listener = Callable[[dict[str, Any]], Awaitable[Any]]

log = structlog.get_logger(__name__)


class Inbound:
    """Bolt in front, one listener for each kind of payload, and our own routing behind."""

    def __init__(
        self,
        host: Host,
        settings: SlackSettings,
        workspaces: Workspaces,
        posting: Posting,
        directory: DirectorySync,
        alerts: Alerts,
        discretion: Discretion,
    ) -> None:
        self.host = host
        self.settings = settings
        self.workspaces = workspaces
        self.directory = directory
        self.background = BackgroundReplies(workspaces, posting, discretion)
        self.replies = Replies(host, workspaces, posting, self.background)
        accounts = Accounts(host, directory)
        homes = Homes(host, self.replies, accounts)
        self.interactions = Interactions(host, workspaces, posting, self.replies, accounts, homes)
        self.events = Events(host, workspaces, directory, alerts, self.replies, accounts, homes)
        self.install = Install(host, settings, workspaces, directory)
        secret = settings.signing_secret.get_secret_value()
        self._verifier = SignatureVerifier(secret) if secret else None
        self._app: AsyncApp | None = None

    def routes(self) -> Sequence[BaseRoute]:
        return [Route("/slack/events", self._take, methods=["POST"]), *self.install.routes()]

    async def run(self) -> None:
        """What runs beside the web server: the comparing of lists and, with SLACK_APP_TOKEN, Socket Mode."""
        async with asyncio.TaskGroup() as work:
            work.create_task(self.directory.run(), name="slack-comparing")
            if token := self.settings.app_token.get_secret_value():
                work.create_task(self._listen(token), name="slack-socket")

    async def close(self) -> None:
        await self.background.close()

    @property
    def app(self) -> AsyncApp:
        """Bolt, made where the event loop runs."""
        if self._app is None:
            self._app = self._build()
        return self._app

    def _build(self) -> AsyncApp:
        app = AsyncApp(
            name="workbot",
            logger=quiet_logger(),
            process_before_response=True,
            authorize=Authorize(self.workspaces),
            # The raw body is checked before Bolt reads anything of it.
            request_verification_enabled=False,
            **self.install.bolt(),
        )
        app.command(ANY)(_listener(self.interactions.command))
        app.action(ANY)(_listener(self.interactions.press))
        app.view(ANY)(_listener(self.interactions.submit))
        app.view_closed(ANY)(_listener(_nothing))
        app.shortcut(ANY)(_listener(self.interactions.shortcut))
        app.options(ANY)(_listener(_no_options))
        app.event(ANY)(_listener(self.events.take))
        return app

    async def _take(self, request: Request) -> Response:
        """One request of Slack's: nobody else's comes further than this."""
        body = await body_of(request, LONGEST_BODY)
        if body is None:
            return Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not self._is_signed(request, body):
            return Response("Only Slack may call this.", HTTPStatus.UNAUTHORIZED)
        try:
            asked = AsyncBoltRequest(
                body=body.decode(), query=request.scope["query_string"].decode("latin-1"), headers=dict(request.headers)
            )
            answer = await self.app.async_dispatch(asked)
        except (*ODD, RecursionError) as error:
            log.warning("slack.not_understood", error=type(error).__name__)
            return Response("This is no payload of Slack's.", HTTPStatus.BAD_REQUEST)
        if answer.status != HTTPStatus.OK and not asked.context.get(HEARD):
            # No listener of ours takes such a payload; whatever is not thanked for, Slack would send again.
            log.warning("slack.unknown_payload", kind=_kind(asked.body))
            return Response()
        return to_starlette_response(answer)

    def _is_signed(self, request: Request, body: bytes) -> bool:
        """Slack's signature: HMAC-SHA256 of version, timestamp and raw body, no more than five minutes old or ahead."""
        timestamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        if self._verifier is None or not WHOLE_SECONDS.fullmatch(timestamp) or not signature.isascii():
            return False
        try:
            return self._verifier.is_valid(body, timestamp, signature)
        except UnicodeDecodeError:
            return False

    async def _listen(self, token: str) -> None:
        """Keep Socket Mode's connection; it mends itself when it breaks."""
        handler = AsyncSocketModeHandler(self.app, token, web_client=self.workspaces.client(), logger=quiet_logger())
        try:
            await handler.connect_async()  # type: ignore[no-untyped-call]
            log.info("slack.socket_open")
            await asyncio.Event().wait()
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]


class Authorize(AsyncAuthorize):
    """Says whose token a request is answered with, out of what is stored: Slack is not asked each time."""

    def __init__(self, workspaces: Workspaces) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.workspaces = workspaces

    async def __call__(self, *, context: Any, enterprise_id: Any, team_id: Any, user_id: Any, **_more: Any) -> Any:
        tenant = tenant_of(enterprise_id, team_id, context.is_enterprise_install)
        try:
            found = await self.workspaces.find(tenant)
        except (DeliveryError, WorkbotError) as error:
            log.warning("slack.cannot_authorise", reason=str(error))
            found = None
        if found is None:
            log.warning("slack.unknown_workspace", workspace=tenant)
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=found.bot_user,
            bot_id=found.bot_id,
            bot_token=found.token or "xoxb-none",
        )


def _listener(take: Listener) -> Callable[..., Awaitable[BoltResponse | None]]:
    """Bolt's shape of a listener: what it returns, once it is done, is Slack's answer."""

    async def listen(ack: Any, body: dict[str, Any], context: dict[str, Any]) -> BoltResponse | None:
        context[HEARD] = True
        answer: Mapping[str, Any] | None = None
        try:
            answer = await take(body)
        except ODD as error:
            # The body may be somebody's words, and is not logged.
            where = extract_tb(error.__traceback__)[-1]
            log.warning("slack.not_understood", kind=_kind(body), error=type(error).__name__, where=where.name)
        except DeliveryError as error:
            log.warning("slack.cannot_answer", reason=error.reason)
        except SendAgain:
            return BoltResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)
        await (ack(dict(answer)) if answer else ack())
        return None

    return listen


def _kind(body: Mapping[str, Any]) -> str:
    """The kind of a payload, if it is a word of Slack's."""
    kind = str(body.get("type") or "")
    return kind if re.fullmatch("[a-z_]{1,40}", kind) else "other"


async def _nothing(body: Mapping[str, Any]) -> None:
    return None


async def _no_options(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"options": []}
