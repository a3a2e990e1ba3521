"""A task: something to do, ticked off when it is done."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from workbot.cards import Button, Element, Text
from workbot.i18n import Language
from workbot.onboarding.models import Step
from workbot.onboarding.steps.base import StepDefinition
from workbot.people import Person

Link = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]


class Task(StepDefinition):
    """Ticked off by whoever carries it, by any agent of its desk, and by HR; `link` is where it is done."""

    # Not written down: what was published before there were kinds is the same version still.
    kind: Literal["task"] = Field("task", exclude=True)
    link: Link | None = None

    def may_tick(self, step: Step, person: Person, roles: AbstractSet[str]) -> bool:
        agents = {f"agent:{step.desk}"} if step.desk else set()
        return step.assignee_id == person.id or not roles.isdisjoint({"hr", *agents})

    def body(self, lang: Language) -> tuple[Element, ...]:
        return (Text(lang.of(self.text)),)

    def buttons(self, step: Step, lang: Language) -> tuple[Button, ...]:
        page = (Button(lang("Open the page"), url=self.link, hint=lang.of(self.title)),) if self.link else ()
        return (*super().buttons(step, lang), *page)

    def verb(self, lang: Language) -> str:
        return lang("Done")

    def page_verb(self, lang: Language) -> str:
        return lang("Tick off")
