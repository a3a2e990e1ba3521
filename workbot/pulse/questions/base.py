"""What every kind of question says of itself: how it is asked, what is an answer to it, and what answers come to.

A kind never decides what is shown: it makes results of counts that have passed the privacy gate.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from workbot.cards import Button, Buttons, Element, Form, Option, Select
from workbot.definitions import Part, Slug, Texts
from workbot.errors import Gone
from workbot.i18n import Language
from workbot.pulse.results import Result, Share

# More answers than this are a list to open, not a row of buttons.
MOST_BUTTONS = 5


@dataclass(frozen=True, slots=True)
class Asking:
    """A question put to somebody: `reference` is what comes back of it, `onward` how they go on without an answer.

    `mode` is that of the wave's promise; `is_answered` says that an answer of theirs is held, and never which.
    """

    reference: str
    mode: str
    is_answered: bool
    onward: tuple[Button, ...] = ()


class Question(Part, ABC):
    """What everybody is asked in the same words; one cannot go on without an answer where it is `required`."""

    id: Slug
    text: Texts
    required: bool = True

    @abstractmethod
    def ways(self, asking: Asking, lang: Language) -> tuple[Element, ...]:
        """What a message offers under the question: to answer it, or to go on without."""

    def form(self, asking: Asking, lang: Language) -> Form:
        """Where it is answered in writing; raises Gone where that cannot be."""
        raise Gone("That is not a question of this survey.")

    def typed(self, values: Mapping[str, str]) -> str:
        """What was written into its form; raises Gone where it has none."""
        raise Gone("That is not a question of this survey.")

    @abstractmethod
    def checked(self, value: str) -> str:
        """An answer as it is stored.

        Raises Gone for one that no button of ours sends, and Invalid for a written one that cannot be taken.
        """

    @abstractmethod
    def answered(self, value: str, lang: Language) -> str:
        """An answer as it is read with a name; empty where there is none."""

    @abstractmethod
    def example(self, mood: float, number: int) -> str:
        """An answer of somebody made up, whose mood is from 0 to 1; empty for none.

        Where mood says nothing, `number` tells people apart.
        """


class Counted(Question):
    """Answered by one of a few answers, which are counted."""

    @property
    @abstractmethod
    def values(self) -> tuple[str, ...]:
        """Every possible answer as it is stored, in the order in which they are offered."""

    @abstractmethod
    def name_of(self, value: str) -> Texts | None:
        """What an answer is called, where it is called anything."""

    def label(self, value: str, lang: Language) -> str:
        """An answer as it is offered and shown."""
        name = self.name_of(value)
        return lang.of(name) if name else value

    def hint(self, value: str, lang: Language) -> str:
        """What those hear besides who do not see an answer among the others."""
        return ""

    def wording(self) -> tuple[Texts | None, ...]:
        """All that makes it this question and no other: its text, and what the answers are called, in their order."""
        return (self.text, *(self.name_of(value) for value in self.values))

    def ways(self, asking: Asking, lang: Language) -> tuple[Element, ...]:
        text, values = lang.of(self.text), [(value, f"{asking.reference}:{value}") for value in self.values]
        offered: Element
        if len(values) > MOST_BUTTONS:
            options = tuple(Option(self.label(value, lang), sent) for value, sent in values)
            offered = Select(text, "pulse.answer", options)
        else:
            buttons = (
                Button(self.label(value, lang), "pulse.answer", sent, hint=self.hint(value, lang))
                for value, sent in values
            )
            offered = Buttons(tuple(buttons), text)
        return (offered, Buttons(asking.onward, text)) if asking.onward else (offered,)

    def checked(self, value: str) -> str:
        if value not in self.values:
            raise Gone("That is not one of the answers.")
        return value

    def answered(self, value: str, lang: Language) -> str:
        return self.label(value, lang) if value in self.values else ""

    def result(self, counted: Counter[str], lang: Language) -> Result:
        """How often each answer was given, and what that comes to."""
        number = counted.total()
        shares = tuple(Share(self.label(value, lang), counted[value]) for value in self.values)
        said = lang.listed([f"{share.label} ({lang.percent(share.count / number)})" for share in shares])
        return Result(self.id, lang.of(self.text), number, shares, said)


class Written(Question):
    """Answered in one's own words, which are shown as they are or not at all."""

    def answered(self, value: str, lang: Language) -> str:
        return value

    def example(self, mood: float, number: int) -> str:
        return ""
