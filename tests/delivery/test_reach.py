"""Whoever a platform refuses is reached elsewhere, tried there again after a while, and seen to be back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from tests.delivery.test_sender import MONDAY, queue, states
from tests.talk import Talk, hire
from workbot.delivery import State
from workbot.errors import DeliveryError
from workbot.people import Account, Person, Role, close_accounts
from workbot.people.service import LAST_RETRY
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BLOCKED = DeliveryError("blocked", permanent=True)


def refuse(talk: Talk, person: Person, error: DeliveryError = BLOCKED) -> None:
    talk.chat.refusals[f"chat:{person.email}"] = error


def account(database: Database, person: Person) -> Account:
    with database.session() as session:
        return session.exec(select(Account).where(Account.person_id == person.id)).one()


def mailed(talk: Talk, person: Person) -> list[str]:
    return [card.title for card in talk.mail.cards(person.email)]


def test_who_was_refused_is_tried_again_after_a_while_and_is_back(talk: Talk, ada: Person, database: Database) -> None:
    refuse(talk, ada)
    queue(talk, ada, "First")
    talk.wait()
    talk.chat.refusals.clear()

    queue(talk, ada, "Second")
    talk.wait()
    assert mailed(talk, ada) == ["First", "Second"]

    talk.wait(HOUR)
    queue(talk, ada, "Third")
    talk.wait()
    assert talk.sees(ada) == "Third"
    assert (account(database, ada).unreachable, account(database, ada).retry_at) == ("", None)


def test_who_is_refused_again_is_tried_more_and_more_seldom(talk: Talk, ada: Person, database: Database) -> None:
    refuse(talk, ada)
    waits: list[timedelta] = []
    for number in range(10):
        queue(talk, ada, str(number))
        talk.wait()
        retry_at = account(database, ada).retry_at
        assert retry_at
        waits.append(retry_at - talk.clock.now())
        talk.wait(waits[-1])

    assert waits[:4] == [HOUR, HOUR, 2 * HOUR, 4 * HOUR]
    assert waits[-1] == LAST_RETRY
    assert account(database, ada).unreachable_since == MONDAY
    assert mailed(talk, ada) == [str(number) for number in range(10)]
    assert set(states(database)) == {State.SENT}


def test_who_acts_on_a_platform_is_tried_there_at_once(talk: Talk, ada: Person, database: Database) -> None:
    refuse(talk, ada)
    queue(talk, ada, "First")
    talk.wait()
    talk.chat.refusals.clear()

    talk.type(ada, "hello")
    queue(talk, ada, "Second")
    talk.wait()

    assert "Second" in talk.sees(ada)
    assert account(database, ada).unreachable == ""


def test_an_account_that_has_ended_is_not_tried(talk: Talk, ada: Person, database: Database) -> None:
    with database.session() as session:
        close_accounts(session, "chat", "", [ada.email], "deactivated", now=MONDAY)

    talk.type(ada, "hello")
    talk.wait(30 * DAY)
    queue(talk, ada, "Hello")
    talk.wait()

    assert mailed(talk, ada) == ["Hello"]


def test_an_account_that_ends_after_a_refusal_is_not_tried_any_more(
    talk: Talk, ada: Person, database: Database
) -> None:
    refuse(talk, ada)
    queue(talk, ada, "First")
    talk.wait()
    with database.session() as session:
        close_accounts(session, "chat", "", [ada.email], "deactivated", now=MONDAY)
    talk.chat.refusals.clear()

    talk.wait(30 * DAY)
    queue(talk, ada, "Second")
    talk.wait()

    assert mailed(talk, ada) == ["First", "Second"]


def test_a_message_that_is_wrong_itself_fails_and_its_recipient_stays_reachable(
    talk: Talk, ada: Person, database: Database
) -> None:
    refuse(talk, ada, DeliveryError("too large", rejected=True))
    queue(talk, ada, "Large")
    talk.wait()
    talk.chat.refusals.clear()
    queue(talk, ada, "Small")
    talk.wait()

    assert states(database) == [State.FAILED, State.SENT]
    assert talk.sees(ada) == "Small"


@pytest.mark.parametrize(("count", "told"), [(4, 0), (5, 1), (9, 1)])
def test_administrators_hear_once_when_many_cannot_be_reached_any_more(
    talk: Talk, database: Database, count: int, told: int
) -> None:
    with database.session() as session:
        david = hire(session, "David Chen")
        session.add(Role(person_id=david.id, name="admin"))
        people = [hire(session, f"Person N{number}") for number in range(count)]
    for person in people:
        refuse(talk, person)
        queue(talk, person, person.name)
    talk.wait(HOUR)

    assert talk.sees(david).count("Many people cannot be reached in Chat any more") == told
    assert talk.sees(david).count("blocked") == told


def test_of_many_accounts_a_few_refusals_alarm_nobody(talk: Talk, database: Database) -> None:
    with database.session() as session:
        david = hire(session, "David Chen")
        session.add(Role(person_id=david.id, name="admin"))
        people = [hire(session, f"Person N{number}") for number in range(400)]
    for person in people[:7]:
        refuse(talk, person)
        queue(talk, person, person.name)
    talk.wait(HOUR)

    assert "Many people" not in talk.sees(david)
