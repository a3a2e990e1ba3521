"""Texts measured as chat platforms measure them, and cut or split where one sets a limit."""

from __future__ import annotations

from collections.abc import Iterator


def clean(text: str) -> str:
    """Text without what no JSON or database takes: NUL, and halves of characters."""
    if text.isascii():
        return text.replace("\0", "")
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def size(text: str) -> int:
    """How long platforms take a text to be: in UTF-16 code units, the stricter of the two ways to count."""
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
