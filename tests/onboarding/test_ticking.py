"""Ticking steps in the message: what everyone sees change, who may, and how a journey ends."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlmodel import Session, select

from tests.onboarding.conftest import (
    Crew,
    begin,
    chat,
    journey,
    local,
    offers,
    press,
    publish,
    sent,
    state,
    step,
    steps,
    tick,
    until,
)
from tests.talk import Talk
from workbot.cards import Progress, plain_text
from workbot.errors import WorkbotError
from workbot.onboarding import State, service
from workbot.people import Channel, Person
from workbot.storage.database import Database
from workbot.turns import Replace, Say

DATABASES = ("sqlite", "postgresql")
ENDED = date(2026, 11, 2)
CONGRATULATION = "Arriving: all done"


@pytest.fixture
def key(talk: Talk, crew: Crew) -> UUID:
    """A journey of which everything is due."""
    made = begin(talk, crew.noor, ENDED, buddy=crew.bea)
    talk.wait(timedelta(minutes=1))
    return made


def refused(reply: object) -> str:
    """What a refusal says."""
    assert isinstance(reply, Say)
    assert reply.refused
    return plain_text(reply.card)


def finish(talk: Talk, crew: Crew, *besides: str) -> None:
    """Tick everything but the named steps."""
    carried = {
        "Order": (crew.ivy, "#it"),
        "File (fr)": (crew.hana, ""),
        "Plan": (crew.max, ""),
        "Greet": (crew.bea, ""),
        "Sign": (crew.noor, ""),
        "Train": (crew.noor, ""),
        "Review": (crew.max, ""),
    }
    for title, (person, place) in carried.items():
        if title not in besides:
            tick(talk, person, title, place=place)


def test_the_hire_sees_how_far_they_are(talk: Talk, crew: Crew, key: UUID) -> None:
    before = [element for element in talk.cards(crew.noor)[0].body if isinstance(element, Progress)]
    reply = tick(talk, crew.noor, "Sign")

    assert before == [Progress(0, 2, "0 of 2 steps done")]
    assert isinstance(reply, Replace)
    assert Progress(1, 2, "1 of 2 steps done") in reply.card.body
    assert offers(reply.card) == ["Train"]
    assert "✓ Sign: done by Noor Ali, Nov 23" in plain_text(reply.card)


def test_the_card_that_was_pressed_is_the_card_that_was_sent(talk: Talk, crew: Crew, key: UUID) -> None:
    reply = tick(talk, crew.noor, "Sign")

    (card,) = talk.chat.cards(f"chat:{crew.noor.email}")
    assert isinstance(reply, Replace)
    assert reply.card == card


def test_a_tick_elsewhere_changes_the_same_card_wherever_it_landed(
    talk: Talk, crew: Crew, key: UUID, database: Database
) -> None:
    talk.type(crew.max, "onboarding")

    talk.press(crew.max, "Done")

    (card,) = talk.chat.cards(f"chat:{crew.max.email}")
    assert offers(card) == ["Plan"]
    assert "✓ Review: done by Max Roy" in plain_text(card)


def test_in_a_channel_the_desk_s_card_changes_for_everyone(talk: Talk, crew: Crew, key: UUID) -> None:
    reply = tick(talk, crew.ivy, "Order", place="#it")

    assert isinstance(reply, Replace)
    assert "✓ Order: done by Ivy Lee" in plain_text(reply.card)
    assert len(talk.chat.cards("#it")) == 1
    assert "✓ Order: done by Ivy Lee" in talk.reads("#it")


def test_a_channel_keeps_its_language_whoever_presses(talk: Talk, crew: Crew, key: UUID, database: Database) -> None:
    with database.session() as session:
        session.get_one(Person, crew.ivy.id).locale = "fr"

    reply = tick(talk, crew.ivy, "Order", place="#it")

    assert isinstance(reply, Replace)
    assert "done by Ivy Lee" in plain_text(reply.card)


def test_a_channel_of_another_name_than_its_desk_keeps_its_language_too(
    talk: Talk, crew: Crew, key: UUID, database: Database
) -> None:
    with database.session() as session:
        session.exec(select(Channel).where(Channel.role == "agent:it", Channel.platform == "chat")).one().name = "help"
        session.get_one(Person, crew.ivy.id).locale = "fr"

    reply = tick(talk, crew.ivy, "Order", place="#it")

    assert isinstance(reply, Replace)
    assert "done by Ivy Lee" in plain_text(reply.card)


def test_one_s_own_list_is_not_put_up_in_a_channel(talk: Talk, crew: Crew, key: UUID, database: Database) -> None:
    mine = steps(database, key)["plan"]

    reply = talk.act(crew.max, "onboarding.done", str(mine.id), place="#it")

    assert isinstance(reply, Say)
    assert not reply.public
    assert "Max" not in talk.reads("#it").replace("Manager: Max Roy", "")


def test_an_agent_may_tick_for_the_desk_from_anywhere(talk: Talk, crew: Crew, key: UUID) -> None:
    talk.type(crew.ivy, "onboarding")

    talk.press(crew.ivy, "Done")

    assert "✓ Order: done by Ivy Lee" in talk.reads("#it")


def test_hr_may_tick_for_anyone(talk: Talk, crew: Crew, key: UUID, database: Database) -> None:
    talk.act(crew.hana, "onboarding.done", str(steps(database, key)["sign"].id))

    assert "✓ Sign: done by Hana Côté" in chat(talk, crew.noor)[0]


def test_ticked_twice_is_ticked_once(talk: Talk, crew: Crew, key: UUID, database: Database) -> None:
    sign = steps(database, key)["sign"]
    talk.act(crew.noor, "onboarding.done", str(sign.id))
    before, delivered = steps(database, key)["sign"], len(talk.chat.delivered)
    talk.wait(timedelta(minutes=5))

    talk.act(crew.noor, "onboarding.done", str(sign.id))
    talk.act(crew.hana, "onboarding.done", str(sign.id))

    after = steps(database, key)["sign"]
    assert (after.done_at, after.done_by) == (before.done_at, crew.noor.id)
    assert len(talk.chat.delivered) == delivered


@pytest.mark.parametrize("action", ["onboarding.done", "onboarding.undo"])
@pytest.mark.parametrize("who", ["stan", "bea", "ivy", "max"])
def test_a_stranger_is_refused_kindly_and_changes_nothing(
    talk: Talk, crew: Crew, key: UUID, database: Database, action: str, who: str
) -> None:
    tick(talk, crew.noor, "Train")
    before = {name: row.model_dump() for name, row in steps(database, key).items()}

    for row in (before["sign"], before["train"]):
        reply = talk.act(getattr(crew, who), action, str(row["id"]))
        assert "not one of yours" in refused(reply)

    assert {name: row.model_dump() for name, row in steps(database, key).items()} == before


@pytest.mark.parametrize("value", ["", "nonsense", str(UUID(int=7)), "' OR 1=1"])
def test_a_step_that_never_was_is_refused_kindly(talk: Talk, crew: Crew, key: UUID, value: str) -> None:
    assert "not one of yours" in refused(talk.act(crew.noor, "onboarding.done", value))


def test_a_step_of_a_cancelled_journey_cannot_be_ticked(talk: Talk, crew: Crew, key: UUID, database: Database) -> None:
    tick(talk, crew.noor, "Train")
    with database.session() as session:
        service.cancel(session, service.journey_of(session, key), now=talk.clock.now())
    before = steps(database, key)

    for action, name in (("onboarding.done", "sign"), ("onboarding.undo", "train")):
        reply = talk.act(crew.noor, action, str(before[name].id))
        assert "has ended" in refused(reply)

    assert [row.done_at for row in steps(database, key).values()] == [row.done_at for row in before.values()]
    assert "not one of yours" in refused(talk.act(crew.stan, "onboarding.done", str(before["sign"].id)))


def test_undone_is_to_be_done_again(talk: Talk, crew: Crew, key: UUID, database: Database) -> None:
    tick(talk, crew.noor, "Sign")

    press(talk, crew.noor, "Undo", "Sign")

    row = steps(database, key)["sign"]
    assert (row.done_at, row.done_by) == (None, None)
    (card,) = talk.chat.cards(f"chat:{crew.noor.email}")
    assert offers(card) == ["Sign", "Train"]


def test_what_is_undone_late_is_reminded_of_after_some_days(
    talk: Talk, crew: Crew, key: UUID, database: Database
) -> None:
    tick(talk, crew.noor, "Sign")
    tick(talk, crew.noor, "Train")
    until(talk, local(2026, 12, 14, 11))
    talk.act(crew.noor, "onboarding.undo", str(steps(database, key)["sign"].id))

    until(talk, local(2026, 12, 31))

    assert sent(database, crew.noor, "is waiting") == [local(2026, 12, 17, 10)]


def test_the_last_tick_ends_the_journey(talk: Talk, crew: Crew, key: UUID, database: Database) -> None:
    finish(talk, crew, "Sign")
    assert state(database, key).is_active
    assert not any(CONGRATULATION in said for said in chat(talk, crew.noor))

    tick(talk, crew.noor, "Sign")

    assert state(database, key).state == State.COMPLETED
    assert state(database, key).completed_at == talk.clock.now()
    (told,) = [said for said in chat(talk, crew.noor) if CONGRATULATION in said]
    assert "7 of 7 steps done" in told
    (heard,) = [said for said in chat(talk, crew.max) if "all done" in said]
    assert "Every step of Noor Ali’s journey is done" in heard


def test_the_end_is_told_once_whatever_is_ticked_again(talk: Talk, crew: Crew, key: UUID, database: Database) -> None:
    finish(talk, crew)

    press(talk, crew.noor, "Undo", "Sign")
    assert state(database, key).state == State.ACTIVE
    assert state(database, key).completed_at is None
    tick(talk, crew.noor, "Sign")

    assert state(database, key).state == State.COMPLETED
    for person in (crew.noor, crew.max):
        assert sum("all done" in said for said in chat(talk, person)) == 1


def test_without_a_manager_hr_hears_of_the_end(talk: Talk, crew: Crew, database: Database) -> None:
    with database.session() as session:
        session.get_one(Person, crew.noor.id).manager_id = None
        publish(session, journey(step("sign", "hire", 0), closing={"en": "Hooray!", "fr": "Hourra!"}))
    begin(talk, crew.noor, ENDED)

    tick(talk, crew.noor, "Sign")

    assert "Hooray!" in talk.sees(crew.noor)
    (heard,) = chat(talk, crew.hana)
    assert heard.startswith("Arriver · Noor Ali\N{NO-BREAK SPACE}: tout est fait")


def test_after_the_end_nobody_is_reminded(talk: Talk, crew: Crew, key: UUID, database: Database) -> None:
    finish(talk, crew)

    until(talk, local(2026, 12, 31))

    for person in (crew.noor, crew.max, crew.bea):
        assert sent(database, person, "waiting") == []


def test_an_ended_journey_is_not_reopened_beside_another(talk: Talk, crew: Crew, key: UUID, database: Database) -> None:
    finish(talk, crew)
    begin(talk, crew.noor, date(2027, 2, 1))

    reply = talk.act(crew.noor, "onboarding.undo", str(steps(database, key)["sign"].id))

    assert "on this journey already" in refused(reply)
    assert state(database, key).state == State.COMPLETED


def test_what_hr_ticks_beforehand_is_not_spoken_of(talk: Talk, crew: Crew, database: Database) -> None:
    key = begin(talk, crew.noor, buddy=crew.bea)

    talk.act(crew.hana, "onboarding.done", str(steps(database, key)["greet"].id))
    until(talk, local(2027, 1, 31))

    assert chat(talk, crew.bea) == []


def at_once(*works: Callable[[], object]) -> None:
    """Do things at the same moment, each in a thread."""
    gate = Barrier(len(works))

    def one(work: Callable[[], object]) -> object:
        gate.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as threads:
        for done in [threads.submit(one, work) for work in works]:
            done.result()


@pytest.mark.parametrize("names", [("sign", "plan"), ("sign", "sign")])
def test_two_last_ticks_at_the_same_moment_end_it_once(
    talk: Talk, crew: Crew, key: UUID, database: Database, names: tuple[str, str]
) -> None:
    titles = {name.capitalize() for name in names}
    finish(talk, crew, *titles)
    by = {"sign": crew.noor, "plan": crew.max}

    def ticking(name: str) -> Callable[[], object]:
        def work(session: Session) -> None:
            found = service.step_called(session, str(steps(database, key)[name].id), by[name])
            service.complete(session, found, by[name], now=talk.clock.now())

        return lambda: database.run_here(work)

    before = state(database, key).revision
    at_once(*map(ticking, names))
    talk.wait()

    assert state(database, key).state == State.COMPLETED
    assert state(database, key).revision == before + len(titles)
    for person in (crew.noor, crew.max):
        assert sum("all done" in said for said in chat(talk, person)) == 1


def test_two_who_start_the_same_journey_at_the_same_moment_start_it_once(
    talk: Talk, crew: Crew, database: Database
) -> None:
    outcomes: list[str] = []

    def start() -> None:
        try:
            with database.session() as session:
                there = session.get_one(Person, crew.noor.id)
                service.start(session, "arrival", there, ENDED, now=talk.clock.now())
            outcomes.append("started")
        except WorkbotError:
            outcomes.append("refused")

    at_once(start, start)

    assert sorted(outcomes) == ["refused", "started"]
