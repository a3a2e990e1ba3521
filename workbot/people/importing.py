"""Bringing the app in line with a directory: the plan first, which writes nothing, then the doing.

    plan = importing.plan(session, directory.entries(), timezone=..., locale=..., now=now)
    if not plan.mistakes:
        importing.apply(session, plan, now=now)

A person is their e-mail address. Who is missing from the directory has left; history keeps them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from workbot.events import Subject, Verb, record
from workbot.people import changes
from workbot.people.changes import ATTRIBUTE, PLAIN, Change
from workbot.people.departments import lineage
from workbot.people.directories import Entry
from workbot.people.entries import Listing, Mistake, listings, suspicious_columns
from workbot.people.models import Department, Person, Role
from workbot.plugins import account_columns
from workbot.texts import identifier

MOST_LEAVERS = 25
MOST_LEAVERS_SHARE = 0.05
IMPORTED = Verb("people.import", "joined", "changed", "left")


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do. With mistakes in it, it may not be done."""

    joins: tuple[Change, ...] = ()
    changes: tuple[Change, ...] = ()
    leaves: tuple[Person, ...] = ()
    departments: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()
    active_before: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.joins or self.changes or self.leaves)

    @property
    def is_drastic(self) -> bool:
        """Whether so many would leave that the file is more likely wrong than right."""
        most = min(MOST_LEAVERS, self.active_before * MOST_LEAVERS_SHARE)
        return len(self.leaves) > most


def plan(session: Session, entries: Sequence[Entry], *, timezone: str, locale: str, now: datetime) -> Plan:
    """The difference between a directory and the app; `timezone` and `locale` are for those who have none."""
    listed, mistakes = listings(entries, home=timezone)
    known = ImportSnapshot(session)
    mistakes += [*_unknown_managers(listed, known), *_circles(listed, known)]
    if mistakes:
        return Plan(mistakes=tuple(sorted(mistakes)), notes=tuple(suspicious_columns(entries)))

    joins = [_join(listing, timezone, locale, now) for listing in listed if listing.email not in known.people]
    changed = [_change(listing, known, now) for listing in listed if listing.email in known.people]
    staying = {listing.email for listing in listed} - {
        change.email for change in changed if change.after.get("active") is False
    }
    return Plan(
        joins=tuple(joins),
        changes=tuple(change for change in changed if change.after),
        leaves=tuple(_leaving(known, staying)),
        departments=_new_departments([*joins, *changed], known),
        notes=tuple(suspicious_columns(entries)),
        active_before=sum(person.active for person in known.everyone),
    )


def apply(session: Session, plan: Plan, *, now: datetime) -> None:
    """Do what a plan says, in this transaction and in bulk."""
    assert not plan.mistakes, "a directory with mistakes is not imported"
    for person in plan.leaves:
        person.active, person.left_on = False, person.left_on or _today(person.timezone, now)
    session.flush()
    changed = [*plan.joins, *plan.changes]
    departments = changes.store_departments(session, changed)
    changes.store_people(session, changed, departments)
    changes.store_managers(session, changed)
    changes.store_roles(session, changed)
    changes.store_accounts(session, changed)
    counts = {"joined": len(plan.joins), "changed": len(plan.changes), "left": len(plan.leaves)}
    record(session, IMPORTED, Subject("people"), by=None, now=now, **counts)
    # What this session had read of them is older than what is stored now.
    session.expire_all()


class ImportSnapshot:
    """What the app knows before an import, read whole: a query per row would take minutes."""

    def __init__(self, session: Session) -> None:
        self.everyone = session.exec(select(Person)).all()
        self.people: dict[str, Person] = {}
        for person in self.everyone:
            email = identifier(person.email).lower()
            # Who was stored with something in their address that nobody sees gives way to who has it as it is.
            if email == person.email or email not in self.people:
                self.people[email] = person
        self.emails = {person.id: email for email, person in self.people.items()}
        self.departments: dict[UUID, str] = dict(session.exec(select(Department.id, Department.path)).all())
        self.roles: dict[UUID, set[str]] = defaultdict(set)
        for person_id, role in session.exec(select(Role.person_id, Role.name)):
            self.roles[person_id].add(role)
        self.accounts: dict[tuple[UUID, str], str] = {
            (account.person_id, account.platform): account.user for account in changes.listed_accounts(session)
        }
        self.account_columns = account_columns()

    def words(self, person: Person) -> dict[str, Any]:
        """A person as the directory would write them."""
        words = {column: getattr(person, column) for column in ("email", *PLAIN)} | {
            "locale": person.listed_locale or person.locale,
            "department": self.departments.get(person.department_id, "") if person.department_id else "",
            "manager_email": self.emails.get(person.manager_id, "") if person.manager_id else "",
            "roles": frozenset(self.roles.get(person.id, ())),
        }
        for platform, column in self.account_columns.items():
            words[column.name] = self.accounts.get((person.id, platform), "")
        return words | {f"{ATTRIBUTE}{name}": value for name, value in person.attributes.items()}


