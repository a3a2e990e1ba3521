"""Texts as Slack takes them: always literal."""

from __future__ import annotations

import json
from typing import Any

from workbot.texts import clean

Element = dict[str, Any]
# A modal or Home takes 250 kB; it has more in it than blocks.
HEAVIEST_VIEW = 230_000


def escaped(text: str) -> str:
    """Text for where Slack reads markup: https://docs.slack.dev/messaging/formatting-message-text/#escaping."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str) -> Element:
    """A text object in which nothing is markup."""
    return {"type": "plain_text", "text": text, "emoji": False}


def words(text: str, *, bold: bool = False) -> Element:
    """Words in a rich text, in which nothing is markup either."""
    return {"type": "text", "text": text, "style": {"bold": True}} if bold else {"type": "text", "text": text}


def rich(kind: str, *elements: Element) -> Element:
    """A block of rich text with one part: `section`, `quote` or `preformatted`."""
    return {"type": "rich_text", "elements": [{"type": f"rich_text_{kind}", "elements": list(elements)}]}


def muted(text: str) -> Element:
    return {"type": "context", "elements": [plain(text)]}


def weight(block: Element) -> int:
    """How many bytes a block is at most, however it is written as JSON."""
    return len(json.dumps(block)) + len(", ")
