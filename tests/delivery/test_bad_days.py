"""Bad days: platforms that misbehave, clocks that jump, disks that are full, and long queues."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlmodel import Session, col, func, select

from tests.bench.outbox import fill
from tests.delivery.test_sender import MONDAY, queue, states
from tests.postoffice.platform import Counter as Office
from tests.postoffice.platform import PostOffice, open_office
from tests.talk import Recorder, Talk, hire
from workbot.clock import SetClock
from workbot.delivery import Message, State, governor, reconciler, sender, sending
from workbot.delivery.models import RateState
from workbot.delivery.sender import OutboxSender
from workbot.errors import DeliveryError
from workbot.people import Person
from workbot.platforms import Limits
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")
HOUR = timedelta(hours=1)
# In which way the post office behaves, and whether the message was not to be had at once.
MOODS = [
    "500",
    "throttle",
    "throttle-1",
    "reset",
    "hang",
    "reset-after",
    "hang-after",
    "garbage-after",
]


class ChatOffice(PostOffice):
    """The post office under the name of the recording platform, on which `hire` gives people their accounts."""

    name = "chat"


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with open_office() as counter:
        yield counter


def live(database: Database, clock: SetClock, url: str, *, minutes: int = 120, seconds: float = 0.3) -> None:
    """Let a sender work for some made-up minutes."""

    async def work() -> None:
        chat = ChatOffice(url, seconds=seconds)
        sender = OutboxSender(database, {"chat": chat}, clock)
        for _ in range(minutes):
            while await sender.round():
                pass
            if not await sender.next_due() and not _open(database):
                break
            clock.move_to(clock.now() + timedelta(minutes=1))
        await chat.close()

    asyncio.run(work())


def _open(database: Database) -> bool:
    return any(state in (State.QUEUED, State.SENDING, State.UNKNOWN) for state in states(database))


@pytest.mark.parametrize("mood", MOODS)
def test_whatever_the_platform_does_a_message_arrives_once(
    talk: Talk, ada: Person, database: Database, office: Office, mood: str
) -> None:
    key = f"{mood} {database.embedded}"
    queue(talk, ada, key)
    office.be(mood)

    live(database, talk.clock, office.url)

    assert states(database) == [State.SENT]
    assert office.keys()[key] == 1


def test_what_a_platform_will_never_take_fails_for_a_reason(
    talk: Talk, ada: Person, database: Database, office: Office
) -> None:
    queue(talk, ada, "never")
    office.be("not-ok")

    live(database, talk.clock, office.url)

    with database.session() as session:
        message = session.exec(select(Message)).one()
        assert (message.state, message.reason) == (State.FAILED, "no platform reaches them")
    assert "never" not in set(office.keys())


def test_a_platform_whose_name_does_not_resolve_is_tried_until_it_does(
    talk: Talk, ada: Person, database: Database, office: Office
) -> None:
    queue(talk, ada, "lost name")

    live(database, talk.clock, "http://post-office.invalid", minutes=3)
    assert states(database) == [State.QUEUED]
    live(database, talk.clock, office.url)

    assert states(database) == [State.SENT]


def test_a_poisoned_message_does_not_hold_up_its_lane(talk: Talk, database: Database, office: Office) -> None:
    class Poisoned(ChatOffice):
        async def deliver(self, outgoing: object) -> str:
            if outgoing.key == "poison":  # type: ignore[attr-defined]
                raise ValueError("nobody can render this")
            return await super().deliver(outgoing)  # type: ignore[arg-type]

    with database.session() as session:
        people = [hire(session, f"Person N{number}") for number in range(20)]
    queue(talk, people[0], "poison", resend_on_doubt=False)
    for number, person in enumerate(people[1:]):
        queue(talk, person, f"sound {number}")

    async def one_round() -> None:
        chat = Poisoned(office.url)
        await OutboxSender(database, {"chat": chat}, talk.clock).round()
        await chat.close()

    asyncio.run(one_round())

    assert states(database).count(State.SENT) == 19


@pytest.mark.parametrize("shift", [HOUR, -HOUR], ids=["forward", "back"])
def test_a_lane_goes_on_when_the_clock_was_set(talk: Talk, database: Database, shift: timedelta) -> None:
    talk.chat.limits = Limits(per_second=1, burst=2)
    with database.session() as session:
        people = [hire(session, f"Person N{number}") for number in range(4)]
    for person in people[:2]:
        queue(talk, person, f"before {person.name}")
    talk.wait(timedelta(seconds=5))

    talk.clock.move_to(talk.clock.now() + shift)
    for person in people[2:]:
        queue(talk, person, f"after {person.name}")
    talk.wait(timedelta(seconds=5))

    assert states(database) == [State.SENT] * 4


def test_leases_outlast_a_clock_that_was_set_forward(
    database: Database, ada: Person, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = database.now
    sending = OutboxSender(database, {"chat": Recorder()}, talk.clock)
    asyncio.run(sending.round())
    queue(talk, ada, "under way")
    with database.session() as session:
        message = session.exec(select(Message)).one()
        message.state, message.claimed_by, message.attempts = State.SENDING, "another", 1
        message.lease_until = now(session) + sender.LEASE

    monkeypatch.setattr(database, "now", lambda session: now(session) + HOUR)
    asyncio.run(sending.round())
    assert states(database) == [State.SENDING]

    # Its process had the time of a lease to write down what became of it, and did not.
    monkeypatch.setattr(sending.reconciler, "_trusts_clock_at", 0.0)
    asyncio.run(sending.round())
    assert State.SENDING not in states(database)


@pytest.mark.parametrize("rate", [0.5, 8.75, 46.0])
@pytest.mark.parametrize("burst", [1, 3, 10])
def test_slots_of_all_claims_together_keep_the_limit(rate: float, burst: int) -> None:
    limits, db_now = Limits(per_second=rate, burst=burst), MONDAY
    pace = RateState(lane="x", post_at=db_now, update_at=db_now, changed_at=db_now)
    slots: list[datetime] = []
    for gap in (0.0, 0.1, 0.25, 0.5, 3.0, 0.01, 1.0, 0.4) * 5:
        db_now += timedelta(seconds=gap)
        given = governor.allowance(pace, limits, most=128, ahead=sender.AHEAD, db_now=db_now).posts
        slots += [db_now + timedelta(seconds=slot or 0) for slot in given]
        governor.spend(pace, limits, posts=len(given), updates=0, db_now=db_now)

    assert slots == sorted(slots)
    assert len(slots) > rate
    for first, moment in enumerate(slots):
        for last in range(first, len(slots)):
            span = (slots[last] - moment).total_seconds()
            assert last - first + 1 <= rate * span + burst + 1e-3  # moments are whole microseconds


def test_what_cannot_keep_its_slot_is_given_back_untried(
    talk: Talk, ada: Person, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.chat.limits = Limits(per_second=10)
    queue(talk, ada, "late")
    with monkeypatch.context() as held_up:
        held_up.setattr(sending, "LEAD_SECONDS", -10_000.0)
        talk.wait()
    with database.session() as session:
        message = session.exec(select(Message)).one()
        assert (message.state, message.attempts, message.claimed_by) == (State.QUEUED, 0, "")
    assert not talk.chat.delivered

    talk.wait(timedelta(minutes=1))
    assert states(database) == [State.SENT]


def test_fifty_thousand_at_once_are_claimed_as_quickly_as_fifty(database: Database) -> None:
    """The plan is what counts: no statement of a claim may read the whole queue."""
    database.run_here(partial(fill, count=50_000))
    clock = SetClock(MONDAY + timedelta(days=3650))
    sending = OutboxSender(database, {"post": Recorder()}, clock)
    sending.platforms["post"].name = "post"  # type: ignore[index, misc]

    async def two_rounds() -> None:
        await sending.round()
        await sending.round()

    asyncio.run(two_rounds())

    with database.session() as session:
        waiting = session.exec(select(func.count(col(Message.id))).where(Message.state == State.QUEUED)).one()
        sent = session.exec(select(func.count(col(Message.id))).where(Message.state == State.SENT)).one()
    assert (waiting + sent, sent) == (50_000, 2 * sender.CHUNK)


def test_one_with_a_long_queue_does_not_hold_up_those_behind(talk: Talk, ada: Person, database: Database) -> None:
    with database.session() as session:
        others = [hire(session, f"Person N{number}") for number in range(20)]
    for number in range(sender.CHUNK + 50):
        queue(talk, ada, f"long {number}")
    for person in others:
        queue(talk, person, f"behind {person.name}")

    asyncio.run(talk.sender.round())

    assert all(talk.sees(person) for person in [ada, *others])
    assert states(database).count(State.SENT) == 21


def test_doubts_that_cannot_be_looked_up_stay_and_let_others_pass(talk: Talk, database: Database) -> None:
    with database.session() as session:
        people = [hire(session, f"Person N{number}") for number in range(3)]
    for person in people:
        queue(talk, person, person.name, resend_on_doubt=False)
    with database.session() as session:
        _leave_in_doubt(session)

    found = {1: "there", 2: DeliveryError("cannot look"), 3: None}
    settled = database.run_here(partial(reconciler.reconcile, found=found, now=MONDAY))

    assert settled == 2
    assert states(database) == [State.SENT, State.UNKNOWN, State.QUEUED]


def _leave_in_doubt(session: Session) -> None:
    for message in session.exec(select(Message)):
        message.state, message.lease_until = State.UNKNOWN, MONDAY
