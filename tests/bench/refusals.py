"""How much goes through a platform that refuses, against the best that the rules allow; in made-up time.

The governor is driven as the sender drives it: slots are claimed half a second ahead, each message leaves in its own,
an answer takes a tenth of a second, and after a refusal what has not left is given back. Nothing else is real, and
nothing is left to chance but what a seed says, so that the same figures are tests (`tests/delivery/test_rates.py`).

The best is what somebody would reach who knows each platform's rule beforehand and keeps ours: never more than our own
limit, and nothing at all until the time is over that a refusal names, since that is meant for the whole lane.
- Refused at random: nobody can know, so every refusal costs its time. The same draws are taken at full speed.
- A hidden limit: all that it lets through in that time. Whoever knows it is never refused.
- Bursts: full speed outside of them.
- Other apps: what they leave, at most our own limit, moment by moment.
It knows no start: finding out what is allowed counts against us.
Where 900 seconds hold only a few dozen long pauses it depends on their end by up to a tenth: see the median of seeds.
"""

from __future__ import annotations

import math
import random
import statistics
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from workbot.delivery import governor
from workbot.delivery.models import RateState
from workbot.delivery.sender import AHEAD
from workbot.platforms import Limits

# As Slack's.
OURS = Limits(per_second=8, burst=8)
ANSWER_SECONDS = 0.1
BEGAN = datetime(2026, 11, 23, 14, tzinfo=UTC)
STEP = 0.05
# Of how large a launch the ETA is looked at, and after which parts of it; by then it has gone on any platform here.
LAUNCH, PARTS = 600, (0.1, 0.25, 0.5)
ENOUGH_SECONDS = 1500.0


class Refusing(Protocol):
    """A platform that may refuse."""

    def ask(self, at: float) -> float | None:
        """Take a message, or say for how many seconds none is to come."""
        ...

    def best(self, per_second: float, seconds: float) -> float:
        """How many messages can go through in that time."""
        ...


@dataclass
class AtRandom:
    """Refuses a share of all messages, whatever one does."""

    share: float
    retry_after: float
    seed: int = 1

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def ask(self, at: float) -> float | None:
        return self.retry_after if self._random.random() < self.share else None

    def best(self, per_second: float, seconds: float) -> float:
        draws, at, count = random.Random(self.seed), 0.0, 0
        while at < seconds:
            refused = draws.random() < self.share
            at += ANSWER_SECONDS + self.retry_after if refused else 1 / per_second
            count += not refused
        return count


@dataclass
class Allowing:
    """Allows so many a second, by the moment, and `depth` at once: a token bucket."""

    rate: Callable[[float], float]
    depth: float
    retry_after: float = 1.0

    def __post_init__(self) -> None:
        self._tokens, self._at = self.depth, 0.0

    def ask(self, at: float) -> float | None:
        while self._at < at:
            step = min(STEP, at - self._at)
            self._tokens = min(self.depth, self._tokens + self.rate(self._at) * step)
            self._at += step
        if self._tokens < 1:
            return self.retry_after
        self._tokens -= 1
        return None

    def best(self, per_second: float, seconds: float) -> float:
        return sum(min(per_second, self.rate(number * STEP)) * STEP for number in range(int(seconds / STEP)))


@dataclass
class Counting:
    """Takes so many in any such span of seconds, and names a time of its own or when the next has room."""

    most: int
    span: float
    retry_after: float | None = 1.0
    taken: deque[float] = field(default_factory=deque)

    def ask(self, at: float) -> float | None:
        while self.taken and self.taken[0] <= at - self.span:
            self.taken.popleft()
        if len(self.taken) < self.most:
            self.taken.append(at)
            return None
        return self.taken[0] + self.span - at if self.retry_after is None else self.retry_after

    def best(self, per_second: float, seconds: float) -> float:
        return min(per_second * seconds, self.most * math.ceil(seconds / self.span))


@dataclass
class InBursts:
    """Takes nothing for so many seconds, again and again."""

    every: float
    seconds: float
    retry_after: float

    def ask(self, at: float) -> float | None:
        return self.retry_after if at % self.every >= self.every - self.seconds else None

    def best(self, per_second: float, seconds: float) -> float:
        return per_second * seconds * (1 - self.seconds / self.every)


