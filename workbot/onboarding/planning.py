"""When the steps of a journey come up, and the jobs that wait for those moments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from workbot import scheduler
from workbot.onboarding.definitions import StepDefinition
from workbot.onboarding.models import Journey, Step
from workbot.people import Person
from workbot.people.calendar import WorkingTime, working_time
from workbot.scheduler import Late


def date_step(step: Step, wanted: StepDefinition, journey: Journey, time: WorkingTime, *, now: datetime) -> None:
    """Set a step's moments by the hire's working days."""
    day = time.add_working_days(journey.key_date, wanted.due.days)
    step.due_at = time.at(day, wanted.due.clock)
    # Nobody is late with what they were only told today.
    told_day = max(day, now.astimezone(time.zone).date())
    step.overdue_at = time.at(time.add_working_days(told_day, wanted.remind_after_days), wanted.due.clock)


def time_of(session: Session, journey: Journey) -> WorkingTime:
    return working_time(session, session.get_one(Person, journey.person_id))


def schedule(session: Session, journey: Journey, steps: Iterable[Step], *, now: datetime) -> None:
    """Write the jobs of every moment to come, in place of those that were written before."""
    scheduler.cancel(session, series=journey.subject)
    undone = [step for step in steps if step.done_at is None]
    for kind, moments in (
        ("onboarding.tell", {step.due_at for step in undone}),
        ("onboarding.remind", {step.overdue_at for step in undone}),
    ):
        for moment in sorted(moment for moment in moments if moment > now):
            _write(session, journey, kind, moment)


def _write(session: Session, journey: Journey, kind: str, moment: datetime) -> None:
    # The revision is in the key because a date may move away and back again.
    key = f"{kind}:{journey.id}:{moment.isoformat()}:{journey.revision}"
    scheduler.at(session, moment, kind, {"journey": str(journey.id)}, key=key, late=Late.RUN, series=journey.subject)
