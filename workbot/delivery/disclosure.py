"""What those who watch over delivery may be told of a message: what its feature permits, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from workbot.i18n import Language


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What a feature permits of its messages.

    `title` is said in place of the card's own, which is shown where there is none (`shows_title`).
    """

    title: Callable[[Language], str] = lambda lang: lang("A message")
    shows_title: bool = False
    shows_recipient: bool = False


OPEN = Disclosure(shows_title=True, shows_recipient=True)
NOTHING = Disclosure()
# What is about no thing of a feature is between the app and whom it goes to.
UNNAMED = Disclosure(shows_recipient=True)

# What features permit, by what the subjects of their messages begin with.
Disclosures = Mapping[str, Disclosure]


def disclosure_of(subjects: Iterable[str], permitted: Disclosures) -> Disclosure:
    """What is permitted of a message that is about some things: of several, what the strictest permits."""
    found = [permitted.get(kind, NOTHING) for kind in {subject.partition(":")[0] for subject in subjects if subject}]
    return min(found or [UNNAMED], key=lambda one: (one.shows_recipient, one.shows_title))
