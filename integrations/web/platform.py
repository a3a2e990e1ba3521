"""The way out: cards delivered into the web chat's own tables, which pages read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from sqlmodel import Session, select
from starlette.routing import BaseRoute

from integrations.web import conversations
from integrations.web.inbound import Inbound
from integrations.web.live import Live
from integrations.web.models import ChatMessage
from integrations.web.names import NAME
from workbot.cards import dump
from workbot.errors import DeliveryError
from workbot.people import Channel, Person
from workbot.platforms import Host, Limits, Outgoing


class WebPlatform:
    """The chat in a browser: always on, and everyone has an account on it."""

    name = NAME
    limits = Limits()
    takes_once = True

    def __init__(self, host: Host) -> None:
        self.host = host
        self.live = Live(host.database)
        self.inbound = Inbound(host, self.live)

    def routes(self) -> Sequence[BaseRoute]:
        return self.inbound.routes()

    async def deliver(self, outgoing: Outgoing) -> str:
        return await self.host.database.run(partial(deliver, outgoing=outgoing, now=self.host.clock.now()))

    async def check(self) -> str:
        # It needs nothing but the database, which is asked about by itself.
        return ""

    async def close(self) -> None:
        await self.live.close()


def deliver(session: Session, *, outgoing: Outgoing, now: datetime) -> str:
    """Write a message into its conversation, in this transaction, and return its reference."""
    if not _is_known(session, outgoing.address):
        raise DeliveryError("nobody has this address on the web", permanent=True)

    there = _message(session, outgoing, outgoing.reference)
    if there is not None:
        conversations.replace(session, there, outgoing.card, outgoing.locale)
        return str(there.id)

    key = f"parcel:{outgoing.key}"
    written = session.exec(select(ChatMessage.id).where(ChatMessage.key == key)).first()
    if written is None:
        root, written = _message(session, outgoing, outgoing.thread), uuid4()
        row = {
            "id": written,
            "key": key,
            "address": outgoing.address,
            "thread_id": (root.thread_id or root.id) if root else None,
            "card": dump(outgoing.card),
            "locale": outgoing.locale,
            "said_at": now,
        }
        conversations.write(session, row)
    return str(written)


def _is_known(session: Session, address: str) -> bool:
    kind, _, name = address.partition(":")
    if kind == "person":
        key = conversations.uuid(name)
        return key is not None and session.get(Person, key) is not None
    place = select(Channel).where(Channel.address == address, Channel.platform == NAME)
    return session.exec(place).first() is not None


def _message(session: Session, outgoing: Outgoing, reference: str) -> ChatMessage | None:
    """The message of a reference, if it stands where the message goes."""
    found = session.get(ChatMessage, conversations.uuid(reference) or UUID(int=0)) if reference else None
    return found if found and found.address == outgoing.address else None
