"""What there is in our Teams: tenants, people, teams, conversations, messages, installations, and what was called."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil
from typing import Any
from uuid import UUID, uuid5

from tests.teamsland.reading import Thing
from tests.teamsland.things import App, Conversation, Message, Person, Screen, Team, Tenant
from tests.teamsland.tokens import BOT_FRAMEWORK

NAMESPACE = UUID("5f0c4a8e-53e8-4d6b-9d3f-0f5a6c1c7e11")
# For one bot in one conversation: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
WRITING = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
READING = ((14, 1.0), (16, 2.0), (120, 30.0), (3600, 3600.0))
# For one app in one tenant, whatever it does.
TENANT = ((50, 1.0),)
# What the servers do, by the names that tests have for it.
OPERATIONS = frozenset(
    {
        *("create", "send", "reply", "update", "delete", "members", "paged-members", "member", "team", "channels"),
        *("react", "react-no-more"),
        *("token", "keys", "openid", "entra-keys", "entra-openid"),
        *("users", "delta", "user", "manager", "install", "installed", "chat", "catalog"),
        *("graph-channels", "organization"),
    }
)
FAILURES = ("timeout", "timeout-after", "reset", "reset-after", "truncated", "garbage")


@dataclass
class Misdeed:
    """How an operation is to fail, and how many times more."""

    how: str
    times: int


class Refused(Exception):
    """An answer that is none: its status, Microsoft's word for it, and what it says; `body` says it in another form."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str = "",
        *,
        body: Thing | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.headers = status, dict(headers or {})
        self.body = body or {"error": {"code": code, "message": message}}


