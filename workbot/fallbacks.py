"""What is said where no feature answers: that something is not possible, not understood, or not to be had now."""

from __future__ import annotations

from workbot.cards import Button, Buttons, Card, Text
from workbot.errors import Invalid, WorkbotError
from workbot.i18n import Language
from workbot.turns import Reject, Reply, Say


def refused(error: WorkbotError, lang: Language) -> Reply:
    """The reply to what a feature has refused: at the fields of a form, or as a card."""
    if isinstance(error, Invalid):
        return Reject({name: lang(problem.message, **problem.values) for name, problem in error.fields.items()})
    return Say(refusal(lang(error.message, **error.values), lang), refused=True)


def refusal(message: str, lang: Language) -> Card:
    """A kind refusal: what is not possible, and where to go from here."""
    return Card(lang("That did not work"), (Text(message),), tone="warn")


def unknown_command(lang: Language) -> Card:
    buttons = Buttons((Button(lang("Show me what you can do"), action="profile.help", style="primary"),))
    return Card(lang("I did not understand that"), (Text(lang("I know a few words; here they are.")), buttons))


def stranger(lang: Language, url: str) -> Card:
    """What someone sees whom we do not know: the way in."""
    text = lang(
        "I do not know this account yet. Sign in once with your work e-mail address, "
        "or ask your HR department to add you."
    )
    return Card(lang("Hello! We have not met"), (Text(text), Buttons((Button(lang("Sign in"), url=url),))))


def claimed(lang: Language, url: str) -> Card:
    """What someone sees whose account bears the address of one of ours, and who has not confirmed that it is theirs."""
    text = lang(
        "This account has the e-mail address of somebody whom I know. If that is you, sign in once with that address: "
        "there I ask you whether this account is yours."
    )
    return Card(lang("Hello! Is that you?"), (Text(text), Buttons((Button(lang("Sign in"), url=url),))))


def sorry(lang: Language, incident: str) -> Card:
    text = lang(
        "This is our mistake, not yours, and nothing was changed. Please try again; "
        "if it happens again, tell your administrator the number {incident}.",
        incident=incident,
    )
    return Card(lang("Something went wrong on our side"), (Text(text),), tone="bad")


def unsaved(lang: Language) -> Card:
    """What someone sees whose words cannot be kept at the moment."""
    text = lang("I cannot save anything at the moment, so nothing was changed. Please try again in a minute.")
    return Card(lang("I cannot save anything right now"), (Text(text),), tone="warn")
