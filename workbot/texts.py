"""Texts from outside made fit to be kept, and measured as chat platforms measure them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

# Control characters, and places that Unicode keeps free: no file or database has to take them.
_NO_CHARACTERS = "\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef" + "".join(
    chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)
# Marks that stand for nothing inside a text, or that hide letters from the eye.
_NO_WRITING = "\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
# The flags of regions are spelled in hidden letters, and stay.
NO_TEXT = re.compile(f"(\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)|[{_NO_CHARACTERS}{_NO_WRITING}]")
LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
SURROGATE = re.compile("[\ud800-\udfff]")
# What turns round the words that follow, to where the turn ends: it is to end in its line.
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
SUSPECT = re.compile(f"[\u202a-\u202e\u2066-\u2069\r\u2028\u2029\ud800-\udfff{_NO_CHARACTERS}{_NO_WRITING}]")
# Letters and marks that show nothing, beside those whose category says so (Cf).
ENDED = re.compile(r"""[?!:…？！：؟՞;][\s"'”’»)]*\Z""")
UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")

# Digits of the largest number that every database takes.
LONGEST_NUMBER = 9


def clean(text: str) -> str:
    """Text as every file, platform and database takes it: plain line ends, and nothing that is no text."""
    if text.replace("\n", " ").isprintable() or not SUSPECT.search(text):
        return text
    if SURROGATE.search(text):
        # Two halves make a character; one alone makes none.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = NO_TEXT.sub(lambda found: found[1] or "", LINE_ENDS.sub("\n", text))
    return "\n".join(map(_ended, text.split("\n"))) if TURNS.search(text) else text


def _ended(line: str) -> str:
    """A line without its turns, unless each ends."""
    open_turns = []
    for mark in TURNS.findall(line):
        if mark not in "\u202c\u2069":
            open_turns.append("\u2069" if mark >= "\u2066" else "\u202c")
        elif not open_turns or open_turns.pop() != mark:
            return TURNS.sub("", line)
    return TURNS.sub("", line) if open_turns else line


def cleaned(data: Any) -> Any:
    """Data as JSON has it, every text in it clean."""
    if isinstance(data, str):
        return clean(data)
    if isinstance(data, Mapping):
        return {clean(name): cleaned(value) for name, value in data.items()}
    return [cleaned(value) for value in data] if isinstance(data, list | tuple) else data


def identifier(text: str) -> str:
    """Text that names one thing, such as an address: without what nobody sees, and spelled in one way."""
    if text.isascii() and text.isprintable():
        return text.strip()
    seen = "".join(mark for mark in UNSEEN.sub("", clean(text)) if unicodedata.category(mark) != "Cf")
    return unicodedata.normalize("NFC", seen).strip()


def labelled(text: str, colon: str = ":") -> str:
    """A label as it stands before its value: with a colon, unless it ends in a sign of its own as a question does."""
    return text if ENDED.search(text) else f"{text.rstrip()}{colon}"


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
    text, start = clean(text), 0
    # Only what is near is measured: a long rest measured for each piece would take time by the square.
    while len(text) - start > limit or size(text[start:]) > limit:
        width = limit if text[start : start + limit].isascii() else limit // 2
        end = start + width
        end = max(text.rfind("\n", start, end), text.rfind(" ", start + width // 2, end)) + 1 or end
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]


def whole_number(text: str) -> int | None:
    """A number as people count; None for what is none, or is longer than any that we give out."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else None
