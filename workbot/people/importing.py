"""Bringing the house in line with a directory: the plan first, which writes nothing, then the doing.

    plan = importing.plan(session, directory.entries(), timezone=..., locale=..., now=now)
    if not plan.mistakes:
        importing.apply(session, plan, now=now)

A person is their e-mail address. Who is missing from the directory has left; history keeps them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, delete, select

from workbot.people.entries import Listing, Mistake, listings, suspicious_columns
from workbot.people.models import Account, Department, Person, Role
from workbot.people.service import HOME_PLATFORM, home_account
from workbot.platforms import Entry

MOST_LEAVERS = 25
MOST_LEAVERS_SHARE = 0.05
ACCOUNTS = {"slack_user_id": "slack", "teams_user_id": "teams"}
# The columns that are stored on the person as they are.
PLAIN = ("name", "title", "location", "timezone", "locale", "started_on", "left_on", "employment", "active")
ATTRIBUTE = "attributes."


@dataclass(frozen=True, slots=True)
class Change:
    """What the directory says differently of one person, in its own words: column, before, after."""

    row: int
    person: Person
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do. With mistakes in it, it may not be done."""

    joins: tuple[Change, ...] = ()
    changes: tuple[Change, ...] = ()
    leaves: tuple[Person, ...] = ()
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
    """The difference between a directory and the house; `timezone` and `locale` are for those who have none."""
    listed, mistakes = listings(entries)
    known = Known(session)
    mistakes += [*_unknown_managers(listed, known), *_circles(listed, known)]
    if mistakes:
        return Plan(mistakes=tuple(sorted(mistakes)), notes=tuple(suspicious_columns(entries)))

    joins = [_join(listing, timezone, locale, now) for listing in listed if listing.email not in known.people]
    changes = [_change(listing, known, now) for listing in listed if listing.email in known.people]
    present = {listing.email for listing in listed}
    missing = [person for email, person in sorted(known.people.items()) if person.active and email not in present]
    return Plan(
        joins=tuple(joins),
        changes=tuple(change for change in changes if change.after),
        leaves=(*missing, *(change.person for change in changes if change.after.get("active") is False)),
        notes=tuple(suspicious_columns(entries)),
        active_before=sum(person.active for person in known.people.values()),
    )


def apply(session: Session, plan: Plan, *, now: datetime) -> None:
    """Do what a plan says, in this transaction and in bulk."""
    assert not plan.mistakes, "a directory with mistakes is not imported"
    changes = [*plan.joins, *plan.changes]
    _store_people(session, changes, _departments(session, changes))
    _store_managers(session, changes)
    _store_roles(session, changes)
    _store_accounts(session, changes)
    for person in plan.leaves:
        person.active, person.left_on = False, person.left_on or _today(person, now)
    session.flush()


class Known:
    """What the house knows before an import, read whole: a query per row would take minutes."""

    def __init__(self, session: Session) -> None:
        self.people = {person.email: person for person in session.exec(select(Person))}
        self.emails = {person.id: email for email, person in self.people.items()}
        self.departments: dict[UUID, str] = dict(session.exec(select(Department.id, Department.path)).all())
        self.roles: dict[UUID, set[str]] = defaultdict(set)
        for person_id, role in session.exec(select(Role.person_id, Role.name)):
            self.roles[person_id].add(role)
        self.accounts: dict[tuple[UUID, str], str] = {
            (account.person_id, account.platform): account.user for account in _listed_accounts(session)
        }

    def words(self, person: Person) -> dict[str, Any]:
        """A person as the directory would write them."""
        words = {column: getattr(person, column) for column in PLAIN} | {
            "locale": person.listed_locale or person.locale,
            "department": self.departments.get(person.department_id, "") if person.department_id else "",
            "manager_email": self.emails.get(person.manager_id, "") if person.manager_id else "",
            "roles": frozenset(self.roles.get(person.id, ())),
        }
        for column, platform in ACCOUNTS.items():
            words[column] = self.accounts.get((person.id, platform), "")
        return words | {f"{ATTRIBUTE}{name}": value for name, value in person.attributes.items()}


def _join(listing: Listing, timezone: str, locale: str, now: datetime) -> Change:
    said = {column: value for column, value in _said(listing).items() if value}
    said = {"timezone": timezone, "locale": locale, **said}
    newcomer = Person(email=listing.email, **{column: said[column] for column in PLAIN if column in said})
    newcomer.active = _works(newcomer.left_on, newcomer, now)
    return Change(listing.row, newcomer, {}, said)


