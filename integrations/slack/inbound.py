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
from slack_bolt.response import BoltResponse
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from integrations.slack.accounts import Accounts
from integrations.slack.alerts import Alerts
from integrations.slack.auth import Authorize, Signatures
from integrations.slack.background_replies import BackgroundReplies
from integrations.slack.directory import DirectorySync
from integrations.slack.discretion import Discretion
from integrations.slack.errors import SendAgain
from integrations.slack.events import Events
from integrations.slack.install import Install
from integrations.slack.interactions import Interactions
from integrations.slack.logs import quiet_logger
from integrations.slack.own_page import OwnPages
from integrations.slack.posting import Posting
from integrations.slack.replies import Replies
from integrations.slack.settings import SlackSettings
from integrations.slack.workspaces import Workspaces
from workbot.errors import DeliveryError
from workbot.platforms import Host
from workbot.web.bodies import body as body_of

# Slack's largest payloads are some tens of kilobytes; a form of ours may hold a few long texts.
LONGEST_BODY = 1_000_000
# Notes in Bolt's context of a request that a listener of ours has taken it.
HEARD = "workbot_heard"
ANY = re.compile("")
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
        own_pages = OwnPages(host, self.replies, accounts)
        self.interactions = Interactions(host, workspaces, posting, self.replies, accounts, own_pages)
        self.events = Events(host, workspaces, directory, alerts, self.replies, accounts, own_pages)
        self.install = Install(host, settings, workspaces, directory)
        self.signatures = Signatures(settings)
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
        if not self.signatures.are_on(request, body):
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

    async def _listen(self, token: str) -> None:
        """Keep Socket Mode's connection; it mends itself when it breaks."""
        handler = AsyncSocketModeHandler(self.app, token, web_client=self.workspaces.client(), logger=quiet_logger())
        try:
            await handler.connect_async()  # type: ignore[no-untyped-call]
            log.info("slack.socket_open")
            await asyncio.Event().wait()
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]


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
