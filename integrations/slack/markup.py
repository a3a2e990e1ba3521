"""What is written in Slack as everyone else reads it: names for ids, characters for the names of emojis, plain text for
links. https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from integrations.slack.emojis import with_emojis
from workbot.i18n import Language, language
from workbot.texts import clean

PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
CHANNEL = re.compile(r"<#([CGD][A-Z0-9]+)(?:\|([^<>]*))?>")
# What a field of a form holds of Slack's own: there nothing is escaped, and any other bracket is what was typed.
MENTION = re.compile(r"<(@[UW][A-Z0-9]+|#[CGD][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!(?:here|channel|everyone))(?:\|[^<>]*)?>")
ID = re.compile(r"[UWSCGDB][A-Z0-9]{2,}")
DATE = re.compile(r"date\^(-?[0-9]{1,12})\^")
ENGLISH = language("en")
EVERYONE = ("here", "channel", "everyone")


@dataclass(frozen=True, slots=True)
class Names:
    """What those are called who are mentioned, by their ids: a channel that is private has an empty name.

    `us` is our own id, which is no part of what is said where it stands first.
    """

    people: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    us: str = ""
    lang: Language = ENGLISH


NOBODY = Names()


def people_in(text: str) -> set[str]:
    """The ids of whom a text mentions."""
    return set(PERSON.findall(text))


def channels_in(text: str) -> dict[str, str]:
    """The ids of the channels that a text mentions, with the names that Slack gives, if it does."""
    return dict(CHANNEL.findall(text))


def plain(text: str, *, mentioned: bool = False, names: Names = NOBODY) -> str:
    """Text as it was written: Slack escapes three characters, and wraps links, channels and names in angle brackets."""
    text, parts, start = with_emojis(text), list[str](), 0
    is_first, is_said = mentioned, False
    while (opened := text.find("<", start)) >= 0 and (closed := text.find(">", opened)) >= 0:
        before, inside = text[start:opened], text[opened + 1 : closed]
        is_said = is_said or bool(before.strip())
        # Whom a message is for is not part of what is said.
        is_for_us = not is_said and _is_for_us(inside, names, is_first=is_first)
        said = "" if is_for_us else _named(inside, names)
        is_first, is_said = is_first and not is_for_us, is_said or bool(said.strip())
        parts += before, said
        start = closed + 1
    return unescape("".join([*parts, text[start:]])).strip()


def typed(text: str, names: Names = NOBODY) -> str:
    """What was typed into a field or after a command, where Slack escapes nothing."""
    return with_emojis(MENTION.sub(lambda found: _named(found[0][1:-1], names), text))


def unescape(text: str) -> str:
    """Text without Slack's escapes, and without what no database takes."""
    return clean(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def _is_for_us(inside: str, names: Names, *, is_first: bool) -> bool:
    if not inside.startswith("@"):
        return False
    return inside[1:].partition("|")[0] == names.us if names.us else is_first


def _named(inside: str, names: Names) -> str:
    """What stands between angle brackets: its label if it has one, else what it leads to; never an id."""
    target, _, label = inside.partition("|")
    label = "" if ID.fullmatch(label.lstrip("@#")) else label
    match target[:1]:
        case "@":
            return _person(target[1:], label, names)
        case "#":
            return _channel(target[1:], label, names)
        case "!":
            return _special(target[1:], label, names.lang)
    address = target.removeprefix("mailto:").removeprefix("tel:")
    return f"{label} ({address})" if label and label not in target else label or address


def _person(key: str, label: str, names: Names) -> str:
    if name := names.people.get(key) or label.lstrip("@"):
        return f"@{name}"
    return names.lang("someone")


def _channel(key: str, label: str, names: Names) -> str:
    """A channel's name where everyone may know it: of one that is private, no more than that."""
    name = names.channels.get(key, label).lstrip("#")
    if name:
        return f"#{name}"
    return names.lang("a private channel") if key in names.channels or key[:1] in "GD" else names.lang("a channel")


def _special(target: str, label: str, lang: Language) -> str:
    kind = target.partition("^")[0]
    if kind in EVERYONE:
        return f"@{kind}"
    if kind == "subteam":
        return f"@{label.lstrip('@')}" if label else lang("a group")
    if label:
        return label
    if found := DATE.match(target):
        return _moment(int(found[1]))
    return "" if kind == "date" else kind


def _moment(seconds: int) -> str:
    """A date for which Slack was given no words, as everyone reads it alike."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, OSError, ValueError):
        return ""
