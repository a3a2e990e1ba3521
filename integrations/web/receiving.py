"""Turns of people at the web: a reply that could not be saved would stand nowhere, so that is an error here."""

from __future__ import annotations

from workbot.errors import DatabaseAway
from workbot.platforms import Host, ReplySink
from workbot.turns import Reply, Say, Turn


async def received(host: Host, turn: Turn, *, then: ReplySink | None = None) -> Reply:
    """The reply to a turn; raises DatabaseAway when nothing of it could be saved."""
    reply = await host.receive(turn, then=then)
    if isinstance(reply, Say) and reply.unsaved:
        raise DatabaseAway("a reply could not be saved")
    return reply
