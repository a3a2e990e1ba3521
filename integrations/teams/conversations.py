"""Where people and channels are reached: noted whenever they are heard, begun once where they never were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

import structlog
from cachetools import TTLCache
from sqlmodel import Session, col, func, select

from integrations.teams.connector import Connector
from integrations.teams.errors import CLOSED, FOREIGN, REMOVED, has_moved, is_closed, refusal, word
from integrations.teams.graph import Expired, Graph
from integrations.teams.models import TeamsConversation, TeamsTeam
from integrations.teams.names import NAME, is_channel
from integrations.teams.settings import TeamsSettings
from workbot.errors import DeliveryError
from workbot.people import close_accounts, reopen_accounts
from workbot.platforms import Host

# How long what was noted is believed not to have changed, in seconds: another process may have heard something newer,
# or found somebody out of reach who is heard here again.
FRESH_SECONDS = 60.0
MOST = 50_000
# At so many other addresses somebody is looked for who was not to be found where they were.
OTHERS = 3
# What is told of the app when it goes.
GONE = ("removed", "left")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """Where an activity came from, and what it tells of the app or a channel (`event`)."""

    tenant: str
    user: str
    kind: str
    conversation: str
    service_url: str
    event: str = ""
    team: str = ""
    team_name: str = ""
    channel: str = ""
    bot: str = ""

    @property
    def target(self) -> str:
        """What an address of it names: the person in their own conversation, else the conversation."""
        return self.user if self.is_own else self.conversation

    @property
    def is_own(self) -> bool:
        """Whether it is somebody's conversation with us; one with another person is called personal too."""
        return self.kind == "personal" and not is_channel(self.conversation)


class Spot(NamedTuple):
    """Where to write: a conversation, at which of Teams' addresses, and whether messages stand under others there."""

    conversation: str
    service_url: str
    has_threads: bool = False


class Conversations:
    """The address book."""

    def __init__(self, host: Host, settings: TeamsSettings, connector: Connector, graph: Graph) -> None:
        self.host = host
        self.settings = settings
        self.connector = connector
        self.graph = graph
        self._noted: TTLCache[tuple[str, str], Spot] = TTLCache(MOST, FRESH_SECONDS)

    async def note(self, heard: Heard) -> None:
        """Note where somebody was heard, and that the app came or went there."""
        if not heard.tenant or not heard.target:
            return
        key, spot = (heard.tenant, heard.target), Spot(heard.conversation, heard.service_url, bool(heard.team))
        if self._noted.get(key) == spot and not heard.event:
            return
        await self.host.database.run(partial(_note, heard=heard, now=self.host.clock.now()))
        if heard.event in GONE:
            self._noted.pop(key, None)
        else:
            self._noted[key] = spot

    async def of(self, tenant: str, target: str) -> Spot:
        """Where an address is reached; raises DeliveryError where it is not."""
        if known := self._noted.get((tenant, target)):
            return known
        row = await self.host.database.read(partial(_row, tenant=tenant, target=target))
        if row and row.closed:
            raise DeliveryError(row.closed, permanent=True)
        if row:
            spot = Spot(row.conversation, row.service_url, bool(row.team))
        elif is_channel(target):
            spot = Spot(target, self.connector.cloud.service_url)
        else:
            spot = await self._begin(tenant, target)
        self._noted[tenant, target] = spot
        return spot

    async def at(self, tenant: str, conversation: str) -> Spot:
        """A conversation that is known by its own id, and at which address."""
        row = await self.host.database.read(partial(_by_conversation, tenant=tenant, conversation=conversation))
        return Spot(conversation, row.service_url if row else self.connector.cloud.service_url)

    async def lost(self, tenant: str, target: str) -> None:
        """Look anew next time: what we believed is not so."""
        self._noted.pop((tenant, target), None)

    async def anew(self, tenant: str, user: str, refused: Spot) -> Spot | None:
        """Where somebody is reached who was refused where we believed them; None where that is nowhere else.

        Teams moves people from region to region, and may tell us of a wrong one with what they do. Raises DeliveryError
        where it says that they are not to be reached at all.
        """
        others = await self._others(tenant, refused.service_url)
        for service_url in [*others, refused.service_url] if refused.conversation else others:
            try:
                spot = Spot(*await self._open(tenant, user, service_url))
            except FOREIGN as error:
                if is_closed(error):
                    raise refusal(error) from error
                log.info("teams.not_there", reason=word(error))
                continue
            if spot != refused:
                log.info("teams.found_anew", tenant=tenant)
                await self._found(tenant, user, spot)
                self._noted[tenant, user] = spot
                return spot
        return None

    async def _others(self, tenant: str, service_url: str) -> list[str]:
        """Where else to look for somebody: where others of their tenant are, and at the address of all."""
        heard = await self.host.database.read(partial(_addresses, tenant=tenant))
        others = dict.fromkeys((*heard, self.connector.cloud.service_url.rstrip("/")))
        others.pop(service_url.rstrip("/"), None)
        return list(others)

    async def _begin(self, tenant: str, user: str) -> Spot:
        """Begin the conversation with somebody who has never spoken; with their app, if we may install it."""
        service_url = await self._service_url(tenant)
        try:
            spot = Spot(*await self._open(tenant, user, service_url))
        except FOREIGN as error:
            # It may be that others of their tenant are in another region than they.
            found = await self.anew(tenant, user, Spot("", service_url)) if has_moved(error) else None
            if found is None:
                raise refusal(error) from error
            return found
        await self._found(tenant, user, spot)
        return spot

    async def _found(self, tenant: str, user: str, spot: Spot) -> None:
        heard = Heard(tenant, user, "personal", spot.conversation, spot.service_url)
        await self.host.database.run(partial(_note, heard=heard, now=self.host.clock.now()))

    async def _open(self, tenant: str, user: str, service_url: str) -> tuple[str, str]:
        """Begin a conversation, or find it again; its id, and where to write to it."""
        conversation, found = await self._opened(tenant, user, service_url)
        return conversation, found.rstrip("/")

    async def _opened(self, tenant: str, user: str, service_url: str) -> tuple[str, str]:
        try:
            return await self.connector.open(service_url, tenant, user)
        except FOREIGN as error:
            may_install = self.settings.install and self.settings.asks_microsoft and word(error) in CLOSED
            if not (may_install and await self._installed(tenant, user)):
                raise
        return await self.connector.open(service_url, tenant, user)

    async def _installed(self, tenant: str, user: str) -> bool:
        """Install the app for somebody; whether that could be done."""
        try:
            await self.graph.install(tenant, user)
        except (*FOREIGN, Expired) as error:
            log.warning("teams.cannot_install", reason=word(error))
            return False
        log.info("teams.installed", tenant=tenant)
        return True

    async def _service_url(self, tenant: str) -> str:
        """Where to begin: as near as where the tenant's people were heard last."""
        found = await self.host.database.read(partial(_last_heard, tenant=tenant))
        return found or self.connector.cloud.service_url