class World:
    """One Teams. `monotonic` may be replaced, so that nobody has to wait, and `limited` switched off."""

    def __init__(self) -> None:
        self.monotonic: Callable[[], float] = time.monotonic
        self.limited = True
        # The server's address; that of each service comes from it.
        self.base = ""
        self._numbers = count(1)
        self.app = App(client_id=self._uuid("app"), catalog_id=self._uuid("catalog"))
        self.app.manifest_id = self.app.client_id
        self.tenants: dict[str, Tenant] = {}
        self.people: dict[str, Person] = {}
        # The same by every name that somebody has.
        self._called: dict[str, Person] = {}
        self.teams: dict[str, Team] = {}
        self.conversations: dict[str, Conversation] = {}
        self.screens: defaultdict[str, Screen] = defaultdict(Screen)
        self.calls: list[tuple[str, Thing]] = []
        # Tools that play Teams on a developer's machine want no token; what calls came with is noted.
        self.takes_unsigned = False
        self.authorizations: set[str] = set()
        self.misdeeds: defaultdict[str, list[Misdeed]] = defaultdict(list)
        # What happened in Teams without the driver, such as an installation through Graph, and is still to be sent.
        self.events: deque[tuple[str, Person]] = deque()
        # Who in the directory has changed, oldest first; the same person may be there many times.
        self.changes: list[Person] = []
        self.delta_tokens: dict[str, Thing] = {}
        self.page_size = 100
        # The names of the keys that Bot Framework signs with at the moment: it changes them every few days.
        self.bot_framework_keys = [BOT_FRAMEWORK]
        self._recent: defaultdict[tuple[str, ...], deque[float]] = defaultdict(deque)

    @property
    def login(self) -> str:
        return f"{self.base}/login"

    @property
    def graph(self) -> str:
        return f"{self.base}/graph/v1.0"

    @property
    def openid_metadata(self) -> str:
        """Where the keys of Bot Framework are described."""
        return f"{self.base}/botframework/v1/.well-known/openidconfiguration"

    def service_url(self, tenant: Tenant, region: str = "amer") -> str:
        """The Bot Connector of a tenant, as activities name it."""
        return f"{self.base}/{region}/{tenant.id}/"

    def number(self) -> int:
        return next(self._numbers)

    def message_id(self) -> str:
        """Teams names messages by milliseconds."""
        return str(1_800_000_000_000 + self.number())

    def add_tenant(self, name: str = "City") -> Tenant:
        tenant = Tenant(self._uuid("tenant"), name)
        self.tenants[tenant.id] = tenant
        return tenant

    def add_person(self, tenant: Tenant, name: str, mail: str = "", *, locale: str = "en-CA", **more: Any) -> Person:
        """Somebody in a tenant's directory; `more` are properties as Graph names them."""
        upn = more.pop("userPrincipalName", mail or f"{name.lower().replace(' ', '.')}@{tenant.name.lower()}.example")
        person = Person(self._uuid("person"), tenant, name, mail, upn, locale, more)
        self.people[person.id] = person
        self._called |= {person.id: person, person.upn: person, self.mri(person): person}
        self.changes.append(person)
        return person

    def change_person(self, person: Person, **more: Any) -> None:
        """Change what the directory knows of somebody, by Graph's names; `mail` and `displayName` too."""
        person.mail = more.pop("mail", person.mail)
        person.name = more.pop("displayName", person.name)
        person.more |= more
        self.changes.append(person)

    def remove_person(self, person: Person) -> None:
        """Delete somebody's account."""
        person.is_gone, person.has_app = True, False
        self.changes.append(person)

    def add_team(self, tenant: Tenant, name: str, members: Sequence[Person] = ()) -> Team:
        key = f"19:{secrets.token_hex(16)}@thread.tacv2"
        team = Team(key, self._uuid("group"), name, tenant, list(members))
        self.teams[key] = team
        self._add_channel(team, key, "General")
        return team

    def add_channel(self, team: Team, name: str) -> Conversation:
        return self._add_channel(team, f"19:{secrets.token_hex(16)}@thread.tacv2", name)

    def add_chat(self, tenant: Tenant, name: str, members: Sequence[Person], *, has_app: bool = True) -> Conversation:
        """A chat of several people, such as that of a meeting."""
        key = f"19:{secrets.token_hex(16)}@thread.v2"
        made = Conversation(key, tenant, name=name, members=list(members), has_app=has_app)
        self.conversations[key] = made
        return made

    def personal(self, person: Person) -> Conversation:
        """The conversation of somebody and the bot."""
        key = f"a:1{_digest(person.id, self.app.client_id)}"
        if key not in self.conversations:
            chat = f"19:{person.id}_{self.app.client_id}@unq.gbl.spaces"
            made = Conversation(key, person.tenant, person=person, chat=chat)
            # The Bot Connector knows it by both names.
            self.conversations |= {key: made, chat: made}
        return self.conversations[key]

    def mri(self, person: Person) -> str:
        """What the bot, and no other, calls somebody."""
        return f"29:1{_digest(self.app.client_id, person.id)}"

    def find_person(self, key: str) -> Person | None:
        """Somebody by what the bot calls them, by object id, or by their name for signing in."""
        return self._called.get(key)

    def may_write_to(self, person: Person) -> bool:
        """Whether the bot is installed for somebody, or in a team of theirs."""
        in_team = any(team.has_app and person in team.members for team in self.teams.values())
        return not person.is_gone and (person.has_app or in_team)

    def post(
        self,
        place: Conversation,
        activity: Thing,
        *,
        author: Person | None = None,
        root: str = "",
        only_for: Person | None = None,
    ) -> Message:
        """Put a message where it belongs."""
        message = Message(self.message_id(), place, activity, author, root, only_for=only_for)
        place.messages.append(message)
        return message

    def end_day(self) -> None:
        """Let 24 hours go by: what only one person saw where others talk is gone."""
        for place in self.conversations.values():
            for message in place.messages:
                message.is_over = message.is_over or message.only_for is not None

    def find_message(self, key: str) -> Message:
        found = [one for each in set(self.conversations.values()) for one in each.messages if one.id == key]
        assert found, f"no message {key}"
        return found[0]

    def messages(
        self, where: Person | Conversation | str, thread: str = "", *, viewer: Person | None = None
    ) -> list[Message]:
        """What is said in a conversation (or to somebody, or under one message), oldest first: what everybody there
        sees, and what somebody does.

        An id may name a thread, as the Bot Connector writes it.
        """
        if isinstance(where, str):
            key, _, root = where.partition(";messageid=")
            where, thread = self.conversations.get(key) or self.people[key], thread or root
        place = self.personal(where) if isinstance(where, Person) else where
        return [one for one in place.messages if one.root == thread and one.is_seen_by(viewer)]

    def reads(self, where: Person | Conversation | str, thread: str = "", *, viewer: Person | None = None) -> list[str]:
        """What is to be read there, message by message; by somebody, to whom the conversation may be their own."""
        if isinstance(where, Person) and viewer is None:
            viewer = where
        return [message.reads(viewer) for message in self.messages(where, thread, viewer=viewer)]

    def screen(self, person: Person) -> Screen:
        return self.screens[person.id]

    def called(self, operation: str) -> list[Thing]:
        """The bodies of all calls of an operation."""
        return [asked for name, asked in self.calls if name == operation]

    def fail(self, operation: str, how: str, times: int = 1) -> None:
        """Have an operation fail.

        As a status with or without a word (412, 503, 403:BotDisabledByAdmin), 429, 429-without-header, timeout,
        timeout-after, reset, reset-after, truncated or garbage; what ends in `after` has done its work.
        """
        assert operation in OPERATIONS, f"nothing is called {operation}"
        assert how[:3].isdigit() or how in FAILURES, f"nothing fails by {how}"
        self.misdeeds[operation].append(Misdeed(how, times))

    def misdeed(self, operation: str) -> str:
        for misdeed in self.misdeeds[operation]:
            if misdeed.times:
                misdeed.times -= 1
                return misdeed.how
        return ""

    def expire_deltas(self) -> None:
        """Have Graph forget how far anybody had read its changes."""
        for token in self.delta_tokens.values():
            token["is_expired"] = True

    def wait_for(self, key: tuple[str, ...], spans: Sequence[tuple[int, float]]) -> int:
        """How many seconds to wait before one more fits among so many in each span; 0 when it was let through."""
        now, recent = self.monotonic(), self._recent[key]
        while recent and recent[0] <= now - spans[-1][1]:
            recent.popleft()
        waits = [self._wait(recent, most, span, now) for most, span in spans]
        if any(waits):
            return max(1, ceil(max(waits)))
        recent.append(now)
        return 0

    def _wait(self, recent: deque[float], most: int, span: float, now: float) -> float:
        if len(recent) < most:
            return 0.0
        # Free again when that many of the newest no longer lie within the span.
        return max(0.0, recent[-most] + span - now)

    def _add_channel(self, team: Team, key: str, name: str) -> Conversation:
        made = Conversation(key, team.tenant, name=name, team=team)
        self.conversations[key] = made
        team.channels.append(made)
        return made

    def _uuid(self, kind: str) -> str:
        return str(uuid5(NAMESPACE, f"{kind}-{self.number()}"))


def _digest(*parts: str) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:48]
