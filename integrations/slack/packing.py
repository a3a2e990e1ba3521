"""Blocks in messages and on a page: as many as Slack takes, and what does not fit is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, takewhile
from typing import Any

from integrations.slack.tables import simplified
from integrations.slack.texts import HEAVIEST_VIEW, Element, muted, plain, weight
from workbot.i18n import Language
from workbot.texts import size

# A message takes 50 blocks; of its texts together Slack says no more than that they can be too long.
BLOCKS, CHARACTERS = 48, 12_000
# A modal or Home takes 100.
PAGE_BLOCKS = 96
# Where a block keeps what is read of it.
WORDED = {"text", "alt_text", "accessibility_label"}


def packed(blocks: Sequence[Element]) -> list[list[Element]]:
    """Blocks in messages: so many in each, so many characters, and one table.

    A table takes as much room as what may have to stand for it.
    """
    pages: list[list[Element]] = [[]]
    blocks_left, room, tables = BLOCKS, CHARACTERS, 0
    for block in blocks:
        simple, is_table = simplified([block]), block["type"] == "table"
        size_of_both = max(length(block), length(simple))
        if pages[-1] and (len(simple) > blocks_left or size_of_both > room or (is_table and tables)):
            pages.append([])
            blocks_left, room, tables = BLOCKS, CHARACTERS, 0
        pages[-1].append(block)
        blocks_left -= len(simple)
        room -= size_of_both
        tables += is_table
    return pages


def within_page(blocks: list[Element], lang: Language, base_url: str) -> list[Element]:
    """As much as a page takes; of more, the way to it."""
    if len(blocks) <= PAGE_BLOCKS and sum(map(weight, blocks)) <= HEAVIEST_VIEW:
        return blocks
    link = {
        "type": "button",
        "text": plain(lang("Open the web chat")),
        "url": f"{base_url}/chat",
        "action_id": "link|more",
    }
    more = [
        muted(lang("There is more than fits here. All of it is in the web chat.")),
        {"type": "actions", "elements": [link]},
    ]
    room = HEAVIEST_VIEW - sum(map(weight, more))
    fitting = takewhile(lambda sofar: sofar <= room, accumulate(map(weight, blocks)))
    return blocks[: min(PAGE_BLOCKS - len(more), sum(1 for _ in fitting))] + more


def length(part: Any) -> int:
    """How many characters a reader or a screen reader finds in a block."""
    if isinstance(part, Mapping):
        return sum(
            size(value) if name in WORDED and isinstance(value, str) else length(value) for name, value in part.items()
        )
    return sum(length(one) for one in part) if isinstance(part, list) else 0
