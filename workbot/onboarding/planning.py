"""When the steps of a journey come up, and the jobs that wait for those moments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlmodel import Session

from workbot import jobs
from workbot.definitions import as_published
from workbot.jobs import Late
from workbot.onboarding.kind import KIND
from workbot.onboarding.models import Journey, Step
from workbot.onboarding.steps import StepDefinition
from workbot.people import Person
from workbot.people.calendar import WorkingTime, working_time


def date_step(step: Step, wanted: StepDefinition, journey: Journey, time: WorkingTime, *, now: datetime) -> None:
    """Set a step's moments by the hire's working days."""
    # Counted from a day on which they work, so that 0 and 1 never fall on the same.
    first = time.add_working_days(journey.key_date, 0)
    step.due_at = time.at(time.add_working_days(first, wanted.due.days), wanted.due.clock)
    step.overdue_at = _overdue_at(step, wanted, time, now)


def told_now(
    session: Session, journey: Journey, step: Step, wanted: StepDefinition, time: WorkingTime, *, now: datetime
) -> None:
    """Note that a step is told; whoever hears of it late is reminded later."""
    step.told = True
    if give_time(step, wanted, time, now=now):
        _write(session, journey, "onboarding.remind", step.overdue_at)


def give_time(step: Step, wanted: StepDefinition, time: WorkingTime, *, now: datetime) -> bool:
    """Count the days until a step is overdue from now, if it was to be so before; whether that moved it."""
    planned, step.overdue_at = step.overdue_at, max(step.overdue_at, _overdue_at(step, wanted, time, now))
    return step.overdue_at > planned


def redate(session: Session, journey: Journey, steps: Sequence[Step], on: date, *, now: datetime) -> None:
    """Give a journey another day, and what is not done other moments; how long something is overdue counts from now."""
    journey.key_date = on
    journey.revision += 1
    wanted, time = as_published(session, KIND, journey.definition_id).by_id(), time_of(session, journey)
    for step in (step for step in steps if step.done_at is None):
        date_step(step, wanted[step.step], journey, time, now=now)
        step.told, step.reminded = step.told and step.due_at <= now, False
        session.add(step)
    schedule(session, journey, steps, now=now)


def give_more_time(session: Session, journey: Journey, steps: Sequence[Step], *, now: datetime) -> None:
    """Let nothing be overdue that could not be done: it is counted anew from now."""
    journey.revision += 1
    wanted, time = as_published(session, KIND, journey.definition_id).by_id(), time_of(session, journey)
    for step in (step for step in steps if step.done_at is None):
        give_time(step, wanted[step.step], time, now=now)
        session.add(step)
    schedule(session, journey, steps, now=now)


def time_of(session: Session, journey: Journey) -> WorkingTime:
    return working_time(session, session.get_one(Person, journey.person_id))


def schedule(session: Session, journey: Journey, steps: Iterable[Step], *, now: datetime) -> None:
    """Write the jobs of every moment to come, in place of those that were written before."""
    jobs.cancel(session, series=journey.subject)
    undone = [step for step in steps if step.done_at is None]
    for kind, moments in (
        ("onboarding.tell", {step.due_at for step in undone}),
        ("onboarding.remind", {step.overdue_at for step in undone}),
    ):
        for moment in sorted(moment for moment in moments if moment > now):
            _write(session, journey, kind, moment)


def _overdue_at(step: Step, wanted: StepDefinition, time: WorkingTime, now: datetime) -> datetime:
    # What is told after hours is read on the next working day; the hire's absence holds up nobody else.
    read_at = replace(time, leave=()).next_moment(max(step.due_at, now))
    read_day = read_at.astimezone(time.zone).date()
    return time.at(time.add_working_days(read_day, wanted.remind_after_days), wanted.due.clock)


def _write(session: Session, journey: Journey, kind: str, moment: datetime) -> None:
    # The revision is in the key because a date may move away and back again.
    key = f"{kind}:{journey.id}:{moment.isoformat()}:{journey.revision}"
    jobs.at(session, moment, kind, {"journey": str(journey.id)}, key=key, late=Late.RUN, series=journey.subject)
