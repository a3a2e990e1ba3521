"""What a journey's file may say."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from workbot.definitions import Definition, Texts
from workbot.onboarding.steps import AnyStep, StepDefinition

OFFBOARDING = "offboarding"
FIRST_DAY = {"en": "First day", "fr": "Premier jour"}


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
    steps: tuple[AnyStep, ...] = Field(min_length=1, max_length=60)

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
