"""Dispatch: one turn in, one transaction, one reply out.

The platform's own id of the turn is stored with its effect, so that a turn delivered again changes
nothing and gets the same reply. A refusal in plain words becomes a card or a message at a field;
anything else is a bug: everything is rolled back, it is logged once, and the person is told.
"""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import structlog
from prometheus_client import Counter, Histogram
from pydantic import TypeAdapter
from sqlalchemy import JSON, NestedTransaction, Table, bindparam, delete, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlmodel import Field, Session, SQLModel, col

from workbot.cards import Button, Buttons, Card, Text
from workbot.clock import Clock
from workbot.db import Database, UtcDateTime
from workbot.delivery import mark_read, subject_of
from workbot.errors import Gone, Invalid, WorkbotError
from workbot.i18n import Language, language
from workbot.people import Person, recognise
from workbot.platforms import Showing
from workbot.router import Router
from workbot.turns import (
    Ask,
    Command,
    Linked,
    Message,
    Opened,
    Page,
    Press,
    Quoted,
    Reject,
    Replace,
    Reply,
    Say,
    Sought,
    Submission,
    Turn,
)

REMEMBERED = timedelta(hours=48)
# How long to wait before a turn is tried again when the database was away, in seconds.
PAUSES = (0.1, 0.3, 1.0, 3.0)
# Turns that change nothing: they are answered anew each time, and no record of them is kept.
LOOKS = (Opened, Linked, Sought)
KINDS = {kind.__name__.lower(): TypeAdapter[Any](kind) for kind in (Say, Replace, Ask, Reject)}

TURNS = Counter("workbot_turns_total", "Turns by kind and outcome", ("platform", "kind", "outcome"))
SECONDS = Histogram("workbot_turn_seconds", "From receipt to committed reply", ("kind",))

log = structlog.get_logger(__name__)


class TakenTurn(SQLModel, table=True):
    """A turn that has taken effect, by the platform's id for it, and what was answered.

    Nothing that a person wrote is kept here, and no reply that could show it.
    """

    __tablename__ = "taken_turn"

    platform: str = Field(primary_key=True)
    tenant: str = Field(primary_key=True)
    # Part of the key, so that a guessed id shows nobody what another was answered.
    user: str = Field(primary_key=True)
    turn: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    reply: dict[str, Any] | None = Field(default=None, sa_type=JSON)


TURN: Table = TakenTurn.__table__  # type: ignore[attr-defined]
# Built once, and without the cost of objects, since every turn needs both.
TAKEN = select(TURN.c.reply).where(
    *(TURN.c[name] == bindparam(name) for name in ("platform", "tenant", "user", "turn")),
)
TAKE = insert(TURN)


