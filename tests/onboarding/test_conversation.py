"""What people type and fill in: their own list, what they owe others, and HR's form."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.onboarding.conftest import Crew, begin, chat, journey, local, offers, publish, step, tick, until
from tests.talk import Talk, asked, buttons
from workbot.cards import plain_text
from workbot.onboarding import State, service
from workbot.people import Person
from workbot.storage.database import Database
from workbot.turns import Reject, Reply, Say

DATABASES = ("sqlite", "postgresql")


def said(reply: Reply) -> str:
    assert isinstance(reply, Say)
    return plain_text(reply.card)


def fill(talk: Talk, crew: Crew, **values: str) -> Reply:
    talk.type(crew.hana, "onboarding")
    form = asked(talk.press(crew.hana, "Commencer un parcours"))
    known = {"person": " NOOR.ALI@city.example ", "journey": "arrival", "on": "2026-12-07", "buddy": ""}
    return talk.submit(crew.hana, form, **(known | values))


def test_my_list_shows_what_is_done_due_and_later(talk: Talk, crew: Crew) -> None:
    begin(talk, crew.noor, date(2026, 11, 23))
    talk.wait(timedelta(hours=2))
    tick(talk, crew.noor, "Sign")

    list_ = said(talk.type(crew.noor, "onboarding"))

    assert "1 of 2 steps done" in list_
    assert "✓ Sign: done by Noor Ali, Nov 23" in list_
    assert "Later, on Wednesday, November 25: Train" in list_
    assert "Review" not in list_


@pytest.mark.parametrize("line", ["intégration", "INTEGRATION", "parcours", "onboarding"])
def test_it_is_called_in_french_too(talk: Talk, crew: Crew, database: Database, line: str) -> None:
    with database.session() as session:
        session.get_one(Person, crew.noor.id).locale = "fr"
    begin(talk, crew.noor)

    list_ = said(talk.type(crew.noor, line))

    assert list_.startswith("Votre parcours")
    assert "Plus tard, le lundi 7 décembre\N{NO-BREAK SPACE}: Sign (fr)" in list_
    assert "Étapes terminées\N{NO-BREAK SPACE}: 0 sur 2" in list_


def test_what_i_owe_others_is_listed_by_whose_it_is(talk: Talk, crew: Crew) -> None:
    begin(talk, crew.noor, date(2026, 11, 2))
    begin(talk, crew.stan, date(2026, 11, 24), buddy=crew.max)

    list_ = said(talk.type(crew.max, "onboarding"))

    before, noor, stan = list_.split("For others: Arriving · ")
    assert "[Done]" not in before
    assert noor.startswith("Noor Ali\nPlan\n")
    assert [title in noor for title in ("Greet", "Review")] == [True, True]
    assert stan.startswith("Stan Low\nGreet\n")


def test_a_desk_s_steps_are_every_agent_s(talk: Talk, crew: Crew) -> None:
    begin(talk, crew.noor, date(2026, 11, 24))

    assert "Order" in said(talk.type(crew.ivy, "onboarding"))
    assert "Order" not in said(talk.type(crew.stan, "onboarding"))


def test_very_much_is_counted_rather_than_listed(talk: Talk, crew: Crew, database: Database) -> None:
    with database.session() as session:
        publish(session, journey(*(step(f"do-{number}", "manager", 0) for number in range(17))))
    begin(talk, crew.noor, date(2026, 11, 2))

    reply = talk.type(crew.max, "onboarding")

    assert isinstance(reply, Say)
    assert len(offers(reply.card)) == 15
    assert "And 2 more steps." in said(reply)


def test_whoever_has_nothing_is_told_so(talk: Talk, crew: Crew) -> None:
    begin(talk, crew.noor)

    reply = talk.type(crew.stan, "onboarding")

    assert "No journey is under way for you" in said(reply)
    assert isinstance(reply, Say)
    assert buttons(reply.card) == []


def test_a_journey_that_ended_well_is_still_shown_a_cancelled_one_is_not(
    talk: Talk, crew: Crew, database: Database
) -> None:
    with database.session() as session:
        publish(session, journey(step("sign", "hire", 0)))
    begin(talk, crew.noor, date(2026, 11, 2))
    other = begin(talk, crew.stan, date(2026, 11, 2))
    tick(talk, crew.noor, "Sign")
    with database.session() as session:
        service.cancel(session, service.journey_of(session, other), now=talk.clock.now())

    assert "1 of 1 step done" in said(talk.type(crew.noor, "onboarding"))
    assert "No journey is under way" in said(talk.type(crew.stan, "onboarding"))


def test_the_news_of_a_step_leads_to_the_list(talk: Talk, crew: Crew) -> None:
    begin(talk, crew.noor)
    until(talk, local(2026, 12, 9, 10))

    list_ = said(talk.press(crew.noor, "Show all my steps"))

    assert list_.startswith("Your journey")


def test_hr_starts_a_journey_with_a_form(talk: Talk, crew: Crew, database: Database) -> None:
    reply = fill(talk, crew, buddy="bea.fox@city.example")

    started = said(reply)
    assert started.startswith("Parcours commencé\N{NO-BREAK SPACE}: Arriver · Noor Ali")
    assert "7 étapes sont prévues" in started
    assert "Premier jour: 7 décembre 2026" in started
    running = database.run_here(lambda session: service.running(session, "arrival", crew.noor))
    assert running
    assert (running.buddy_id, running.state, running.key_date) == (crew.bea.id, State.ACTIVE, date(2026, 12, 7))


def test_hr_hears_for_whom_there_is_nobody(talk: Talk, crew: Crew) -> None:
    started = said(fill(talk, crew))

    assert "Il n’y a personne pour\N{NO-BREAK SPACE}: parrain ou marraine." in started


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("person", "nobody@city.example", "Personne ici n’a cette adresse courriel."),
        ("person", "", "Une réponse est nécessaire ici."),
        ("journey", "nowhere", "Veuillez choisir dans la liste."),
        ("on", "soon", "Veuillez écrire une date"),
        ("on", "2028-12-07", "Donnez un jour à moins d’un an"),
        ("on", "9999-12-31", "Donnez un jour à moins d’un an"),
        ("buddy", "nobody@city.example", "Personne ici n’a cette adresse courriel."),
        ("buddy", "noor.ali@city.example", "Personne ne peut se parrainer soi-même."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    talk: Talk, crew: Crew, database: Database, field: str, value: str, problem: str
) -> None:
    reply = fill(talk, crew, **{field: value})

    assert isinstance(reply, Reject)
    assert list(reply.errors) == [field]
    assert reply.errors[field].startswith(problem)
    assert database.run_here(lambda session: service.running(session, "arrival", crew.noor)) is None


def test_who_is_on_it_already_is_named(talk: Talk, crew: Crew) -> None:
    begin(talk, crew.noor)

    reply = fill(talk, crew)

    assert isinstance(reply, Reject)
    assert reply.errors == {"person": "Noor Ali suit déjà ce parcours."}


def test_only_hr_starts_journeys(talk: Talk, crew: Crew, database: Database) -> None:
    talk.type(crew.hana, "onboarding")
    form = asked(talk.press(crew.hana, "Commencer un parcours"))

    pressed = talk.act(crew.max, "onboarding.form")
    sent = talk.submit(crew.max, form, person="noor.ali@city.example", journey="arrival", on="2026-12-07")

    for reply in (pressed, sent):
        assert isinstance(reply, Say)
        assert reply.refused
    assert database.run_here(lambda session: service.running(session, "arrival", crew.noor)) is None
    assert chat(talk, crew.noor) == []
