"""Turns that have taken effect: who they were from, and what was answered to those that come again.

What is kept for two days is the name of each turn, under its platform's own id, and its reply, closed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import (
    JSON,
    Index,
    Integer,
    String,
    Table,
    and_,
    bindparam,
    delete,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlmodel import Field, Session, SQLModel, col

from workbot.people import Account, Person, of_senders
from workbot.platforms import ReplySink
from workbot.seals import Secrets
from workbot.storage.bulk import JsonRows
from workbot.storage.database import UtcDateTime, defer_write
from workbot.text_cipher import TextCipher
from workbot.turns import Again, Ask, Reject, Replace, Reply, Say, Submission, Turn

REMEMBERED = timedelta(hours=48)
KINDS = {kind.__name__.lower(): TypeAdapter[Any](kind) for kind in (Say, Replace, Ask, Reject)}


class ProcessedTurn(SQLModel, table=True):
    """A turn that has taken effect, by the platform's id for it, and what was answered.

    Nothing that a person wrote can be read here: what was answered is closed (see `kept`). `form` is the showing of the
    form that was sent, which is taken once, and `sent_as` the name of what it became.
    """

    __tablename__ = "taken_turn"
    __table_args__ = (
        Index(
            "taken_turn_form",
            *("platform", "tenant", "user", "form"),
            unique=True,
            sqlite_where=text("form <> ''"),
            postgresql_where=text("form <> ''"),
        ),
    )

    platform: str = Field(primary_key=True)
    tenant: str = Field(primary_key=True)
    # Part of the key, so that a guessed id shows nobody what another was answered.
    user: str = Field(primary_key=True)
    turn: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    reply: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    form: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    sent_as: str = Field(default="", sa_column_kwargs={"server_default": text("''")})


TURN: Table = ProcessedTurn.__table__  # type: ignore[attr-defined]
_NAME = ("platform", "tenant", "user", "turn")
# Built once, since every turn needs both: who they are from and what was answered before; and the note that follows.
_TURNS = JsonRows(order=Integer(), **dict.fromkeys(_NAME, String()))
KNOWN = select(Person, _TURNS.c.order, TURN.c.turn, TURN.c.reply, col(Account.id), col(Account.retry_at)).select_from(
    of_senders(_TURNS.table).outerjoin(TURN, and_(*(TURN.c[name] == _TURNS.c[name] for name in _NAME)))
)
_TAKEN = JsonRows(**{column.name: column.type for column in TURN.c})
SENT = select(TURN.c.turn, TURN.c.sent_as).where(
    *(TURN.c[name] == bindparam(name) for name in ("platform", "tenant", "user", "form")),
    TURN.c.form != literal_column("''"),
)
IS_TAKEN = select(TURN.c.turn).where(*(TURN.c[name] == bindparam(name) for name in _NAME))
TAKE = insert(TURN).from_select(list(TURN.c), select(*_TAKEN.c))
# Whoever acts on a platform is there: what refused them may take them again.
TRY_THERE = update(Account).where(col(Account.id) == bindparam("this")).values(retry_at=bindparam("now"))


@dataclass(frozen=True)
class PendingTurn:
    """A turn to be taken, its name in the logs, and what is done with the reply in the same transaction."""

    turn: Turn
    trace: str = ""
    then: ReplySink | None = None

    @cached_property
    def name(self) -> dict[str, str]:
        """What the turn is known by."""
        sender = self.turn.sender
        return {"platform": sender.platform, "tenant": sender.tenant, "user": sender.user, "turn": self.turn.id}


class PriorReply(NamedTuple):
    """What was answered to a turn that had been taken before; None where that was nothing."""

    reply: dict[str, Any] | None


def senders_of(
    session: Session, batch: Sequence[PendingTurn], now: datetime
) -> dict[int, tuple[Person, PriorReply | None]]:
    """Who turns are from, by their place, and what was answered to those that have been taken before."""
    asked = _TURNS.rows(session, [{"order": order, **pending.name} for order, pending in enumerate(batch)])
    known: dict[int, tuple[Person, PriorReply | None]] = {}
    for person, order, turn, reply, account, retry_at in session.execute(KNOWN, asked):
        known[order] = (person, PriorReply(reply) if turn is not None else None)
        if retry_at and retry_at > now:
            session.connection().execute(TRY_THERE, {"this": account, "now": now})
    return known


def _write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    session.connection().execute(TAKE, _TAKEN.rows(session, rows))


def is_processed(session: Session, turn: Turn) -> bool:
    """Whether a turn was taken, as far as that is remembered."""
    return session.execute(IS_TAKEN, PendingTurn(turn).name).first() is not None


def _as_sent(turn: Turn, reply: Reply) -> dict[str, str]:
    """Which showing of a form was sent, and as what; nothing of one that was refused, and may be sent again."""
    if not isinstance(turn, Submission) or (isinstance(reply, Say) and reply.refused):
        return {"form": "", "sent_as": ""}
    return {"form": turn.form, "sent_as": reply.sent_as if isinstance(reply, Say) else ""}


def sent_before(session: Session, turn: Turn) -> Again | None:
    """What is to be said of a form that was sent before; None for all else."""
    if not isinstance(turn, Submission) or not turn.form:
        return None
    sender = turn.sender
    asked = {"platform": sender.platform, "tenant": sender.tenant, "user": sender.user, "form": turn.form}
    found = session.execute(SENT, asked).first()
    return Again(found.sent_as, same=found.turn == turn.id) if found else None


def note(session: Session, turn: Turn, reply: Reply, kept: dict[str, Any] | None, *, now: datetime) -> None:
    """Write down, with the others of this transaction, that a turn was taken; `kept` is its closed reply."""
    defer_write(session, _write, {**PendingTurn(turn).name, "at": now, "reply": kept, **_as_sent(turn, reply)})


def forget(session: Session, *, now: datetime) -> None:
    """Drop the record of turns that no platform repeats any more."""
    session.execute(delete(ProcessedTurn).where(col(ProcessedTurn.at) < now - REMEMBERED))


class Replies:
    """What was answered, closed: it may show what people wrote, and is for a turn that comes again alone."""

    def __init__(self, secrets: Secrets) -> None:
        self._cipher = TextCipher(secrets)

    def close(self, turn: Turn, reply: Reply) -> dict[str, Any] | None:
        if reply is None or (isinstance(turn, Submission) and turn.form):
            # Of a form it is known what it was sent as.
            return None
        kind = type(reply).__name__.lower()
        words = KINDS[kind].dump_json(reply).decode()
        return {"kind": kind, "closed": self._cipher.encrypt(words, _place(turn))}

    def open(self, turn: Turn, kept: dict[str, Any] | None) -> Reply:
        """The reply; None when there was none, or it was closed under a secret that we do not have any more."""
        words = self._cipher.decrypt(kept["closed"], _place(turn)) if kept and "closed" in kept else None
        if kept is None or words is None:
            return None
        reply: Reply = KINDS[kept["kind"]].validate_json(words)
        return reply


def _place(turn: Turn) -> str:
    """Whose turn a reply belongs to: to another's it is nothing."""
    sender = turn.sender
    return json.dumps([sender.platform, sender.tenant, sender.user, turn.id])