@dataclass
class Sent:
    """What became of it: how many were taken and refused, and the refused among those after it had settled."""

    taken: int = 0
    refused: int = 0
    late_taken: int = 0
    late_refused: int = 0
    # How often something was sent although the platform had asked to be left alone.
    too_early: int = 0
    rates: list[float] = field(default_factory=list)

    @property
    def share_refused(self) -> float:
        return self.late_refused / max(1, self.late_refused + self.late_taken)


def send(
    platform: Refusing,
    *,
    seconds: float,
    settled: float = 120.0,
    limits: Limits = OURS,
    pace: RateState | None = None,
    look: Callable[[RateState, float], object] = lambda pace, at: None,
) -> Sent:
    """Send as much as goes for some seconds of made-up time; it counts as settled from `settled` on.

    Whenever a message was taken, `look` is called with the lane and the moment.
    """
    pace = pace or RateState(lane="x", post_at=BEGAN, update_at=BEGAN, changed_at=BEGAN)
    sent, at, told = Sent(), 0.0, 0.0
    under_way: deque[tuple[float, float | None]] = deque()
    while at < seconds:
        db_now = BEGAN + timedelta(seconds=at)
        slots = governor.allowance(pace, limits, most=64, ahead=AHEAD, db_now=db_now).posts
        governor.spend(pace, limits, posts=len(slots), updates=0, db_now=db_now)
        rest = (governor.free_at(pace, limits, ahead=AHEAD, db_now=db_now) - db_now).total_seconds()
        leaving = deque(at + (slot or 0.0) for slot in slots)
        until = at + max(rest, 0.01)
        while leaving or (under_way and under_way[0][0] <= until):
            if leaving and not (under_way and under_way[0][0] <= leaving[0]):
                began = leaving.popleft()
                sent.too_early += began < told - 1e-4
                under_way.append((began + ANSWER_SECONDS, platform.ask(began)))
                continue
            ended, retry_after = under_way.popleft()
            _report(pace, limits, ended, retry_after)
            _count(sent, retry_after, is_late=ended > settled)
            if retry_after is None:
                look(pace, ended)
            else:
                # What has not left is given back.
                told, until = max(told, ended + retry_after), min(until, ended)
                leaving.clear()
        sent.rates.append(1 / governor.interval(pace, limits).total_seconds())
        at = until
    return sent


@dataclass(frozen=True)
class Eta:
    """By which share of the whole an ETA is too late (or too early); and whether there had been any refusal."""

    error: float
    has_seen: bool

    def __str__(self) -> str:
        return f"{self.error:+.0%}" if self.has_seen else f"[{self.error:+.0%}]"


def etas(platform: Refusing, count: int = LAUNCH, parts: Sequence[float] = PARTS) -> list[Eta]:
    """How wrong the ETA of a launch is after parts of it were taken."""
    moments: list[float] = []
    told: list[tuple[float, bool]] = []

    def look(pace: RateState, at: float) -> None:
        moments.append(at)
        if len(moments) in {round(count * part) for part in parts}:
            left = count - len(moments)
            done_at = governor.gone_by(pace, OURS, left, now=BEGAN + timedelta(seconds=at))
            told.append(((done_at - BEGAN).total_seconds(), pace.found is not None))

    send(platform, seconds=ENOUGH_SECONDS, look=look)
    return [Eta(each / moments[count - 1] - 1, has_seen) for each, has_seen in told]


def _report(pace: RateState, limits: Limits, ended: float, retry_after: float | None) -> None:
    now = BEGAN + timedelta(seconds=ended)
    if retry_after is None:
        governor.went_well(pace, limits, 1, db_now=now)
        return
    began, rest = now - timedelta(seconds=ANSWER_SECONDS), timedelta(seconds=retry_after)
    governor.throttled(pace, limits, [governor.Throttle(began, now, rest, "too fast")], db_now=now)


def _count(sent: Sent, retry_after: float | None, *, is_late: bool) -> None:
    is_refused = retry_after is not None
    sent.taken += not is_refused
    sent.refused += is_refused
    sent.late_taken += is_late and not is_refused
    sent.late_refused += is_late and is_refused


