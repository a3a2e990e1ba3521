"""A comment: in one's own words, in a form of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from workbot.cards import Button, Buttons, Element, Form, TextField, ToggleField
from workbot.errors import Invalid, Problem
from workbot.i18n import Language
from workbot.pulse.questions.base import Asking, Written

LONGEST = 3000
FIELD = "comment"


class Comment(Written):
    """In one's own words."""

    kind: Literal["comment"]
    required: bool = False

    def ways(self, asking: Asking, lang: Language) -> tuple[Element, ...]:
        write = Button(lang("Write a comment"), "pulse.write", asking.reference, "primary")
        return (Buttons((write, *asking.onward), lang.of(self.text)),)

    def form(self, asking: Asking, lang: Language) -> Form:
        """Always empty, also when there is a comment.

        What is stored is never sent back: the platform would keep another copy of it, and whoever looks
        over a shoulder would read it. Instead a comment can be replaced, or removed.
        """
        again = asking.is_answered
        hint = lang("You have written a comment. What you write here takes its place.") if again else ""
        text = lang.of(self.text)
        field = TextField(FIELD, text, hint=hint, required=not again, multiline=True, max_length=LONGEST)
        remove = (ToggleField("remove", lang("Remove my earlier comment")),) if again else ()
        return Form(
            action="pulse.comment",
            title=lang("Your comment"),
            fields=(field, *remove),
            submit=lang("Store"),
            intro=_who_reads(asking.mode, lang),
            state=asking.reference,
        )

    def typed(self, values: Mapping[str, str]) -> str:
        return values.get(FIELD, "")

    def checked(self, value: str) -> str:
        if not value.strip():
            raise Invalid({FIELD: Problem("Write something, or go on without a comment.")})
        if len(value) > LONGEST:
            limit = {"limit": LONGEST, "count": len(value)}
            raise Invalid({FIELD: Problem("At most {limit} characters, please; this is {count}.", limit)})
        return value


def _who_reads(mode: str, lang: Language) -> str:
    if mode == "identified":
        return lang("It is read with your name.")
    return lang("It is shown word for word, without your name. Leave out what would give you or others away.")
