"""Kinds of step, one file each, and the list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from workbot.onboarding.steps.base import DESK, Due, StepDefinition
from workbot.onboarding.steps.task import Task

__all__ = ["DESK", "KINDS", "AnyStep", "Due", "StepDefinition"]

# Every kind of step that a journey may have: a new one is its file, and its name here.
KINDS: Mapping[str, type[StepDefinition]] = {"task": Task}
# What a step is that does not say: journeys were written before there were kinds.
UNSAID = "task"


class _OfAnyKind:
    """Has pydantic read a step by its `kind`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.tagged_union_schema(
            {name: handler.generate_schema(kind) for name, kind in KINDS.items()},
            _kind_of,
            custom_error_type="kind",
            custom_error_message="there is no such kind of step; use {kinds}",
            custom_error_context={"kinds": ", ".join(KINDS)},
        )


AnyStep = Annotated[StepDefinition, _OfAnyKind()]


def _kind_of(given: Any) -> str:
    if isinstance(given, Mapping):
        return str(given.get("kind", UNSAID))
    return str(getattr(given, "kind", UNSAID))
