"""How messages find their lane: a few at a time beside what is sent, or as lanes without limits take them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlmodel import Session, col, select

from tests.blank import BlankServer
from tests.talk import Counting, Recorder, hire, serve
from workbot import delivery
from workbot.cards import Card
from workbot.clock import SystemClock
from workbot.delivery import Message, State, governor, sending
from workbot.delivery import lanes as the_lanes
from workbot.delivery import sender as the_sender
from workbot.delivery.claiming import Claim, Claimed
from workbot.delivery.models import UNROUTED, Priority, RateState
from workbot.delivery.outcomes import Report
from workbot.delivery.routing import Recipients, Target, Waiting
from workbot.delivery.sender import FEWEST, OutboxSender
from workbot.people import Person
from workbot.platforms import Limits, Outgoing, Platform
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")

MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MANY = 40


def queue_mixed(session: Session, count: int) -> list[Person]:
    """Messages for so many people, by mail and in the chat in turn; none has a lane yet."""
    people = [hire(session, f"Person N{number}") for number in range(count)]
    for number, person in enumerate(people):
        to = "email" if number % 2 else ""
        delivery.tell(session, person, Card("Hello"), key=str(number), platform=to, now=MONDAY)
    return people


def claim(
    database: Database, lane: str, *, most: int = MANY, finds_lanes: bool = True, limits: Limits | None = None
) -> Claimed:
    chat = Recorder()
    chat.limits = limits or Limits()
    platforms: dict[str, Platform] = {"chat": chat, "email": Recorder("email")}
    wish = Claim(
        lane, platforms, claimed_by="me", most=most, fewest=FEWEST, a_day=6, now=MONDAY, rate_now=MONDAY, at=0.0,
        ahead=timedelta(), lease_until=MONDAY + MINUTE, finds_lanes=finds_lanes,
    )  # fmt: skip
    return database.run_here(wish.take)


def lanes(database: Database) -> list[tuple[str, str]]:
    with database.session() as session:
        return list(session.exec(select(Message.lane, Message.state).order_by(col(Message.id))).all())


def test_a_claim_that_finds_lanes_takes_its_own_and_shows_the_others_their_way(database: Database) -> None:
    with database.session() as session:
        queue_mixed(session, 4)
        governor.lane_row(session, "email", db_now=MONDAY)

    claimed = claim(database, "email")

    assert [attempt.outgoing.key for attempt in claimed.attempts] == ["1", "3"]
    assert claimed.rerouted
    assert lanes(database) == [("chat", State.QUEUED), ("email", State.SENDING)] * 2
    with database.session() as session:
        assert the_lanes.busy(session, now=MONDAY) == ["chat"]


def test_a_claim_that_does_not_leaves_what_has_no_lane_alone(database: Database) -> None:
    with database.session() as session:
        queue_mixed(session, 2)
        governor.lane_row(session, "email", db_now=MONDAY)

    assert not claim(database, "email", finds_lanes=False).changed
    assert lanes(database) == [(UNROUTED, State.QUEUED)] * 2


def test_what_was_due_first_goes_first_whether_it_has_its_lane_or_not(database: Database) -> None:
    with database.session() as session:
        queue_mixed(session, 4)
    database.run_here(partial(the_lanes.route, platforms={"email": Recorder("email"), "chat": Recorder()}, now=MONDAY))
    with database.session() as session:
        early, urgent = hire(session, "Early Bird"), hire(session, "Ann Swer")
        delivery.tell(session, early, Card("Hello"), key="early", platform="email", now=MONDAY - MINUTE)
        delivery.tell(
            session, urgent, Card("Hello"), key="urgent", platform="email", priority=Priority.ANSWER, now=MONDAY
        )

    sent = [claim(database, "email", most=1).attempts[0].outgoing.key for _ in range(4)]
    assert sent == ["urgent", "early", "1", "3"]


def test_a_second_message_does_not_go_while_the_first_is_shown_its_way(blank_server: BlankServer) -> None:
    database = Database(blank_server.copy())
    with database.session() as session:
        ada = hire(session, "Ada Roy")
        delivery.tell(session, ada, Card("Hello"), key="first", now=MONDAY)
        governor.lane_row(session, "chat", db_now=MONDAY)

    with database.session() as routing:
        the_lanes.route(routing, {"chat": Recorder()}, now=MONDAY)
        database.run_here(partial(delivery.tell, person=ada, card=Card("Hello"), key="second", now=MONDAY))
        assert not claim(database, "chat").attempts

    assert [attempt.outgoing.key for attempt in claim(database, "chat").attempts] == ["first"]
    database.close()


def test_one_recipient_never_has_two_under_way(database: Database) -> None:
    with database.session() as session:
        ada = hire(session, "Ada Roy")
        delivery.tell(session, ada, Card("Hello"), key="first", now=MONDAY)
    database.run_here(partial(the_lanes.route, platforms={"chat": Recorder()}, now=MONDAY))
    with database.session() as session:
        delivery.tell(session, ada, Card("Hello"), key="second", now=MONDAY)

    assert [attempt.outgoing.key for attempt in claim(database, "chat").attempts] == ["first"]
    assert not claim(database, "chat").attempts


def test_who_has_moved_to_another_platform_opens_its_lane(database: Database) -> None:
    """Nothing was ever sent there: the lane must be served from now on."""
    with database.session() as session:
        ada = hire(session, "Ada Roy")
        delivery.tell(session, ada, Card("Hello"), key="hello", now=MONDAY)
    with database.session() as session:
        session.exec(select(Message)).one().lane = "email"
        governor.lane_row(session, "email", db_now=MONDAY)

    claim(database, "email", finds_lanes=False)

    with database.session() as session:
        assert set(session.exec(select(RateState.lane))) == {"email", "chat"}
        assert the_lanes.busy(session, now=MONDAY) == ["chat"]


def test_processes_may_open_a_lane_at_the_same_moment(database: Database) -> None:
    together = Barrier(4)

    def slowly(session: Session) -> None:
        governor.lane_row(session, "chat", db_now=MONDAY)
        time.sleep(0.1)

    def open_it(_number: int) -> None:
        together.wait()
        database.run_here(slowly)

    with ThreadPoolExecutor(4) as processes:
        list(processes.map(open_it, range(4)))

    with database.session() as session:
        assert list(session.exec(select(RateState.lane))) == ["chat"]


def test_no_more_are_under_way_than_the_platform_takes_at_once(database: Database) -> None:
    with database.session() as session:
        queue_mixed(session, 20)
    database.run_here(partial(the_lanes.route, platforms={"chat": Recorder()}, now=MONDAY))
    few = Limits(at_once=3)

    claimed = [claim(database, "chat", finds_lanes=False, limits=few) for _ in range(2)]
    assert [len(one.attempts) for one in claimed] == [3, 0]

    arrived = Report("chat", "me", [(attempt, "there") for attempt in claimed[0].attempts[:2]])
    database.run_here(partial(arrived.write, now=MONDAY, rate_now=MONDAY, db_now=MONDAY))
    assert len(claim(database, "chat", finds_lanes=False, limits=few).attempts) == 2


def test_new_messages_and_changes_of_old_ones_count_together(database: Database) -> None:
    with database.session() as session:
        people = [hire(session, f"Person N{number}") for number in range(4)]
        governor.lane_row(session, "chat", db_now=MONDAY)
        for person in people[:2]:
            delivery.tell(session, person, Card("Open"), key=person.name, subject="request:1", now=MONDAY)
    arrived = Report("chat", "me", [(attempt, "there") for attempt in claim(database, "chat").attempts])
    database.run_here(partial(arrived.write, now=MONDAY, rate_now=MONDAY, db_now=MONDAY))
    with database.session() as session:
        for person in people:
            delivery.tell(session, person, Card("Taken"), key=f"{person.name} 2", subject="request:1", now=MONDAY)

    attempts = claim(database, "chat", limits=Limits(at_once=3)).attempts
    assert [bool(attempt.outgoing.reference) for attempt in attempts] == [True, True, False]


@pytest.mark.parametrize("limits", [Limits(at_once=2), Limits(per_second=1, burst=2)])
def test_of_a_long_queue_no_more_is_looked_at_than_may_go(
    database: Database, monkeypatch: pytest.MonkeyPatch, limits: Limits
) -> None:
    looked_at = list[int]()
    target = Recipients.target

    def counted(self: Recipients, row: Waiting, platforms: Collection[str]) -> Target | None:
        looked_at.append(row.id)
        return target(self, row, platforms)

    with database.session() as session:
        queue_mixed(session, 4 * MANY)
    database.run_here(partial(the_lanes.route, platforms={"chat": Recorder()}, now=MONDAY))
    monkeypatch.setattr(Recipients, "target", counted)

    assert len(claim(database, "chat", most=2 * MANY, finds_lanes=False, limits=limits).attempts) == 2
    assert len(looked_at) < MANY


class Busy(Recorder):
    """Takes nothing before something has happened."""

    def __init__(self, name: str, *, until: asyncio.Event) -> None:
        super().__init__(name)
        self.until = until
        self.is_asked = asyncio.Event()

    async def deliver(self, outgoing: Outgoing) -> str:
        self.is_asked.set()
        await self.until.wait()
        return await super().deliver(outgoing)


@pytest.mark.parametrize("senders", [1, 2])
def test_a_long_queue_for_lanes_with_and_without_a_pace_goes_out_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, senders: int
) -> None:
    monkeypatch.setattr(the_lanes, "ROUTED_AT_ONCE", 8)
    with database.session() as session:
        queue_mixed(session, 2 * MANY)

    async def both() -> None:
        mail, chat = Counting("email", enough=MANY), Counting(enough=MANY)
        chat.limits = Limits(per_second=1000, burst=1000)
        workers = [OutboxSender(database, {"email": mail, "chat": chat}, SystemClock()) for _ in range(senders)]
        await asyncio.gather(*(serve(worker, mail.has_enough, chat.has_enough) for worker in workers))
        assert sorted(map(int, mail.keys + chat.keys)) == list(range(2 * MANY))

    asyncio.run(both())
    assert {state for _lane, state in lanes(database)} == {State.SENT}


def test_a_lane_without_a_pace_that_is_held_up_does_not_keep_the_others_from_theirs(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(the_lanes, "ROUTED_AT_ONCE", 8)
    monkeypatch.setattr(the_sender, "CHUNK", 4)
    monkeypatch.setattr(the_sender, "IDLE_SECONDS", 0.02)
    monkeypatch.setattr(sending, "SLOW_SECONDS", 60.0)
    with database.session() as session:
        queue_mixed(session, 2 * MANY)

    async def work() -> None:
        chat = Counting(enough=MANY)
        chat.limits = Limits(per_second=1000, burst=1000)
        mail = Busy("email", until=chat.has_enough)
        await serve(OutboxSender(database, {"email": mail, "chat": chat}, SystemClock()), chat.has_enough)
        assert sorted(map(int, chat.keys)) == list(range(0, 2 * MANY, 2))

    asyncio.run(work())


def test_an_answer_does_not_wait_for_a_long_queue_without_lanes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(the_lanes, "ROUTED_AT_ONCE", 8)
    monkeypatch.setattr(the_sender, "CHUNK", 4)
    monkeypatch.setattr(the_sender, "IDLE_SECONDS", 60.0)
    monkeypatch.setattr(sending, "SLOW_SECONDS", 60.0)
    with database.session() as session:
        people = [hire(session, f"Person N{number}") for number in range(MANY)]
        for person in people:
            delivery.tell(
                session, person, Card("News"), key=person.name, platform="email", priority=Priority.CAMPAIGN, now=MONDAY
            )

    async def answer() -> None:
        chat = Counting()
        chat.limits = Limits(per_second=1000, burst=1000)
        mail = Busy("email", until=chat.has_enough)
        sender = OutboxSender(database, {"email": mail, "chat": chat}, SystemClock())
        serving = asyncio.create_task(serve(sender, chat.has_enough))
        await mail.is_asked.wait()
        await database.run(
            lambda session: delivery.tell(
                session, people[-1], Card("Answer"), key="answer", priority=Priority.ANSWER, now=MONDAY
            )
        )
        await serving
        assert chat.keys == ["answer"]

    asyncio.run(answer())
