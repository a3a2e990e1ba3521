"""Who carries a step: the one it names, or who stands in while there is nobody of that name."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from workbot.onboarding.models import Journey, Step
from workbot.onboarding.queries import definition_of
from workbot.onboarding.steps import DESK
from workbot.people import Person, agents_of, people_with_role, roles


def cast(session: Session, journey: Journey, step: Step, *, now: datetime) -> None:
    """Give a step to who carries it now; to nobody where the app has no HR to stand in."""
    desk = step.who.removeprefix(DESK) if step.who.startswith(DESK) else ""
    carrier = None if desk else carrier_of(session, journey, step.who, keep=step.assignee_id, now=now)
    step.desk, step.assignee_id = desk, carrier.id if carrier else None
    session.add(step)


def missing(session: Session, journey: Journey, steps: list[Step], *, now: datetime) -> tuple[str, ...]:
    """The roles of open steps for which there is nobody, so that another stands in or nobody is told."""
    open_roles = sorted({step.who for step in steps if step.done_at is None})
    return tuple(who for who in open_roles if not _has(session, journey, who, now))


def may_tick(session: Session, step: Step, person: Person) -> bool:
    """Whether a step's kind lets somebody say that it is done."""
    return definition_of(session, step).may_tick(step, person, roles(session, person))


def carrier_of(
    session: Session, journey: Journey, who: str, *, keep: UUID | None = None, now: datetime
) -> Person | None:
    """The buddy's steps fall to the manager, the manager's to HR; of HR, to the one who has them already (`keep`)."""
    if who == "hire":
        return session.get_one(Person, journey.person_id)
    buddy = _present(session, journey.buddy_id, now) if who == "buddy" else None
    manager = _manager(session, journey, now) if who in ("buddy", "manager") else None
    return buddy or manager or _of_hr(session, journey, now, keep)


def _manager(session: Session, journey: Journey, now: datetime) -> Person | None:
    """The journey's manager, or whoever leads the hire by now where that one is not here."""
    leads_now = session.get_one(Person, journey.person_id).manager_id
    return _present(session, journey.manager_id, now) or _present(session, leads_now, now)


def _of_hr(session: Session, journey: Journey, now: datetime, keep: UUID | None = None) -> Person | None:
    """Whoever of HR is to be kept, or the first by name; another than the hire, if there is one."""
    everyone = people_with_role(session, "hr", now=now)
    others = [person for person in everyone if person.id != journey.person_id] or everyone
    return next((person for person in others if person.id == keep), None) or next(iter(others), None)


def _present(session: Session, person_id: UUID | None, now: datetime) -> Person | None:
    """A person who has begun and not left."""
    person = session.get(Person, person_id) if person_id else None
    return person if person and person.is_here(now) else None


def _has(session: Session, journey: Journey, who: str, now: datetime) -> bool:
    match who:
        case "hire":
            return True
        case "hr":
            return _of_hr(session, journey, now) is not None
        case "manager":
            return _manager(session, journey, now) is not None
        case "buddy":
            return _present(session, journey.buddy_id, now) is not None
        case _:
            return bool(agents_of(session, who.removeprefix(DESK), now=now))
