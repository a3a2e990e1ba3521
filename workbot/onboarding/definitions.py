"""What a journey is: steps for several people around one key date."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from workbot.definitions import Definition, Kind, Part, Slug, Texts

Role = Literal["hire", "manager", "buddy", "hr"]
Desk = Annotated[str, Field(pattern=r"^desk:[a-z][a-z0-9-]{0,39}$")]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Due(Part):
    """So many working days before (negative) or after the key date, at a local time."""

    days: Annotated[int, Field(ge=-120, le=400)]
    time: Clock = "09:00"

    @property
    def clock(self) -> dt.time:
        return dt.time.fromisoformat(self.time)


class StepDefinition(Part):
    """One thing to do, or to know: whose it is, and when.

    `when` names attributes of the person (`employment` among them) and the values with which the
    step applies; all must fit.
    """

    id: Slug
    title: Texts
    text: Texts
    who: Role | Desk
    due: Due
    when: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    link: Annotated[str, Field(pattern=r"^(https?://|/).*")] = ""
    remind_after_days: Annotated[int, Field(ge=1, le=60)] = 3


class JourneyDefinition(Definition):
    """A journey; `intro` greets the one whose it is."""

    title: Texts
    intro: Texts
    key_date: Texts
    steps: Annotated[tuple[StepDefinition, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _steps_differ(self) -> JourneyDefinition:
        seen: set[str] = set()
        for step in self.steps:
            if step.id in seen:
                raise ValueError(f"the step id {step.id!r} is used twice; give each its own")
            seen.add(step.id)
        return self

    def step(self, step_id: str) -> StepDefinition:
        return next(step for step in self.steps if step.id == step_id)


KIND = Kind("journeys", JourneyDefinition, Path(__file__).parent / "journeys")