class Dispatch:
    """Takes turns for the whole house."""

    def __init__(
        self,
        database: Database,
        router: Router,
        clock: Clock,
        *,
        sign_in_url: str,
        locale: str,
    ) -> None:
        self.database = database
        self.router = router
        self.clock = clock
        self.sign_in_url = sign_in_url
        self.locale = locale

    async def receive(self, turn: Turn, *, then: Showing | None = None) -> Reply:
        """Take a turn and return the reply; when it returns, the effect is committed, with what `then` did of it."""
        kind, trace, started = type(turn).__name__.lower(), uuid4().hex[:8], time.perf_counter()
        try:
            reply = await self._take_once(turn, trace, then)
            log.info("turn.taken", trace=trace, kind=kind, platform=turn.sender.platform)
            TURNS.labels(turn.sender.platform, kind, "ok").inc()
        except Exception:
            incident = trace
            log.exception("turn.failed", incident=incident, kind=kind, platform=turn.sender.platform)
            TURNS.labels(turn.sender.platform, kind, "failed").inc()
            return await self._apologise(incident, then)
        SECONDS.labels(kind).observe(time.perf_counter() - started)
        return reply

    async def _apologise(self, incident: str, then: Showing | None) -> Reply:
        reply = Say(sorry(language(self.locale), incident), refused=True)
        if then:
            try:
                await self.database.run(partial(then, reply=reply))
            except Exception:
                log.exception("turn.apology_failed", incident=incident)
        return reply

    async def _take_once(self, turn: Turn, trace: str, then: Showing | None) -> Reply:
        """Take a turn, again where the database asks for it: taken twice, it still has one effect."""
        take = partial(self.take, turn=turn, trace=trace, then=then)
        for pause in PAUSES:
            try:
                return await self.database.run(take)
            except IntegrityError:
                # The same turn was taken elsewhere at this very moment: its reply is there now.
                continue
            except DBAPIError as error:
                if not (error.connection_invalidated or isinstance(error, OperationalError)):
                    raise
                log.warning("turn.database_away", trace=trace, error=type(error.orig).__name__)
                await asyncio.sleep(pause)
        return await self.database.run(take)

    def take(self, session: Session, *, turn: Turn, trace: str = "", then: Showing | None = None) -> Reply:
        """Take a turn in this transaction; `trace` is its name in the logs, and that of the messages it causes."""
        session.info["trace"] = trace
        now = self.clock.now()
        person = recognise(session, turn.sender)
        if person is None:
            return Say(stranger(language(self.locale), self.sign_in_url))

        if isinstance(turn, LOOKS):
            return self._answer(session, turn, person, now)

        name = _name(turn)
        if earlier := session.connection().execute(TAKEN, name).first():
            return _reply_again(earlier.reply)

        reply = self._answer(session, turn, person, now)
        # A form given back is not an effect: the same form, mended, comes under the same id.
        if not isinstance(reply, Reject):
            if turn.message:
                mark_read(session, turn.sender.platform, turn.message)
            kept = None if self._is_unkept(turn) else _reply_data(reply)
            session.connection().execute(TAKE, {**name, "at": now, "reply": kept})
        if then:
            then(session, reply)
        return reply

    def _answer(self, session: Session, turn: Turn, person: Person, now: datetime) -> Reply:
        lang = language(person.locale)
        # The connection's savepoint costs a fraction of the session's, which remembers the state of every object.
        session.flush()
        before = session.connection().begin_nested()
        try:
            reply = self._route(session, turn, person, now, lang)
            session.flush()
            before.commit()
            return reply
        except Invalid as error:
            _undo(session, before)
            wrong = {name: lang(problem.message, **problem.values) for name, problem in error.fields.items()}
            return Reject(wrong)
        except WorkbotError as error:
            _undo(session, before)
            return Say(refusal(lang(error.message, **error.values), lang), refused=True)

    def _route(self, session: Session, turn: Turn, person: Person, now: datetime, lang: Language) -> Reply:
        router = self.router
        match turn:
            case Press(action=action) if action in router.presses:
                return router.presses[action](session, turn, person=person, now=now)
            case Submission(action=action) if action in router.submissions:
                return router.submissions[action](session, turn, person=person, now=now)
            case Command(name=name) if name in router.commands:
                return router.commands[name].handler(session, turn, person=person, now=now)
            case Message(thread=thread) if thread and (subject := self._subject(session, turn)):
                return router.threads[subject.partition(":")[0]](session, turn, subject, person=person, now=now)
            case Message(thread=thread) if thread and turn.place:
                # Under what others said in a channel, nobody speaks to us.
                return None
            case Message(text=text) if understood := router.understand(text):
                route, rest = understood
                command = Command(sender=turn.sender, id=turn.id, place=turn.place, name=route.name, text=rest)
                return route.handler(session, command, person=person, now=now)
            case Quoted() if router.quoting:
                return router.quoting(session, turn, person=person, now=now)
            case Linked():
                return router.look_at(session, turn, person=person, now=now)
            case Sought():
                return Page(tuple(router.find(session, turn, person=person, now=now)))
            case Opened():
                return Page(tuple(router.page_of(session, person=person, now=now)))
            case Press() | Submission():
                raise Gone("This is no longer available. Type “help” to see what I can do.")
            case _ if turn.place:
                return None
            case _:
                return Say(unknown_command(lang))

    def _subject(self, session: Session, turn: Message) -> str:
        """What the message is about under which something was written, if words under it are taken."""
        subject = subject_of(session, turn.sender.platform, turn.thread)
        return subject if subject.partition(":")[0] in self.router.threads else ""

    def _is_unkept(self, turn: Turn) -> bool:
        return isinstance(turn, Press | Submission) and turn.action in self.router.unkept


def forget(session: Session, *, now: datetime) -> None:
    """Drop the record of turns that no platform repeats any more."""
    session.execute(delete(TakenTurn).where(col(TakenTurn.at) < now - REMEMBERED))


def refusal(message: str, lang: Language) -> Card:
    """A kind refusal: what is not possible, and where to go from here."""
    return Card(lang("That did not work"), (Text(message),), tone="warn")


def unknown_command(lang: Language) -> Card:
    buttons = Buttons((Button(lang("Show me what you can do"), action="profile.help", style="primary"),))
    return Card(lang("I did not understand that"), (Text(lang("I know a few words; here they are.")), buttons))


def stranger(lang: Language, url: str) -> Card:
    """What someone sees whom we do not know: the way in."""
    text = lang(
        "I do not know this account yet. Sign in once with your work e-mail address, "
        "or ask your HR department to add you."
    )
    return Card(lang("Hello! We have not met"), (Text(text), Buttons((Button(lang("Sign in"), url=url),))))


def sorry(lang: Language, incident: str) -> Card:
    text = lang(
        "This is our mistake, not yours, and nothing was changed. Please try again; "
        "if it happens again, tell your administrator the number {incident}.",
        incident=incident,
    )
    return Card(lang("Something went wrong on our side"), (Text(text),), tone="bad")


def _undo(session: Session, before: NestedTransaction) -> None:
    """Forget what was changed since, in the database and in objects."""
    session.expunge_all()
    before.rollback()


def _name(turn: Turn) -> dict[str, str]:
    """What a turn is known by."""
    sender = turn.sender
    return {"platform": sender.platform, "tenant": sender.tenant, "user": sender.user, "turn": turn.id}


def _reply_data(reply: Reply) -> dict[str, Any] | None:
    if reply is None:
        return None
    kind = type(reply).__name__.lower()
    return {"kind": kind, "reply": KINDS[kind].dump_python(reply, mode="json")}


def _reply_again(kept: dict[str, Any] | None) -> Reply:
    if kept is None:
        return None
    reply: Reply = KINDS[kept["kind"]].validate_python(kept["reply"])
    return reply
