"""Planning, for any definition, calendar, zone and day: steps fall on working days, at their time, in their order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.onboarding.conftest import step as described
from workbot.onboarding import Journey, Step
from workbot.onboarding.planning import date_step, give_time
from workbot.onboarding.steps import StepDefinition
from workbot.onboarding.steps.task import Task
from workbot.people.calendar import Hours, WorkingTime

ZONES = ("America/Toronto", "America/St_Johns", "America/Vancouver", "Europe/Paris", "Pacific/Auckland", "UTC")
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=1100)).map(lambda span: BEGINNING + span)
# Office hours, so that a working day has a beginning and an end.
HOURS: Hours = (time(9), time(17))


@st.composite
def working_times(draw: st.DrawFn) -> WorkingTime:
    week = draw(st.sets(st.integers(1, 7), min_size=1))
    return WorkingTime(
        zone=ZoneInfo(draw(st.sampled_from(ZONES))),
        hours=dict.fromkeys(week, HOURS),
        region=draw(st.sampled_from(("", "CA-ON", "CA-QC", "FR"))),
        days_off=frozenset(draw(st.sets(DAYS, max_size=8))),
    )


DEFINED = st.builds(
    lambda days, hour, minute, patience: Task.model_validate(
        described("sign", "hire", days, time=f"{hour:02}:{minute:02}", remind_after_days=patience)
    ),
    st.integers(-120, 300),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(1, 60),
)


def planned(wanted: StepDefinition, key_date: date, worked: WorkingTime, now: datetime) -> Step:
    journey = Journey(name="arrival", definition_id=uuid4(), person_id=uuid4(), key_date=key_date, started_at=now)
    step = Step(journey_id=journey.id, step="sign", position=0, who="hire", due_at=now, overdue_at=now)
    date_step(step, wanted, journey, worked, now=now)
    return step


def skips(zone: ZoneInfo, day: date, clock: time) -> bool:
    """Whether the clock jumps over a local time on a day."""
    local = datetime.combine(day, clock, zone)
    return local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None)


@settings(deadline=None)
@given(DEFINED, DAYS, working_times(), MOMENTS)
def test_every_step_comes_up_on_a_working_day_at_its_local_time(
    wanted: StepDefinition, key_date: date, worked: WorkingTime, now: datetime
) -> None:
    at = planned(wanted, key_date, worked, now).due_at.astimezone(worked.zone)

    assert worked.is_working_day(at.date())
    assert at.time() == wanted.due.clock or skips(worked.zone, at.date(), wanted.due.clock)


@settings(deadline=None)
@given(DEFINED, DAYS, working_times(), MOMENTS)
def test_so_many_working_days_lie_between_the_day_and_the_step(
    wanted: StepDefinition, key_date: date, worked: WorkingTime, now: datetime
) -> None:
    first = next(day for day in onwards(key_date) if worked.is_working_day(day))
    day = planned(wanted, key_date, worked, now).due_at.astimezone(worked.zone).date()

    low, high = sorted((first, day))
    between = sum(worked.is_working_day(low + timedelta(days=offset)) for offset in range((high - low).days))
    assert between == abs(wanted.due.days)
    assert (day > first) == (wanted.due.days > 0)


@settings(deadline=None)
@given(st.lists(DEFINED, min_size=2, max_size=6), DAYS, working_times(), MOMENTS)
def test_steps_come_up_in_the_order_of_their_days_and_times(
    definitions: list[StepDefinition], key_date: date, worked: WorkingTime, now: datetime
) -> None:
    ordered = sorted(definitions, key=lambda wanted: (wanted.due.days, wanted.due.clock))
    moments = [planned(wanted, key_date, worked, now).due_at for wanted in ordered]

    distinct = {(wanted.due.days, wanted.due.clock) for wanted in ordered}
    gaps = any(skips(worked.zone, at.astimezone(worked.zone).date(), time(2, 30)) for at in moments)
    assert gaps or moments == sorted(moments)
    assert gaps or len(set(moments)) == len(distinct)


@settings(deadline=None)
@given(DEFINED, DAYS, working_times(), MOMENTS)
def test_nobody_is_reminded_within_a_working_day_of_being_told(
    wanted: StepDefinition, key_date: date, worked: WorkingTime, now: datetime
) -> None:
    step = planned(wanted, key_date, worked, now)

    told = worked.next_moment(max(step.due_at, now)).astimezone(worked.zone).date()
    overdue = step.overdue_at.astimezone(worked.zone).date()
    assert worked.is_working_day(overdue)
    assert overdue > told
    assert step.overdue_at > max(step.due_at, now)


@settings(deadline=None)
@given(DEFINED, DAYS, working_times(), MOMENTS, st.timedeltas(timedelta(), timedelta(days=90)))
def test_time_given_later_is_never_taken_away(
    wanted: StepDefinition, key_date: date, worked: WorkingTime, now: datetime, later: timedelta
) -> None:
    step = planned(wanted, key_date, worked, now)
    before = step.overdue_at

    moved = give_time(step, wanted, worked, now=now + later)

    assert step.overdue_at >= before
    assert moved == (step.overdue_at > before)
    assert step.overdue_at > now + later


def onwards(day: date) -> Iterator[date]:
    while True:
        yield day
        day += timedelta(days=1)
