"""What a platform's refusals do to a lane: it waits as told, finds the rate that is allowed, and starves nobody."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.bench.refusals import (
    BEGAN,
    OURS,
    SCENARIOS,
    Allowing,
    AtRandom,
    Counting,
    eta_of_ten_seeds,
    etas,
    goodput,
    of_ten_seeds,
    send,
    steady,
)
from tests.delivery.test_sender import paced, queue, rounds, states
from tests.talk import Recorder, Talk, hire
from workbot.delivery import State, governor
from workbot.delivery.models import RateState
from workbot.errors import DeliveryError
from workbot.people import Person
from workbot.platforms import Limits, Outgoing
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("name", SCENARIOS)
def test_nearly_as_much_goes_through_as_the_rules_allow(name: str) -> None:
    ratio, sent = goodput(SCENARIOS[name])

    assert ratio >= 0.9
    assert sent.too_early == 0


@pytest.mark.parametrize("retry_after", [0, 1, 5, 30])
def test_whatever_is_refused_at_random_nearly_all_the_rest_goes_through(retry_after: float) -> None:
    ratios = of_ten_seeds(0.03, retry_after)

    assert ratios[len(ratios) // 2] >= 0.92
    assert ratios[0] >= 0.8


@pytest.mark.parametrize("name", [name for name in SCENARIOS if "hidden" in name])
def test_of_a_hidden_limit_hardly_anything_is_refused_once_it_is_found(name: str) -> None:
    assert send(SCENARIOS[name](), seconds=900.0, settled=300.0).share_refused <= 0.01


@pytest.mark.parametrize("name", [name for name in SCENARIOS if "hidden" in name and "exact" not in name])
def test_with_a_hidden_limit_the_eta_holds_from_a_quarter_of_a_launch_on(name: str) -> None:
    _tenth, quarter, half = etas(SCENARIOS[name]())

    assert quarter.has_seen
    assert abs(quarter.error) <= 0.1
    assert abs(half.error) <= 0.1


def test_a_few_refusals_early_in_a_launch_do_not_make_its_eta_twice_too_late() -> None:
    """Three of the first fourteen messages are refused with this seed."""
    tenth, quarter, half = (eta.error for eta in etas(AtRandom(0.03, 1.0, seed=1)))

    assert abs(tenth) <= 0.35
    assert abs(quarter) <= 0.2
    assert abs(half) <= 0.1


@pytest.mark.parametrize("retry_after", [0.0, 1.0, 30.0])
def test_refused_at_random_the_eta_is_right_in_the_middle_of_what_chance_makes_of_it(retry_after: float) -> None:
    _tenth, quarter, half = eta_of_ten_seeds(0.03, retry_after)

    assert abs(quarter) <= 0.1
    assert abs(half) <= 0.1


def test_after_a_refusal_messages_leave_one_by_one_so_that_one_is_refused_next_and_not_a_handful() -> None:
    sent = send(Counting(240, 60.0, None), seconds=600.0, settled=45.0)

    assert sent.late_refused <= 10


def test_a_launch_over_a_platform_that_refuses_at_random_does_not_starve() -> None:
    """600 people, 3 % refused with a second each: about 94 seconds are possible."""
    reached = sorted(send(AtRandom(0.03, 1.0, seed), seconds=120.0).taken for seed in range(1, 21))

    assert reached[0] >= 450
    assert reached[len(reached) // 2] >= 600


@pytest.mark.parametrize("rate", [2, 4])
def test_a_lane_is_back_at_full_speed_within_moments_once_refusals_stop(rate: float) -> None:
    pace = RateState(lane="x", post_at=BEGAN, update_at=BEGAN, changed_at=BEGAN)
    limited = Allowing(lambda at: rate if at < 60 else 100.0, 8)

    sent = send(limited, seconds=150.0, pace=pace)

    assert sent.rates[-1] == OURS.per_second


def test_a_platform_that_never_refuses_leaves_nothing_to_remember() -> None:
    pace = RateState(lane="x", post_at=BEGAN, update_at=BEGAN, changed_at=BEGAN)

    send(Allowing(steady(100), 100), seconds=60.0, pace=pace)

    assert (pace.found, pace.slowness) == (None, 1)


def test_ten_processes_that_see_one_refusal_do_not_multiply_it() -> None:
    one, ten = (RateState(lane="x", post_at=BEGAN, update_at=BEGAN, changed_at=BEGAN) for _ in range(2))
    told = [governor.Throttle(BEGAN, BEGAN + 0.1 * n * SECOND, SECOND, "too fast") for n in range(10)]
    governor.throttled(one, OURS, told[-1:], db_now=BEGAN + SECOND)
    for each in told:
        governor.throttled(ten, OURS, [each], db_now=BEGAN + SECOND)

    assert one.found
    assert ten.found
    assert (ten.found["level"], ten.paused_until) == (one.found["level"], one.paused_until)


@pytest.mark.parametrize("seconds", [0, 1, 30, 3600])
def test_nothing_is_sent_before_the_platform_said(seconds: int) -> None:
    pace = RateState(lane="x", post_at=BEGAN, update_at=BEGAN, changed_at=BEGAN)
    told = governor.Throttle(BEGAN, BEGAN, seconds * SECOND, "too fast")
    governor.throttled(pace, OURS, [told], db_now=BEGAN)

    for part in range(10):
        at = BEGAN + seconds * SECOND * part / 10
        assert seconds == 0 or governor.allowance(pace, OURS, most=9, ahead=SECOND / 2, db_now=at).posts == ()
    # A lane that has waited begins one by one.
    after = max(seconds * SECOND, SECOND / 8)
    slots = governor.allowance(pace, OURS, most=9, ahead=SECOND / 4, db_now=BEGAN + after).posts
    assert [round(slot or 0, 3) for slot in slots] == [0, 0.125, 0.25]


def test_changes_that_are_refused_do_not_hold_up_what_is_new() -> None:
    limits = Limits(per_second=8, burst=8, updates_per_second=1)
    pace = RateState(lane="x", post_at=BEGAN, update_at=BEGAN, changed_at=BEGAN)

    governor.throttled(pace, limits, [governor.Throttle(BEGAN, BEGAN, 9 * SECOND, "x", is_update=True)], db_now=BEGAN)

    allowed = governor.allowance(pace, limits, most=9, ahead=timedelta(), db_now=BEGAN + SECOND)
    assert (len(allowed.posts), len(allowed.updates)) == (8, 0)
    assert allowed.updates_free_at == BEGAN + 9 * SECOND


class Crowded(Recorder):
    """Refuses one conversation for as long as it is told to, and nobody else."""

    def __init__(self, address: str, times: int) -> None:
        super().__init__()
        self.address, self.times = address, times

    async def deliver(self, outgoing: Outgoing) -> str:
        if outgoing.address == self.address and self.times:
            self.times -= 1
            raise DeliveryError("too fast", retry_after=timedelta(seconds=30))
        return await super().deliver(outgoing)


def test_a_conversation_that_alone_is_refused_holds_up_nobody_else_and_keeps_its_order(
    talk: Talk, ada: Person, database: Database
) -> None:
    chat = Crowded(f"chat:{ada.email}", times=5)
    talk.sender.platforms["chat"] = chat  # type: ignore[index]
    chat.limits = Limits(per_second=2, burst=1)
    with database.session() as session:
        others = [hire(session, f"Person N{number}") for number in range(40)]
    for number in range(3):
        queue(talk, ada, f"ada {number}")
    for person in others:
        queue(talk, person, person.name)

    paced(talk, seconds=100)
    # Twice the lane waited, before others had shown whose refusal it is.
    assert len([outgoing for outgoing in chat.delivered if "ada" not in outgoing.key]) == len(others)
    talk.wait(timedelta(minutes=10))

    assert [outgoing.key for outgoing in chat.delivered if "ada" in outgoing.key] == ["ada 0", "ada 1", "ada 2"]
    assert set(states(database)) == {State.SENT}


def test_what_was_only_ever_too_fast_is_not_given_up_within_a_day(talk: Talk, ada: Person, database: Database) -> None:
    talk.chat.refusals[f"chat:{ada.email}"] = DeliveryError("too fast", retry_after=timedelta(seconds=1))
    queue(talk, ada, "Hello")
    for _ in range(60):
        rounds(talk.sender)
        talk.clock.at += timedelta(seconds=20)
    talk.chat.refusals.clear()
    talk.wait(timedelta(hours=2))

    assert states(database) == [State.SENT]
    assert asyncio.run(talk.sender.next_due()) is None


def test_the_eta_takes_the_rate_that_was_found_and_what_was_waited_into_account(database: Database) -> None:
    limits = Limits(per_second=8, burst=8)
    pace = RateState(lane="x", post_at=BEGAN, update_at=BEGAN, changed_at=BEGAN)
    sent = send(AtRandom(0.03, 1.0, 3), seconds=60.0, pace=pace, limits=limits)

    left = 300 * governor.seconds_each(pace, limits)

    took = 60.0 * 300 / sent.taken
    assert abs(left - took) / (60 + took) < 0.1


def test_a_platform_without_a_limit_of_ours_that_refuses_gets_the_rate_it_takes() -> None:
    limits = Limits()
    pace = RateState(lane="x", post_at=BEGAN, update_at=BEGAN, changed_at=BEGAN)
    at = BEGAN
    for _ in range(12):
        at += 10 * SECOND
        governor.went_well(pace, limits, 5, db_now=at)
        governor.throttled(pace, limits, [governor.Throttle(at, at, None, "421")], db_now=at)

    assert timedelta(seconds=1) < governor.interval(pace, limits) < timedelta(seconds=4)
