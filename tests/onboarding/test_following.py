"""A journey follows the people file: who is gone is asked for by nobody, and a first day that moves takes it along."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from tests.onboarding.conftest import (
    FIRST_DAY,
    Crew,
    begin,
    chat,
    journey,
    leave,
    local,
    offers,
    publish,
    sent,
    state,
    step,
    steps,
    tick,
    until,
)
from tests.talk import Talk
from tests.terminal import Terminal
from workbot.delivery import Message
from workbot.errors import WorkbotError
from workbot.onboarding import Journey, service
from workbot.people import Person, Role
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")
WEEK, FIVE_WEEKS = timedelta(weeks=1), timedelta(weeks=5)
JANUARY = FIRST_DAY + FIVE_WEEKS
ON_HOLD, GOES_ON = "En attente", "Reprise"
QUESTION = "La date est-elle encore exacte?"
NEWS = "New date"

Change = Callable[[Person], None]


def imported(talk: Talk, person: Person, **values: object) -> None:
    """What an import of the people file does."""
    with talk.database.session() as session:
        found = session.get_one(Person, person.id)
        for name, value in values.items():
            setattr(found, name, value)
        service.people_changed(session, now=talk.clock.now())
    talk.wait()


def listed(talk: Talk, person: Person, **values: object) -> None:
    """The same, where nobody has told the journeys."""
    with talk.database.session() as session:
        for name, value in values.items():
            setattr(session.get_one(Person, person.id), name, value)


@pytest.fixture
def key(talk: Talk, crew: Crew) -> UUID:
    """Noor's journey, for the first day that the people file has."""
    listed(talk, crew.noor, started_on=FIRST_DAY)
    crew.noor.started_on = FIRST_DAY
    made = begin(talk, crew.noor, buddy=crew.bea)
    until(talk, local(2026, 12, 1))
    return made


def texts(database: Database, *kinds: str) -> list[str]:
    """What was queued after all, of some kinds of messages."""
    with database.session() as session:
        found = session.exec(select(Message).where(Message.state != "withdrawn").order_by(Message.id))  # type: ignore[arg-type]
        return [message.key for message in found if any(kind in message.key for kind in kinds)]


@pytest.mark.parametrize("values", [{"active": False}, {"left_on": date(2026, 11, 30)}])
@pytest.mark.parametrize("how", [imported, listed])
def test_nobody_is_nudged_for_somebody_who_is_gone(
    talk: Talk, crew: Crew, database: Database, key: UUID, how: Callable[..., None], values: dict[str, object]
) -> None:
    before = [chat(talk, who) for who in (crew.max, crew.bea)]
    how(talk, crew.noor, **values)

    until(talk, local(2027, 2, 1))

    assert [chat(talk, who) for who in (crew.max, crew.bea)] == before
    assert texts(database, "reminder", "news") == []
    (card,) = talk.chat.cards("#it")
    assert offers(card) == []
    assert "Nothing is to be done until HR says so" in talk.reads("#it")
    assert len([text for text in chat(talk, crew.hana) if text.startswith(ON_HOLD)]) == 1
    assert state(database, key).is_paused


def test_hr_is_told_what_can_be_done(talk: Talk, crew: Crew, key: UUID) -> None:
    with talk.database.session() as session:
        session.get_one(Person, crew.hana.id).locale = "en"

    imported(talk, crew.noor, active=False)

    (said,) = [text for text in chat(talk, crew.hana) if text.startswith("On hold")]
    assert "Noor Ali is not in the people file any more" in said
    assert "cancel it" in said


def test_what_waits_for_the_morning_is_taken_back(talk: Talk, crew: Crew, database: Database) -> None:
    listed(talk, crew.noor, started_on=FIRST_DAY)
    until(talk, local(2026, 11, 29, 20))
    begin(talk, crew.noor, date(2026, 12, 2), buddy=crew.bea)
    assert chat(talk, crew.max) == []

    imported(talk, crew.noor, active=False)
    until(talk, local(2027, 1, 15))

    assert [chat(talk, who) for who in (crew.max, crew.bea)] == [[], []]


