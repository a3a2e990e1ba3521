"""The one door between the app and the platforms: what a platform is, and what it may ask of the app.

Which platforms there are, `workbot/plugins.py` knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable
from uuid import UUID

from sqlmodel import Session
from starlette.requests import Request
from starlette.routing import BaseRoute

from workbot.cards import Card
from workbot.clock import Clock
from workbot.i18n import Language
from workbot.people import Person
from workbot.settings import Settings
from workbot.storage.database import Database
from workbot.turns import Reply, Sender, Turn

if TYPE_CHECKING:
    from workbot.web.pages import Frame


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One card on its way out.

    `address` is opaque to all but its platform; `thread` is the reference of the message to write
    under; `reference` that of the message to put the card in place of. `key` names the message for
    good: a platform that can tell that it has taken it already takes it once.
    """

    key: str
    address: str
    card: Card
    locale: str
    thread: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast a platform may be written to, in each tenant; 0 a second is without limit.

    `burst` is how many may go at once after a rest; in any span of time at most `burst` more go than the
    rate says. `at_once` is how many may be under way at the same moment, whoever sends them; 0 is without limit.
    `conversation` holds pairs of a number of messages and a span in seconds: no more than so many in any such span
    to one recipient.
    """

    per_second: float = 0
    burst: int = 1
    updates_per_second: float = 0
    at_once: int = 0
    conversation: tuple[tuple[int, float], ...] = ()

    @property
    def leave_free(self) -> bool:
        """Whether messages to different recipients never have to wait for one another."""
        return not (self.per_second or self.updates_per_second or self.at_once)


class Platform(Protocol):
    """Somewhere people are: chat, mail, the web."""

    name: str
    limits: Limits
    # Whether delivering the same key twice shows one message: then a doubt is settled by trying again.
    takes_once: bool

    def routes(self) -> Sequence[BaseRoute]:
        """The web addresses at which the platform reaches us."""
        ...

    async def deliver(self, outgoing: Outgoing) -> str:
        """Send or update, and return the reference of the message; raise DeliveryError if it cannot be."""
        ...

    async def check(self) -> str:
        """Why the platform cannot be used now, or empty: for `readyz` and `doctor`."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class HasBackgroundWork(Protocol):
    """A platform with work of its own, such as a connection to keep or lists to compare."""

    async def run(self) -> None:
        """Work until cancelled."""
        ...


@runtime_checkable
class Lookup(Protocol):
    """A platform that can be asked what became of a message which was under way when a process died."""

    async def find(self, outgoing: Outgoing) -> str | None:
        """The reference of a message that was taken, None if it was not; raise DeliveryError if one cannot tell now."""
        ...


@dataclass(frozen=True, slots=True)
class EmbedSession:
    """A page of ours that another program shows in a window of its own.

    `sender` is whose account it is, None when that has to be asked anew, which begins at `sign_in_url`. `scripts` are
    the static files that make a page at home in it. `generation` is that of the person's sessions when it was opened:
    it ends with them.
    """

    sender: Sender | None
    sign_in_url: str
    scripts: tuple[str, ...] = ()
    generation: int = 0


@runtime_checkable
class Embeddable(Protocol):
    """A platform that shows some of our pages in windows of its own, to people whom it knows itself."""

    # Who may show them, as a Content-Security-Policy names sources. All other pages stand alone.
    frame_ancestors: str

    def embeds(self, path: str) -> bool: ...

    def embed_session(self, request: Request) -> EmbedSession | None:
        """What is known of the window that a request for such a page comes from, None if it is none of the
        platform's."""
        ...


@dataclass(frozen=True, slots=True)
class Mail:
    """A card that goes to one address by mail, at once and in a language."""

    to: str
    card: Card
    locale: str


class Mailer(Protocol):
    """What can send a letter at once, without the outbox: for sign-in links that must not be stored."""

    async def post(self, letter: Mail) -> None: ...


class ReplySink(Protocol):
    """Puts a turn's reply where its platform keeps replies."""

    def __call__(self, session: Session, /, reply: Reply) -> None: ...


class Host(Protocol):
    """What the app offers an integration."""

    settings: Settings
    database: Database
    clock: Clock

    @property
    def platforms(self) -> Mapping[str, Platform]:
        """The platforms that are on, by name."""
        ...

    async def receive(self, turn: Turn, *, then: ReplySink | None = None) -> Reply:
        """Take a turn of an authenticated sender: its effect is stored when this returns.

        `then` is what a platform that keeps replies itself does with this one, in the same transaction:
        once, however often the turn comes.
        """
        ...

    def opens_form(self, action: str) -> bool:
        """Whether pressing a button of this action opens a form, so that one can be made ready for it."""
        ...

    async def alert(self, role: str, card: Callable[[Language], Card], *, key: str) -> None:
        """Tell those of a role what only they can see to; once for each key."""
        ...

    async def ask_owner(self, sender: Sender) -> None:
        """Ask the person whose address an unknown account bears whether it is theirs, if they may say so; once."""
        ...

    async def signed_in(self, request: Request) -> Person | None:
        """The person whom a web request's session belongs to."""
        ...

    def embed_session(self, request: Request) -> EmbedSession | None:
        """What is known of another program's window that a request comes from, None for a browser by itself."""
        ...

    async def frame(self, person_id: UUID | None, path: str, lang: Language) -> Frame:
        """What surrounds a page that a person (or, signed out, nobody) looks at."""
        ...

    async def file(self, key: UUID) -> File | None:
        """A stored file, to be sent along with the card that carries it."""
        ...

    async def file_for(self, key: UUID, reader: UUID) -> File | None:
        """A stored file, if a person may have it at this moment; whether they were shown it, the integration knows."""
        ...


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media_type: str
    content: bytes
    made_at: datetime
    # What it is about, where not everybody may have it who could be shown it.
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """A word that we understand: what it does, and how it is typed, in English."""

    about: str
    usage: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something that a platform found when it looked at itself: in order, worth a look, or wrong and what to do."""

    words: str
    verdict: Literal["ok", "warning", "fail"] = "ok"


@runtime_checkable
class Diagnosable(Protocol):
    """A platform that can say more than whether it can be used: for `doctor`."""

    async def diagnose(self, lang: Language) -> Sequence[Diagnostic]: ...


Builder = Callable[[Host], Platform | None]
# Describes our app at an address, with the words that it understands, for the platform's own console: as JSON, or as
# a package of files (zip) where the platform wants one.
Manifest = Callable[[str, Mapping[str, Word]], Mapping[str, Any] | bytes]
