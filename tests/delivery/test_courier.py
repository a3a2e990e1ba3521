"""Messages go out once, in order, when people work, and fall to the next surface when one is closed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlmodel import Session, col, select

from tests.talk import Recorder, Talk, hire, open_place
from workbot import delivery
from workbot.cards import Card
from workbot.db import Database
from workbot.delivery import Message, State
from workbot.delivery.courier import MOST_ATTEMPTS, Courier, pause, release
from workbot.errors import DeliveryError
from workbot.people import Account, Leave, Person
from workbot.router import Router
from workbot.scheduler import Jobs

DATABASES = ("sqlite", "postgresql")

MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def talk(database: Database) -> Talk:
    return Talk(database, Router(), Jobs(), at=MONDAY)


@pytest.fixture
def ada(database: Database) -> Person:
    with database.session() as session:
        return hire(session, "Ada Roy")


def queue(talk: Talk, person: Person, title: str, **options: object) -> None:
    with talk.database.session() as session:
        told: dict[str, object] = {"key": title, "now": talk.clock.now()} | options
        delivery.tell(session, person, Card(title), **told)  # type: ignore[arg-type]


def states(database: Database) -> list[str]:
    with database.session() as session:
        return list(session.exec(select(Message.state).order_by(col(Message.id))))


def test_the_same_key_is_queued_once(talk: Talk, ada: Person) -> None:
    queue(talk, ada, "Hello")
    queue(talk, ada, "Hello")
    talk.wait()

    assert talk.sees(ada) == "Hello"


def test_a_person_gets_messages_in_the_order_they_were_written(talk: Talk, ada: Person) -> None:
    for number in range(30):
        queue(talk, ada, f"{number:02}")
    talk.wait()

    assert talk.sees(ada).split() == sorted(talk.sees(ada).split())


def test_a_card_told_again_takes_the_place_of_the_earlier(talk: Talk, ada: Person) -> None:
    queue(talk, ada, "Open", subject="request:1")
    talk.wait()
    queue(talk, ada, "Taken", subject="request:1")
    talk.wait()

    assert talk.sees(ada) == "Taken"


def test_a_card_not_yet_sent_is_superseded_by_the_next_of_its_subject(
    talk: Talk, ada: Person, database: Database
) -> None:
    queue(talk, ada, "Open", subject="request:1")
    queue(talk, ada, "Taken", subject="request:1")
    talk.wait()

    assert states(database) == [State.WITHDRAWN, State.SENT]
    assert [parcel.card.title for parcel in talk.chat.parcels] == ["Taken"]


def test_a_channel_gets_the_card_in_its_own_language(talk: Talk, database: Database) -> None:
    with database.session() as session:
        open_place(session, "it", locale="fr")
        delivery.tell_place(session, "it", lambda place: Card(f"in {place.locale}"), key="k", now=MONDAY)
    talk.wait()

    assert talk.reads("#it") == "in fr"


def test_what_is_due_later_waits(talk: Talk, ada: Person) -> None:
    queue(talk, ada, "Friday", due=MONDAY + timedelta(days=4))

    talk.wait(timedelta(days=3))
    assert talk.sees(ada) == ""
    talk.wait(timedelta(days=2))
    assert talk.sees(ada) == "Friday"


def test_a_message_for_working_hours_is_held_until_the_person_works(
    talk: Talk, ada: Person, database: Database
) -> None:
    with database.session() as session:
        session.add(Leave(person_id=ada.id, first_day=MONDAY.date(), last_day=MONDAY.date()))
    queue(talk, ada, "Survey", working_hours=True)

    talk.wait(timedelta(hours=24))

    assert talk.sees(ada) == "Survey"
    assert talk.chat.parcels[0].key == "Survey"
    with database.session() as session:
        sent_at = session.exec(select(Message.sent_at)).one()
    assert sent_at == datetime(2026, 11, 24, 14, tzinfo=UTC)  # Tuesday, 09:00 in Toronto


def test_who_left_gets_nothing(talk: Talk, ada: Person, database: Database) -> None:
    queue(talk, ada, "Hello")
    with database.session() as session:
        session.get_one(Person, ada.id).active = False
    talk.wait()

    assert talk.chat.parcels == []
    assert states(database) == [State.WITHDRAWN]


def test_an_expired_message_is_withdrawn(talk: Talk, ada: Person, database: Database) -> None:
    queue(talk, ada, "Hurry", due=MONDAY + HOUR, expires=MONDAY + HOUR)
    talk.wait(2 * HOUR)

    assert states(database) == [State.WITHDRAWN]


def test_a_refusal_for_good_falls_to_mail_and_is_remembered(talk: Talk, ada: Person, database: Database) -> None:
    talk.chat.refusals[f"chat:{ada.email}"] = DeliveryError("blocked", permanent=True)
    queue(talk, ada, "Hello")
    talk.wait()

    assert [card.title for card in talk.mail.cards(ada.email)] == ["Hello"]
    with database.session() as session:
        assert session.exec(select(Account.unreachable).where(Account.person_id == ada.id)).one() == "blocked"


def test_a_refusal_for_now_is_tried_again_after_the_time_it_names(talk: Talk, ada: Person) -> None:
    talk.chat.refusals[f"chat:{ada.email}"] = DeliveryError("busy", retry_after=timedelta(minutes=7))
    queue(talk, ada, "Hello")
    talk.wait(timedelta(minutes=6))
    talk.chat.refusals.clear()

    talk.wait(timedelta(seconds=59))
    assert talk.sees(ada) == ""
    talk.wait(timedelta(seconds=1))
    assert talk.sees(ada) == "Hello"


def test_a_message_that_always_fails_ends_and_holds_up_nobody(talk: Talk, ada: Person, database: Database) -> None:
    talk.chat.refusals[f"chat:{ada.email}"] = DeliveryError("broken")
    with database.session() as session:
        bob = hire(session, "Bob Lee")
    queue(talk, ada, "Poison")
    queue(talk, bob, "Fine")
    talk.wait(timedelta(days=2))

    assert talk.sees(bob) == "Fine"
    assert states(database)[0] == State.FAILED
    with database.session() as session:
        assert session.exec(select(Message.attempts).order_by(col(Message.id))).first() == MOST_ATTEMPTS


def test_an_adapter_with_a_bug_does_not_stop_the_courier(talk: Talk, ada: Person, database: Database) -> None:
    class Broken(Recorder):
        async def deliver(self, parcel: object) -> str:
            raise KeyError("bug")

    courier = Courier(database, {"chat": Broken()}, talk.clock)
    queue(talk, ada, "Hello")

    assert asyncio.run(courier.round())
    assert states(database) == [State.QUEUED]


def test_two_couriers_never_send_the_same_message(database: Database, ada: Person, talk: Talk) -> None:
    couriers = [Courier(database, {"chat": talk.chat}, talk.clock) for _ in range(2)]
    for number in range(40):
        queue(talk, ada, str(number))

    async def both() -> None:
        while any(await asyncio.gather(*(courier.round() for courier in couriers))):
            pass

    asyncio.run(both())
    assert sorted(int(parcel.key) for parcel in talk.chat.parcels) == list(range(40))


def held(session: Session, state: State, *, resend: bool = True) -> Message:
    message = session.exec(select(Message)).one()
    message.state, message.claimed_by, message.platform = state, "a dead process", "chat"
    message.lease_until, message.resend_on_doubt = MONDAY, resend
    return message


@pytest.mark.parametrize(
    ("state", "takes_once", "resend", "then"),
    [
        (State.CLAIMED, False, False, State.QUEUED),
        (State.SENDING, True, False, State.QUEUED),
        (State.SENDING, False, True, State.QUEUED),
        (State.SENDING, False, False, State.UNKNOWN),
    ],
)
def test_what_a_dead_process_held_is_settled(
    talk: Talk, ada: Person, database: Database, state: State, takes_once: bool, resend: bool, then: State
) -> None:
    queue(talk, ada, "Hello")
    talk.chat.takes_once = takes_once
    with database.session() as session:
        held(session, state, resend=resend)

    with database.session() as session:
        release(session, platforms={"chat": talk.chat}, before=MONDAY + HOUR)

    assert states(database) == [then]


def test_a_process_that_lost_its_lease_cannot_write_the_outcome(talk: Talk, ada: Person, database: Database) -> None:
    class Slow(Recorder):
        async def deliver(self, parcel: object) -> str:
            with database.session() as session:
                held(session, State.SENDING)
                release(session, platforms={}, before=None)
            return "late"

    queue(talk, ada, "Hello")
    asyncio.run(Courier(database, {"chat": Slow()}, talk.clock).round())

    assert states(database) == [State.QUEUED]


def test_a_subject_is_found_by_the_reference_of_its_message(talk: Talk, ada: Person, database: Database) -> None:
    queue(talk, ada, "Open", subject="request:1")
    talk.wait()
    reference = talk.reference(f"chat:{ada.email}", "Open")

    found = asyncio.run(database.read(partial(delivery.subject_of, platform="chat", reference=reference)))

    assert found == "request:1"
    assert asyncio.run(database.read(partial(delivery.subject_of, platform="other", reference=reference))) == ""


def test_pauses_double_up_to_an_hour() -> None:
    assert [pause(attempt).total_seconds() for attempt in (1, 2, 3)] == [5, 10, 20]
    assert pause(40) == HOUR
