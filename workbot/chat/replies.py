"""What a reply says, as a card, wherever it is shown."""

from __future__ import annotations

from workbot.cards import Button, Buttons, Card, Form, Text
from workbot.cards.forms import sent_already
from workbot.errors import WorkbotError
from workbot.i18n import Language
from workbot.turns import Again, Reject, Replace, Reply, Say


def card_of(reply: Reply, lang: Language) -> Card:
    """A reply that is no form, as a card."""
    match reply:
        case Say(card=card) | Replace(card=card):
            return card
        case Reject(errors=errors):
            return Card(lang("That did not work"), tuple(Text(error) for error in errors.values()), tone="warn")
        case Again(sent_as=sent_as, same=same):
            return sent_already(sent_as, lang, same=same)
        case _:
            return Card(lang("Done"), tone="good")


def is_public(reply: Reply) -> bool:
    """Whether a reply is for all who read along."""
    return isinstance(reply, Say) and reply.public


def refused(error: WorkbotError, lang: Language) -> Say:
    """What is said where somebody can do something about an error."""
    text = Text(lang(error.message, **error.values))
    return Say(Card(lang("That did not work"), (text,), tone="warn"), refused=True)


def way_in(form: Form, lang: Language, key: str, action: str, others: tuple[Button, ...] = ()) -> Card:
    """The way to a form that could not be opened: a button of an action that opens it by its name."""
    text = Text(lang("Press the button to open the form. What was filled in is still there."))
    return Card(form.title, (text, Buttons((Button(lang("Open the form"), action, key, "primary"), *others))))
