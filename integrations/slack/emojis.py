"""Slack's names of emojis, read as the characters that they are everywhere else.

The table is that of https://github.com/iamcal/emoji-data, which Slack's names come from: `emoji.json` holds its names
and skin tones. An organisation's own emojis are in no table, and keep their names.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

# One or several in a row, standing by themselves: neither a time nor a path is one. What stands in code, or between
# Slack's angle brackets, is left as it is.
FOUND = re.compile(r"```.*?```|`[^`\n]*`|<[^<>]*>|(?P<emojis>(?<![\w:])(?::[a-z0-9_+'-]{1,100}:)+(?![\w:]))", re.DOTALL)
TONE = re.compile(r"skin-tone-([2-6](?:-[2-6])?)")


class Table(NamedTuple):
    """Characters by name, and their variants by character and tone (`2`, or `2-3` for two people)."""

    names: dict[str, str]
    tones: dict[str, dict[str, str]]


def with_emojis(text: str) -> str:
    """Text with the characters that Slack's names stand for."""
    return (
        FOUND.sub(lambda found: _read(found["emojis"]) if found["emojis"] else found[0], text) if ":" in text else text
    )


def _read(run: str) -> str:
    """Some names in a row: a skin tone is that of the emoji before it."""
    table, said = _table(), list[str]()
    for name in run[1:-1].split("::"):
        tone = TONE.fullmatch(name)
        before = said[-1] if said else ""
        if tone and (toned := table.tones.get(before, {}).get(tone[1])):
            said[-1] = toned
        elif tone and before.startswith(":"):
            # That of an emoji of their own.
            said.append(f":{name}:")
        else:
            said.append(table.names.get(name, f":{name}:"))
    return "".join(said)


@cache
def _table() -> Table:
    known = json.loads((Path(__file__).parent / "emoji.json").read_text("utf-8"))
    return Table(known["names"], known["tones"])
