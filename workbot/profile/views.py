"""How help and settings look."""

from __future__ import annotations

from collections.abc import Sequence

from workbot.cards import Button, Buttons, Card, ChoiceField, Element, Form, Option, Text, TextField
from workbot.i18n import LOCALES, Language
from workbot.people import Person
from workbot.router import CommandRoute

LANGUAGES = {"en": "English", "fr": "Français"}
PLATFORMS = {"web": "Web", "slack": "Slack", "teams": "Teams"}


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
    surfaces = tuple(Option(PLATFORMS.get(name, name), name) for name in platforms)
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
        platform = PLATFORMS.get(person.preferred_platform, person.preferred_platform)
        lines.append(Text(lang("I write to you on {platform} first.", platform=platform)))
    return Card(lang("Saved"), tuple(lines), tone="good")


def _clock(at: object) -> str:
    return at.strftime("%H:%M") if hasattr(at, "strftime") else ""
