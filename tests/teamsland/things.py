"""What Teams is made of: the app, tenants, people, teams, conversations, messages, and what somebody looks at."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Literal

from tests.teamsland.reading import Thing, attached, cards, read

GRAPH_ROLES = frozenset(
    {
        "AppCatalog.Read.All",
        "Channel.ReadBasic.All",
        "Organization.Read.All",
        "TeamsAppInstallation.ReadWriteSelfForUser.All",
        "User.Read.All",
    }
)

Block = Literal["", "MessageWritesBlocked", "ConversationBlockedByUser"]


@dataclass
class App:
    """Our app: as Entra knows it, as the bot that it is, and as the catalogue of Teams lists it."""

    client_id: str
    catalog_id: str
    secret: str = field(default_factory=lambda: f"secret-{secrets.token_hex(12)}")
    name: str = "workbot"
    # The id in the manifest; the catalogue calls it the external one.
    manifest_id: str = ""
    # What administrators have let the app do in Graph.
    roles: frozenset[str] = GRAPH_ROLES

    @property
    def bot_id(self) -> str:
        return f"28:{self.client_id}"


@dataclass
class Tenant:
    id: str
    name: str
    has_app: bool = True
    # Administrators may forbid everybody the bot.
    is_forbidden: bool = False
    # Whether bots may speak to one person where others talk: not every cloud had it at once.
    has_targeted: bool = True


@dataclass(eq=False)
class Person:
    """Somebody in a tenant; `more` is what the directory knows besides."""

    id: str
    tenant: Tenant
    name: str
    mail: str
    upn: str
    locale: str
    more: Thing
    has_app: bool = False
    block: Block = ""
    is_gone: bool = False
    # Where Microsoft keeps what is theirs: to be asked of there alone. Their first conversations were in the Americas.
    region: str = "amer"


@dataclass(eq=False)
class Team:
    """A team; its first channel is General, and has its id."""

    id: str
    group: str
    name: str
    tenant: Tenant
    members: list[Person]
    channels: list[Conversation] = field(default_factory=list)
    has_app: bool = False
    is_archived: bool = False


@dataclass(eq=False)
class Conversation:
    """A channel of a team, a chat of several people, or somebody's conversation with the bot.

    `chat` is what Graph calls the last, `members` are those of a chat, and `has_app` whether a chat has the bot.
    """

    id: str
    tenant: Tenant
    name: str = ""
    person: Person | None = None
    team: Team | None = None
    chat: str = ""
    members: list[Person] = field(default_factory=list)
    has_app: bool = False
    messages: list[Message] = field(default_factory=list)
    is_gone: bool = False

    @property
    def has_bot(self) -> bool:
        return self.team.has_app if self.team else self.has_app

    @property
    def everybody(self) -> list[Person]:
        """Who reads along."""
        if self.person:
            return [self.person]
        return [one for one in (self.team.members if self.team else self.members) if not one.is_gone]


@dataclass(eq=False)
class Message:
    """A message as it is, and as it was before each change.

    `views` holds the card that one person alone sees in it since they acted on it, by their object id. A message that
    is `only_for` one person stands where others talk, and nobody else sees it; `is_over` says that its day is over.
    """

    id: str
    conversation: Conversation
    activity: Thing
    author: Person | None = None
    root: str = ""
    history: list[Thing] = field(default_factory=list)
    views: dict[str, Thing] = field(default_factory=dict)
    is_deleted: bool = False
    # The reactions of the bot.
    signs: set[str] = field(default_factory=set)
    only_for: Person | None = None
    is_over: bool = False

    def is_seen_by(self, viewer: Person | None) -> bool:
        """Whether somebody (or, without one, everybody who is there) sees the message."""
        if self.is_deleted or self.is_over:
            return False
        return self.only_for is None or self.only_for is viewer

    def card(self, viewer: Person | None = None) -> Thing:
        """The card of the message as it is now, or as that person sees it; an empty one where there is none."""
        if viewer is not None and viewer.id in self.views:
            return self.views[viewer.id]
        return next(reversed(cards(self.activity)), {})

    def reads(self, viewer: Person | None = None) -> str:
        if viewer is not None and viewer.id in self.views:
            return read({"attachments": [attached(self.views[viewer.id])]})
        return read(self.activity)

    def change(self, activity: Thing) -> None:
        """Put another message in place of this one, for everybody."""
        self.history.append(self.activity)
        self.activity = activity
        self.views.clear()


@dataclass
class Dialog:
    """A form that is open before somebody; `origin` is how it was asked for, and goes along when it is sent."""

    title: str
    card: Thing
    origin: Thing
    errors: dict[str, str] = field(default_factory=dict)


@dataclass
class Screen:
    """What one person sees besides messages: a dialog, what they were told, and what a search brought."""

    dialog: Dialog | None = None
    notices: list[str] = field(default_factory=list)
    results: list[Thing] = field(default_factory=list)
    composing: list[Thing] = field(default_factory=list)
