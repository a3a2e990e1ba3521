"""Messages go out once, in order, when people work, and fall to the next surface when one is closed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta
from functools import partial

import pytest
import structlog
from sqlmodel import col, select

from tests.talk import Recorder, Talk, hire, open_place
from workbot import delivery
from workbot.cards import Card
from workbot.delivery import Message, State, governor
from workbot.delivery.models import Priority, RateState
from workbot.delivery.outcomes import MOST_ATTEMPTS, pause
from workbot.delivery.sender import OutboxSender
from workbot.errors import DeliveryError
from workbot.people import Account, Leave, Person
from workbot.platforms import Limits, Outgoing
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")

MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


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
    assert [outgoing.card.title for outgoing in talk.chat.delivered] == ["Taken"]


def test_a_channel_gets_the_card_in_its_own_language(talk: Talk, database: Database) -> None:
    with database.session() as session:
        open_place(session, "it", locale="fr")
        delivery.tell_channel(session, "it", lambda place: Card(f"in {place.locale}"), key="k", now=MONDAY)
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
    assert talk.chat.delivered[0].key == "Survey"
    with database.session() as session:
        sent_at = session.exec(select(Message.sent_at)).one()
    assert sent_at == datetime(2026, 11, 24, 14, tzinfo=UTC)  # Tuesday, 09:00 in Toronto


def test_who_left_gets_nothing(talk: Talk, ada: Person, database: Database) -> None:
    queue(talk, ada, "Hello")
    with database.session() as session:
        session.get_one(Person, ada.id).active = False
    talk.wait()

    assert talk.chat.delivered == []
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


def test_an_adapter_with_a_bug_does_not_stop_the_sender(talk: Talk, ada: Person, database: Database) -> None:
    class Broken(Recorder):
        async def deliver(self, outgoing: object) -> str:
            raise KeyError("bug")

    sender = OutboxSender(database, {"chat": Broken()}, talk.clock)
    queue(talk, ada, "Hello")

    assert asyncio.run(sender.round())
    assert states(database) == [State.UNKNOWN]


def test_two_senders_never_send_the_same_message(database: Database, ada: Person, talk: Talk) -> None:
    senders = [OutboxSender(database, {"chat": talk.chat}, talk.clock) for _ in range(2)]
    for number in range(40):
        queue(talk, ada, str(number))

    async def both() -> None:
        while any(await asyncio.gather(*(sender.round() for sender in senders))):
            pass

    asyncio.run(both())
    assert sorted(int(outgoing.key) for outgoing in talk.chat.delivered) == list(range(40))


def die_while_sending(database: Database, *, resend: bool = True, is_update: bool = False) -> None:
    """Leave the only message as a process leaves it that dies between the platform's call and its answer."""
    with database.session() as session:
        message = session.exec(select(Message)).one()
        message.state, message.claimed_by, message.platform = State.SENDING, "a dead process", "chat"
        message.address, message.lane, message.attempts = "chat:ada.roy@city.example", "chat", 1
        message.lease_until, message.resend_on_doubt, message.is_update = MONDAY - DAY, resend, is_update
        governor.lane_row(session, "chat", db_now=MONDAY)


class Forgetful(Recorder):
    """Shows a message as often as it comes, and can be asked whether it came."""

    takes_once = False

    async def find(self, outgoing: Outgoing) -> str | None:
        return next((f"{outgoing.address}/found" for seen in self.delivered if seen.key == outgoing.key), None)


@pytest.mark.parametrize(
    ("takes_once", "resend", "is_update", "then"),
    [
        (True, False, False, State.SENT),
        (False, True, False, State.SENT),
        (False, False, True, State.SENT),
        (False, False, False, State.UNKNOWN),
    ],
    ids=["taken once", "twice is better than never", "changes what is there", "left to a person"],
)
def test_what_a_dead_process_was_sending_is_settled(
    talk: Talk, ada: Person, database: Database, takes_once: bool, resend: bool, is_update: bool, then: State
) -> None:
    queue(talk, ada, "Hello")
    talk.chat.takes_once = takes_once
    die_while_sending(database, resend=resend, is_update=is_update)

    talk.wait(timedelta(minutes=1))

    assert states(database) == [then]
    assert len(talk.chat.delivered) == (then == State.SENT)


@pytest.mark.parametrize("came", [True, False])
def test_a_platform_that_can_be_asked_settles_the_doubt(
    talk: Talk, ada: Person, database: Database, came: bool
) -> None:
    chat = Forgetful()
    if came:
        chat.delivered.append(Outgoing("Hello", "chat:ada.roy@city.example", Card("Hello"), "en"))
    queue(talk, ada, "Hello")
    die_while_sending(database, resend=False)

    rounds(OutboxSender(database, {"chat": chat}, talk.clock))

    assert states(database) == [State.SENT]
    assert [outgoing.key for outgoing in chat.delivered] == ["Hello"]


