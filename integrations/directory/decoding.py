"""The text of a file whatever letters it was saved in: told by a mark, or by what it would say otherwise."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from workbot.errors import WorkbotError

MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# What old Windows, Macs and DOS made of letters beyond English.
OLD = ("cp1252", "iso8859-15", "mac-roman", "cp850")
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# A letter of French and its neighbours, where a word has such a letter; and the signs around words.
SMALL, LARGE = "àáâäãåæçèéêëìíîïñòóôöõøœùúûüÿ", "ÀÁÂÄÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØŒÙÚÛÜŸ"
WORD = re.compile(
    rf"(?:(?<![A-Z{LARGE}])[{SMALL}](?![A-Z{LARGE}])|(?<![a-z{SMALL}])[{LARGE}]|(?<=\w)’(?=\w)|«(?=\s)|(?<=\s)»|(?<=\s)–(?=\s)|[\xa0\x00-\x7f]++)*+"
)


def text_of(file: Path, content: bytes) -> str:
    """Raise WorkbotError with what to do when it is not certain what a file says."""
    if content.startswith(WORKBOOKS):
        raise WorkbotError(
            "{file} is a workbook and not CSV, whatever its name says; save it as “CSV UTF-8” in Excel.", file=file
        )
    for mark, encoding in MARKS.items():
        # The mark of UTF-32 begins with that of UTF-16.
        if content.startswith(mark):
            return _decoded(file, content.removeprefix(mark), encoding)
    if b"\0" in content[:4000] and (wide := _wide(content)):
        return _decoded(file, content, wide)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        return _old(file, content, error)


def _decoded(file: Path, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].decode(encoding, "replace").count("\n") + 1
        raise WorkbotError(
            "{file}:{line}: the file is damaged here ({encoding}); save it again as “CSV UTF-8”.",
            file=file,
            line=line,
            encoding=encoding.upper(),
        ) from error


def _wide(content: bytes) -> str:
    """How a file without a mark was saved that has two or four bytes for a letter: its header is English."""
    head = content[:4000]
    for encoding, width, letter in (("utf-32-le", 4, 0), ("utf-32-be", 4, 3), ("utf-16-le", 2, 0), ("utf-16-be", 2, 1)):
        zeros = [head[place::width].count(0) for place in range(width)]
        units = len(head) // width
        if not zeros[letter] and all(2 * zeros[place] > units for place in range(width) if place != letter):
            return encoding
    return ""


def _old(file: Path, content: bytes, error: UnicodeDecodeError) -> str:
    """The one reading of an old file in which every letter stands where French has it."""
    readings = {text for encoding in OLD if (text := _reading(content, encoding)) is not None}
    if len(readings) == 1:
        return readings.pop()
    raise WorkbotError(
        "{file}:{line}: this is not UTF-8 text, and it is not certain which letters were meant; save the file again as "
        "“CSV UTF-8”.",
        file=file,
        line=content.count(b"\n", 0, error.start) + 1,
    ) from error


def _reading(content: bytes, encoding: str) -> str | None:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    return text if WORD.fullmatch(text) else None
