"""BotBuilder at the boundary: it sees every activity first, notes where people can be reached, and answers nothing.

It is also where an organisation plugs in an `ActivityHandler` that it has already, under an entry point:

    [project.entry-points."workbot.teams.handlers"]
    ours = "our_bot:make_handler"

`make_handler()` returns the handler. It may send messages of its own and answer invokes that are its own; what it
does not answer goes on to us. No type of BotBuilder's leaves this file.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import structlog
from botbuilder.core import ActivityHandler, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botbuilder.schema import Activity
from botframework.connector.auth import (
    AuthenticateRequestResult,
    AuthenticationConstants,
    BotFrameworkAuthentication,
    ClaimsIdentity,
    ConnectorFactory,
)
from msrest.exceptions import ClientException

from integrations.teams.auth import Auth
from integrations.teams.conversations import Heard
from integrations.teams.sdk import BotBuilderAdapter, CoreActivity
from integrations.teams.settings import TeamsSettings
from workbot.errors import DatabaseAway

HANDLERS = "workbot.teams.handlers"
GOVERNMENT = "https://botframework.azure.us"

Note = Callable[[Heard], Awaitable[None]]

log = structlog.get_logger(__name__)


def boundary(auth: Auth, settings: TeamsSettings, note: Note) -> BotBuilderAdapter:
    """What the SDK's app is served by: BotBuilder in front of it, the door in front of both."""
    others = _plugged_in()
    return BotBuilderAdapter(
        handler=ConversationRecorder(note, others),
        cloud_adapter=CloudAdapter(PreauthenticatedAuth(settings, sends=bool(others))),
        http_server_adapter=auth,
    )


class ConversationRecorder(ActivityHandler):
    """Notes who was heard where, and lets an organisation's own handlers see it too."""

    def __init__(self, note: Note, others: Sequence[ActivityHandler]) -> None:
        super().__init__()
        self.note = note
        self.others = others

    async def on_turn(self, turn_context: TurnContext) -> None:
        try:
            if not _is_from_anywhere(turn_context.activity):
                await self.note(heard(turn_context.activity))
        except DatabaseAway as error:
            # It is noted the next time; what was said is answered all the same.
            log.warning("teams.not_noted", reason=error.reason)
        for other in self.others:
            try:
                await other.on_turn(turn_context)
            except Exception:
                # What somebody plugged in must not cost anyone an answer of ours.
                log.exception("teams.handler_failed", handler=type(other).__name__)


class PreauthenticatedAuth(BotFrameworkAuthentication):
    """Takes what the door has let in for authenticated: nothing is asked of the network a second time.

    BotBuilder makes two clients for each activity, which takes longer than all else together; where nobody `sends`
    by them they are not made.
    """

    def __init__(self, settings: TeamsSettings, *, sends: bool) -> None:
        self.settings = settings
        self.sends = sends
        self._real: BotFrameworkAuthentication | None = None
        self._identity = ClaimsIdentity(
            {
                AuthenticationConstants.AUDIENCE_CLAIM: settings.client_id,
                AuthenticationConstants.APP_ID_CLAIM: settings.client_id,
            },
            True,
        )

    async def authenticate_request(self, activity: Activity, auth_header: str) -> AuthenticateRequestResult:
        known = AuthenticateRequestResult()
        known.claims_identity = self._identity
        known.audience = self.real.get_originating_audience() if self.sends else ""
        known.connector_factory = self.create_connector_factory(self._identity)
        return known

    async def authenticate_streaming_request(
        self, auth_header: str, channel_id_header: str
    ) -> AuthenticateRequestResult:
        raise PermissionError("nothing comes here by streaming")

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:
        return self.real.create_connector_factory(claims_identity) if self.sends else NoConnectors()

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> Any:
        return await self.real.create_user_token_client(claims_identity) if self.sends else None

    @property
    def real(self) -> BotFrameworkAuthentication:
        """BotBuilder's own, for what an organisation's handler sends."""
        if self._real is None:
            named = self._registration() if self.settings.asks_microsoft else SimpleNamespace(APP_ID="")
            self._real = ConfigurationBotFrameworkAuthentication(configuration=named)
        return self._real

    def _registration(self) -> SimpleNamespace:
        """Our app as BotBuilder wants to know it; of one without a name it asks for no tokens."""
        return SimpleNamespace(
            APP_TYPE="singletenant",
            APP_ID=self.settings.client_id,
            APP_PASSWORD=self.settings.client_secret.get_secret_value() or "none",
            APP_TENANTID=self.settings.tenant_id,
            CHANNEL_SERVICE=GOVERNMENT if self.settings.cloud.lower() in ("gcch", "dod") else "",
        )


class NoConnectors(ConnectorFactory):
    """What stands for a client where nothing is sent by one."""

    async def create(self, service_url: str, audience: str) -> object:
        return self


def heard(activity: Activity) -> Heard:
    """What there is to note of an activity."""
    sender, conversation = activity.from_property, activity.conversation
    data = activity.channel_data if isinstance(activity.channel_data, dict) else {}
    team, channel, tenant = (_thing(data, name) for name in ("team", "channel", "tenant"))
    return Heard(
        tenant=str(getattr(conversation, "tenant_id", "") or tenant.get("id") or "").lower(),
        user=str(getattr(sender, "aad_object_id", "") or "").lower(),
        kind=str(getattr(conversation, "conversation_type", "") or ""),
        conversation=str(getattr(conversation, "id", "") or "").partition(";")[0],
        service_url=str(activity.service_url or "").rstrip("/"),
        event=_event(activity, data),
        team=str(team.get("id") or ""),
        team_name=str(team.get("name") or ""),
        channel=str(channel.get("id") or ""),
        bot=str(getattr(activity.recipient, "id", "") or ""),
    )


def can_read(body: Mapping[str, Any]) -> bool:
    """Whether both libraries can make an activity of what came."""
    try:
        Activity().deserialize(body)
        CoreActivity.model_validate(body)
    except (ClientException, ValueError, TypeError, AttributeError, KeyError):
        return False
    return True


def _is_from_anywhere(activity: Activity) -> bool:
    """Whether an activity may come from a conversation that is none of ours: message extensions are used in all."""
    return str(activity.name or "").startswith("composeExtension/")


def _event(activity: Activity, data: dict[str, Any]) -> str:
    """What has changed, in one word; empty for all that is merely said."""
    bot = getattr(activity.recipient, "id", None)
    match activity.type:
        case "installationUpdate":
            return "installed" if str(activity.action or "").startswith("add") else "removed"
        case "conversationUpdate":
            if any(member.id == bot for member in activity.members_added or ()):
                return "joined"
            if any(member.id == bot for member in activity.members_removed or ()):
                return "left"
            return str(data.get("eventType") or "")
        case _:
            return ""


def _thing(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _plugged_in() -> list[ActivityHandler]:
    """The handlers of an organisation's own, by entry point."""
    found = sorted(importlib.metadata.entry_points(group=HANDLERS), key=lambda entry: entry.name)
    return [entry.load()() for entry in found]
