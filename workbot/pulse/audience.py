"""Who is asked in a wave, and the department each is counted in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from workbot.people import Department, Leave, Person
from workbot.pulse.definitions import Audience, Started


def audience(
    session: Session, wanted: Audience, asked_on: Mapping[str, date], *, first_day: date, last_day: date
) -> list[tuple[Person, str]]:
    """The people to ask while a wave is open from `first_day` to `last_day`, each with their department's path.

    `asked_on` is the local day on which people of a zone are asked; of a zone that is not in it nobody is. Whoever is
    away for all of the time is not asked, nor anyone before their first day or after their last.
    """
    paths = {department.id: department.path for department in session.exec(select(Department))}
    away = _away_throughout(session, first_day, last_day)
    alike = select(Person).where(col(Person.active), wanted.where.clause(session))
    people = session.exec(alike.order_by(col(Person.id))).all()
    counted = [(person, paths.get(person.department_id, "") if person.department_id else "") for person in people]
    return [
        (person, path)
        for person, path in counted
        if person.id not in away
        and (day := asked_on.get(person.timezone))
        and _belongs(wanted, person, path, today=day)
    ]


def zones(session: Session) -> set[str]:
    """The time zones in which people are."""
    return set(session.exec(select(Person.timezone).where(col(Person.active)).distinct()))


def segment_of(session: Session, person: Person) -> str:
    department = session.get(Department, person.department_id) if person.department_id else None
    return department.path if department else ""


def is_inside(path: str, top: str) -> bool:
    """Whether a department is another one, or a part of it, by their paths."""
    return path == top or path.startswith(f"{top}/")


def has_members(session: Session, wanted: Audience, *, today: date) -> bool:
    """Whether anybody belongs to an audience on a day."""
    people = select(Person, Department.path).outerjoin(Department).where(col(Person.active))
    alike = session.exec(people.where(wanted.where.clause(session)))
    return any(_belongs(wanted, person, path or "", today=today) for person, path in alike)


def _belongs(wanted: Audience, person: Person, path: str, *, today: date) -> bool:
    """Whether somebody for whom the conditions hold belongs to an audience on a day."""
    inside = not wanted.departments or any(is_inside(path, top) for top in wanted.departments)
    return inside and person.works_on(today) and (wanted.started is None or _started(wanted.started, person, today))


def _started(window: Started, person: Person, today: date) -> bool:
    if person.started_on is None:
        return False
    days = (today - person.started_on).days
    return window.at_least_days <= days and (window.at_most_days is None or days <= window.at_most_days)


def _away_throughout(session: Session, first_day: date, last_day: date) -> set[UUID]:
    """People whose leave covers the whole time."""
    return set(session.exec(select(Leave.person_id).where(Leave.first_day <= first_day, Leave.last_day >= last_day)))
