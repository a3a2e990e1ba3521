"""A choice: one of a few options that stand in no order of better and worse."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field

from workbot.definitions import Part, Slug, Texts
from workbot.pulse.questions.base import Counted


class Option(Part):
    id: Slug
    text: Texts


class Choice(Counted):
    """One of a few."""

    kind: Literal["choice"]
    options: tuple[Option, ...] = Field(min_length=2, max_length=10)

    @cached_property
    def values(self) -> tuple[str, ...]:
        return tuple(option.id for option in self.options)

    def name_of(self, value: str) -> Texts | None:
        return next((option.text for option in self.options if option.id == value), None)

    def example(self, mood: float, number: int) -> str:
        return self.values[number % len(self.values)]
