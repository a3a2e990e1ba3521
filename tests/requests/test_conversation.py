"""A request as its people live it: asked, taken, talked about, resolved, reopened."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from tests.talk import Talk, asked, hire, open_place
from workbot import definitions, requests
from workbot.cards import ChoiceField, Form, TextField, plain_text
from workbot.errors import NotAllowed, WorkbotError
from workbot.people import Person, Role
from workbot.requests import queries, service
from workbot.requests.models import Request, State
from workbot.settings import Settings
from workbot.storage.database import Database
from workbot.turns import Reject, Say

MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)
DATABASES = ("sqlite", "postgresql")
LAPTOP = {"kind": "broken", "urgency": "blocked", "description": "It <b>beeps</b> & =1+1"}


@dataclass
class Town:
    ada: Person
    luc: Person
    bob: Person
    eve: Person


@pytest.fixture
def town(database: Database) -> Town:
    """Ada and Luc (in French) ask; Bob and Eve answer for IT."""
    with database.session() as session:
        for desk in definitions.read_all(requests.KIND, None).values():
            definitions.publish(session, requests.KIND, desk, now=MONDAY)
        requests.prepare(session, Settings())
        for name in ("it", "hr", "facilities"):
            open_place(session, name)
        people = Town(
            hire(session, "Ada Roy"),
            hire(session, "Luc Roy", locale="fr"),
            hire(session, "Bob Lee"),
            hire(session, "Eve Fox"),
        )
        session.add_all(Role(person_id=agent.id, name="agent:it") for agent in (people.bob, people.eve))
    return people


@pytest.fixture
def talk(database: Database, town: Town) -> Talk:
    return Talk(database, requests.ROUTER, requests.JOBS, at=MONDAY)


@pytest.fixture
def opened(talk: Talk, town: Town) -> Iterator[str]:
    """Ada's request; its reference."""
    talk.submit(town.ada, asked(talk.type(town.ada, "request it Laptop will not start")), **LAPTOP)
    return "IT-1"


def the_request(database: Database, reference: str = "IT-1") -> Request:
    with database.session() as session:
        return session.exec(select(Request).where(Request.reference == reference)).one()


def test_a_request_begins_with_the_words_that_were_typed(talk: Talk, town: Town) -> None:
    form = asked(talk.type(town.ada, "request it Laptop will not start"))

    title = form.fields[0]
    assert isinstance(title, TextField)
    assert title.value == "Laptop will not start"


@pytest.mark.parametrize("line", ["request IT x", "demande ti x", "request informatique x", "DEMANDE it x"])
def test_a_desk_is_found_by_name_or_key(talk: Talk, town: Town, line: str) -> None:
    reply = talk.type(town.luc, line)

    found = "Centre de services TI" in str(reply)
    assert found


def test_without_a_desk_the_words_are_kept_while_one_is_chosen(talk: Talk, town: Town) -> None:
    talk.type(town.ada, "request my chair squeaks")
    form = asked(talk.press(town.ada, "Facilities"))

    assert isinstance(form.fields[0], TextField)
    assert form.fields[0].value == "my chair squeaks"


def test_it_gets_a_number_and_appears_in_the_channel_of_its_desk(talk: Talk, town: Town, opened: str) -> None:
    assert "IT-1 · Laptop will not start" in talk.sees(town.ada)
    assert "From: Ada Roy" in talk.reads("#it")
    assert "It <b>beeps</b> & =1+1" in talk.reads("#it")


def test_who_asks_and_who_works_see_each_change_in_place(talk: Talk, town: Town, opened: str) -> None:
    talk.press(town.bob, "Take it", place="#it")

    assert "Agent: Bob Lee" in talk.sees(town.ada)
    assert "Agent: Bob Lee" in talk.reads("#it")
    assert "Nobody yet" not in talk.reads("#it")


def test_words_in_the_thread_reach_the_other_side_and_are_not_echoed(talk: Talk, town: Town, opened: str) -> None:
    root = talk.reference("#it", "IT-1")
    talk.type(town.bob, "Is the light on?", place="#it", under=root)
    talk.type(town.ada, "It is red.", under=talk.reference(f"chat:{town.ada.email}", "IT-1 · Laptop"))

    assert "Is the light on?" in talk.sees(town.ada)
    assert "It is red." in talk.reads("#it")
    assert "Is the light on?" not in talk.reads("#it")
    assert "It is red." not in "\n".join(
        card.title + str(card.body) for card in talk.chat.cards(f"chat:{town.ada.email}")
    )


def test_messages_of_a_thread_stand_under_their_request(talk: Talk, town: Town, opened: str) -> None:
    talk.type(town.bob, "Hello", place="#it", under=talk.reference("#it", "IT-1"))

    told = [outgoing for outgoing in talk.chat.delivered if outgoing.card.title == "Bob Lee"]
    assert [outgoing.thread for outgoing in told] == [talk.reference(f"chat:{town.ada.email}", "IT-1 · Laptop")]