def _change(listing: Listing, known: Known, now: datetime) -> Change:
    person, said = known.people[listing.email], _said(listing)
    before = known.words(person)
    # Who is listed again and not as leaving has come back.
    last_day = said.setdefault("left_on", person.left_on if person.active else None)
    said["active"] = _works(last_day, person, now)
    after = {column: value for column, value in said.items() if value != before.get(column, "")}
    return Change(listing.row, person, before, after)


def _said(listing: Listing) -> dict[str, Any]:
    return listing.values | {f"{ATTRIBUTE}{name}": value for name, value in listing.attributes.items()}


def _works(left_on: date | None, person: Person, now: datetime) -> bool:
    """Whether somebody is still here: the last day counts."""
    return left_on is None or left_on >= _today(person, now)


def _unknown_managers(listed: Sequence[Listing], known: Known) -> Iterator[Mistake]:
    emails = known.people.keys() | {listing.email for listing in listed}
    for listing in listed:
        manager = listing.values.get("manager_email")
        if manager and manager not in emails:
            yield Mistake(
                listing.row,
                "manager_email",
                f"nobody has the address {manager}; correct it, or add a row for this manager",
            )


def _circles(listed: Sequence[Listing], known: Known) -> Iterator[Mistake]:
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


def _departments(session: Session, changes: Sequence[Change]) -> dict[str, UUID]:
    """The departments by path, those made that the changes need, parents first."""
    found: dict[str, UUID] = dict(session.exec(select(Department.path, Department.id)).all())
    wanted = {change.after["department"] for change in changes if change.after.get("department")}
    for path in sorted(wanted):
        steps = path.split("/")
        for depth, name in enumerate(steps, 1):
            here, above = "/".join(steps[:depth]), "/".join(steps[: depth - 1])
            if here not in found:
                department = Department(name=name, path=here, parent_id=found.get(above))
                session.add(department)
                session.flush()
                found[here] = department.id
    return found


def _store_people(session: Session, changes: Sequence[Change], departments: Mapping[str, UUID]) -> None:
    for change in changes:
        person, after = change.person, change.after
        for column in PLAIN:
            if column in after:
                setattr(person, column, after[column])
        if "locale" in after:
            person.listed_locale = after["locale"]
        if "department" in after:
            person.department_id = departments.get(after["department"])
        person.attributes = _attributes(person.attributes, after)
        session.add(person)
    session.flush()


def _attributes(have: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    said = {name.removeprefix(ATTRIBUTE): value for name, value in after.items() if name.startswith(ATTRIBUTE)}
    return {name: value for name, value in {**have, **said}.items() if value or name not in said}


def _store_managers(session: Session, changes: Sequence[Change]) -> None:
    """After the people themselves: a manager may stand further down."""
    ids: dict[str, UUID] = dict(session.exec(select(Person.email, Person.id)).all())
    for change in changes:
        if "manager_email" in change.after:
            change.person.manager_id = ids.get(change.after["manager_email"])
    session.flush()


def _store_roles(session: Session, changes: Sequence[Change]) -> None:
    for change in changes:
        if "roles" not in change.after:
            continue
        before, after = change.before.get("roles", frozenset()), change.after["roles"]
        if gone := before - after:
            session.exec(delete(Role).where(col(Role.person_id) == change.person.id, col(Role.name).in_(gone)))
        session.add_all(Role(person_id=change.person.id, name=role) for role in sorted(after - before))
    session.flush()


def _store_accounts(session: Session, changes: Sequence[Change]) -> None:
    """See that everyone is where the directory says, and at home."""
    held = {(account.platform, account.user): account for account in _listed_accounts(session)}
    own = {(account.person_id, account.platform): account for account in held.values()}
    at_home = set(session.exec(select(Account.person_id).where(Account.platform == HOME_PLATFORM)))
    for change in changes:
        if change.person.id not in at_home:
            session.add(home_account(change.person))
    moves = {
        (change.person.id, platform): change.after[column]
        for change in changes
        for column, platform in ACCOUNTS.items()
        if column in change.after
    }
    # What is taken from someone goes first: two people may exchange their accounts.
    for (person_id, platform), user in moves.items():
        for account in (own.get((person_id, platform)), held.get((platform, user))):
            if account is not None:
                session.delete(account)
    session.flush()
    session.add_all(
        Account(person_id=person_id, platform=platform, user=user, address=user)
        for (person_id, platform), user in moves.items()
        if user
    )
    session.flush()


def _listed_accounts(session: Session) -> Sequence[Account]:
    """The accounts that a directory gave, which knows no tenant."""
    return session.exec(select(Account).where(col(Account.platform).in_(ACCOUNTS.values()), Account.tenant == "")).all()


def _today(person: Person, now: datetime) -> date:
    return now.astimezone(ZoneInfo(person.timezone)).date()
