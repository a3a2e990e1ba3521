"""Conversations as HTML: each message by itself, so that a page and a live update draw the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from textwrap import shorten
from urllib.parse import quote, urlencode, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from markupsafe import Markup
from sqlmodel import Session, col, select

from integrations.web import conversations
from integrations.web.conversations import Conversation, Replies
from integrations.web.forms import Asked, Seal, nonce
from integrations.web.models import ChatMessage
from workbot.cards import Card, load, plain_text
from workbot.i18n import Language, language
from workbot.people import Channel, Person
from workbot.web.pages import Pages

# A choice of more than this is a list to open rather than buttons to read.
FEW = 7
# A text longer than this is folded.
LONG = 3000
SHORT = 600
GLIMPSE = 160


@dataclass(frozen=True, slots=True)
class View:
    """Some messages of a conversation as one person sees them, with what is needed to draw them."""

    person: Person
    where: Conversation
    rows: list[ChatMessage]
    names: dict[UUID, str]
    replies: dict[UUID, Replies]
    roots: dict[UUID, ChatMessage]

    @property
    def lang(self) -> Language:
        return language(self.person.locale)


@dataclass(frozen=True, slots=True)
class Page:
    """A conversation to open: what stands in it, and where else the person can go."""

    view: View
    channels: list[Channel]
    version: int
    before: int
    earlier: int


def view(session: Session, person: Person, where: Conversation, rows: Iterable[ChatMessage]) -> View:
    """Gather what drawing messages needs, in a handful of queries."""
    rows = list(rows)
    senders = {row.sender_id for row in rows if row.sender_id}
    above = {row.thread_id for row in rows if row.thread_id and not where.root}
    names = session.exec(select(Person.id, Person.name).where(col(Person.id).in_(senders)))
    roots = session.exec(select(ChatMessage).where(col(ChatMessage.id).in_(above)))
    return View(
        person,
        where,
        rows,
        dict(names.all()),
        conversations.replies(session, person, rows),
        {root.id: root for root in roots},
    )


def page(session: Session, person: Person, *, place: str, thread: str, before: int) -> Page:
    """Read a conversation for a page. The version comes first: what is written meanwhile comes live."""
    version = conversations.version(session)
    where = conversations.find(session, person, place=place, thread=thread)
    rows = conversations.shown(session, person, where, before=before)
    earlier = rows[0].seq if len(rows) == conversations.PAGE else 0
    if where.root:
        rows = [where.root, *rows]
    seen = view(session, person, where, rows)
    return Page(seen, conversations.channels(session, person), version, before, earlier)


@dataclass(frozen=True, slots=True)
class Pressing:
    """How the buttons of a card are pressed: where that goes, what goes along, and how an action with its value is
    spelled. `name` is the card's own on its page; where it `is_live`, the page stays and what changes comes to it."""

    name: str
    to: str
    hidden: Mapping[str, str]
    spell: Callable[[str, str], str]
    is_live: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """One message, ready for its template."""

    row: ChatMessage
    view: View
    now: datetime

    @property
    def card(self) -> Card | None:
        return load(self.row.card) if self.row.card else None

    @property
    def pressing(self) -> Pressing:
        named = {"message": str(self.row.id), "thread": self.view.where.thread, "nonce": nonce()}
        return Pressing(str(self.row.id), "/chat/press", named, _spelled, is_live=True)

    @property
    def is_own(self) -> bool:
        return self.row.sender_id == self.view.person.id

    @property
    def name(self) -> str:
        return self.view.names.get(self.row.sender_id, "") if self.row.sender_id else ""

    @property
    def is_private(self) -> bool:
        return self.row.only_for is not None and not self.view.where.is_own

    @property
    def root(self) -> str:
        """What the message is a reply to, where it is shown away from its thread."""
        above = self.view.roots.get(self.row.thread_id) if self.row.thread_id else None
        if above is None:
            return ""
        return load(above.card).title if above.card else above.text[:80]

    @property
    def thread(self) -> str:
        return f"/chat/t/{self.row.thread_id or self.row.id}"

    @property
    def replies(self) -> Replies:
        return self.view.replies.get(self.row.id, Replies())

    @property
    def replies_text(self) -> str:
        return self.view.lang.plural("{count} reply", "{count} replies", self.replies.count)

    @property
    def glimpse(self) -> str:
        """The beginning of a message, in a line."""
        said = plain_text(self.card) if self.card else self.row.text
        return shorten(said, GLIMPSE, placeholder="…")

    @property
    def in_thread(self) -> bool:
        return self.view.where.root is not None

    @property
    def day(self) -> date:
        return self.row.said_at.astimezone(ZoneInfo(self.view.person.timezone)).date()

    def time(self, at: datetime) -> str:
        """The hour today, the day and the hour otherwise."""
        zone = ZoneInfo(self.view.person.timezone)
        is_today = at.astimezone(zone).date() == self.now.astimezone(zone).date()
        lang = self.view.lang
        return lang.time(at, zone.key) if is_today else lang.moment(at, zone.key)

    def full_time(self, at: datetime) -> str:
        return self.view.lang.moment(at, self.view.person.timezone)


def safe_url(url: str) -> str:
    """An address that is harmless to open, or nothing."""
    try:
        scheme = urlsplit(url.strip()).scheme.lower()
    except ValueError:
        return ""
    return url if scheme in ("", "http", "https", "mailto") else ""


def stored_file(file: str) -> str:
    """Where a file that a message carries is."""
    return f"/chat/files/{quote(file, safe='')}"


PAGES = Pages(
    Path(__file__).parent / "templates",
    nonce=nonce,
    safe_url=safe_url,
    stored_file=stored_file,
    FEW=FEW,
    LONG=LONG,
    SHORT=SHORT,
)


def messages(view: View, now: datetime) -> list[tuple[Drawn, Markup]]:
    """Every message of a view with its HTML."""
    drawn = [Drawn(row, view, now) for row in view.rows]
    return [(one, PAGES.fragment("message.html", view.lang, message=one)) for one in drawn]


def compose(where: Conversation, lang: Language) -> Markup:
    """The box to write in, with a name of its own for the turn it will be."""
    return PAGES.fragment("compose.html", lang, where=where, invitation=invitation(where))


def invitation(where: Conversation) -> str:
    """What is said over the box under a card that reads replies."""
    return load(where.root.card).replies if where.root and where.root.card else ""


def live_url(page: Page) -> str:
    where = page.view.where
    asked = {"place": "" if where.root else where.place, "thread": where.thread, "after": str(page.version)}
    return "/chat/live?" + urlencode({name: value for name, value in asked.items() if value})


def form(
    asked: Asked,
    seal: Seal,
    lang: Language,
    *,
    refusal: Card | None = None,
    dialog: bool = False,
    to: str = "/chat/form",
) -> Markup:
    """A form with what was typed, what is wrong with it, and its own seal."""
    shown = {"asked": asked, "form": asked.form, "seal": seal.close(asked), "refusal": refusal}
    return PAGES.fragment("form.html", lang, dialog=dialog, to=to, **shown)


def _spelled(action: str, value: str) -> str:
    return json.dumps([action, value])
