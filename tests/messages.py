"""What the program says, found in the source: `python -m tests.messages` prints what French still lacks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from workbot.i18n import catalogues

ROOT = Path(__file__).parent.parent
PARTS = ("workbot", "integrations")
SAID_BY = {"lang": None, "N_": None, "Problem": None, "plural": (1, 2)}
PLACEHOLDER = re.compile(r"\{[a-z_]*\}")


@dataclass(frozen=True)
class Said:
    """One message: where it stands, and its one or two forms."""

    file: Path
    line: int
    forms: tuple[str, ...]


def said() -> list[Said]:
    """Every message of the code and the templates."""
    keywords = SAID_BY | dict.fromkeys(refusals())
    found: list[Said] = []
    for file in sources("*.py"):
        found.extend(_extracted(file, "python", keywords))
    for file in sources("*.html"):
        found.extend(_extracted(file, "jinja2.ext:babel_extract", keywords))
    return found


def sources(pattern: str) -> Iterator[Path]:
    for part in PARTS:
        yield from sorted((ROOT / part).rglob(pattern))


def refusals() -> set[str]:
    """The names of WorkbotError and all that derive from it: their first argument is a message."""
    names = {"WorkbotError"}
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for file in sources("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ClassDef)
    }
    while more := {name for name, above in bases.items() if above & names} - names:
        names |= more
    # Its messages stand in its Problems.
    return names - {"Invalid"}


def translated(part: Path = ROOT) -> dict[tuple[str, ...], set[tuple[str, ...]]]:
    """What French has for every message, from all parts or from one."""
    found: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for file in (file for file in catalogues("fr") if file.is_relative_to(part)):
        with file.open("rb") as catalogue:
            for message in read_po(catalogue, locale="fr"):
                if message.id and not message.fuzzy:
                    found.setdefault(_forms(message.id), set()).add(_forms(message.string))
    return found


def missing() -> list[Said]:
    have = translated()
    return [message for message in said() if not all(all(forms) for forms in have.get(message.forms, {("",)}))]


def placeholders(forms: tuple[str, ...]) -> set[str]:
    return {name for form in forms for name in PLACEHOLDER.findall(form)}


def _extracted(file: Path, method: str, keywords: dict[str, object]) -> Iterator[Said]:
    with file.open("rb") as source:
        for line, message, _comments, _context in extract(method, source, keywords=keywords):  # type: ignore[arg-type]
            forms = _forms(message)
            if forms[0]:
                yield Said(file.relative_to(ROOT), line, forms)


def _forms(message: str | tuple[str, ...] | Message | list[str]) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else tuple(message)  # type: ignore[arg-type]


if __name__ == "__main__":
    for lacking in missing():
        print(f"{lacking.file}:{lacking.line}: {lacking.forms[0]!r}")