def test_a_lost_answer_is_a_doubt_and_not_a_failure(talk: Talk, ada: Person, database: Database) -> None:
    class Unsure(Forgetful):
        async def deliver(self, outgoing: Outgoing) -> str:
            await super().deliver(outgoing)
            raise DeliveryError("the connection broke", doubtful=True)

    chat = Unsure()
    queue(talk, ada, "Hello", resend_on_doubt=False)

    rounds(OutboxSender(database, {"chat": chat}, talk.clock))

    assert states(database) == [State.SENT]
    assert len(chat.delivered) == 1


def test_a_process_that_lost_its_lease_cannot_write_the_outcome(talk: Talk, ada: Person, database: Database) -> None:
    class Slow(Recorder):
        async def deliver(self, outgoing: object) -> str:
            with database.session() as session:
                row = session.exec(select(Message)).one()
                row.state, row.claimed_by = State.QUEUED, ""
            return "late"

    queue(talk, ada, "Hello")
    asyncio.run(OutboxSender(database, {"chat": Slow()}, talk.clock).round())

    assert states(database) == [State.QUEUED]


def test_an_earlier_attempt_of_the_same_process_cannot_write_either(
    talk: Talk, ada: Person, database: Database
) -> None:
    class Again(Recorder):
        async def deliver(self, outgoing: object) -> str:
            with database.session() as session:
                session.exec(select(Message)).one().attempts += 1
            return "late"

    queue(talk, ada, "Hello")
    asyncio.run(OutboxSender(database, {"chat": Again()}, talk.clock).round())

    assert states(database) == [State.SENDING]


def test_the_whole_lane_waits_as_long_as_the_platform_says(talk: Talk, ada: Person, database: Database) -> None:
    with database.session() as session:
        bob = hire(session, "Bob Lee")
    talk.chat.refusals[f"chat:{ada.email}"] = DeliveryError("too fast", retry_after=timedelta(minutes=7))
    queue(talk, ada, "First")
    talk.wait()
    queue(talk, bob, "Second")
    talk.chat.refusals.clear()

    talk.wait(timedelta(minutes=6))
    assert talk.sees(bob) == ""
    talk.wait(timedelta(minutes=2))
    assert (talk.sees(ada), talk.sees(bob)) == ("First", "Second")


def test_what_a_platform_asked_to_wait_for_is_not_overtaken(talk: Talk, ada: Person) -> None:
    for number in range(3):
        queue(talk, ada, f"Number {number}")
    talk.chat.refusals[f"chat:{ada.email}"] = DeliveryError("too fast", retry_after=timedelta(seconds=30))
    rounds(talk.sender)
    talk.chat.refusals.clear()

    talk.wait(timedelta(minutes=5))

    assert [outgoing.key for outgoing in talk.chat.delivered] == ["Number 0", "Number 1", "Number 2"]


def test_an_answer_goes_before_a_campaign(talk: Talk, database: Database) -> None:
    with database.session() as session:
        people = [hire(session, f"Person {number}") for number in "ABC"]
    talk.chat.limits = Limits(per_second=1, burst=1)
    queue(talk, people[0], "Survey", priority=Priority.CAMPAIGN)
    queue(talk, people[1], "News")
    queue(talk, people[2], "Answer", priority=Priority.ANSWER)

    paced(talk, seconds=5)

    assert [outgoing.key for outgoing in talk.chat.delivered] == ["Answer", "News", "Survey"]


def test_a_lane_keeps_its_pace(talk: Talk, database: Database) -> None:
    with database.session() as session:
        people = [hire(session, f"Person {number}") for number in range(12)]
    talk.chat.limits = Limits(per_second=2, burst=2)
    for person in people:
        queue(talk, person, person.name)

    paced(talk, seconds=4)

    # Two at once, and then two a second.
    assert len(talk.chat.delivered) == 2 + 4 * 2


def test_one_conversation_is_not_crowded(talk: Talk, ada: Person, database: Database) -> None:
    with database.session() as session:
        bob = hire(session, "Bob Lee")
    talk.chat.limits = Limits(conversation=((2, 10.0),))
    for number in range(5):
        queue(talk, ada, str(number))
    queue(talk, bob, "Bob")

    paced(talk, seconds=1)
    assert talk.sees(bob) == "Bob"
    assert len(talk.chat.delivered) == 3
    paced(talk, seconds=22)
    assert talk.sees(ada).split() == ["0", "1", "2", "3", "4"]


