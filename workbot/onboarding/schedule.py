"""What time brings a journey: steps that fall due, and one reminder of those that are late."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from workbot import scheduler
from workbot.onboarding import service, telling
from workbot.onboarding.models import Journey, Step
from workbot.people import Person
from workbot.people.calendar import working_time
from workbot.scheduler import Job, Jobs

JOBS = Jobs()


@JOBS.on("onboarding.tell")
def tell(session: Session, job: Job, *, now: datetime) -> None:
    """Tell what has fallen due since the last time: a late run tells it all together."""
    journey = session.get(Journey, UUID(job.payload["id"]))
    if journey is None or not journey.is_active:
        return
    due = [
        step
        for step in service.steps_of(session, journey)
        if step.due_at <= now and not step.told and step.done_at is None
    ]
    telling.fall_due(session, journey, due, now=now)
    for step in due:
        _watch(session, journey, step)


@JOBS.on("onboarding.remind")
def remind(session: Session, job: Job, *, now: datetime) -> None:
    step = session.get(Step, UUID(job.payload["step"]))
    journey = session.get(Journey, step.journey_id) if step else None
    if step is None or journey is None or not journey.is_active or step.done_at or step.reminded:
        return
    step.reminded = True
    session.add(step)
    telling.remind(session, journey, [step], now=now)


def _watch(session: Session, journey: Journey, step: Step) -> None:
    """Write the reminder of a step, some working days from its due moment."""
    defined = service.definition_of(session, journey).step(step.step)
    calendar = working_time(session, session.get_one(Person, step.assignee_id or journey.person_id))
    day = calendar.add_working_days(step.due_at.astimezone(calendar.zone).date(), defined.remind_after_days)
    key = f"onboarding.remind:{step.id}:{journey.revision}"
    moment = calendar.next_moment(calendar.at(day, defined.due.clock))
    scheduler.at(session, moment, "onboarding.remind", {"step": str(step.id)}, key=key, series=journey.subject)