def test_who_comes_back_goes_on_and_nothing_is_overdue_at_once(
    talk: Talk, crew: Crew, database: Database, key: UUID
) -> None:
    imported(talk, crew.noor, active=False)
    until(talk, local(2026, 12, 8, 8))

    imported(talk, crew.noor, active=True)
    until(talk, local(2026, 12, 8, 12))

    assert [offers(card) for card in talk.cards(crew.max)] == [["Plan"]]
    assert texts(database, "reminder") == []
    assert len([text for text in chat(talk, crew.hana) if text.startswith(GOES_ON)]) == 1
    assert not state(database, key).is_paused
    until(talk, local(2026, 12, 31))
    assert len(sent(database, crew.max, "Reminder")) == 2


def test_a_second_leaving_is_told_again(talk: Talk, crew: Crew, key: UUID) -> None:
    for active in (False, True, False, False):
        imported(talk, crew.noor, active=active)
        talk.wait(timedelta(days=1))

    assert len([text for text in chat(talk, crew.hana) if text.startswith(ON_HOLD)]) == 2


def test_a_journey_about_leaving_goes_on_without_its_person(talk: Talk, crew: Crew, database: Database) -> None:
    with database.session() as session:
        publish(session, journey(step("collect", "desk:it", 1), step("pay", "hr", 5), name="farewell", leaving=True))
    listed(talk, crew.noor, left_on=FIRST_DAY)
    crew.noor.left_on = FIRST_DAY
    key = begin(talk, crew.noor, name="farewell")
    until(talk, local(2026, 12, 7, 20))

    imported(talk, crew.noor, active=False)
    until(talk, local(2026, 12, 31))

    assert not state(database, key).is_paused
    assert "Collect" in talk.reads("#it")
    assert not any(text.startswith((ON_HOLD, QUESTION)) for text in chat(talk, crew.hana))


def test_one_named_offboarding_is_about_leaving_whether_or_not_it_says_so() -> None:
    assert journey(name="offboarding").is_leaving
    assert not journey(name="offboarding", leaving=False).is_leaving
    assert not journey().is_leaving


@pytest.mark.parametrize("values", [{"active": False}, {"left_on": date(2026, 11, 20)}])
def test_no_journey_begins_for_somebody_who_has_left(
    talk: Talk, crew: Crew, database: Database, values: dict[str, object]
) -> None:
    listed(talk, crew.noor, **values)

    with pytest.raises(WorkbotError, match="does not work here any more"):
        begin(talk, crew.noor)


@pytest.mark.parametrize("how", [imported, listed])
def test_a_first_day_that_moves_takes_the_journey_along(
    talk: Talk, crew: Crew, database: Database, key: UUID, how: Callable[..., None]
) -> None:
    how(talk, crew.noor, started_on=JANUARY)

    until(talk, local(2027, 1, 4))
    assert state(database, key).key_date == JANUARY
    assert sent(database, crew.noor, "Sign") == []
    assert texts(database, "reminder") == []
    until(talk, local(2027, 2, 15))
    assert sent(database, crew.noor, "Sign")[0] == local(2027, 1, 11, 10)


def test_everyone_concerned_hears_of_the_new_day_once(talk: Talk, crew: Crew, database: Database, key: UUID) -> None:
    for _ in range(3):
        imported(talk, crew.noor, started_on=JANUARY)
        talk.wait(timedelta(days=1))

    for person in (crew.max, crew.bea):
        (said,) = [text for text in chat(talk, person) if text.startswith(NEWS)]
        assert "January 11, 2027" in said
    assert talk.reads("#it").count(NEWS) == 1
    assert not any(text.startswith(NEWS) for text in chat(talk, crew.noor))


def test_two_moves_in_one_night_are_heard_of_as_one(talk: Talk, crew: Crew, key: UUID) -> None:
    until(talk, local(2026, 12, 1, 20))
    imported(talk, crew.noor, started_on=FIRST_DAY + WEEK)
    imported(talk, crew.noor, started_on=JANUARY)

    until(talk, local(2026, 12, 2, 12))

    (said,) = [text for text in chat(talk, crew.max) if text.startswith(NEWS)]
    assert "January 11, 2027" in said


@pytest.mark.parametrize("day", [date(2026, 12, 2), date(2026, 10, 5)])
def test_an_earlier_day_tells_what_is_due_and_reminds_of_nothing_yet(
    talk: Talk, crew: Crew, database: Database, key: UUID, day: date
) -> None:
    imported(talk, crew.noor, started_on=day)
    talk.wait(timedelta(hours=2))

    assert state(database, key).key_date == day
    assert "Greet" in [title for card in talk.cards(crew.bea) for title in offers(card)]
    assert texts(database, "reminder") == []


