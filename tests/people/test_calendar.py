"""Working days are counted as people count them, over weekends, holidays and the change of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbot.people.calendar import OFFICE_HOURS, WorkingTime

HOURS = {int(day): (time.fromisoformat(start), time.fromisoformat(end)) for day, (start, end) in OFFICE_HOURS.items()}
ONTARIO = WorkingTime(ZoneInfo("America/Toronto"), HOURS, "CA-ON")
FRIDAY = date(2026, 11, 20)
SATURDAY, SUNDAY, MONDAY = (FRIDAY + timedelta(days=days) for days in (1, 2, 3))

# The first look at a year works out its holidays, which takes longer than an example may.
unhurried = settings(deadline=None)
days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
counts = st.integers(1, 120)


def working_days(first: date, last: date) -> list[date]:
    """The working days from first to last, both included, one looked at after the other."""
    span = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return [day for day in span if ONTARIO.is_working_day(day)]


@unhurried
@given(days, counts)
def test_n_days_after_is_the_nth_working_day_that_follows(day: date, count: int) -> None:
    found = ONTARIO.add_working_days(day, count)

    passed = working_days(day + timedelta(days=1), found)
    assert len(passed) == count
    assert passed[-1] == found


@unhurried
@given(days, counts)
def test_n_days_before_is_the_nth_working_day_back(day: date, count: int) -> None:
    found = ONTARIO.add_working_days(day, -count)

    passed = working_days(found, day - timedelta(days=1))
    assert len(passed) == count
    assert passed[0] == found


@unhurried
@given(days)
def test_no_days_after_is_the_day_itself_or_the_next_that_works(day: date) -> None:
    found = ONTARIO.add_working_days(day, 0)

    assert working_days(day, found) == [found]


@unhurried
@given(days, counts)
def test_from_a_working_day_there_and_back_is_where_one_began(day: date, count: int) -> None:
    start = ONTARIO.add_working_days(day, 0)

    assert ONTARIO.add_working_days(ONTARIO.add_working_days(start, count), -count) == start


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (FRIDAY, 1, MONDAY),
        (SATURDAY, 1, MONDAY),
        (SUNDAY, 0, MONDAY),
        (SUNDAY, -1, FRIDAY),
        (MONDAY, -1, FRIDAY),
        (date(2026, 12, 24), 1, date(2026, 12, 29)),  # Christmas, the weekend, and Boxing Day in lieu
    ],
)
def test_weekends_and_holidays_are_not_counted(day: date, count: int, expected: date) -> None:
    assert ONTARIO.add_working_days(day, count) == expected


def test_leave_is_not_a_holiday_of_the_employer() -> None:
    away = WorkingTime(ONTARIO.zone, HOURS, "CA-ON", leave=((MONDAY, MONDAY),))

    assert away.add_working_days(FRIDAY, 1) == MONDAY


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 10, 30), datetime(2026, 10, 30, 13, tzinfo=UTC)),
        (date(2026, 11, 2), datetime(2026, 11, 2, 14, tzinfo=UTC)),
    ],
)
def test_nine_in_the_morning_stays_nine_when_the_clocks_change(day: date, expected: datetime) -> None:
    assert ONTARIO.at(day, time(9)) == expected


def test_an_hour_that_the_clock_skips_moves_past_the_gap() -> None:
    assert ONTARIO.at(date(2026, 3, 8), time(2, 30)) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


def toronto(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ONTARIO.zone)


@pytest.mark.parametrize(
    ("at", "hours", "expected"),
    [
        (toronto(FRIDAY, "10:00"), 4, toronto(FRIDAY, "14:00")),
        # Half an hour is left of the day: eight hours end where they began, a working day later.
        (toronto(FRIDAY, "16:30"), 8, toronto(MONDAY, "16:30")),
        (toronto(FRIDAY, "09:00"), 8, toronto(FRIDAY, "17:00")),
        (toronto(SATURDAY, "12:00"), 1, toronto(MONDAY, "10:00")),
        (toronto(FRIDAY, "18:00"), 0, toronto(MONDAY, "09:00")),
        # A holiday, and the weekend before the clocks change.
        (toronto(date(2026, 12, 24), "16:00"), 2, toronto(date(2026, 12, 29), "10:00")),
        (toronto(date(2026, 10, 30), "16:00"), 2, toronto(date(2026, 11, 2), "10:00")),
    ],
)
def test_working_time_is_added_as_a_duration(at: datetime, hours: int, expected: datetime) -> None:
    assert ONTARIO.later(at, timedelta(hours=hours)) == expected


@pytest.mark.parametrize(
    ("at", "hours", "expected"),
    [
        (toronto(MONDAY, "16:30"), 8, toronto(FRIDAY, "16:30")),
        (toronto(MONDAY, "10:00"), 4, toronto(FRIDAY, "14:00")),
        (toronto(SATURDAY, "12:00"), 8, toronto(FRIDAY, "09:00")),
    ],
)
def test_working_time_is_taken_away_as_a_duration(at: datetime, hours: int, expected: datetime) -> None:
    assert ONTARIO.earlier(at, timedelta(hours=hours)) == expected


@unhurried
@given(days, st.integers(0, 23), st.integers(1, 90 * 60))
def test_there_and_back_is_where_work_began(day: date, hour: int, minutes: int) -> None:
    at, working = datetime.combine(day, time(hour, 30), ONTARIO.zone), timedelta(minutes=minutes)

    # Between two days of work it is the same moment to the clock of work: the end of one, and the start of the next.
    back = ONTARIO.earlier(ONTARIO.later(at, working), working)

    assert ONTARIO.later(back, timedelta(minutes=1)) == ONTARIO.later(at, timedelta(minutes=1))


def test_where_nobody_ever_works_time_passes_as_it_is() -> None:
    never = WorkingTime(ZoneInfo("UTC"), HOURS, leave=((date.min, date.max),))
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)

    assert never.later(at, timedelta(hours=3)) == at + timedelta(hours=3)
    assert never.earlier(at, timedelta(hours=3)) == at - timedelta(hours=3)
