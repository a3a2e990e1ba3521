"""Journeys among the definitions: their templates, and what is wrong with one beside the desks."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from workbot.definitions import Everything, Finding, Kind
from workbot.onboarding.definitions import JourneyDefinition
from workbot.onboarding.steps import DESK

FOLDER = "journeys"


def _across(everything: Everything) -> Iterator[Finding]:
    """Steps of desks that there are not."""
    desks = sorted(everything.get("desks", {}))
    for journey in everything.get(FOLDER, {}).values():
        if isinstance(journey, JourneyDefinition):
            for number, step in enumerate(journey.steps):
                desk = step.who.removeprefix(DESK)
                if desk != step.who and desk not in desks:
                    yield Finding(journey.name, ("steps", number, "who"), _unknown(number, desk, desks))


def _unknown(number: int, desk: str, desks: list[str]) -> str:
    near = get_close_matches(desk, desks, n=1)
    instead = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(desks)}"
    return f"steps[{number + 1}].who: there is no desk {desk!r}; {instead}"


KIND = Kind(
    FOLDER,
    JourneyDefinition,
    Path(__file__).parent / "journeys",
    title=lambda lang: lang("Journeys"),
    counted=lambda lang, count: lang.plural("{count} journey", "{count} journeys", count),
    across=_across,
)
