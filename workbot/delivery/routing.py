"""Whether, when and where: what is decided about a message at the moment it would be sent.

Everything is decided for many messages at once, in a few statements however many they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Row, String, Table, Uuid, and_, select
from sqlmodel import Session, col

from workbot.delivery.models import TABLE, Message, Priority, State, is_in
from workbot.people import HOME_PLATFORM, MAIL_PLATFORM, Account, Channel, Person
from workbot.people.calendar import WorkingTime, working_times
from workbot.storage.bulk import JsonQuery, JsonRows

# A row of the outbox, or as much of it as a decision needs.
Waiting = Row[Any]
DAY = timedelta(days=1)


_KEYS = JsonRows(this=Uuid())


def _columns(kind: type[Any], key: str, *names: str) -> JsonQuery:
    """Some columns of the rows whose `key` is among those given: built once, since it is asked for every chunk."""
    table: Table = kind.__table__
    return JsonQuery(select(*(table.c[name] for name in names)).where(table.c[key].in_(select(_KEYS.c.this))))


PEOPLE = _columns(
    Person, "id", "id", "email", "active", "timezone", "calendar_id", "quiet_from", "quiet_until", "preferred_platform"
)
ACCOUNTS = _columns(Account, "person_id", "id", "person_id", "platform", "tenant", "address", "unreachable", "retry_at")
CHANNELS = _columns(Channel, "id", "id", "platform", "tenant", "address", "closed")
# Where subjects last landed: the newest is the last.
_SUBJECTS = JsonRows(recipient=String(), subject=String())
LANDED = JsonQuery(
    select(*(TABLE.c[name] for name in ("id", "recipient", "subject", "reference", "platform", "address")))
    .join(_SUBJECTS.table, and_(*(TABLE.c[name] == _SUBJECTS.c[name] for name in ("subject", "recipient"))))
    .where(is_in(State.SENT))
    .order_by(TABLE.c.id),
    order=("id",),
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes: an address, and the account whose address it is, if it is one's own.

    `is_retry` says that we were refused there, and try whether we still are.
    """

    platform: str
    tenant: str
    address: str
    account_id: UUID | None = None
    is_retry: bool = False

    @property
    def lane(self) -> str:
        return f"{self.platform}:{self.tenant}" if self.tenant else self.platform


@dataclass(frozen=True, slots=True)
class Recipients:
    """What is known of those to whom some messages go: their accounts are those that are open to us."""

    people: Mapping[UUID, Waiting]
    accounts: Mapping[UUID, Sequence[Waiting]]
    channels: Mapping[UUID, Waiting]

    @classmethod
    def of(cls, session: Session, rows: Sequence[Waiting], *, now: datetime) -> Recipients:
        people = _by_id(session, PEOPLE, {row.person_id for row in rows if row.person_id})
        channels = _by_id(session, CHANNELS, {row.place_id for row in rows if row.place_id})
        accounts: defaultdict[UUID, list[Waiting]] = defaultdict(list)
        for account in _of_keys(session, ACCOUNTS, people):
            if not account.unreachable or (account.retry_at and account.retry_at <= now):
                accounts[account.person_id].append(account)
        return cls(people, accounts, channels)

    def has_left(self, row: Waiting) -> bool:
        """Whether the recipient was a person who is not here any more."""
        if row.person_id is None:
            return False
        person = self.people.get(row.person_id)
        return person is None or not person.active

    def target(self, row: Waiting, platforms: Collection[str]) -> Target | None:
        """The recipient's first surface that is open to us: the one they prefer, another chat, the web, or mail."""
        if row.place_id:
            channel = self.channels.get(row.place_id)
            is_open = channel and channel.platform in platforms and not channel.closed
            return Target(channel.platform, channel.tenant, channel.address) if channel and is_open else None

        person = self.people[row.person_id]
        open_to_us = [
            account
            for account in self.accounts.get(person.id, ())
            if account.platform in platforms and row.only_platform in ("", account.platform)
        ]
        if open_to_us:
            first = min(open_to_us, key=partial(_preference, person.preferred_platform))
            return Target(first.platform, first.tenant, first.address, first.id, bool(first.unreachable))
        if MAIL_PLATFORM in platforms and row.only_platform in ("", MAIL_PLATFORM):
            return Target(MAIL_PLATFORM, "", person.email)
        return None


def _preference(preferred: str, account: Waiting) -> tuple[bool, bool, str]:
    """Before the web, where everyone has an account, comes where somebody is besides."""
    return account.platform != preferred, account.platform == HOME_PLATFORM, account.platform


