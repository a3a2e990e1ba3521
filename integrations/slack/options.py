"""Options of lists, in messages and in forms alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from integrations.slack.texts import Element, plain
from workbot.texts import clean, cut, size

LONGEST_LABEL = 75
# Of one list, and of the groups in one.
MOST = 100


def option(label: str, value: str) -> Element:
    return {"text": plain(cut(label, LONGEST_LABEL) or "–"), "value": value}


def grouped(options: Sequence[Element]) -> list[Element]:
    """More options than one list takes, in groups that say what is in them."""
    groups = [options[start : start + MOST] for start in range(0, len(options), MOST)]
    return [{"label": plain(_span(group)), "options": list(group)} for group in groups]


def shortened(labels: Iterable[str]) -> list[str]:
    """The labels that cannot be shown whole in a list, and so must be read elsewhere."""
    return [label for label in map(clean, labels) if size(label) > LONGEST_LABEL]


def _span(group: Sequence[Element]) -> str:
    first, last = group[0]["text"]["text"], group[-1]["text"]["text"]
    return f"{cut(first, 30)} – {cut(last, 30)}"
