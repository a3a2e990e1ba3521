"""What an import changes of people, in the words of the people file, and writing it in bulk.

Forty thousand rows go through plain SQL rather than one object each: that is seconds, not a minute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from workbot.people.departments import above, lineage, names
from workbot.people.models import Account, Department, Person, Role
from workbot.people.service import HOME_PLATFORM, web_account
from workbot.plugins import account_columns

# The columns that are stored on the person as they are.
PLAIN = ("name", "title", "location", "timezone", "locale", "started_on", "left_on", "employment", "active")
ATTRIBUTE = "attributes."
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Change:
    """What is new of one person: column by column, before and after; a newcomer has no before."""

    row: int
    person_id: UUID
    email: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def store_departments(session: Session, changes: Sequence[Change]) -> dict[str, UUID]:
    """The departments by path, those made that the changes need, parents first."""
    stored = {department.path: department for department in session.exec(select(Department))}
    found = {path: department.id for path, department in stored.items()}
    for path in sorted({change.after["department"] for change in changes if change.after.get("department")}):
        for here in lineage(path):
            if here not in found:
                department = Department(name=names(here)[-1], path=here, parent_id=found.get(above(here)))
                session.add(department)
                found[here] = department.id
            elif (old := stored.get(here)) and old.name != names(here)[-1]:
                # From when a slash could not be written, and made a department of each half of the name.
                old.name, old.parent_id = names(here)[-1], found.get(above(here))
    session.flush()
    return found


def store_people(session: Session, changes: Sequence[Change], departments: Mapping[str, UUID]) -> None:
    joins = [change for change in changes if not change.before]
    rows = [_row(change, departments) for change in changes if change.before]
    if joins:
        nothing = _defaults()
        session.execute(insert(Person), [nothing | _row(change, departments) for change in joins])
    if rows:
        session.execute(update(Person), rows)


def store_managers(session: Session, changes: Sequence[Change]) -> None:
    """After the people themselves: a manager may stand further down."""
    ids: dict[str, UUID] = dict(session.exec(select(Person.email, Person.id)).all())
    rows = [
        {"id": change.person_id, "manager_id": ids.get(change.after["manager_email"])}
        for change in changes
        if "manager_email" in change.after
    ]
    if rows:
        session.execute(update(Person), rows)


def store_roles(session: Session, changes: Sequence[Change]) -> None:
    added = []
    for change in changes:
        before, after = (words.get("roles", frozenset()) for words in (change.before, change.after))
        added += [{"person_id": change.person_id, "name": role} for role in sorted(after - before)]
        if "roles" in change.after and (gone := before - after):
            session.execute(delete(Role).where(col(Role.person_id) == change.person_id, col(Role.name).in_(gone)))
    if added:
        session.execute(insert(Role), added)


def store_accounts(session: Session, changes: Sequence[Change]) -> None:
    """See that everyone is where the directory says, and at home."""
    wanted = {
        (change.person_id, platform): change.after[column.name]
        for change in changes
        for platform, column in account_columns().items()
        if column.name in change.after
    }
    users = {(platform, user) for (_, platform), user in wanted.items() if user}
    # What is taken from someone goes first: two people may exchange their accounts.
    taken = [
        account.id
        for account in _elsewhere(session)
        if (account.listed and (account.person_id, account.platform) in wanted)
        or (account.platform, account.user) in users
    ]
    for start in range(0, len(taken), AT_ONCE):
        session.execute(delete(Account).where(col(Account.id).in_(taken[start : start + AT_ONCE])))
    given = [
        {"person_id": person_id, "platform": platform, "user": user, "address": user, "listed": True}
        for (person_id, platform), user in wanted.items()
        if user
    ]
    at_home = set(session.exec(select(Account.person_id).where(Account.platform == HOME_PLATFORM)))
    homes = [web_account(change.person_id) for change in changes if change.person_id not in at_home]
    if rows := [
        {"id": uuid4(), "tenant": "", "listed": False, "unreachable": ""} | account for account in (*given, *homes)
    ]:
        session.execute(insert(Account), rows)


def listed_accounts(session: Session) -> Sequence[Account]:
    """The accounts that a directory gave."""
    return [account for account in _elsewhere(session) if account.listed]


def _elsewhere(session: Session) -> Sequence[Account]:
    return session.exec(select(Account).where(col(Account.platform).in_(account_columns()))).all()


def _row(change: Change, departments: Mapping[str, UUID]) -> dict[str, Any]:
    """The columns of a person that change."""
    after = change.after
    row = {"id": change.person_id, **{column: after[column] for column in PLAIN if column in after}}
    if "email" in after:
        row["email"] = after["email"]
    if "locale" in after:
        row["listed_locale"] = after["locale"]
    if "department" in after:
        row["department_id"] = departments.get(after["department"])
    words = {**change.before, **after}
    row["attributes"] = {
        name.removeprefix(ATTRIBUTE): value for name, value in words.items() if name.startswith(ATTRIBUTE) and value
    }
    return row if change.before else {"email": change.email} | row


def _defaults() -> dict[str, Any]:
    """A person of whom nothing is said."""
    return Person(email="", name="", timezone="", locale="").model_dump(exclude={"id", "manager_id"})
