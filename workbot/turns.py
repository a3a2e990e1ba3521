"""Turns and replies: everything a person does, and everything a feature answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from workbot.cards import Card, Form
from workbot.texts import clean


@dataclass(frozen=True, slots=True)
class Sender:
    """Who acted, as the platform authenticated it; `user` is an opaque id of that platform."""

    platform: str
    user: str
    tenant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Something a person did. `id` is the platform's own name for it: the same id is the same act.

    `channel` is the address of the channel it happened in (empty in a direct conversation), `message`
    the reference of the message that carried the button.
    """

    sender: Sender
    id: str
    channel: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Turn):
    name: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press(Turn):
    """A button or a selection: which action, and the value it came with."""

    action: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission(Turn):
    """A form sent: values by field name; several choices are separated by newlines.

    `form` names the showing of the form that it was sent from: what is sent from one is taken once.
    """

    action: str
    values: Mapping[str, str] = field(default_factory=dict)
    state: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Turn):
    """Something typed: `thread` is the reference of the message it was written under, if any, and `is_mention` says
    that it names us, so that it is for us wherever it stands. `reference` is its own, where its author can change
    it. `subject` is what the message it was written under is about (`request:...`): dispatch finds that out, whatever
    stands there before.
    """

    text: str
    thread: str = ""
    is_mention: bool = False
    reference: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(Turn):
    """The author of a message has changed it: it is `said` now, under the id that it was taken by.

    `at` is when, by the platform's clock: of two changes the later counts, in whatever order they come.
    """

    said: Message
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted(Turn):
    """A message was deleted: it had been `said`, of which the text is not told."""

    said: Message
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeOpened(Turn):
    """A page of the person's own was opened: a Home, a tab, the chat."""

    surface: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAction(Turn):
    """A message was handed to us to make something of: by a shortcut, or by an emoji put on it.

    `author` names who wrote it, `writer` is their account if they have one; `link` leads to the message, and
    `reference` is its own. `claimed_by` names the platform whose word is all there is for the author and the words.
    """

    text: str
    author: str
    writer: Sender | None = None
    link: str = ""
    emoji: str = ""
    reference: str = ""
    claimed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkShared(Turn):
    """An address of ours stands in a message: `path` is what follows our host."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(Turn):
    """Something is looked for, to be shown to others: what is found is what they all may know."""

    text: str


def cleaned(turn: Turn) -> Turn:
    """A turn whose words, the person's own and those they hand on, are text as everything takes it."""
    match turn:
        case Submission(values=values):
            return replace(turn, values={name: clean(value) for name, value in values.items()})
        case MessageAction(text=text, author=author):
            return replace(turn, text=clean(text), author=clean(author))
        case MessageEdited(said=said) | MessageDeleted(said=said):
            return replace(turn, said=replace(said, text=clean(said.text)))
        case Command(text=text) | Message(text=text) | Search(text=text):
            written = clean(text)
            return turn if written == text else replace(turn, text=written)
        case _:
            return turn


@dataclass(frozen=True, slots=True)
class Say:
    """Answer with a card: to the person alone, or to everyone in the place.

    `refused` says that nothing was done: a form that was sent stays as it was typed. `sent_as` is the name of what
    a form has become. `unsaved` says that nothing could be done:
    the database takes nothing at the moment, not even this reply.
    """

    card: Card
    public: bool = False
    refused: bool = False
    sent_as: str = ""
    unsaved: bool = False


@dataclass(frozen=True, slots=True)
class Replace:
    """Put a card where the pressed message stands."""

    card: Card


@dataclass(frozen=True, slots=True)
class Ask:
    """Open a form."""

    form: Form


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the person's own, or what was found, a card for each thing on it."""

    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Reject:
    """Give the form back with messages at its fields, everything typed still there."""

    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Again:
    """A form was sent that had been sent before: nothing was done.

    `sent_as` is the name of what it became then; `same` says that the same was sent then.
    """

    sent_as: str = ""
    same: bool = True


Reply = Say | Replace | Ask | Page | Reject | Again | None
