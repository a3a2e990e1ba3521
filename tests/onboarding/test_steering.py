"""HR steers a journey: another day, other people, an early end; and what happens when somebody leaves."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from tests.onboarding.conftest import (
    FIRST_DAY,
    Crew,
    begin,
    chat,
    leave,
    local,
    offers,
    sent,
    state,
    steps,
    tick,
    until,
)
from tests.talk import Talk, hire
from workbot.errors import WorkbotError
from workbot.onboarding import State, service
from workbot.people import Person, Role
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")
WEEK = timedelta(weeks=1)


def move(talk: Talk, key: UUID, on: date) -> None:
    with talk.database.session() as session:
        service.move(session, service.journey_of(session, key), on, now=talk.clock.now())
    talk.wait()


def change(talk: Talk, key: UUID, **people: Person) -> None:
    with talk.database.session() as session:
        service.change_people(session, service.journey_of(session, key), **people, now=talk.clock.now())
    talk.wait()


def cancel(talk: Talk, key: UUID) -> None:
    with talk.database.session() as session:
        service.cancel(session, service.journey_of(session, key), now=talk.clock.now())
    talk.wait()


def test_a_later_day_moves_what_is_open(talk: Talk, crew: Crew, database: Database) -> None:
    key = begin(talk, crew.noor, buddy=crew.bea)

    move(talk, key, FIRST_DAY + WEEK)
    until(talk, local(2026, 12, 31))

    assert sent(database, crew.bea, "Greet")[0] == local(2026, 12, 11)
    assert sent(database, crew.noor, "Sign")[0] == local(2026, 12, 14, 10)


def test_what_was_told_is_taken_back_until_its_new_time(talk: Talk, crew: Crew, database: Database) -> None:
    key = begin(talk, crew.noor, buddy=crew.bea)
    until(talk, local(2026, 12, 2, 10))
    assert offers(talk.cards(crew.max)[0]) == ["Plan"]

    move(talk, key, FIRST_DAY + WEEK)
    assert offers(talk.cards(crew.max)[0]) == []
    assert "The next step comes on Wednesday, December 9." in chat(talk, crew.max)[0]

    until(talk, local(2026, 12, 9, 10))
    assert offers(talk.cards(crew.max)[0]) == ["Plan"]
    assert sent(database, crew.max, "New step: Plan") == [local(2026, 12, 9)]
    assert sent(database, crew.max, "is waiting") == []


def test_what_is_done_stays_done(talk: Talk, crew: Crew, database: Database) -> None:
    key = begin(talk, crew.noor)
    until(talk, local(2026, 12, 2, 10))
    tick(talk, crew.max, "Plan")
    before = steps(database, key)["plan"]

    move(talk, key, FIRST_DAY + WEEK)

    assert steps(database, key)["plan"].model_dump() == before.model_dump()


def test_an_earlier_day_tells_at_once_what_is_now_due(talk: Talk, crew: Crew) -> None:
    key = begin(talk, crew.noor, buddy=crew.bea)

    move(talk, key, date(2026, 11, 24))

    assert [offers(card) for card in talk.cards(crew.bea)] == [["Greet"]]


def test_there_and_back_again_is_as_before(talk: Talk, crew: Crew, database: Database) -> None:
    key = begin(talk, crew.noor, buddy=crew.bea)
    before = {name: (row.due_at, row.overdue_at) for name, row in steps(database, key).items()}

    move(talk, key, FIRST_DAY + WEEK)
    move(talk, key, FIRST_DAY)

    assert {name: (row.due_at, row.overdue_at) for name, row in steps(database, key).items()} == before
    until(talk, local(2026, 12, 31))
    assert sent(database, crew.noor, "Sign")[0] == local(2026, 12, 7, 10)
    assert len(sent(database, crew.bea, "is waiting")) == 1


def test_a_new_manager_gets_what_is_open_and_the_old_one_is_relieved(
    talk: Talk, crew: Crew, database: Database
) -> None:
    key = begin(talk, crew.noor, buddy=crew.bea)
    until(talk, local(2026, 12, 3))

    change(talk, key, manager=crew.stan)
    until(talk, local(2026, 12, 3, 10))

    assert [offers(card) for card in talk.cards(crew.stan)] == [["Plan"]]
    (card,) = talk.cards(crew.max)
    assert offers(card) == []
    assert "Nothing is left to do here" in chat(talk, crew.max)[0]
    assert "0 of 0" not in chat(talk, crew.max)[0]


def test_who_takes_over_has_as_many_days_as_anyone(talk: Talk, crew: Crew, database: Database) -> None:
    key = begin(talk, crew.noor, buddy=crew.bea)
    until(talk, local(2026, 12, 3, 10))

    change(talk, key, manager=crew.stan)
    until(talk, local(2026, 12, 11))

    assert sent(database, crew.max, "is waiting") == []
    assert sent(database, crew.stan, "is waiting") == [local(2026, 12, 7)]


def test_what_the_old_manager_did_stays_theirs(talk: Talk, crew: Crew, database: Database) -> None:
    key = begin(talk, crew.noor)
    until(talk, local(2026, 12, 2, 10))
    tick(talk, crew.max, "Plan")

    change(talk, key, manager=crew.stan)

    assert steps(database, key)["plan"].assignee_id == crew.max.id
    assert steps(database, key)["review"].assignee_id == crew.stan.id
    assert "✓ Plan: done by Max Roy" in chat(talk, crew.max)[0]


def test_a_buddy_named_later_relieves_who_stood_in(talk: Talk, crew: Crew) -> None:
    key = begin(talk, crew.noor, date(2026, 11, 24))
    assert [offers(card) for card in talk.cards(crew.max)] == [["Plan", "Greet"]]

    change(talk, key, buddy=crew.bea)

    assert [offers(card) for card in talk.cards(crew.bea)] == [["Greet"]]
    until(talk, local(2026, 11, 24))
    assert [offers(card) for card in talk.cards(crew.max)] == [["Plan"]]
    assert "Buddy: Bea Fox" in chat(talk, crew.max)[0]


def test_nobody_becomes_their_own_buddy(talk: Talk, crew: Crew, database: Database) -> None:
    key = begin(talk, crew.noor)

    with pytest.raises(WorkbotError, match="own buddy"):
        change(talk, key, buddy=crew.noor)

    assert state(database, key).buddy_id is None


def test_a_cancelled_journey_says_so_and_asks_nothing_more(talk: Talk, crew: Crew, database: Database) -> None:
    key = begin(talk, crew.noor, buddy=crew.bea)
    until(talk, local(2026, 12, 2, 10))

    cancel(talk, key)
    until(talk, local(2027, 1, 31))

    assert state(database, key).state == State.CANCELLED
    assert ["This journey was cancelled." in said for said in chat(talk, crew.max)] == [True]
    assert "This journey was cancelled." in talk.reads("#it")
    assert offers(talk.cards(crew.max)[0]) == []
    assert chat(talk, crew.noor) == chat(talk, crew.bea) == []


@pytest.mark.parametrize("verb", [cancel, lambda talk, key: move(talk, key, FIRST_DAY + WEEK), change])
def test_what_has_ended_is_not_steered(talk: Talk, crew: Crew, verb: object) -> None:
    key = begin(talk, crew.noor)
    cancel(talk, key)

    with pytest.raises(WorkbotError, match="has ended"):
        verb(talk, key)  # type: ignore[operator]


def test_a_cancelled_journey_may_be_begun_anew(talk: Talk, crew: Crew, database: Database) -> None:
    cancel(talk, begin(talk, crew.noor))

    again = begin(talk, crew.noor)

    assert state(database, again).is_active


def test_when_the_buddy_leaves_the_manager_stands_in(talk: Talk, crew: Crew, database: Database) -> None:
    begin(talk, crew.noor, buddy=crew.bea)
    until(talk, local(2026, 12, 3))
    leave(database, crew.bea)

    until(talk, local(2026, 12, 4, 10))

    assert chat(talk, crew.bea) == []
    assert offers(talk.cards(crew.max)[0]) == ["Plan", "Greet"]


def test_who_leaves_with_steps_open_is_stood_in_for_the_next_time_something_happens(
    talk: Talk, crew: Crew, database: Database
) -> None:
    begin(talk, crew.noor, buddy=crew.bea)
    until(talk, local(2026, 12, 2, 10))
    leave(database, crew.max)

    until(talk, local(2026, 12, 4, 10))

    # Bea's step came up on the 4th.
    assert offers(talk.cards(crew.hana)[0], "Terminé") == ["File (fr)", "Plan (fr)"]
    until(talk, local(2026, 12, 31))
    assert sent(database, crew.hana, "Plan (fr)")[-1] == local(2026, 12, 17)


def test_what_hr_carries_stays_with_whom_it_was_given_to(talk: Talk, crew: Crew, database: Database) -> None:
    key = begin(talk, crew.noor, date(2026, 11, 24))
    with database.session() as session:
        session.add(Role(person_id=hire(session, "Abe Abel").id, name="hr"))

    until(talk, local(2026, 12, 31))

    assert steps(database, key)["file"].assignee_id == crew.hana.id
    assert len(sent(database, crew.hana, "vous attend")) == 1


def test_when_hr_changes_hands_the_next_one_is_told_and_the_last_relieved(
    talk: Talk, crew: Crew, database: Database
) -> None:
    begin(talk, crew.noor, date(2026, 11, 24))
    with database.session() as session:
        session.delete(session.exec(select(Role).where(Role.name == "hr")).one())
        session.add(Role(person_id=crew.stan.id, name="hr"))

    until(talk, local(2026, 11, 30))

    assert offers(talk.cards(crew.stan)[0]) == ["File"]
    assert offers(talk.cards(crew.hana)[0], "Terminé") == []
