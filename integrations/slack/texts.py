"""Texts as Slack takes them: measured as it measures, cut or split where it sets a limit, and always literal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Element = dict[str, Any]
# A modal or Home takes 250 kB; it has more in it than blocks.
HEAVIEST_VIEW = 230_000


def clean(text: str) -> str:
    """Text without what no JSON or Slack takes: NUL, and halves of characters."""
    if text.isascii():
        return text.replace("\0", "")
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def size(text: str) -> int:
    """How long Slack takes a text to be: in UTF-16 code units, the stricter of the two ways to count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """At most so long, with an ellipsis where something is missing."""
    text = clean(text)
    if size(text) <= limit:
        return text
    while size(text) >= limit:
        text = text[: len(text) - max(1, (size(text) - limit) // 2)]
    return text.rstrip() + "…"


def split(text: str, limit: int) -> Iterator[str]:
    """A text in pieces no longer than that, broken between lines or words where there are any; nothing is lost."""
    text = clean(text)
    while size(text) > limit:
        end = limit if text.isascii() else limit // 2
        end = max(text.rfind("\n", 0, end), text.rfind(" ", end // 2, end)) + 1 or end
        yield text[:end]
        text = text[end:]
    if text:
        yield text


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