class SendPolicy:
    """When each of some people may be disturbed: their hours, their quiet, and how often they were already today."""

    def __init__(self, session: Session, recipients: Recipients, rows: Sequence[Waiting], *, a_day: int) -> None:
        people: list[Any] = [
            recipients.people[row.person_id] for row in rows if row.person_id and _can_wait(row, recipients)
        ]
        self.a_day = a_day
        self._times: dict[UUID, WorkingTime] = working_times(session, people) if people else {}
        self._had = _had_lately(session, [row for row in rows if row.person_id and row.working_hours])

    def moment(self, row: Waiting, now: datetime) -> datetime:
        """The first moment from now on at which a message is welcome."""
        hours = self._times.get(row.person_id)
        if hours is None or row.priority == Priority.ANSWER:
            return now
        if not row.working_hours:
            return hours.after_quiet(now)
        if self._has_had_enough(row, hours, now):
            tomorrow = hours.next_moment(hours.tomorrow(now))
            # What would be over by then is worth one more disturbance.
            if row.expires_at is None or tomorrow < row.expires_at:
                return tomorrow
        return hours.next_moment(now)

    def _has_had_enough(self, row: Waiting, hours: WorkingTime, now: datetime) -> bool:
        today = hours.tomorrow(now) - DAY
        return sum(moment >= today for moment in self._had.get(row.person_id, ())) >= self.a_day


def earlier(session: Session, rows: Sequence[Any], targets: Mapping[int, Target]) -> dict[tuple[str, str], str]:
    """Where subjects last landed with these recipients, at the addresses they are now reached at."""
    subjects = {(row.recipient, name) for row in rows for name in (row.subject, row.thread) if name}
    if not subjects:
        return {}
    at = {(row.recipient, targets[row.id].platform, targets[row.id].address) for row in rows}
    asked = _SUBJECTS.rows(session, [{"recipient": whose, "subject": name} for whose, name in subjects])
    return {
        (row.recipient, row.subject): row.reference
        for row in LANDED.ask(session, asked)
        if row.reference and (row.recipient, row.platform, row.address) in at
    }


def crowded_until(
    session: Session, rows: Sequence[Waiting], windows: Sequence[tuple[int, float]], now: datetime
) -> dict[str, datetime]:
    """The recipients who were written to so often that they must not be now, and when they may be again."""
    if not windows or not rows:
        return {}
    longest = timedelta(seconds=max(span for _count, span in windows))
    sent: defaultdict[str, list[datetime]] = defaultdict(list)
    for recipient, sent_at in session.execute(
        select(col(Message.recipient), col(Message.sent_at))
        .where(
            is_in(State.SENT),
            col(Message.recipient).in_([row.recipient for row in rows]),
            col(Message.sent_at) > now - longest,
        )
        .order_by(col(Message.sent_at).desc())
    ):
        sent[recipient].append(sent_at)

    until: dict[str, datetime] = {}
    for recipient, moments in sent.items():
        over = [moments[count - 1] + timedelta(seconds=span) for count, span in windows if len(moments) >= count]
        if over and max(over) > now:
            until[recipient] = max(over)
    return until


def _by_id(session: Session, which: JsonQuery, keys: Collection[UUID]) -> dict[UUID, Any]:
    return {found.id: found for found in _of_keys(session, which, keys)}


def _of_keys(session: Session, which: JsonQuery, keys: Collection[UUID]) -> Sequence[Any]:
    return which.ask(session, _KEYS.rows(session, [{"this": key} for key in keys])) if keys else ()


def _can_wait(row: Waiting, recipients: Recipients) -> bool:
    person = recipients.people.get(row.person_id)
    return person is not None and (row.working_hours or person.quiet_from is not None)


def _had_lately(session: Session, rows: Sequence[Waiting]) -> dict[UUID, list[datetime]]:
    """When people were disturbed by something that could have waited, in the last day or so."""
    if not rows:
        return {}
    had: defaultdict[UUID, list[datetime]] = defaultdict(list)
    since = max(row.due_at for row in rows) - 2 * DAY
    for person_id, sent_at in session.execute(
        select(col(Message.person_id), col(Message.sent_at)).where(
            is_in(State.SENT),
            col(Message.recipient).in_([row.recipient for row in rows]),
            col(Message.sent_at) > since,
            col(Message.working_hours),
            col(Message.is_update).is_(False),
        )
    ):
        had[person_id].append(sent_at)
    return had
