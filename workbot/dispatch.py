"""Dispatch: a turn in, its effect in a transaction, a reply out.

The platform's own id of the turn is stored with its effect, so that a turn delivered again changes
nothing and gets the same reply. Turns that wait at the same moment are taken together, and share the
questions about who they are from and whether they were taken before; one whose effect has to be undone is
taken again by itself. A refusal in plain words becomes a card or a message at a field;
anything else is a bug: everything is rolled back, it is logged once, and the person is told.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any, NamedTuple
from uuid import uuid4

import structlog
from prometheus_client import Counter, Histogram
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
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Field, Session, SQLModel, col

from workbot.cards import Button, Buttons, Card, Text
from workbot.clock import Clock
from workbot.delivery import mark_read, subject_of
from workbot.errors import DatabaseAway, Gone, Invalid, WorkbotError
from workbot.i18n import Language, language
from workbot.kept import Chest
from workbot.people import Account, Person, as_now, of_senders, open_claim
from workbot.platforms import ReplySink
from workbot.router import Router
from workbot.seals import Secrets
from workbot.storage.bulk import JsonRows
from workbot.storage.database import Database, UtcDateTime, WriteMark, defer_write, drop_deferred, flush_deferred
from workbot.turns import (
    Again,
    Ask,
    Command,
    HomeOpened,
    LinkShared,
    Message,
    MessageAction,
    MessageDeleted,
    MessageEdited,
    Page,
    Press,
    Reject,
    Replace,
    Reply,
    Say,
    Search,
    Submission,
    Turn,
    cleaned,
)

REMEMBERED = timedelta(hours=48)
# So often a turn is taken again by itself.
ATTEMPTS = 4
# Turns that change nothing: they are answered anew each time, and no record of them is kept.
LOOKS = (HomeOpened, LinkShared, Search)
KINDS = {kind.__name__.lower(): TypeAdapter[Any](kind) for kind in (Say, Replace, Ask, Reject)}

TURNS = Counter("workbot_turns_total", "Turns by kind and outcome", ("platform", "kind", "outcome"))
SECONDS = Histogram("workbot_turn_seconds", "From receipt to committed reply", ("kind",))

Answer = Callable[[Session, Turn, Person, datetime], Reply]

log = structlog.get_logger(__name__)


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


class RetryAlone(Exception):
    """A turn has to be taken by itself: what it did must be undone, or it came twice."""


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
            return Say(unsaved(language(self.locale)), refused=True, unsaved=True)
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
        reply = Say(sorry(language(self.locale), incident), refused=True)
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
        """Take turns in this transaction; raises Apart when one of them has to be taken by itself."""
        names = [tuple(pending.name.values()) for pending in batch if not isinstance(pending.turn, LOOKS)]
        if len(set(names)) < len(names):
            raise RetryAlone
        return list(self._take(session, batch, self._answer))

    def _take(self, session: Session, batch: Sequence[PendingTurn], answer: Answer) -> Iterator[Reply]:
        now = self.clock.now()
        known = _known(session, batch, now)
        before, is_written = WriteMark.of(session), False
        for order, pending in enumerate(batch):
            session.info["trace"] = pending.trace
            person, earlier = known.get(order, (None, None))
            if person and (is_written := is_written or before.is_written_since(session)):
                # Nobody is to see what another's turn has changed as it was before.
                session.flush()
                session.expunge_all()
                person = as_now(session, person)
            if person is None:
                yield self._to_stranger(session, pending.turn)
            elif earlier and not isinstance(pending.turn, LOOKS):
                yield _sent_before(session, pending.turn) or self._kept.open(pending.turn, earlier.reply)
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
            kept = None if self._is_unkept(turn) else self._kept.close(turn, reply)
            defer_write(session, _write_taken, {**pending.name, "at": now, "reply": kept, **_as_sent(turn, reply)})
        if pending.then:
            pending.then(session, reply)
        return reply

    def _answer(self, session: Session, turn: Turn, person: Person, now: datetime) -> Reply:
        """What is to be answered; raises Apart when it is a refusal that comes after a change."""
        before = WriteMark.of(session)
        try:
            return self._route(session, turn, person, now, language(person.locale))
        except WorkbotError as error:
            # A savepoint for every turn would cost as much as a short one's own work.
            if before.is_changed_since(session):
                raise RetryAlone from error
            return _refused(error, language(person.locale))

    def _answer_alone(self, session: Session, turn: Turn, person: Person, now: datetime) -> Reply:
        """What is to be answered; what came before a refusal is undone."""
        # Taken with others, a form that was sent before is refused by the index: it comes here.
        if again := _sent_before(session, turn):
            return again
        lang = language(person.locale)
        before = session.connection().begin_nested()
        try:
            reply = self._route(session, turn, person, now, lang)
            flush_deferred(session)
            session.flush()
            before.commit()
            return reply
        except WorkbotError as error:
            drop_deferred(session)
            session.expunge_all()
            before.rollback()
            return _refused(error, lang)

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
            case Message(thread=thread, is_mention=False) if thread and turn.place:
                # Under what others said in a channel, nobody speaks to us who does not name us.
                return None
            case Message(text=text) if understood := router.understand(text):
                route, rest = understood
                command = Command(sender=turn.sender, id=turn.id, place=turn.place, name=route.name, text=rest)
                return route.handler(session, command, person=person, now=now)
            case MessageEdited() | MessageDeleted():
                return self._change(session, turn, person, now)
            case MessageAction() if router.quoting:
                return router.quoting(session, turn, person=person, now=now)
            case LinkShared():
                return router.look_at(session, turn, person=person, now=now)
            case Search():
                return Page(tuple(router.find(session, turn, person=person, now=now)))
            case HomeOpened():
                return Page(tuple(router.page_of(session, person=person, now=now)))
            case Press() | Submission():
                raise Gone("This is no longer available. Type “help” to see what I can do.")
            case _ if turn.place and not (isinstance(turn, Message) and turn.is_mention):
                return None
            case _:
                return Say(unknown_command(lang))

    def _to_stranger(self, session: Session, turn: Turn) -> Reply:
        """What somebody is told whom we do not know, unless they were talking to others."""
        match turn:
            case MessageEdited() | MessageDeleted():
                return self._change(session, turn, None, self.clock.now())
            case Message(thread=thread, is_mention=False) if thread and turn.place and not self._subject(session, turn):
                return None
            case _:
                card = claimed if open_claim(session, turn.sender) else stranger
                return Say(card(language(self.locale), self.sign_in_url))

    def _change(
        self, session: Session, turn: MessageEdited | MessageDeleted, person: Person | None, now: datetime
    ) -> Reply:
        """A message was changed or deleted. Where that comes before the message itself, it is taken in its place."""
        told = [change(session, turn, person=person, now=now) for change in self.router.changes]
        said = turn.said
        is_for_us = bool(said.thread or said.is_mention or not said.place)
        if any(told) or person is None or not is_for_us or _is_taken(session, said):
            return None
        is_comment = isinstance(turn, MessageEdited) and said.thread and self._subject(session, said)
        if is_comment or isinstance(turn, MessageDeleted):
            defer_write(
                session, _write_taken, {**PendingTurn(said).name, "at": now, "reply": None, **_as_sent(said, None)}
            )
        return self._route(session, said, person, now, language(person.locale)) if is_comment else None

    def _subject(self, session: Session, turn: Message) -> str:
        """What the message is about under which something was written, if words under it are taken."""
        subject = subject_of(session, turn.sender.platform, turn.thread)
        return subject if subject.partition(":")[0] in self.router.threads else ""

    def _is_unkept(self, turn: Turn) -> bool:
        return isinstance(turn, Press | Submission) and turn.action in self.router.unkept


def forget(session: Session, *, now: datetime) -> None:
    """Drop the record of turns that no platform repeats any more."""
    session.execute(delete(ProcessedTurn).where(col(ProcessedTurn.at) < now - REMEMBERED))


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


def claimed(lang: Language, url: str) -> Card:
    """What someone sees whose account bears the address of one of ours, and who has not confirmed that it is theirs."""
    text = lang(
        "This account has the e-mail address of somebody whom I know. If that is you, sign in once with that address: "
        "there I ask you whether this account is yours."
    )
    return Card(lang("Hello! Is that you?"), (Text(text), Buttons((Button(lang("Sign in"), url=url),))))


def sorry(lang: Language, incident: str) -> Card:
    text = lang(
        "This is our mistake, not yours, and nothing was changed. Please try again; "
        "if it happens again, tell your administrator the number {incident}.",
        incident=incident,
    )
    return Card(lang("Something went wrong on our side"), (Text(text),), tone="bad")


def unsaved(lang: Language) -> Card:
    """What someone sees whose words cannot be kept at the moment."""
    text = lang("I cannot save anything at the moment, so nothing was changed. Please try again in a minute.")
    return Card(lang("I cannot save anything right now"), (Text(text),), tone="warn")


def _known(
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


def _write_taken(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    session.connection().execute(TAKE, _TAKEN.rows(session, rows))


def _is_taken(session: Session, turn: Turn) -> bool:
    """Whether a turn was taken, as far as that is remembered."""
    return session.execute(IS_TAKEN, PendingTurn(turn).name).first() is not None


def _as_sent(turn: Turn, reply: Reply) -> dict[str, str]:
    """Which showing of a form was sent, and as what; nothing of one that was refused, and may be sent again."""
    if not isinstance(turn, Submission) or (isinstance(reply, Say) and reply.refused):
        return {"form": "", "sent_as": ""}
    return {"form": turn.form, "sent_as": reply.sent_as if isinstance(reply, Say) else ""}


def _sent_before(session: Session, turn: Turn) -> Again | None:
    """What is to be said of a form that was sent before; None for all else."""
    if not isinstance(turn, Submission) or not turn.form:
        return None
    sender = turn.sender
    asked = {"platform": sender.platform, "tenant": sender.tenant, "user": sender.user, "form": turn.form}
    found = session.execute(SENT, asked).first()
    return Again(found.sent_as, same=found.turn == turn.id) if found else None


def _refused(error: WorkbotError, lang: Language) -> Reply:
    if isinstance(error, Invalid):
        return Reject({name: lang(problem.message, **problem.values) for name, problem in error.fields.items()})
    return Say(refusal(lang(error.message, **error.values), lang), refused=True)


class Replies:
    """What was answered, closed: it may show what people wrote, and is for a turn that comes again alone."""

    def __init__(self, secrets: Secrets) -> None:
        self._chest = Chest(secrets)

    def close(self, turn: Turn, reply: Reply) -> dict[str, Any] | None:
        if reply is None or (isinstance(turn, Submission) and turn.form):
            # Of a form it is known what it was sent as.
            return None
        kind = type(reply).__name__.lower()
        words = KINDS[kind].dump_json(reply).decode()
        return {"kind": kind, "closed": self._chest.close(words, _place(turn))}

    def open(self, turn: Turn, kept: dict[str, Any] | None) -> Reply:
        """The reply; None when there was none, or it was closed under a secret that we do not have any more."""
        words = self._chest.open(kept["closed"], _place(turn)) if kept and "closed" in kept else None
        if kept is None or words is None:
            return None
        reply: Reply = KINDS[kept["kind"]].validate_json(words)
        return reply


def _place(turn: Turn) -> str:
    """Whose turn a reply belongs to: to another's it is nothing."""
    sender = turn.sender
    return json.dumps([sender.platform, sender.tenant, sender.user, turn.id])