def test_an_internal_note_is_for_agents_only(talk: Talk, town: Town, opened: str) -> None:
    talk.submit(town.bob, asked(talk.press(town.bob, "Internal note", place="#it")), body="Third time this month")
    talk.press(town.ada, "Show all")

    assert "Third time this month" in talk.reads("#it")
    assert "Third time this month" not in talk.sees(town.ada)
    talk.press(town.bob, "Show all", place="#it")
    assert "Third time this month" in talk.sees(town.bob)


def test_resolved_reopened_and_closed(talk: Talk, town: Town, opened: str, database: Database) -> None:
    talk.submit(town.bob, asked(talk.press(town.bob, "Resolve", place="#it")), body="New battery")
    assert "State: Resolved" in talk.sees(town.ada)

    talk.press(town.ada, "Reopen")
    assert the_request(database).state == State.TAKEN

    talk.submit(town.bob, asked(talk.press(town.bob, "Resolve", place="#it")))
    talk.press(town.ada, "It works, thank you")
    assert the_request(database).state == State.CLOSED


def test_an_answer_to_a_resolved_request_reopens_it(talk: Talk, town: Town, opened: str, database: Database) -> None:
    talk.submit(town.bob, asked(talk.press(town.bob, "Resolve", place="#it")))
    talk.type(town.ada, "Still broken", under=talk.reference(f"chat:{town.ada.email}", "IT-1 · Laptop"))

    assert the_request(database).state == State.TAKEN
    assert "Still broken" in talk.reads("#it")


def test_what_is_left_as_resolved_closes_by_itself_after_working_days(
    talk: Talk, town: Town, opened: str, database: Database
) -> None:
    talk.submit(town.bob, asked(talk.press(town.bob, "Resolve", place="#it")))

    talk.wait(timedelta(days=6))
    assert the_request(database).state == State.RESOLVED
    talk.wait(timedelta(days=2))
    assert the_request(database).state == State.CLOSED


def test_reopening_stops_the_clock_of_the_earlier_resolution(
    talk: Talk, town: Town, opened: str, database: Database
) -> None:
    talk.submit(town.bob, asked(talk.press(town.bob, "Resolve", place="#it")))
    talk.press(town.ada, "Reopen")

    talk.wait(timedelta(days=20))
    assert the_request(database).state == State.TAKEN


def test_the_channel_is_nudged_once_when_nobody_takes_it(talk: Talk, town: Town, opened: str) -> None:
    talk.wait(timedelta(days=5))

    assert talk.reads("#it").count("Nobody has taken this yet") == 1


def test_nobody_is_nudged_about_what_was_taken(talk: Talk, town: Town, opened: str) -> None:
    talk.press(town.bob, "Take it", place="#it")
    talk.wait(timedelta(days=5))

    assert "Nobody has taken this yet" not in talk.reads("#it")


def test_it_can_be_handed_over_to_another_agent(talk: Talk, town: Town, opened: str, database: Database) -> None:
    talk.press(town.bob, "Take it", place="#it")
    form = asked(talk.press(town.bob, "Hand over", place="#it"))
    assert isinstance(form.fields[0], ChoiceField)
    assert [option.label for option in form.fields[0].options] == ["Eve Fox"]

    talk.submit(town.bob, form, agent=str(town.eve.id))
    assert the_request(database).assignee_id == town.eve.id


@pytest.mark.parametrize("when", [{"started_on": date(2026, 11, 24)}, {"left_on": date(2026, 11, 22)}])
def test_it_is_not_handed_over_to_who_is_not_here(
    talk: Talk, town: Town, opened: str, database: Database, when: dict[str, date]
) -> None:
    talk.press(town.bob, "Take it", place="#it")
    form = asked(talk.press(town.bob, "Hand over", place="#it"))
    with database.session() as session:
        session.get_one(Person, town.eve.id).sqlmodel_update(when)

    talk.submit(town.bob, form, agent=str(town.eve.id))

    assert the_request(database).assignee_id == town.bob.id


def test_a_form_with_bad_values_names_each(talk: Talk, town: Town) -> None:
    form = asked(talk.type(town.ada, "request it"))

    reply = talk.submit(town.ada, form, title=" ", kind="nonsense", description="x" * 100_000)

    assert isinstance(reply, Reject)
    assert set(reply.errors) == {"title", "kind", "urgency", "description"}
    assert "100" in reply.errors["description"]


def test_a_long_text_is_kept_whole_and_shown_short(talk: Talk, town: Town, database: Database) -> None:
    long = "é" * 9_999 + "!"
    talk.submit(town.ada, asked(talk.type(town.ada, "request it Long")), **(LAPTOP | {"description": long}))

    assert the_request(database).details["description"] == long
    assert long not in talk.reads("#it")
    talk.press(town.bob, "Show all", place="#it")
    assert long in talk.sees(town.bob)


