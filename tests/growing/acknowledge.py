"""A kind of step that the product lacks: something to read, which whoever it is for confirms in words of its own."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Literal

from workbot.cards import Element, Text
from workbot.definitions import Texts
from workbot.i18n import Language
from workbot.onboarding.models import Step
from workbot.onboarding.steps.base import StepDefinition
from workbot.people import Person


class Acknowledge(StepDefinition):
    """Confirmed by whoever carries it and by nobody in their place; `statement` is what they say by that."""

    kind: Literal["acknowledge"]
    who: Literal["hire", "manager", "buddy", "hr"]
    statement: Texts

    def may_tick(self, step: Step, person: Person, roles: AbstractSet[str]) -> bool:
        return step.assignee_id == person.id

    def body(self, lang: Language) -> tuple[Element, ...]:
        return (Text(lang.of(self.text)), Text(lang.of(self.statement), style="muted"))

    def verb(self, lang: Language) -> str:
        return lang.of(self.statement)