def _note(session: Session, *, heard: Heard, now: datetime) -> None:
    row = session.get(TeamsConversation, (heard.tenant, heard.target))
    reason = REMOVED if heard.event in GONE else ""
    session.merge(
        TeamsConversation(
            tenant=heard.tenant,
            target=heard.target,
            conversation=heard.conversation,
            service_url=heard.service_url,
            team=heard.team or (row.team if row else ""),
            name=row.name if row else "",
            closed=reason if heard.is_own else "",
            heard_at=now,
        )
    )
    if heard.is_own:
        if reason:
            close_accounts(session, NAME, heard.tenant, [heard.user], reason, now=now)
        else:
            reopen_accounts(session, NAME, heard.tenant, [heard.user])
    elif heard.team:
        _note_team(session, heard)


def _note_team(session: Session, heard: Heard) -> None:
    known = session.get(TeamsTeam, (heard.tenant, heard.team))
    if heard.event == "left":
        if known:
            session.delete(known)
        return
    session.merge(
        TeamsTeam(
            tenant=heard.tenant,
            team=heard.team,
            name=heard.team_name or (known.name if known else ""),
            service_url=heard.service_url,
        )
    )


def _row(session: Session, *, tenant: str, target: str) -> TeamsConversation | None:
    return session.get(TeamsConversation, (tenant, target))


def _by_conversation(session: Session, *, tenant: str, conversation: str) -> TeamsConversation | None:
    wanted = select(TeamsConversation).where(
        TeamsConversation.tenant == tenant, TeamsConversation.conversation == conversation
    )
    return session.exec(wanted).first()


def _last_heard(session: Session, *, tenant: str) -> str:
    newest = (
        select(TeamsConversation.service_url)
        .where(TeamsConversation.tenant == tenant)
        .order_by(col(TeamsConversation.heard_at).desc())
        .limit(1)
    )
    return session.exec(newest).first() or ""


def _addresses(session: Session, *, tenant: str) -> list[str]:
    """The addresses at which most of a tenant's conversations are."""
    address = col(TeamsConversation.service_url)
    found = select(address).where(TeamsConversation.tenant == tenant).group_by(address)
    return [url.rstrip("/") for url in session.exec(found.order_by(func.count().desc()).limit(OTHERS + 1))]