def test_changes_have_a_pace_of_their_own(talk: Talk, database: Database) -> None:
    with database.session() as session:
        people = [hire(session, f"Person {number}") for number in range(4)]
    for person in people:
        queue(talk, person, f"{person.name} open", subject="request:1")
    talk.wait()
    talk.chat.limits = Limits(updates_per_second=1, burst=1)
    for person in people:
        queue(talk, person, f"{person.name} taken", subject="request:1")
        queue(talk, person, f"{person.name} news")

    paced(talk, seconds=2)

    titles = [outgoing.card.title for outgoing in talk.chat.delivered[4:]]
    assert sum("taken" in title for title in titles) == 3
    assert sum("news" in title for title in titles) == 4


def test_a_refused_lane_waits_and_goes_slower_only_where_refusals_go_on(database: Database) -> None:
    at, limits = MONDAY, Limits(per_second=8, burst=8)
    with database.session() as session:
        pace = governor.lane_row(session, "chat", db_now=at)
        for second in range(12):
            began = at + timedelta(seconds=2 * second)
            governor.went_well(pace, limits, 4, db_now=began)
            told = governor.Throttle(began, began, timedelta(seconds=1), "too fast")
            # Those that were on their way together count once.
            governor.throttled(pace, limits, [told, told], db_now=began)
            assert pace.paused_until == began + timedelta(seconds=1)
            assert second > 1 or governor.interval(pace, limits) == timedelta(seconds=1 / 8)
        assert governor.interval(pace, limits) > timedelta(seconds=1 / 4)
        for minute in range(1, 100):
            governor.went_well(pace, limits, 30, db_now=at + timedelta(minutes=minute))
        assert (pace.slowness, pace.found) == (1, None)


def test_a_platform_that_is_down_is_left_alone_for_a_while(talk: Talk, database: Database) -> None:
    with database.session() as session:
        people = [hire(session, f"Person {number}") for number in range(40)]
    for person in people:
        talk.chat.refusals[f"chat:{person.email}"] = DeliveryError("503")
        queue(talk, person, person.name)
    talk.wait(timedelta(minutes=10))

    with database.session() as session:
        pace = session.exec(select(RateState)).one()
        assert pace.paused_until
        assert pace.reason == "503"
    talk.chat.refusals.clear()
    talk.wait(timedelta(hours=1))
    assert len(talk.chat.delivered) == 40


def test_quiet_hours_hold_what_is_no_answer(talk: Talk, database: Database) -> None:
    with database.session() as session:
        ada = hire(session, "Ada Roy", quiet_from=time(8), quiet_until=time(12))  # 14:00 UTC is 09:00 there
    queue(talk, ada, "News")
    queue(talk, ada, "Answer", priority=Priority.ANSWER)

    talk.wait()
    assert talk.sees(ada) == "Answer"
    talk.wait(3 * HOUR)
    assert "News" in talk.sees(ada)


def test_nobody_is_disturbed_too_often_in_a_day(talk: Talk, ada: Person, database: Database) -> None:
    sender = OutboxSender(database, {"chat": talk.chat}, talk.clock, a_day=2)
    for number in range(5):
        queue(talk, ada, str(number), working_hours=True)
    queue(talk, ada, "closing today", working_hours=True, expires=MONDAY + 6 * HOUR)
    queue(talk, ada, "urgent")
    for day, expected in ((0, 4), (1, 6), (2, 7)):
        talk.clock.at = MONDAY + timedelta(days=day)
        rounds(sender)
        assert len(talk.chat.delivered) == expected


def test_logs_name_the_turn_that_a_message_came_from(talk: Talk, ada: Person, database: Database) -> None:
    with database.session() as session:
        session.info["trace"] = "t123"
        delivery.tell(session, ada, Card("Hello"), key="k", now=MONDAY)
    with structlog.testing.capture_logs() as logs:
        rounds(talk.sender)

    assert [list(line["sent"]) for line in logs if line["event"] == "messages.sent"] == [["t123"]]


def rounds(sender: OutboxSender) -> None:
    asyncio.run(until_nothing_is_due(sender))


async def until_nothing_is_due(sender: OutboxSender) -> None:
    while await sender.round():
        pass


def paced(talk: Talk, *, seconds: int) -> None:
    """Let time pass as a running sender lives it: from one moment at which something is due to the next."""
    asyncio.run(live(talk, until=talk.clock.at + timedelta(seconds=seconds)))


async def live(talk: Talk, *, until: datetime) -> None:
    await until_nothing_is_due(talk.sender)
    while talk.clock.at < until:
        due = await talk.sender.next_due() or until
        talk.clock.at = min(until, max(due, talk.clock.at + timedelta(seconds=0.05)))
        await until_nothing_is_due(talk.sender)


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