@pytest.mark.parametrize(
    "action", ["take", "note_form", "resolve_form", "hand_over_form", "show", "reply_form", "reopen", "close", "cancel"]
)
def test_a_stranger_to_a_request_learns_nothing_of_it(
    talk: Talk, town: Town, opened: str, database: Database, action: str
) -> None:
    talk.act(town.luc, f"requests.{action}", "IT-1")

    assert "IT-1" in talk.sees(town.luc)
    assert "Laptop" not in talk.sees(town.luc)
    assert the_request(database).state == State.OPEN


def test_who_asks_cannot_do_the_agents_work(talk: Talk, town: Town, opened: str, database: Database) -> None:
    for action in ("take", "note_form", "resolve_form", "hand_over_form"):
        talk.act(town.ada, f"requests.{action}", "IT-1")
        assert "Only the agents of this desk can do that." in talk.sees(town.ada)
    assert the_request(database).state == State.OPEN


def test_agents_cannot_withdraw_for_another(talk: Talk, town: Town, opened: str, database: Database) -> None:
    talk.act(town.bob, "requests.cancel", "IT-1")

    assert the_request(database).state == State.OPEN


@pytest.mark.parametrize("value", ["", "IT-999", "'; DROP TABLE request; --", "IT-1:x", "𓀀" * 2000])
def test_forged_values_are_refused_kindly(talk: Talk, town: Town, opened: str, value: str) -> None:
    reply = talk.act(town.luc, "requests.show", value)

    assert isinstance(reply, Say)
    assert reply.card.tone == "warn"


def test_a_private_desk_is_seen_by_its_agents_only(talk: Talk, town: Town) -> None:
    talk.submit(town.ada, asked(talk.type(town.ada, "request hr Parental leave")), topic="leave")

    talk.act(town.bob, "requests.show", "HR-1")
    assert "Parental" not in talk.sees(town.bob)
    assert "Parental" in talk.reads("#hr")


def test_both_sides_read_their_own_language(talk: Talk, town: Town) -> None:
    talk.submit(town.luc, asked(talk.type(town.luc, "demande it Mon portable")), **LAPTOP)

    assert "Quelque chose ne fonctionne pas" in talk.sees(town.luc)
    assert "Something is broken" in talk.reads("#it")
    assert "En attente d’un agent" in talk.sees(town.luc)


def test_a_person_finds_their_requests_and_an_agent_the_queue(talk: Talk, town: Town, opened: str) -> None:
    talk.type(town.ada, "requests")
    assert "IT-1 · Laptop will not start" in talk.sees(town.ada)

    talk.type(town.bob, "requests")
    assert "IT Service Desk: one request waits" in talk.sees(town.bob)


def test_of_two_agents_at_once_one_gets_it(database: Database, town: Town, talk: Talk, opened: str) -> None:
    def take(agent: Person) -> str:
        try:
            with database.session() as session:
                service.take(session, queries.find_visible(session, "IT-1", agent), agent, now=MONDAY)
        except WorkbotError as error:
            return str(error)
        return "mine"

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(take, (town.bob, town.eve)))

    assert outcomes[1] == "mine"
    assert "a moment ago" in outcomes[0]


def test_numbers_have_neither_gaps_nor_doubles(database: Database, town: Town) -> None:
    def ask(_: int) -> int:
        with database.session() as session:
            return service.open_request(session, "it", town.ada, "x", {}, now=MONDAY).number

    with ThreadPoolExecutor(8) as threads:
        numbers = sorted(threads.map(ask, range(40)))

    assert numbers == list(range(1, 41))


def test_only_an_agent_of_the_desk_can_be_given_it(session: Session, town: Town) -> None:
    request = service.open_request(session, "it", town.ada, "x", {}, now=MONDAY)

    with pytest.raises(WorkbotError, match="not an agent"):
        service.hand_over(session, request, town.bob, town.luc, now=MONDAY)
    with pytest.raises(NotAllowed):
        service.resolve(session, request, town.luc, now=MONDAY)


def test_the_shipped_desks_ask_in_both_languages(session: Session, town: Town) -> None:
    forms = [form for desk in queries.desks(session) for form in _forms(desk)]

    assert len(forms) == 6
    assert all(field.label for form in forms for field in form.fields)


def _forms(desk: requests.definitions.DeskDefinition) -> list[Form]:
    from workbot.i18n import language
    from workbot.requests.forms import form

    return [form(desk, "", language(locale)) for locale in ("en", "fr")]


def test_what_shows_all_offers_no_more_of_it(talk: Talk, town: Town, opened: str) -> None:
    for person in (town.ada, town.bob):
        whole = talk.act(person, "requests.show", "IT-1")
        assert isinstance(whole, Say)
        assert "[Show all]" not in plain_text(whole.card)

    for number in range(13):
        talk.submit(town.ada, asked(talk.press(town.ada, "Write to the desk")), body=f"Word {number}")
    newest, earlier = (talk.act(town.ada, "requests.show", f"IT-1{page}") for page in ("", ":1"))
    assert isinstance(newest, Say)
    assert isinstance(earlier, Say)
    assert "[Show what came before]" in plain_text(newest.card)
    assert "[Show the newest]" not in plain_text(newest.card)
    assert "[Show the newest]" in plain_text(earlier.card)
