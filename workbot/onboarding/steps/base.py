"""What every kind of step says of itself: who acts, what is shown, and when it is done."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Set as AbstractSet
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from workbot.cards import Button, Element
from workbot.definitions import Part, Slug, Texts
from workbot.i18n import Language
from workbot.onboarding.models import Step
from workbot.people import Conditions, Person

DESK = "desk:"
WHO = ("hire", "manager", "buddy", "hr")

# A local time of day. A string, so that YAML's 09:00 and its base-60 numbers are never confused.
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Due(Part):
    """When a step comes up: so many working days before (-) or after the key date, at a local time of the hire."""

    days: int = Field(ge=-120, le=300)
    time: ClockTime = "09:00"

    @property
    def clock(self) -> dt.time:
        return dt.time.fromisoformat(self.time)


class StepDefinition(Part, ABC):
    """One thing to do: by `who` when it is `due`, where the hire is such as `when` says.

    A kind names itself in a field `kind`, and says below what is its own way; the row of a step is the same for all.
    """

    kind: str
    id: Slug
    title: Texts
    text: Texts
    who: str
    due: Due
    when: Conditions = Conditions()
    remind_after_days: int = Field(3, ge=1, le=60)

    @field_validator("who")
    @classmethod
    def _somebody(cls, who: str) -> str:
        desk = who.removeprefix(DESK)
        if who not in WHO and (desk == who or not desk.replace("-", "").isalnum()):
            known = ", ".join(WHO)
            raise PydanticCustomError("who", "say one of {known}, or desk:<name> for a desk", {"known": known})
        return who

    @abstractmethod
    def may_tick(self, step: Step, person: Person, roles: AbstractSet[str]) -> bool:
        """Whether somebody who holds these roles may say that it is done, or open it again."""

    @abstractmethod
    def body(self, lang: Language) -> tuple[Element, ...]:
        """What a message shows of it under its title, as long as it is open."""

    @abstractmethod
    def verb(self, lang: Language) -> str:
        """What the button says in a message by which it is done."""

    def page_verb(self, lang: Language) -> str:
        """What that button says on the journey's page."""
        return self.verb(lang)

    def buttons(self, step: Step, lang: Language) -> tuple[Button, ...]:
        """What can be pressed in a message as long as it is open; the first says that it is done."""
        title = lang.of(self.title)
        return (Button(self.verb(lang), "onboarding.done", str(step.id), "primary", hint=title),)

    def tick(self, step: Step, by: Person, *, now: dt.datetime) -> None:
        """Have it done by somebody who may; raises WorkbotError where it cannot be done yet."""
        step.done_at, step.done_by = now, by.id

    def ticked(self, name: str, day: str, lang: Language) -> str:
        """What a message says of it once somebody has done it."""
        return lang("✓ {title}: done by {name}, {day}", title=lang.of(self.title), name=name, day=day)
