"""Help lists what there is, and settings are a person's own."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from sqlmodel import select

from tests.talk import Talk, asked, hire
from workbot import profile, requests
from workbot.jobs import Jobs
from workbot.people import Person
from workbot.router import Router
from workbot.storage.database import Database
from workbot.turns import Reject, Say

MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)


@pytest.fixture
def talk(database: Database) -> Talk:
    router = Router()
    router.include(requests.ROUTER)
    router.include(profile.ROUTER)
    router.include(profile.help_about(router))
    return Talk(database, router, Jobs(), at=MONDAY)


@pytest.fixture
def ada(database: Database) -> Person:
    with database.session() as session:
        return hire(session, "Ada Roy")


def stored(database: Database) -> Person:
    with database.session() as session:
        return session.exec(select(Person)).one()


@pytest.mark.parametrize("word", ["help", "HELP", "aide", "?", "/help"])
def test_help_lists_every_word_with_what_it_does(talk: Talk, ada: Person, word: str) -> None:
    talk.type(ada, word)

    assert "request [desk] [what it is about] – Ask a desk for something" in talk.sees(ada)
    assert "settings – Choose your language and your quiet hours" in talk.sees(ada)


def test_help_is_a_press_away_from_a_misunderstanding(talk: Talk, ada: Person) -> None:
    talk.type(ada, "abracadabra")
    talk.press(ada, "Show me what you can do")

    assert "What I can do" in talk.sees(ada)


def test_a_button_of_help_does_what_typing_does(talk: Talk, ada: Person) -> None:
    talk.type(ada, "help")

    assert asked(talk.press(ada, "Settings")).action == "profile.save"


def test_a_forged_command_is_refused(talk: Talk, ada: Person) -> None:
    talk.act(ada, "profile.command", "drop")

    assert "do not know this word" in talk.sees(ada)


def test_a_new_language_is_spoken_at_once(talk: Talk, ada: Person, database: Database) -> None:
    reply = talk.submit(ada, asked(talk.type(ada, "settings")), locale="fr")

    assert isinstance(reply, Say)
    assert reply.card.title == "Enregistré"
    assert stored(database).locale == "fr"


@pytest.mark.parametrize(("typed", "stored_as"), [("18:30", time(18, 30)), ("18h30", time(18, 30)), ("7", time(7))])
def test_quiet_hours_are_taken_as_people_write_them(
    talk: Talk, ada: Person, database: Database, typed: str, stored_as: time
) -> None:
    talk.submit(ada, asked(talk.type(ada, "settings")), quiet_from=typed, quiet_until="08:00")

    assert stored(database).quiet_from == stored_as


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"quiet_from": "half past six"}, "quiet_from"),
        ({"quiet_from": "25:00", "quiet_until": "08:00"}, "quiet_from"),
        ({"quiet_from": "18:00"}, "quiet_until"),
        ({"quiet_until": "08:00"}, "quiet_from"),
        ({"quiet_from": "08:00", "quiet_until": "08:00"}, "quiet_until"),
        ({"locale": "klingon"}, "locale"),
        ({"platform": "pigeon"}, "platform"),
    ],
)
def test_bad_settings_are_refused_at_their_field_and_change_nothing(
    talk: Talk, ada: Person, database: Database, values: dict[str, str], field: str
) -> None:
    reply = talk.submit(ada, asked(talk.type(ada, "settings")), **values)

    assert isinstance(reply, Reject)
    assert set(reply.errors) == {field}
    assert stored(database).quiet_from is None