def in_turn(seconds: float, *rates: float) -> Callable[[float], float]:
    """A limit that changes from one to the next every so many seconds."""
    return lambda at: rates[int(at // seconds) % len(rates)]


def waves(seconds: float, low: float, high: float) -> Callable[[float], float]:
    return lambda at: low + (high - low) * (1 + math.sin(2 * math.pi * at / seconds)) / 2


def steady(rate: float) -> Callable[[float], float]:
    return lambda at: rate


SCENARIOS: dict[str, Callable[[], Refusing]] = {
    "3 % at random, Retry-After: 1": lambda: AtRandom(0.03, 1.0),
    "3 % at random, Retry-After: 30": lambda: AtRandom(0.03, 30.0),
    "3 % at random, Retry-After: 0": lambda: AtRandom(0.03, 0.0),
    "a hidden limit of 4 a second": lambda: Allowing(steady(4), 8),
    "a hidden limit of 6 a second": lambda: Allowing(steady(6), 6),
    "a hidden limit of 7 a second": lambda: Allowing(steady(7), 7),
    "a hidden limit of 4 in any second": lambda: Counting(4, 1.0),
    "a hidden limit of 20 in any 5 seconds": lambda: Counting(20, 5.0),
    "a hidden limit of 240 a minute, exact Retry-After": lambda: Counting(240, 60.0, None),
    "bursts of 5 seconds in 30, Retry-After: 1": lambda: InBursts(30, 5, 1.0),
    "bursts of 10 seconds in 60, Retry-After: 5": lambda: InBursts(60, 10, 5.0),
    "other apps: 8 and 4 a second in turn": lambda: Allowing(in_turn(60, 8, 4), 8),
    "other apps: from 3 to 9 a second in waves": lambda: Allowing(waves(120, 3, 9), 8),
}
SECONDS = 900.0
TEN_SEEDS = range(1, 11)


def goodput(make: Callable[[], Refusing]) -> tuple[float, Sent]:
    """Which share of the best goes through, and what became of it."""
    sent = send(make(), seconds=SECONDS)
    return sent.taken / make().best(OURS.per_second, SECONDS), sent


def of_ten_seeds(share: float, retry_after: float) -> list[float]:
    """Goodput at random with other seeds, the worst first."""
    return sorted(goodput(partial(AtRandom, share, retry_after, seed))[0] for seed in TEN_SEEDS)


def eta_of_ten_seeds(share: float, retry_after: float) -> list[float]:
    """The median error of the ETA at random with other seeds, after each part: of a few long pauses chance decides."""
    found = [etas(AtRandom(share, retry_after, seed)) for seed in TEN_SEEDS]
    return [statistics.median(each[part].error for each in found) for part in range(len(PARTS))]


def run() -> None:
    """Print every scenario's goodput, what was refused once it had settled, and how wrong the ETA of a launch was."""
    print(
        f"A lane of {OURS.per_second:g} a second against platforms that refuse, {SECONDS:g} s of made-up time;\n"
        f"ETA: by how much it is too late for {LAUNCH} after {', '.join(f'{part:.0%}' for part in PARTS)} of them,\n"
        f"in brackets while nothing had been refused, so that nobody could know"
    )
    for name, make in SCENARIOS.items():
        ratio, sent = goodput(make)
        errors = ", ".join(map(str, etas(make())))
        print(f"  {name}: ratio {ratio:.2f} of the best, {sent.share_refused:.1%} refused once settled (ETA {errors})")
    for retry_after in (0.0, 1.0, 30.0):
        ratios = of_ten_seeds(0.03, retry_after)
        median, worst = statistics.median(ratios), ratios[0]
        errors = ", ".join(f"{error:+.0%}" for error in eta_of_ten_seeds(0.03, retry_after))
        print(
            f"  3 % at random, Retry-After: {retry_after:g}, ten seeds: "
            f"ratio {median:.2f}, {worst:.2f} at worst (ETA {errors})"
        )
    print()


if __name__ == "__main__":
    run()
