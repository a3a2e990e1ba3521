"""A journey begins: who gets which checklist, in which language, and who stands in for nobody."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlmodel import Session, select

from tests.onboarding.conftest import (
    MONDAY,
    STEPS,
    Crew,
    begin,
    chat,
    journey,
    leave,
    local,
    offers,
    publish,
    step,
    steps,
    until,
)
from tests.talk import Talk, hire
from workbot import definitions, onboarding
from workbot.cards import plain_text
from workbot.errors import Gone, WorkbotError
from workbot.onboarding import service
from workbot.onboarding.assignment import missing
from workbot.onboarding.models import Journey
from workbot.onboarding.queries import steps_of
from workbot.people import Channel, Person, Role
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")
SOON = date(2026, 11, 24)


def lacks(database: Database, key: object) -> tuple[str, ...]:
    def read(session: Session) -> tuple[str, ...]:
        there = service.journey_of(session, str(key))
        return missing(session, there, steps_of(session, there), now=MONDAY)

    return database.run_here(read)


def test_a_desk_hears_of_its_steps_in_its_channel_by_whatever_name(talk: Talk, crew: Crew, database: Database) -> None:
    with database.session() as session:
        session.exec(select(Channel).where(Channel.role == "agent:it")).one().name = "service-desk"

    begin(talk, crew.noor, SOON, buddy=crew.bea)

    assert "Order" in talk.reads("#it")


def test_what_would_be_due_by_now_is_told_at_once(talk: Talk, crew: Crew) -> None:
    begin(talk, crew.noor, SOON, buddy=crew.bea)

    assert [offers(card) for card in talk.chat.cards("#it")] == [["Order"]]
    assert [offers(card, "Terminé") for card in talk.cards(crew.hana)] == [["File (fr)"]]
    assert [offers(card) for card in talk.cards(crew.max)] == [["Plan"]]
    assert [offers(card) for card in talk.cards(crew.bea)] == [["Greet"]]
    assert chat(talk, crew.noor) == []


def test_before_anything_is_due_nobody_hears_of_it(talk: Talk, crew: Crew) -> None:
    begin(talk, crew.noor, buddy=crew.bea)

    assert talk.chat.delivered == []


def test_each_carrier_has_one_checklist_that_grows(talk: Talk, crew: Crew) -> None:
    begin(talk, crew.noor, buddy=crew.bea)

    until(talk, local(2026, 12, 31))

    checklists = {
        person.first_name: [card for card in talk.cards(person) if "Show all" not in plain_text(card) and offers(card)]
        for person in (crew.noor, crew.max, crew.bea)
    }
    assert [offers(card) for card in checklists["Noor"]] == [["Sign", "Train"]]
    assert [offers(card) for card in checklists["Max"]] == [["Plan", "Review"]]
    assert [offers(card) for card in checklists["Bea"]] == [["Greet"]]


def test_a_checklist_that_grew_is_spoken_of(talk: Talk, crew: Crew) -> None:
    begin(talk, crew.noor, buddy=crew.bea)

    until(talk, local(2026, 12, 9))

    assert sum("New step: Train" in said for said in chat(talk, crew.noor)) == 1
    assert not any("New step: Sign" in said for said in chat(talk, crew.noor))


def test_the_cards_say_whose_journey_it_is(talk: Talk, crew: Crew) -> None:
    begin(talk, crew.noor, date(2026, 11, 23), buddy=crew.bea)
    talk.wait(timedelta(hours=1))

    assert chat(talk, crew.max)[0].startswith("Arriving · Noor Ali")
    assert "First day: November 23, 2026" in chat(talk, crew.max)[0]
    (own,) = chat(talk, crew.noor)
    assert own.startswith("Arriving\n")
    assert "Welcome!" in own
    assert "Manager: Max Roy" in own
    assert "Buddy: Bea Fox" in own


def test_who_reads_french_is_told_in_french(talk: Talk, crew: Crew) -> None:
    begin(talk, crew.noor, SOON)

    (card,) = chat(talk, crew.hana)
    assert card.startswith("Arriver · Noor Ali")
    assert "Comment file." in card
    assert "à faire le mardi 17 novembre" in card


def test_a_channel_is_told_in_its_own_language(talk: Talk, crew: Crew, database: Database) -> None:
    with database.session() as session:
        session.exec(select(Channel)).one().locale = "fr"

    begin(talk, crew.noor, SOON)

    assert "Arriver · Noor Ali" in talk.reads("#it")


def test_without_a_buddy_the_manager_stands_in(talk: Talk, crew: Crew, database: Database) -> None:
    key = begin(talk, crew.noor, SOON)

    assert [offers(card) for card in talk.cards(crew.max)] == [["Plan", "Greet"]]
    assert lacks(database, key) == ("buddy",)


def test_without_a_manager_too_hr_stands_in(talk: Talk, crew: Crew, database: Database) -> None:
    with database.session() as session:
        session.get_one(Person, crew.noor.id).manager_id = None

    key = begin(talk, crew.noor, SOON)

    assert [offers(card, "Terminé") for card in talk.cards(crew.hana)] == [["File (fr)", "Plan (fr)", "Greet (fr)"]]
    assert lacks(database, key) == ("buddy", "manager")


def test_a_step_for_which_there_is_nobody_waits_until_there_is(talk: Talk, crew: Crew, database: Database) -> None:
    with database.session() as session:
        session.delete(session.exec(select(Role).where(Role.name == "hr")).one())
    key = begin(talk, crew.noor, SOON, buddy=crew.bea)
    assert not steps(database, key)["file"].told
    assert lacks(database, key) == ("hr",)

    with database.session() as session:
        session.add(Role(person_id=crew.stan.id, name="hr"))
    until(talk, local(2026, 11, 24, 10))

    assert [offers(card) for card in talk.cards(crew.stan)] == [["File"]]


def test_nobody_of_hr_carries_hr_s_part_in_their_own_journey_if_another_can(talk: Talk, crew: Crew) -> None:
    with talk.database.session() as session:
        amy = hire(session, "Amy Abel", manager_id=crew.max.id)
        session.add(Role(person_id=amy.id, name="hr"))

    begin(talk, amy, SOON)

    assert chat(talk, amy) == []
    assert len(chat(talk, crew.hana)) == 1


@pytest.mark.parametrize(("employment", "has_it"), [("permanent", True), (" Permanent", True), ("student", False)])
def test_a_step_is_for_those_of_whom_its_conditions_hold(
    talk: Talk, crew: Crew, database: Database, employment: str, has_it: bool
) -> None:
    with database.session() as session:
        session.get_one(Person, crew.noor.id).employment = employment

    key = begin(talk, crew.noor)

    assert ("confirm" in steps(database, key)) is has_it


def test_every_line_of_a_condition_must_hold_and_free_columns_count(talk: Talk, crew: Crew, database: Database) -> None:
    both = {"union": ("écoles", "parks"), "location": ("North",)}
    with database.session() as session:
        publish(session, journey(step("sign", "hire", 0), step("meet", "hire", 1, when=both)))
        session.get_one(Person, crew.noor.id).attributes = {"union": "Ecoles"}
        stan = session.get_one(Person, crew.stan.id)
        stan.attributes, stan.location = {"union": "PARKS"}, "north"

    assert set(steps(database, begin(talk, crew.noor))) == {"sign"}
    assert set(steps(database, begin(talk, crew.stan))) == {"sign", "meet"}


def test_a_journey_without_a_step_for_this_person_is_not_begun(talk: Talk, crew: Crew, database: Database) -> None:
    with database.session() as session:
        publish(session, journey(step("meet", "hire", 1, when={"location": ("North",)})))

    with pytest.raises(WorkbotError, match="No step"):
        begin(talk, crew.noor)

    assert database.run_here(lambda session: service.running(session, "arrival", crew.noor)) is None


def test_nobody_is_twice_on_the_same_journey(talk: Talk, crew: Crew) -> None:
    begin(talk, crew.noor)

    with pytest.raises(WorkbotError, match="already"):
        begin(talk, crew.noor)


def test_of_several_who_start_it_at_the_same_moment_one_does(talk: Talk, crew: Crew, database: Database) -> None:
    def start(session: Session, _number: int) -> UUID:
        noor = session.get_one(Person, crew.noor.id)
        return service.start(session, "arrival", noor, SOON, now=MONDAY).id

    async def everybody() -> list[object]:
        starts = (database.run(partial(start, _number=number)) for number in range(5))
        return await asyncio.gather(*starts, return_exceptions=True)

    found = asyncio.run(everybody())

    assert [type(one) for one in found].count(WorkbotError) == 4
    with database.session() as session:
        assert len(session.exec(select(Journey)).all()) == 1


def test_who_has_left_begins_nothing(talk: Talk, crew: Crew, database: Database) -> None:
    leave(database, crew.noor)

    with pytest.raises(WorkbotError, match="does not work here"):
        begin(talk, crew.noor)


def test_nobody_is_their_own_buddy(talk: Talk, crew: Crew) -> None:
    with pytest.raises(WorkbotError, match="own buddy"):
        begin(talk, crew.noor, buddy=crew.noor)


def test_a_journey_that_is_not_defined_cannot_begin(talk: Talk, crew: Crew) -> None:
    with pytest.raises(Gone):
        begin(talk, crew.noor, name="nowhere")


@pytest.mark.parametrize("name", ["new-hire", "offboarding"])
def test_the_shipped_journeys_run_from_end_to_end(talk: Talk, crew: Crew, database: Database, name: str) -> None:
    with database.session() as session:
        publish(session, definitions.read_all(onboarding.KIND, None)[name])
        session.get_one(Person, crew.noor.id).employment = "permanent"
    key = begin(talk, crew.noor, name=name, buddy=crew.bea)

    until(talk, local(2027, 6, 1))

    assert all(step.told and step.reminded for step in steps(database, key).values())


def test_a_definition_edited_afterwards_changes_no_journey_under_way(
    talk: Talk, crew: Crew, database: Database
) -> None:
    before = begin(talk, crew.noor)
    with database.session() as session:
        publish(session, journey(step("dance", "hire", 0), title={"en": "Party", "fr": "Fête"}))
    after = begin(talk, crew.stan)

    until(talk, local(2026, 12, 7, 10))

    assert "Arriving" in chat(talk, crew.noor)[0]
    assert set(steps(database, before)) == {row["id"] for row in STEPS if row["id"] != "confirm"}
    assert set(steps(database, after)) == {"dance"}
    assert "Dance" in chat(talk, crew.stan)[0]
