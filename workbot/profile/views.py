"""How help and settings look."""

from __future__ import annotations

from collections.abc import Sequence

from workbot import plugins
from workbot.cards import Button, Buttons, Card, ChoiceField, Element, Fact, Facts, Form, Option, Text, TextField
from workbot.i18n import LOCALES, Language
from workbot.people import AccountClaim, Person
from workbot.router import CommandRoute

LANGUAGES = {"en": "English", "fr": "Français"}


def help_card(commands: Sequence[CommandRoute], lang: Language) -> Card:
    """Every word that the bot knows, what it does, and a button that does it."""
    lines = [Text(f"{lang(command.usage)} – {lang(command.about)}") for command in commands]
    buttons = tuple(
        Button(lang(command.label), "profile.command", command.name) for command in commands if command.label
    )
    hint = lang("Type a word, or press a button. I understand English and French.")
    return Card(lang("What I can do"), (*lines, Buttons(buttons, lang("What you can do")), Text(hint, "muted")))


def settings_form(person: Person, platforms: Sequence[str], lang: Language) -> Form:
    """A person's own settings, as they stand."""
    languages = tuple(Option(LANGUAGES[locale], locale) for locale in LOCALES)
    surfaces = tuple(Option(plugins.label(name, lang), name) for name in platforms)
    hint = lang("As 18:30. Leave both empty for none.")
    fields = (
        ChoiceField("locale", lang("Language"), languages, value=person.locale),
        TextField("quiet_from", lang("Quiet from"), hint, required=False, value=_clock(person.quiet_from)),
        TextField("quiet_until", lang("Quiet until"), required=False, value=_clock(person.quiet_until)),
        ChoiceField(
            "platform",
            lang("Where I write to you first"),
            surfaces,
            required=False,
            value=person.preferred_platform,
        ),
    )
    return Form("profile.save", lang("Your settings"), fields, lang("Save"))


def saved(person: Person, lang: Language) -> Card:
    lines: list[Element] = [Text(lang("I speak English with you."))]
    if person.quiet_from and person.quiet_until:
        quiet = lang("Quiet from {start} to {end}.", start=_clock(person.quiet_from), end=_clock(person.quiet_until))
        lines.append(Text(quiet))
    if person.preferred_platform:
        platform = plugins.label(person.preferred_platform, lang)
        lines.append(Text(lang("I write to you on {platform} first.", platform=platform)))
    return Card(lang("Saved"), tuple(lines), tone="good")


def claim_card(claim: AccountClaim, lang: Language) -> Card:
    """Whether an account that bears somebody's address is theirs: it would act in their name."""
    platform = plugins.label(claim.platform, lang)
    text = Text(
        lang(
            "An account on {platform} has your e-mail address, and has written to me. If it is yours, whatever it "
            "says to me counts as said by you. If you have not just written to me there, say no.",
            platform=platform,
        )
    )
    facts = Facts((Fact(lang("Account"), claim.name or claim.user), Fact(platform, claim.organisation or claim.tenant)))
    buttons = Buttons(
        (
            Button(lang("Yes, it is mine"), "profile.claim_confirm", str(claim.id)),
            Button(lang("No, it is not mine"), "profile.claim_refuse", str(claim.id), "danger"),
        ),
        lang("Is this account yours?"),
    )
    return Card(lang("Is this account yours?"), (text, facts, buttons))


def claim_confirmed(claim: AccountClaim, lang: Language) -> Card:
    text = lang("From now on I know you by your account “{name}” too.", name=claim.name or claim.user)
    return Card(lang("This account is yours"), (Text(text),), tone="good")


def claim_refused(claim: AccountClaim, lang: Language) -> Card:
    text = lang(
        "The account “{name}” stays a stranger’s. If somebody uses your address, tell your administrator.",
        name=claim.name or claim.user,
    )
    return Card(lang("This account is not yours"), (Text(text),))


def _clock(at: object) -> str:
    return at.strftime("%H:%M") if hasattr(at, "strftime") else ""