def _join(listing: Listing, timezone: str, locale: str, now: datetime) -> Change:
    said = {column: value for column, value in _said(listing).items() if value}
    said = {"timezone": timezone, "locale": locale, **said}
    said["active"] = _works(said.get("left_on"), said["timezone"], now)
    return Change(listing.row, uuid4(), listing.email, {}, said)


def _change(listing: Listing, known: ImportSnapshot, now: datetime) -> Change:
    person, said = known.people[listing.email], {"email": listing.email} | _said(listing)
    before = known.words(person)
    # Who is listed again and not as leaving has come back.
    last_day = said.setdefault("left_on", person.left_on if person.active else None)
    said["active"] = _works(last_day, person.timezone, now)
    after = {column: value for column, value in said.items() if value != before.get(column, "")}
    return Change(listing.row, person.id, listing.email, before, after)


def _leaving(known: ImportSnapshot, staying: AbstractSet[str]) -> Iterator[Person]:
    """Who is here and not listed, by address."""
    stay = {known.people[email].id for email in staying if email in known.people}
    yield from (who for who in sorted(known.everyone, key=lambda who: who.email) if who.active and who.id not in stay)


def _new_departments(changes: Sequence[Change], known: ImportSnapshot) -> tuple[str, ...]:
    """The paths of departments that are made, those above them first."""
    named = {change.after["department"] for change in changes if change.after.get("department")}
    return tuple(sorted({path for name in named for path in lineage(name)} - set(known.departments.values())))


def _said(listing: Listing) -> dict[str, Any]:
    return listing.values | {f"{ATTRIBUTE}{name}": value for name, value in listing.attributes.items()}


def _works(left_on: date | None, timezone: str, now: datetime) -> bool:
    """Whether somebody is still here: the last day counts."""
    return left_on is None or left_on >= _today(timezone, now)


def _unknown_managers(listed: Sequence[Listing], known: ImportSnapshot) -> Iterator[Mistake]:
    emails = known.people.keys() | {listing.email for listing in listed}
    for listing in listed:
        manager = listing.values.get("manager_email")
        if manager and manager not in emails:
            yield Mistake(
                listing.row,
                "manager_email",
                f"nobody has the address {manager}; correct it, or add a row for this manager",
            )


def _circles(listed: Sequence[Listing], known: ImportSnapshot) -> Iterator[Mistake]:
    """Managers who would manage themselves, directly or around a few corners; each circle once."""
    manager_of = {
        person.email: known.emails.get(person.manager_id, "") if person.manager_id else ""
        for person in known.people.values()
    }
    rows = {listing.email: listing.row for listing in listed}
    manager_of |= {
        listing.email: listing.values["manager_email"] for listing in listed if "manager_email" in listing.values
    }
    seen: set[str] = set()
    for start in rows:
        line: list[str] = []
        email = start
        while email and email not in seen:
            seen.add(email)
            line.append(email)
            email = manager_of.get(email, "")
        circle = line[line.index(email) :] if email in line else []
        if any(email in rows for email in circle):
            yield _circle(circle, rows)


def _circle(circle: list[str], rows: Mapping[str, int]) -> Mistake:
    named = sorted(rows[email] for email in circle if email in rows)
    if len(circle) == 1:
        return Mistake(named[0], "manager_email", f"{circle[0]} cannot be their own manager; leave the cell empty")
    way = " → ".join([*circle, circle[0]])
    lines = ", ".join(str(row) for row in named)
    message = f"these people manage each other in a circle: {way} (lines {lines}); correct one of them"
    return Mistake(named[0], "manager_email", message)


def _today(timezone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(timezone)).date()
