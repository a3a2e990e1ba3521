"""The way in: what Teams sends is let in at the door, seen by BotBuilder, and answered by one route of the SDK's app.

door (who calls, how much, from where) → BotBuilder (notes where people are) → App (one route answers)
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from traceback import extract_tb
from typing import Any

import structlog
from starlette.routing import BaseRoute

from integrations.teams.accounts import Accounts
from integrations.teams.auth import Auth
from integrations.teams.background_replies import BackgroundReplies
from integrations.teams.botbuilder import boundary, can_read
from integrations.teams.clouds import Cloud
from integrations.teams.conversations import Conversations
from integrations.teams.directory import DirectorySync
from integrations.teams.events import Events
from integrations.teams.extension import Extension
from integrations.teams.interactions import Interactions
from integrations.teams.logs import quieten
from integrations.teams.parsing import Body
from integrations.teams.posting import Posting
from integrations.teams.replies import WORDS, Replies
from integrations.teams.sdk import App, InvokeResponse
from integrations.teams.settings import TeamsSettings
from workbot.errors import DeliveryError
from workbot.i18n import language
from workbot.platforms import Host

# What comes of reading an activity that is not as Teams describes it.
ODD = (KeyError, TypeError, AttributeError, IndexError, ValueError)
Take = Callable[[Body], Awaitable[Any]]

log = structlog.get_logger(__name__)


class Inbound:
    """The SDK's app, with a route for each kind of activity that we answer, and a plain answer to all others."""

    def __init__(
        self,
        host: Host,
        settings: TeamsSettings,
        cloud: Cloud,
        conversations: Conversations,
        posting: Posting,
        directory: DirectorySync,
    ) -> None:
        self.host = host
        self.settings = settings
        self.cloud = cloud
        self.conversations = conversations
        self.directory = directory
        self.background = BackgroundReplies(posting, conversations)
        self.replies = Replies(host, posting, self.background)
        accounts = Accounts(host, directory)
        self.interactions = Interactions(host, posting, self.replies, accounts)
        self.events = Events(host, self.interactions, self.replies, accounts, directory.channels)
        self.extension = Extension(host, posting, accounts)
        self.auth = Auth(settings, cloud, self._ready, can_read)
        self._app: App | None = None
        self._one = asyncio.Lock()

    def routes(self) -> Sequence[BaseRoute]:
        return self.auth.routes()

    async def close(self) -> None:
        await self.background.close()

    async def _ready(self) -> None:
        """Make the app where the event loop runs, once."""
        if self._app is None:
            async with self._one:
                self._app = self._app or await self._built()

    async def _built(self) -> App:
        quieten()
        app = App(
            # Each is given, since the SDK looks for whatever is not in the environment, under names of its own.
            client_id=self.settings.client_id,
            client_secret=self.settings.client_secret.get_secret_value() or "none",
            tenant_id=self.settings.tenant_id,
            cloud=self.cloud.environment,
            service_url=self.cloud.service_url,
            http_server_adapter=boundary(self.auth, self.settings, self.conversations.note),
            # The door has asked who calls, with more care than the SDK does; nothing else leads here.
            dangerously_allow_unauthenticated_requests=True,
            # Else each activity would cost a call for a token of the person's own that we have no use for.
            fetch_user_token=False,
            state=False,
            telemetry={"agent365": False},
        )
        app.on_message(self._heard(self.events.said))
        app.on_message_update(self._heard(self.events.reworded))
        app.on_message_delete(self._heard(self.events.reworded))
        app.on_install_add(self._heard(self.events.installed))
        app.on_conversation_update(self._heard(self.events.changed))
        app.on_card_action(self._answering(self.interactions.execute))
        app.on_dialog_open(self._answering(self.interactions.fetch))
        app.on_dialog_submit(self._answering(self.interactions.submit))
        app.on_message_ext_open(self._answering(self.interactions.quote))
        app.on_message_ext_submit(self._answering(self.interactions.submit))
        app.on_message_ext_query(self._answering(self.extension.search))
        app.on_message_ext_query_link(self._answering(self.extension.unfurl))
        await app.initialize()
        through = app.server.on_request
        assert through is not None
        app.server.on_request = self._understood(through)
        return app

    def _understood(self, through: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
        """Answer what the SDK cannot read, or no route of ours takes: whoever did it sees that it did nothing."""

        async def take(event: Any) -> Any:
            kind, name = str(event.body.type or ""), str(getattr(event.body, "name", None) or "")
            if kind != "invoke" or name in TAKEN:
                try:
                    return await through(event)
                except ValueError as error:
                    # What it says of the error may hold somebody's words.
                    log.warning("teams.not_read", kind=_word(kind), name=_word(name), error=type(error).__name__)
            if kind != "invoke":
                return InvokeResponse(status=200)
            log.warning("teams.unknown_invoke", name=_word(name))
            return InvokeResponse(status=200, body=self._no_answer(name))

        return take

    def _heard(self, take: Take) -> Callable[[Any], Awaitable[None]]:
        """A route for what wants no answer."""

        async def listen(ctx: Any) -> None:
            await self._safely(take, ctx)

        return listen

    def _answering(self, take: Take) -> Callable[[Any], Awaitable[Any]]:
        """A route whose answer is shown to whoever waits for it."""

        async def listen(ctx: Any) -> Any:
            answer = await self._safely(take, ctx)
            return InvokeResponse(status=200, body=self._no_answer(ctx.activity.name) if answer is None else answer)

        return listen

    async def _safely(self, take: Take, ctx: Any) -> Any:
        body = ctx.activity.model_dump(by_alias=True, exclude_none=True, mode="json")
        try:
            return await take(body)
        except ODD as error:
            # The body may be somebody's words, and is not logged.
            where = extract_tb(error.__traceback__)[-1]
            log.warning("teams.not_understood", kind=_word(body["type"]), error=type(error).__name__, where=where.name)
        except DeliveryError as error:
            log.warning("teams.cannot_answer", reason=error.reason)
        return None

    def _no_answer(self, name: str) -> dict[str, Any]:
        """What whoever did it is shown where there is nothing to do, in the shape that Teams wants there."""
        lang = language(self.host.settings.locale)
        text = lang("I do not know what to do with that. Type “help” to see what I can do.")
        if name.startswith("task/") or name in ("composeExtension/fetchTask", "composeExtension/submitAction"):
            return {"task": {"type": "message", "value": text}}
        if name.startswith("composeExtension/"):
            return {"composeExtension": {"type": "message", "text": text}}
        return {"statusCode": 200, "type": WORDS, "value": text}


# The invokes that a route of ours takes.
TAKEN = frozenset(
    {
        "adaptiveCard/action",
        "composeExtension/fetchTask",
        "composeExtension/query",
        "composeExtension/queryLink",
        "composeExtension/submitAction",
        "task/fetch",
        "task/submit",
    }
)


def _word(name: str) -> str:
    """A name of Teams', if it is one."""
    return name if re.fullmatch(r"[A-Za-z][A-Za-z0-9/._-]{0,60}", name) else "other"
