"""Which rate a platform really allows: found by what it takes and refuses, with no knowledge of its rules.

A refusal makes the lane wait as long as the platform says, and that alone keeps a lane that is somewhat too fast at the
rate that is allowed. Slower than that it goes only when refusals come at a rate that says so:

- Refusals fill a bucket that leaks with every message taken (`level`). One alone says nothing.
- Where it overflows, slower is tried (`before` is the rate until then): as fast as messages went between the last
  refusals, pauses and all, which is exactly what a limit let through. If that goes well for long enough it is the rate
  that is allowed (`base`). If it is refused all the same, the rate was not the cause: back to the rate before, and so
  many refusals in a hundred are put up with for a while (`tolerance`), and from a rate found before it goes up again.
- From a rate that was found, higher ones are tried after a while (`hold`): a small step, then larger ones as long as
  they go well. A refusal there leads back at once, and the while is longer each time the same rate is refused: once it
  is known well, fewer than one message in a hundred is refused.

After additive increase and multiplicative decrease, the estimate of TCP Westwood (RFC 9743 lists its kin), the
remembered ceiling of CUBIC (RFC 9438), and the trials of PCC Vivace (NSDI 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# So many refusals close together say something; where some are put up with, it takes more.
ENOUGH, ENOUGH_OF_MANY = 1.5, 2.5
# What each message taken forgives: three in four hundred may be refused for ever, or 2.5 times what is put up with.
FORGIVEN, FORGIVEN_OF_MANY = 0.0075, 2.5
# A refusal before anything was taken since the last says little: the platform has not begun again.
LITTLE = 0.25
# A trial went well after so many messages for the smallest of steps down, and so many times those between refusals.
SURE, SURE_OF_MANY = 90, 2.5
# No platform refuses more than this at random: there slower is tried again.
RANDOM_AT_MOST = 0.15
# Of what was found a little is left to others.
SHARE = 0.97
# For so many messages a rate is kept before a higher one is tried: at first, and when it is known well.
FIRST_HOLD, LAST_HOLD = 8, 200
# Besides, a refusal must not cost more than one part in twenty of the time.
PAUSES_TO_HOLD = 20
# A step was taken after so many messages, a rate is the new base after so many; one is at full speed after these.
STAIR, PROOF, RECOVERED = 16, 64, 128
LEAST_STEP, FIRST_STEP, LARGEST_FIRST_STEP, LARGEST_STEP = 1.05, 1.2, 1.7, 2.0
# Refused at nearly the same rate as the last time.
SAME = 0.2
# For so many messages refusals are put up with before slower is tried again: at first, and at most.
FIRST_BELIEF, LAST_BELIEF = 128, 2048
# What is counted for shares is halved after so many messages.
REMEMBERED = 256
# Of a pause only so much counts for how fast messages went: platforms that ask for a minute could have taken more.
PAUSE_COUNTED = 2.0
# After so many refusals in a row the platform is asked more seldom than it says, up to so many times.
PATIENCE, MOST_SELDOM = 4, 4.0
# Where it names no time, it is left alone for as long.
USUAL_PAUSE = 1.0
# What was found so long ago may not be so any more.
FORGOTTEN_SECONDS = 900.0
# What stands for no limit at all.
UNLIMITED = 1000.0


@dataclass
class RateControl:
    """What is known of a lane that was refused; `full` is what we ask of it at most, in messages a second.

    Moments are seconds by one clock. `rate` is 0 for full speed.
    """

    full: float
    rate: float = 0.0
    base: float = 0.0
    before: float = 0.0
    hold: float = FIRST_HOLD
    step: float = FIRST_STEP
    ceiling: float = 0.0
    # The last rate that went well above the base, and for how many messages above it there was no refusal.
    last_good: float = 0.0
    climbed: int = 0
    # Messages taken at this rate, and since the last refusal.
    at_rate: int = 0
    taken: int = 0
    level: float = 0.0
    tolerance: float = 0.0
    believed: float = 0.0
    belief: float = 0.0
    # The share of refusals that made us try slower.
    share: float = 0.0
    # Refusals and messages since the bucket was empty; and of late, with the seconds that they took.
    close_refused: float = 0.0
    close_taken: int = 0
    late_refused: float = 0.0
    late_taken: float = 0.0
    late_seconds: float = 0.0
    # The cycle before this: messages from refusal to refusal, and the seconds of it.
    cycle_taken: int = 0
    cycle_seconds: float = 0.0
    in_a_row: int = 0
    pause: float = 0.0
    # How much of the pauses since the last cycle ended does not count.
    idle: float = 0.0
    refused_at: float | None = None
    seen_at: float = 0.0

    @classmethod
    def load(cls, kept: dict[str, Any] | None, full: float, *, at: float) -> RateControl | None:
        """What was kept of a lane, if it is still worth something."""
        if not kept or at - kept["seen_at"] > FORGOTTEN_SECONDS:
            return None
        found = cls(**{name: value for name, value in kept.items() if name in cls.__dataclass_fields__})
        return found if found.full == (full or UNLIMITED) else None

    def dump(self) -> dict[str, Any]:
        return dict(vars(self))

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to remember: full speed, and no refusal for long."""
        return not (self.rate or self.level or self.tolerance) and self.taken > REMEMBERED

    def went(self, count: int, *, at: float) -> None:
        """So many messages were taken."""
        self._pass(at)
        self.in_a_row = 0
        self.taken += count
        self.at_rate += count
        self._forgive(count)
        if self.before:
            self._judge_trial()
        elif self.rate:
            self._climb()

    def refused(self, retry_after: float | None, *, began: float, ended: float) -> float:
        """The platform refused a message that was sent at `began`; until when the lane is to wait.

        What was on its way when another was refused is part of the same event.
        """
        self._pass(ended)
        if self.refused_at is not None and began <= self.refused_at:
            return ended + (retry_after or 0.0)
        pause = self._pause(retry_after)
        self._learn(ended)
        self.pause = pause
        self.idle += max(0.0, pause - PAUSE_COUNTED)
        return ended + pause

    def _pass(self, at: float) -> None:
        """Time has passed; what was more than a lane needs between two messages was spent with nothing to send."""
        if self.seen_at:
            needed = self.pause + 2 / (self.rate or self.full) + 1.0
            self.late_seconds += min(max(0.0, at - self.seen_at), needed)
        self.seen_at = max(self.seen_at, at)

    def _pause(self, retry_after: float | None) -> float:
        self.in_a_row += 1
        pause = max(USUAL_PAUSE if retry_after is None else retry_after, 1 / (self.rate or self.full))
        if self.in_a_row > PATIENCE:
            pause *= min(MOST_SELDOM, 2 ** ((self.in_a_row - PATIENCE) / 2))
        return pause

    def _learn(self, at: float) -> None:
        weight = 1.0 if self.taken else LITTLE
        self.level += weight
        self.close_refused += weight
        self.late_refused += weight
        if self.refused_at is None:
            # What came before began with more than a limit lets through in the long run.
            self.refused_at, self.taken = at, 0
        elif self.taken:
            self._end_cycle(at, since=self.refused_at)

    def _end_cycle(self, at: float, *, since: float) -> None:
        """Judge what a refusal says that came after others had been taken."""
        count, seconds = self.taken, max(at - since, 1e-3)
        counted, self.idle = max(seconds - self.idle, 1e-3), 0.0
        two_cycles = (count + self.cycle_taken) / (counted + self.cycle_seconds) if self.cycle_seconds else 0.0
        self.cycle_taken, self.cycle_seconds = count, counted
        self.refused_at, self.taken = at, 0
        let_through = count / seconds
        if self.before:
            self._end_trial(count, count / counted)
        elif self.base and self.rate > self.base:
            self._step_back(let_through)
        elif self.level > self._enough and two_cycles:
            self._try_slower(two_cycles)
        elif self.base and not self.tolerance:
            # Too much by a little.
            self._settle(SHARE * max(min(let_through, self.base), 0.8 * self.base))

    @property
    def _enough(self) -> float:
        return ENOUGH_OF_MANY if self.tolerance else ENOUGH

    def _try_slower(self, rate: float) -> None:
        close = self.close_refused / (self.close_taken + self.close_refused)
        late = self.late_refused / (self.late_taken + self.late_refused)
        self.share = max(0.005, (close * late) ** 0.5)
        self.before = self.rate or self.full
        self.rate = SHARE * min(rate, self.before)
        if self.base:
            self.hold = max(FIRST_HOLD, self.hold / 2)

    def _judge_trial(self) -> None:
        """Whether slower has gone well for long enough to be the reason."""
        if self.taken < max(SURE * (self.rate / self.before) ** 1.5, SURE_OF_MANY / self.share):
            return
        if not self.base:
            self.hold = FIRST_HOLD
            self.step = min(LARGEST_FIRST_STEP, max(FIRST_STEP, (self.before / self.rate) ** 0.25))
        self.before = self.level = self.belief = 0.0
        self._settle(self.rate)

    def _end_trial(self, count: int, went: float) -> None:
        """Slower was refused as well: it was not slow enough, or slowness is not what is wanted."""
        if self.share > RANDOM_AT_MOST and count < 8:
            self.share = max(0.01, min(self.share, 1 / (count + 1)))
            self.rate = SHARE * min(went, self.rate)
            return
        self.tolerance = max(self.tolerance, self.share)
        self.rate, self.before = (self.before if self.before < self.full else 0.0), 0.0
        self.level = 0.0
        self.belief = min(LAST_BELIEF, max(FIRST_BELIEF, 2 * self.belief))
        self.believed = self.belief
        # What was found before was found by chance then, and higher rates are tried at once.
        self.base, self.hold, self.step = self.rate, FIRST_HOLD, LARGEST_FIRST_STEP

    def _climb(self) -> None:
        """Try a higher rate when it is time, and keep it where it goes well."""
        if self.rate == self.base:
            if self.at_rate >= self.hold:
                self.climbed, self.last_good = 0, self.base
                self._go(self.base * self.step)
        elif self.rate >= self.full:
            if self.at_rate >= (STAIR if self.tolerance else RECOVERED):
                self.rate = self.base = self.ceiling = 0.0
        elif self.at_rate >= min(STAIR, max(6.0, 4 * self.rate)):
            self.climbed += self.at_rate
            if self.climbed >= PROOF:
                self.base, self.hold = self.last_good, FIRST_HOLD
                self.climbed -= STAIR
            self.step, self.last_good = min(LARGEST_STEP, 1 + 2 * (self.step - 1)), self.rate
            self._go(self.rate * self.step)

    def _step_back(self, let_through: float) -> None:
        """A higher rate was refused: back, for longer than the last time where that was the same rate."""
        if self.tolerance and self.level <= ENOUGH_OF_MANY:
            return
        is_same = self.ceiling and abs(self.rate / self.ceiling - 1) < SAME
        least = max(FIRST_HOLD, 4 * self.pause * self.rate)
        most = max(LAST_HOLD, PAUSES_TO_HOLD * self.pause * self.rate)
        self.hold = min(most, max(least, self.hold * (2 if is_same else 0.5)))
        self.step = 1 + max(LEAST_STEP - 1, (self.step - 1) / 4)
        self.ceiling, self.level = self.rate, 0.5
        self._settle(max(self.base, SHARE * let_through, (self.base + self.last_good) / 2))

    def _settle(self, rate: float) -> None:
        self.base = self.last_good = rate
        self._go(rate)

    def _go(self, rate: float) -> None:
        self.rate, self.at_rate = min(self.full, rate), 0

    def _forgive(self, count: int) -> None:
        if self.believed:
            self.believed = max(0.0, self.believed - count)
            self.tolerance = self.tolerance if self.believed else 0.0
        self.level = max(0.0, self.level - max(FORGIVEN, FORGIVEN_OF_MANY * self.tolerance) * count)
        self.close_taken += count
        if not self.level:
            self.close_taken, self.close_refused = 0, 0.0
        self.late_taken += count
        if self.late_taken > REMEMBERED:
            self.late_taken, self.late_refused = self.late_taken / 2, self.late_refused / 2
            self.late_seconds /= 2