def test_what_was_done_stays_done_when_the_day_moves(talk: Talk, crew: Crew, database: Database, key: UUID) -> None:
    until(talk, local(2026, 12, 2, 10))
    tick(talk, crew.max, "Plan")
    before = steps(database, key)["plan"].model_dump()

    imported(talk, crew.noor, started_on=JANUARY)
    until(talk, local(2027, 1, 20))

    assert steps(database, key)["plan"].model_dump() == before


def test_a_day_that_is_cleared_moves_nothing_and_hr_is_asked_once(
    talk: Talk, crew: Crew, database: Database, key: UUID
) -> None:
    for _ in range(3):
        imported(talk, crew.noor, started_on=None)
        talk.wait(timedelta(days=1))

    assert state(database, key).key_date == FIRST_DAY
    assert len([text for text in chat(talk, crew.hana) if text.startswith(QUESTION)]) == 1
    imported(talk, crew.noor, started_on=JANUARY)
    assert state(database, key).key_date == JANUARY


def test_a_day_that_hr_has_set_is_theirs_and_they_are_asked(
    talk: Talk, crew: Crew, database: Database, key: UUID
) -> None:
    with database.session() as session:
        service.move(session, session.get_one(Journey, key), FIRST_DAY + WEEK, now=talk.clock.now())

    imported(talk, crew.noor, started_on=JANUARY)
    assert state(database, key).key_date == FIRST_DAY + WEEK
    assert len([text for text in chat(talk, crew.hana) if text.startswith(QUESTION)]) == 1

    imported(talk, crew.noor, started_on=FIRST_DAY + WEEK)
    imported(talk, crew.noor, started_on=JANUARY)
    assert state(database, key).key_date == JANUARY


def test_a_manager_who_leaves_is_followed_by_the_one_of_the_people_file(
    talk: Talk, crew: Crew, database: Database, key: UUID
) -> None:
    until(talk, local(2026, 12, 2, 10))
    leave(database, crew.max)

    imported(talk, crew.noor, manager_id=crew.stan.id)
    talk.wait(timedelta(hours=1))

    assert [offers(card) for card in talk.cards(crew.stan)] == [["Plan"]]


def test_whoever_has_not_begun_carries_nothing_for_others(talk: Talk, crew: Crew, database: Database) -> None:
    for person in (crew.max, crew.bea):
        listed(talk, person, started_on=date(2026, 12, 10))
    key = begin(talk, crew.noor, buddy=crew.bea)
    until(talk, local(2026, 12, 7, 12))
    assert [chat(talk, who) for who in (crew.max, crew.bea)] == [[], []]
    assert "Plan" in "".join(chat(talk, crew.hana))

    until(talk, local(2026, 12, 31))
    assert steps(database, key)["review"].assignee_id == crew.max.id
    assert sent(database, crew.max, "Review")[0] >= local(2026, 12, 10)


def test_of_hr_too_only_who_is_here_is_told(talk: Talk, crew: Crew, database: Database, key: UUID) -> None:
    with database.session() as session:
        session.add(Role(person_id=crew.stan.id, name="hr"))
        session.get_one(Person, crew.stan.id).started_on = date(2027, 6, 1)

    imported(talk, crew.noor, active=False)

    assert chat(talk, crew.stan) == []


def test_an_import_at_the_command_line_tells_hr_of_who_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(tmp_path, monkeypatch)
    rest = "email,name,started_on,roles\nhana@city.example,Hana Roy,,hr\nmax@city.example,Max Roy,,\n"
    terminal.write("all.csv", f"{rest}noor@city.example,Noor Ali,2030-05-06,\n")
    terminal.write("rest.csv", rest)
    terminal.does("people", "import", "all.csv", "--yes")
    terminal.does("definitions", "enable", "journeys", "new-hire")
    terminal.does("journey", "start", "new-hire", "noor@city.example", "--on", "2030-05-06")

    terminal.does("people", "import", "rest.csv", "--yes")

    with terminal.session() as session:
        said = [message.key for message in session.exec(select(Message))]
        assert len([key for key in said if key.startswith("hr-about:")]) == 1
        assert session.exec(select(Journey)).one().is_paused
