"""Texts as Adaptive Cards take them: always literal.

Teams reads Markdown in `TextBlock` and in facts, and none in the runs of a `RichTextBlock`, so whatever might be read
as markup stands in a run: no escape is trusted to be understood alike by every client.
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from workbot.texts import clean, split

Element = dict[str, Any]
# Half of a card's room even where each character needs six bytes in JSON.
LONGEST_LINE = 2000
# What Markdown, mentions or the making of links out of words might take hold of.
MARKUP = re.compile(r"[*_`~\[\]<>|\\#&!{}@]|://|www\.|^\s*(?:[-+=]|\d+[.)])|  $|\s{4}|[\r\n\t]")


def is_literal(text: str) -> bool:
    """Whether a text is shown as it is even where Markdown is read."""
    return MARKUP.search(text) is None


def runs(text: str, **look: Any) -> list[Element]:
    """Words of a line. Even in runs `{{DATE(…)}}` would be made a date of, so no two braces stand in one."""
    return [{"type": "TextRun", "text": piece, **look} for piece in text.replace("{{", "{\0{").split("\0")]


def rich(inlines: list[Element], **more: Any) -> Element:
    """A line in which nothing is markup."""
    return {"type": "RichTextBlock", "inlines": inlines, **more}


def heading(text: str) -> Element:
    """A title, which screen readers find as one where it can be shown so."""
    if is_literal(text):
        return {
            "type": "TextBlock", "text": text, "wrap": True, "weight": "Bolder", "size": "Medium", "style": "heading",
        }  # fmt: skip
    return rich(runs(text, weight="Bolder", size="Medium"))


def words(text: str, **look: Any) -> Element:
    """A line of a card."""
    if is_literal(text):
        return {"type": "TextBlock", "text": text, "wrap": True, **look}
    return rich(runs(text, **look))


def paragraphs(text: str, **look: Any) -> Iterator[Element]:
    """A text line by line, since runs know no line breaks; a gap stays one, and nothing is lost."""
    is_first, gap = True, False
    for line in clean(text).split("\n"):
        if not line.strip():
            gap = True
            continue
        for piece in split(line, LONGEST_LINE):
            if piece.strip():
                spacing = {"spacing": "Default" if gap else "None"} if not is_first else {}
                yield words(piece.rstrip(), **look) | spacing
                is_first = gap = False


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def weight(thing: Any) -> int:
    """How many bytes something takes on its way."""
    return len(json.dumps(thing, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))


def cut_bytes(text: str, limit: int) -> str:
    """At most so many bytes on their way, with an ellipsis where something is missing."""
    text = clean(text)
    if weight(text) <= limit:
        return text
    while weight(text) > limit - 3:
        text = text[: max(0, min(len(text) * (limit - 3) // weight(text), len(text) - 1))]
    return text.rstrip() + "…"
