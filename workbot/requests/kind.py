"""Desks among the definitions: their templates, and what is wrong with one beside the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workbot.definitions import Everything, Finding, Kind, twice
from workbot.requests.definitions import DeskDefinition

FOLDER = "desks"


def _across(everything: Everything) -> Iterator[Finding]:
    """Keys, channels and emojis that two desks share: nobody could tell whose a request is."""
    desks = [desk for desk in everything.get(FOLDER, {}).values() if isinstance(desk, DeskDefinition)]
    for part in ("key", "channel", "emoji"):
        for name, value, other in twice((desk.name, getattr(desk, part)) for desk in desks):
            message = f"{part}: {value!r} is that of the desk {other!r} too; give each its own"
            yield Finding(name, (part,), message, other)
    for platform in sorted({platform for desk in desks for platform in desk.channels}):
        for name, value, other in twice((desk.name, desk.channels.get(platform)) for desk in desks):
            message = f"channels.{platform}: {value!r} is that of the desk {other!r} too; give each its own"
            yield Finding(name, ("channels", platform), message, other)


KIND = Kind(
    FOLDER,
    DeskDefinition,
    Path(__file__).parent / "desks",
    title=lambda lang: lang("Desks"),
    counted=lambda lang, count: lang.plural("{count} desk", "{count} desks", count),
    across=_across,
)
