"""When a desk is reminded: by its own working time, whoever is on leave."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from tests.talk import hire
from workbot import definitions, requests
from workbot.jobs import Job
from workbot.people import Calendar, DayOff, Leave, Person
from workbot.people.calendar import open_default_calendar
from workbot.requests import service

TORONTO, VANCOUVER = ZoneInfo("America/Toronto"), ZoneInfo("America/Vancouver")
# A Monday, half an hour before the office closes.
LATE = datetime(2026, 11, 23, 16, 30, tzinfo=TORONTO)


@pytest.fixture
def mei(session: Session) -> Person:
    open_default_calendar(session, region="CA-ON")
    return hire(session, "Mei Lin")


def nudged_at(session: Session, mei: Person, **desk: object) -> datetime:
    """When the agents of the desk are reminded of a request of that moment."""
    facilities = definitions.read_all(requests.KIND, None)["facilities"]
    definitions.publish(session, requests.KIND, facilities.model_copy(update=desk), now=LATE)
    service.open_request(session, "facilities", mei, "A lamp", {}, now=LATE)
    return session.exec(select(Job.due_at).where(Job.kind == "requests.nudge")).one()


def test_eight_working_hours_end_where_they_began_a_day_later(session: Session, mei: Person) -> None:
    assert nudged_at(session, mei) == datetime(2026, 11, 24, 16, 30, tzinfo=TORONTO)


def test_the_leave_of_who_asked_holds_up_nobody(session: Session, mei: Person) -> None:
    session.add(Leave(person_id=mei.id, first_day=date(2026, 11, 23), last_day=date(2026, 12, 4)))

    assert nudged_at(session, mei) == datetime(2026, 11, 24, 16, 30, tzinfo=TORONTO)


def test_a_day_off_of_everybody_is_the_desks_too(session: Session, mei: Person) -> None:
    session.add(DayOff(day=date(2026, 11, 24), name="Moving day"))

    assert nudged_at(session, mei) == datetime(2026, 11, 25, 16, 30, tzinfo=TORONTO)


def test_a_desk_has_a_calendar_and_a_zone_of_its_own(session: Session, mei: Person) -> None:
    session.add(Calendar(name="weekend", hours={"6": ["08:00", "12:00"], "7": ["08:00", "12:00"]}))

    found = nudged_at(session, mei, calendar="weekend", timezone="America/Vancouver")

    assert found == datetime(2026, 11, 29, 12, 0, tzinfo=VANCOUVER)
    assert found.tzinfo == UTC


def test_of_a_calendar_that_there_is_not_everybodys_is_taken(session: Session, mei: Person) -> None:
    assert nudged_at(session, mei, calendar="nowhere") == datetime(2026, 11, 24, 16, 30, tzinfo=TORONTO)
