"""Dispatch: a turn in, its effect in a transaction, a reply out.

The platform's own id of the turn is stored with its effect, so that a turn delivered again changes
nothing and gets the same reply. Turns that wait at the same moment are taken together, and share the
questions about who they are from and whether they were taken before; one whose effect has to be undone is
taken again by itself. A refusal in plain words becomes a card or a message at a field;
anything else is a bug: everything is rolled back, it is logged once, and the person is told.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from uuid import uuid4

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session

from workbot import fallbacks, processed_turns
from workbot.clock import Clock
from workbot.delivery import mark_read
from workbot.errors import DatabaseAway, Gone, WorkbotError
from workbot.i18n import Language, language
from workbot.people import Person, open_claim, reload
from workbot.platforms import ReplySink
from workbot.processed_turns import PendingTurn, Replies, sent_before
from workbot.router import LOOKS, Router
from workbot.seals import Secrets
from workbot.storage.batching import RetryAlone, in_turn, refused_undone, refused_untouched
from workbot.storage.database import Database
from workbot.turns import (
    Again,
    Message,
    MessageDeleted,
    MessageEdited,
    Press,
    Reject,
    Reply,
    Say,
    Submission,
    Turn,
    cleaned,
)
from workbot.understanding import is_for_others, subject, understood

# So often a turn is taken again by itself.
ATTEMPTS = 4

TURNS = Counter("workbot_turns_total", "Turns by kind and outcome", ("platform", "kind", "outcome"))
SECONDS = Histogram("workbot_turn_seconds", "From receipt to committed reply", ("kind",))

Answer = Callable[[Session, Turn, Person, datetime], Reply]
# How a work is done that may be refused.
Doing = Callable[[Session, Callable[[], Reply], type[Exception]], Reply]

log = structlog.get_logger(__name__)


class Dispatch:
    """Takes turns for the whole app."""

    def __init__(
        self,
        database: Database,
        router: Router,
        clock: Clock,
        *,
        sign_in_url: str,
        locale: str,
        secrets: Secrets = "",
    ) -> None:
        self.database = database
        self.router = router
        self.clock = clock
        self.sign_in_url = sign_in_url
        self.locale = locale
        self._kept = Replies(secrets)
        # Turns to be logged, their names by platform and kind.
        self._done: defaultdict[str, list[str]] | None = None

    async def receive(self, turn: Turn, *, then: ReplySink | None = None) -> Reply:
        """Take a turn and return the reply; when it returns, the effect is committed, with what `then` did of it.

        A reply that is `unsaved` is all there is: the database takes nothing at the moment.
        """
        turn, kind, trace, started = cleaned(turn), type(turn).__name__.lower(), uuid4().hex[:8], time.perf_counter()
        try:
            reply = await self._take_once(turn, trace, then)
            self._note(turn.sender.platform, kind, trace)
            TURNS.labels(turn.sender.platform, kind, "ok").inc()
        except DatabaseAway as error:
            log.warning("turn.unsaved", trace=trace, kind=kind, platform=turn.sender.platform, reason=error.reason)
            TURNS.labels(turn.sender.platform, kind, "unsaved").inc()
            return Say(fallbacks.unsaved(language(self.locale)), refused=True, unsaved=True)
        except Exception:
            incident = trace
            log.exception("turn.failed", incident=incident, kind=kind, platform=turn.sender.platform)
            TURNS.labels(turn.sender.platform, kind, "failed").inc()
            return await self._apologise(incident, then)
        SECONDS.labels(kind).observe(time.perf_counter() - started)
        return reply

    def _note(self, platform: str, kind: str, trace: str) -> None:
        """Log a turn with the others that are done at this moment."""
        if self._done is None:
            self._done = defaultdict(list)
            asyncio.get_running_loop().call_soon(self._log_done)
        self._done[f"{platform} {kind}"].append(trace)

    def _log_done(self) -> None:
        done, self._done = self._done, None
        log.info("turns.taken", turns=dict(done or {}))

    async def _apologise(self, incident: str, then: ReplySink | None) -> Reply:
        reply = Say(fallbacks.sorry(language(self.locale), incident), refused=True)
        if then:
            try:
                await self.database.run(partial(then, reply=reply))
            except Exception:
                log.exception("turn.apology_failed", incident=incident)
        return reply

    async def _take_once(self, turn: Turn, trace: str, then: ReplySink | None) -> Reply:
        """Take a turn, again where the database asks for it: taken twice, it still has one effect."""
        pending = PendingTurn(turn, trace, then)
        take: Callable[[], Awaitable[Reply]] = partial(self.database.run_batched, self.take_all, pending)
        for _ in range(ATTEMPTS):
            try:
                return await take()
            except DatabaseAway as error:
                if not error.doubtful:
                    raise
                # It may have taken effect: then its reply is found.
            except (RetryAlone, IntegrityError, OperationalError):
                # The same turn was taken elsewhere at this very moment, and its reply is there now; or what this
                # one did has to be undone, which is easy where it is alone; or it met a lock that others wait for.
                pass
            take = partial(self.database.run, partial(self.take, turn=turn, trace=trace, then=then))
        return await take()

    def take(self, session: Session, *, turn: Turn, trace: str = "", then: ReplySink | None = None) -> Reply:
        """Take a turn in this transaction; `trace` is its name in the logs, and that of the messages it causes."""
        [reply] = self._take(session, [PendingTurn(turn, trace, then)], self._answer_alone)
        return reply

    def take_all(self, session: Session, batch: Sequence[PendingTurn]) -> list[Reply]:
        """Take turns in this transaction; raises RetryAlone when one of them has to be taken by itself."""
        names = [tuple(pending.name.values()) for pending in batch if not isinstance(pending.turn, LOOKS)]
        if len(set(names)) < len(names):
            raise RetryAlone
        return list(self._take(session, batch, self._answer))

    def _take(self, session: Session, batch: Sequence[PendingTurn], answer: Answer) -> Iterator[Reply]:
        now = self.clock.now()
        known = processed_turns.senders_of(session, batch, now)
        for (order, pending), is_written in in_turn(session, enumerate(batch)):
            session.info["trace"] = pending.trace
            person, earlier = known.get(order, (None, None))
            if person and is_written:
                person = reload(session, person)
            if person is None:
                yield self._to_stranger(session, pending.turn)
            elif earlier and not isinstance(pending.turn, LOOKS):
                yield sent_before(session, pending.turn) or self._kept.open(pending.turn, earlier.reply)
            else:
                yield self._take_one(session, pending, answer(session, pending.turn, person, now), now)

    def _take_one(self, session: Session, pending: PendingTurn, reply: Reply, now: datetime) -> Reply:
        """Note that a turn was taken, and do with its reply what is to be done."""
        turn = pending.turn
        if isinstance(turn, LOOKS) or isinstance(reply, Again):
            return reply
        # A form given back is not an effect: the same form, mended, comes under the same id.
        if not isinstance(reply, Reject):
            if turn.message:
                mark_read(session, turn.sender.platform, turn.message)
            kept = None if self.router.is_sensitive(turn) else self._kept.close(turn, reply)
            processed_turns.note(session, turn, reply, kept, now=now)
        if pending.then:
            pending.then(session, reply)
        return reply

    def _answer(self, session: Session, turn: Turn, person: Person, now: datetime) -> Reply:
        """What is to be answered; raises RetryAlone when it is a refusal that comes after a change."""
        return self._refusable(session, turn, person, now, refused_untouched)

    def _answer_alone(self, session: Session, turn: Turn, person: Person, now: datetime) -> Reply:
        """What is to be answered; what came before a refusal is undone."""
        # Taken with others, a form that was sent before is refused by the index: it comes here.
        return sent_before(session, turn) or self._refusable(session, turn, person, now, refused_undone)

    def _refusable(self, session: Session, turn: Turn, person: Person, now: datetime, do: Doing) -> Reply:
        lang = language(person.locale)
        try:
            return do(session, partial(self._route, session, turn, person, now, lang), WorkbotError)
        except WorkbotError as error:
            return fallbacks.refused(error, lang)

    def _route(self, session: Session, turn: Turn, person: Person, now: datetime, lang: Language) -> Reply:
        if isinstance(turn, MessageEdited | MessageDeleted):
            return self._change(session, turn, person, now)
        if isinstance(turn, Message):
            turn = understood(session, self.router, turn)
        if isinstance(turn, LOOKS) or self.router.find(turn):
            return self.router.reply(session, turn, person=person, now=now)
        if isinstance(turn, Press | Submission):
            raise Gone("This is no longer available. Type “help” to see what I can do.")
        return None if is_for_others(turn) else Say(fallbacks.unknown_command(lang))

    def _to_stranger(self, session: Session, turn: Turn) -> Reply:
        """What somebody is told whom we do not know, unless they were talking to others."""
        match turn:
            case MessageEdited() | MessageDeleted():
                return self._change(session, turn, None, self.clock.now())
            case Message() if turn.thread and is_for_others(turn) and not subject(session, self.router, turn):
                return None
            case _:
                card = fallbacks.claimed if open_claim(session, turn.sender) else fallbacks.stranger
                return Say(card(language(self.locale), self.sign_in_url))

    def _change(
        self, session: Session, turn: MessageEdited | MessageDeleted, person: Person | None, now: datetime
    ) -> Reply:
        """A message was changed or deleted. Where that comes before the message itself, it is taken in its place."""
        told = [change(session, turn, person=person, now=now) for change in self.router.changes]
        said = turn.said
        is_for_us = bool(said.thread or said.is_mention or not said.channel)
        if any(told) or person is None or not is_for_us or processed_turns.is_processed(session, said):
            return None
        is_comment = isinstance(turn, MessageEdited) and said.thread and subject(session, self.router, said)
        if is_comment or isinstance(turn, MessageDeleted):
            processed_turns.note(session, said, None, None, now=now)
        return self._route(session, said, person, now, language(person.locale)) if is_comment else None
