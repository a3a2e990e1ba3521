"""What time brings a journey: steps on the right local morning, one reminder each, and nothing lost or doubled."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.onboarding.conftest import (
    FIRST_DAY,
    ZONE,
    Crew,
    begin,
    chat,
    journey,
    local,
    offers,
    publish,
    sent,
    step,
    steps,
    tick,
    until,
)
from tests.talk import Talk
from workbot.onboarding import service
from workbot.people import DayOff, Leave, Person
from workbot.people.calendar import open_default_calendar
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")
DAY = timedelta(days=1)
REMINDER = "is waiting"


def set_up(database: Database, *wanted: dict[str, object]) -> None:
    with database.session() as session:
        publish(session, journey(*wanted))


def test_steps_come_up_around_the_day_at_their_local_time(talk: Talk, crew: Crew, database: Database) -> None:
    begin(talk, crew.noor, buddy=crew.bea)

    until(talk, local(2026, 12, 31))

    assert sent(database, crew.max, "Plan")[0] == local(2026, 12, 2)
    assert sent(database, crew.bea, "Greet")[0] == local(2026, 12, 4)
    assert sent(database, crew.noor, "Sign")[0] == local(2026, 12, 7, 10)
    assert sent(database, crew.noor, "New step: Train") == [local(2026, 12, 9)]
    assert sent(database, crew.max, "New step: Review") == [local(2026, 12, 14)]


def test_weekends_and_holidays_are_not_counted(talk: Talk, crew: Crew, database: Database) -> None:
    with database.session() as session:
        open_default_calendar(session, region="CA-ON")
        session.add(DayOff(day=date(2026, 12, 24), name="The day before"))
    set_up(database, step("before", "hire", -1), step("first", "hire", 0), step("after", "hire", 1))

    key = begin(talk, crew.noor, date(2026, 12, 25))

    # Friday the 25th is Christmas, Monday the 28th Boxing Day in lieu.
    found = steps(database, key)
    assert found["before"].due_at == local(2026, 12, 23)
    assert found["first"].due_at == local(2026, 12, 29)
    assert found["after"].due_at == local(2026, 12, 30)


def test_a_day_that_is_free_counts_as_the_next_one_that_is_not(talk: Talk, crew: Crew, database: Database) -> None:
    set_up(database, step("before", "hire", -1), step("first", "hire", 0, time="15:00"), step("after", "hire", 1))

    key = begin(talk, crew.noor, date(2026, 12, 5))

    found = steps(database, key)
    assert found["before"].due_at == local(2026, 12, 4)
    assert found["first"].due_at == local(2026, 12, 7, 15)
    assert found["after"].due_at == local(2026, 12, 8)


@pytest.mark.parametrize(("zone", "hour"), [("America/Vancouver", 17), ("America/Toronto", 14), ("Europe/Paris", 8)])
def test_the_local_time_is_the_hire_s(talk: Talk, crew: Crew, database: Database, zone: str, hour: int) -> None:
    set_up(database, step("sign", "hire", 0))
    with database.session() as session:
        session.get_one(Person, crew.noor.id).timezone = zone
    begin(talk, crew.noor)

    until(talk, local(2026, 12, 8))

    assert sent(database, crew.noor, "Sign") == [datetime(2026, 12, 7, hour, tzinfo=UTC)]


def test_others_hear_of_a_hire_s_morning_in_their_own_hours(talk: Talk, crew: Crew, database: Database) -> None:
    set_up(database, step("plan", "manager", 0))
    with database.session() as session:
        session.get_one(Person, crew.noor.id).timezone = "Europe/Paris"
    key = begin(talk, crew.noor)

    until(talk, local(2026, 12, 8))

    assert steps(database, key)["plan"].due_at == local(2026, 12, 7, zone=ZoneInfo("Europe/Paris"))
    assert sent(database, crew.max, "Plan") == [local(2026, 12, 7)]


@pytest.mark.parametrize("first_day", [date(2027, 3, 12), date(2027, 11, 5)])
def test_a_clock_change_moves_no_local_time(talk: Talk, crew: Crew, database: Database, first_day: date) -> None:
    set_up(database, step("before", "hire", 0), step("after", "hire", 1))
    begin(talk, crew.noor, first_day)

    until(talk, datetime.combine(first_day + 7 * DAY, datetime.min.time(), ZONE))

    (first, *_), (second, *_) = sent(database, crew.noor, "Before"), sent(database, crew.noor, "New step: After")
    assert [at.astimezone(ZONE).hour for at in (first, second)] == [9, 9]
    assert second - first != 3 * DAY


def test_a_reminder_comes_once_per_step_and_only_while_it_is_open(talk: Talk, crew: Crew, database: Database) -> None:
    begin(talk, crew.noor, buddy=crew.bea)
    until(talk, local(2026, 12, 4, 10))
    tick(talk, crew.bea, "Greet")

    until(talk, local(2027, 2, 1))

    # Two working days after Wednesday, three after Monday the 14th.
    assert sent(database, crew.max, REMINDER) == [local(2026, 12, 4), local(2026, 12, 17)]
    assert sent(database, crew.bea, REMINDER) == []
    assert len([said for said in talk.reads("#it").split("\n\n") if REMINDER in said]) == 1


def test_what_is_overdue_at_once_is_one_reminder(talk: Talk, crew: Crew, database: Database) -> None:
    set_up(database, step("sign", "hire", 0), step("train", "hire", 0))
    begin(talk, crew.noor)

    until(talk, local(2026, 12, 31))

    (reminder,) = [said for said in chat(talk, crew.noor) if "Reminder" in said]
    assert reminder.startswith("Reminder: 2 steps are waiting")
    assert "• Sign (due Monday, December 7)\n• Train (due Monday, December 7)" in reminder


def test_overdue_is_written_on_the_card(talk: Talk, crew: Crew) -> None:
    begin(talk, crew.noor)

    until(talk, local(2026, 12, 10, 9, 30))

    assert "Overdue: due Wednesday, December 9" in chat(talk, crew.noor)[0]
    assert "Overdue: due Monday" not in chat(talk, crew.noor)[0]


def outage(talk: Talk, moment: datetime) -> None:
    """Nothing runs until then."""
    talk.clock.at = moment.astimezone(UTC)
    talk.wait()


def test_after_three_days_without_a_scheduler_everything_is_told_once(
    talk: Talk, crew: Crew, database: Database
) -> None:
    begin(talk, crew.noor, buddy=crew.bea)
    until(talk, local(2026, 12, 6))

    outage(talk, local(2026, 12, 9, 12))
    outage(talk, local(2026, 12, 9, 12, 5))

    (card,) = talk.cards(crew.noor)
    assert offers(card) == ["Sign", "Train"]
    assert sent(database, crew.max, "Plan")[0] == local(2026, 12, 2)


def test_nobody_is_reminded_of_what_they_were_told_a_moment_ago(talk: Talk, crew: Crew, database: Database) -> None:
    set_up(database, step("sign", "hire", 0, remind_after_days=1))
    begin(talk, crew.noor)

    outage(talk, local(2026, 12, 10, 12))
    assert sent(database, crew.noor, REMINDER) == []

    until(talk, local(2026, 12, 31))
    assert sent(database, crew.noor, REMINDER) == [local(2026, 12, 11)]


@pytest.mark.parametrize("found", [local(2026, 12, 11, 18), local(2026, 12, 12, 11), local(2026, 12, 13, 23)])
def test_who_is_told_after_the_weekend_has_a_day_before_the_reminder(
    talk: Talk, crew: Crew, database: Database, found: datetime
) -> None:
    set_up(database, step("sign", "hire", 0, remind_after_days=1))
    outage(talk, found)
    begin(talk, crew.noor)

    until(talk, local(2026, 12, 31))

    assert sent(database, crew.noor, "Arriving")[0] == local(2026, 12, 14)
    assert sent(database, crew.noor, REMINDER) == [local(2026, 12, 15)]


def test_an_absence_of_the_hire_gives_nobody_else_more_time(talk: Talk, crew: Crew, database: Database) -> None:
    set_up(database, step("plan", "manager", 0))
    with database.session() as session:
        session.add(Leave(person_id=crew.noor.id, first_day=FIRST_DAY, last_day=FIRST_DAY + 10 * DAY))
    begin(talk, crew.noor)

    until(talk, local(2026, 12, 31))

    assert sent(database, crew.max, REMINDER) == [local(2026, 12, 10)]


def test_a_job_that_runs_again_tells_nothing_again(talk: Talk, crew: Crew, database: Database) -> None:
    key = begin(talk, crew.noor, date(2026, 11, 23))
    talk.wait(timedelta(hours=1))
    before = len(talk.chat.delivered)

    for again in (service.tell_due, service.remind):
        with database.session() as session:
            again(session, service.journey_of(session, key), now=talk.clock.now())
        talk.wait()

    assert len(talk.chat.delivered) == before
