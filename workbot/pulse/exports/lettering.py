"""What the fonts of this machine can show of a text, and words for the rest.

Typst takes each character from the first font that has it. PDF/UA-1 refuses a text that holds one which none has, and
names one such character at a time, as Rust would write it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

import typst

from workbot.i18n import Language

NOT_SHOWN = re.compile(r'the text `"(.{1,200}?)"` could not be displayed', re.DOTALL)
ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
BEYOND_LATIN = re.compile("[^\u0000-\u024f\u2000-\u206f]+")
# What makes one sign of several; without the signs it is nothing.
JOINING = "[\u200d\u20e3\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
JOINERS = f"{JOINING}*"
# So many characters of a script that no font has, and none that one has: then the script has no font.
ENOUGH = 6
# A longer piece of a script is not spelled: the names of its characters would tell nobody anything.
LONGEST_SPELLED = 3

Setter = Callable[[str], bytes]


def unseen(error: typst.TypstError) -> str:
    """The character that no font has, if it is that which an error speaks of."""
    found = NOT_SHOWN.search(str(error))
    return ESCAPED.sub(lambda code: chr(int(code[1], 16)), found[1]) if found else ""


def without_font(text: str, probe: Setter) -> set[str]:
    """The characters of a text that no font has; `probe` sets some by themselves."""
    marks = sorted({mark for piece in BEYOND_LATIN.findall(text) for mark in piece}, key=_script)
    return {mark for _, some in groupby(marks, _script) for mark in _without_font("".join(some), probe)}


def in_words(text: str, missing: Iterable[str], lang: Language) -> str:
    """A text with words for the characters that are missing, those that follow one another taken together."""
    signs = "".join(map(re.escape, sorted(missing)))
    if not signs:
        return text
    run = f"(?<!{JOINING}){JOINERS}[{signs}](?:{JOINERS} ?[{signs}])*{JOINERS}"
    return re.sub(run, lambda found: _said(found[0], lang), text)


def _without_font(marks: str, probe: Setter) -> Iterator[str]:
    """Those of one script's characters that no font has."""
    left, failed = marks, 0
    while left:
        try:
            probe(left)
        except typst.TypstError as error:
            before, mark, after = left.partition(unseen(error))
            if not mark:
                raise
            failed += 1
            if failed >= ENOUGH and len(left) + failed == len(marks) + 1 and not before:
                yield from left
                return
            yield mark
            left = before + after
        else:
            return


def _script(mark: str) -> str:
    """The script of a letter, as the names of Unicode begin: `CYRILLIC`, `CJK`."""
    return unicodedata.name(mark, "").partition(" ")[0]


def _said(run: str, lang: Language) -> str:
    """Characters by their names in Unicode; a piece of a script by how long it is."""
    known = [mark for mark in re.sub(JOINERS, "", run) if unicodedata.category(mark)[0] not in "CMZ"]
    letters = [mark for mark in known if unicodedata.category(mark)[0] == "L"]
    if len(letters) > LONGEST_SPELLED:
        return (
            "("
            + lang.plural(
                "{count} character of a script that this document has no font for: {script}",
                "{count} characters of a script that this document has no font for: {script}",
                len(letters),
                script=_script(letters[0]).capitalize().replace("Cjk", "CJK"),
            )
            + ")"
        )
    names = [unicodedata.name(mark, "").lower() for mark in known]
    return f"({', '.join(name for name in names if name) or '?'})"
