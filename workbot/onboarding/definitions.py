"""What a journey's file may say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from workbot.definitions import Definition, Part, Slug, Texts
from workbot.people import Conditions

DESK = "desk:"
OFFBOARDING = "offboarding"
WHO = ("hire", "manager", "buddy", "hr")
FIRST_DAY = {"en": "First day", "fr": "Premier jour"}

# A local time of day. A string, so that YAML's 09:00 and its base-60 numbers are never confused.
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Link = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]


class Due(Part):
    """When a step comes up: so many working days before (-) or after the key date, at a local time of the hire."""

    days: int = Field(ge=-120, le=300)
    time: ClockTime = "09:00"

    @property
    def clock(self) -> dt.time:
        return dt.time.fromisoformat(self.time)


class StepDefinition(Part):
    """One thing to do; `when` says for which hires."""

    id: Slug
    title: Texts
    text: Texts
    who: str
    due: Due
    when: Conditions = Conditions()
    link: Link | None = None
    remind_after_days: int = Field(3, ge=1, le=60)

    @field_validator("who")
    @classmethod
    def _somebody(cls, who: str) -> str:
        desk = who.removeprefix(DESK)
        if who not in WHO and (desk == who or not desk.replace("-", "").isalnum()):
            known = ", ".join(WHO)
            raise PydanticCustomError("who", "say one of {known}, or desk:<name> for a desk", {"known": known})
        return who


class JourneyDefinition(Definition):
    """A journey: what is to be done around a day of someone's, by whom and when.

    `day` is what that day is called, `closing` what the hire reads when all is done. A journey about `leaving` goes on
    when its person has gone, and its day is their last; unless it is said, that is so of the one named `offboarding`.
    """

    title: Texts
    intro: Texts
    day: Texts = Field(default_factory=lambda: dict(FIRST_DAY))
    closing: Texts | None = None
    leaving: bool | None = None
    steps: tuple[StepDefinition, ...] = Field(min_length=1, max_length=60)

    @field_validator("steps")
    @classmethod
    def _different_ids(cls, steps: tuple[StepDefinition, ...]) -> tuple[StepDefinition, ...]:
        ids = [step.id for step in steps]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise PydanticCustomError("twice", "each step needs an id of its own; twice: {ids}", {"ids": twice})
        return steps

    @property
    def is_leaving(self) -> bool:
        return self.name == OFFBOARDING if self.leaving is None else self.leaving

    def by_id(self) -> Mapping[str, StepDefinition]:
        return {step.id: step for step in self.steps}
