"""What there is in our Slack: workspaces, people, channels, messages, views, files, and what was called."""

from __future__ import annotations

import secrets
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from integrations.slack.manifest import SCOPES
from tests.slackland.blocks import visible

Thing = dict[str, Any]
TRIGGER_SECONDS = 3.0
ANSWER_SECONDS, ANSWERS = 1800.0, 5
# Calls a minute: https://docs.slack.dev/apis/web-api/rate-limits
TIERS = {1: 1, 2: 20, 3: 50, 4: 100}


@dataclass
class Workspace:
    """A workspace, with the token of our app in it; or an organisation, with one for all of its workspaces."""

    id: str
    name: str
    enterprise: str = ""
    token: str = field(default_factory=lambda: f"xoxb-{secrets.token_hex(12)}")
    scopes: frozenset[str] = frozenset(SCOPES)
    bot_user: str = ""
    revoked: str = ""
    # The workspaces of an organisation.
    teams: tuple[str, ...] = ()

    @property
    def is_organisation(self) -> bool:
        return bool(self.teams)

    def has(self, team: str) -> bool:
        """Whether what is in a workspace can be reached with this token."""
        return team == self.id or team in self.teams


@dataclass
class Trigger:
    user: str
    at: float
    is_used: bool = False


@dataclass
class Misdeed:
    """How a method is to fail, and how many times more."""

    how: str
    times: int


class Refused(Exception):
    """Slack's `ok: false`, with its word and what it adds."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


class World:
    """One Slack. `monotonic` may be replaced, so that nobody has to wait."""

    def __init__(self) -> None:
        self.monotonic: Callable[[], float] = time.monotonic
        self.workspaces: dict[str, Workspace] = {}
        self.users: dict[str, Thing] = {}
        self.channels: dict[str, Thing] = {}
        self.posts: defaultdict[str, list[Thing]] = defaultdict(list)
        self.whispers: list[Thing] = []
        self.views: dict[str, Thing] = {}
        self.stacks: defaultdict[str, list[str]] = defaultdict(list)
        self.homes: dict[str, Thing] = {}
        self.files: dict[str, Thing] = {}
        self.triggers: dict[str, Trigger] = {}
        self.answers: dict[str, Thing] = {}
        self.unfurls: list[Thing] = []
        self.codes: dict[str, str] = {}
        self.refresh: dict[str, str] = {}
        self.calls: list[tuple[str, Thing]] = []
        # What was wrong with what the app sent, however well it got over that.
        self.complaints: list[str] = []
        self.misdeeds: defaultdict[str, list[Misdeed]] = defaultdict(list)
        # That somebody is held, and what they wait for.
        self.held, self.let_go = threading.Event(), threading.Event()
        self.limited = True
        self.api = ""
        self._numbers = count(1)
        self._recent: defaultdict[tuple[str, ...], deque[float]] = defaultdict(deque)

    def number(self) -> int:
        return next(self._numbers)

    def ts(self) -> str:
        return f"{1_800_000_000 + self.number()}.{self.number():06d}"

    def add_workspace(self, name: str = "City", *, enterprise: str = "") -> Workspace:
        key = f"T{self.number():08d}"
        workspace = Workspace(key, name, enterprise)
        self.workspaces[key] = workspace
        workspace.bot_user = str(self.add_user(workspace, "workbot", is_bot=True)["id"])
        return workspace

    def add_organisation(self, *workspaces: Workspace) -> Workspace:
        """An Enterprise Grid organisation of some workspaces, for which the app is installed at once."""
        key = f"E{self.number():08d}"
        organisation = Workspace(key, "Org", key, teams=tuple(workspace.id for workspace in workspaces))
        organisation.bot_user = workspaces[0].bot_user
        self.workspaces[key] = organisation
        for workspace in workspaces:
            workspace.enterprise = key
        for user in self.users.values():
            user["enterprise_user"] = {"enterprise_id": key, "teams": list(organisation.teams)}
        return organisation

    def add_user(self, workspace: Workspace, name: str, email: str = "", **more: Any) -> Thing:
        confirmed = more.pop("confirmed", True)
        user: Thing = {
            "id": f"U{self.number():08d}",
            "team_id": workspace.id,
            "name": name.lower().replace(" ", "."),
            "real_name": name,
            "deleted": False,
            "is_bot": False,
            "is_restricted": False,
            "is_email_confirmed": confirmed,
            "profile": {"real_name": name, "email": email, "team": workspace.id},
        } | more
        self.users[user["id"]] = user
        return user

    def add_channel(self, workspace: Workspace, name: str, *, private: bool = False, **more: Any) -> str:
        key = f"C{self.number():08d}"
        self.channels[key] = {
            "id": key,
            "name": name,
            "team": workspace.id,
            "is_private": private,
            "is_member": False,
            "is_archived": False,
            "creator": "",
        } | more
        return key

    def direct(self, workspace: Workspace, user: str) -> str:
        """The conversation of a user and our app."""
        for channel in self.channels.values():
            if channel.get("user") == user:
                return str(channel["id"])
        key = f"D{self.number():08d}"
        self.channels[key] = {"id": key, "team": workspace.id, "user": user, "is_im": True, "is_member": True}
        return key

    def trigger(self, user: str) -> str:
        key = f"{self.number()}.{secrets.token_hex(8)}"
        self.triggers[key] = Trigger(user, self.monotonic())
        return key

    def answer_url(self, channel: str, user: str, ts: str = "") -> str:
        """Where the app may answer something: five times, for half an hour."""
        key = secrets.token_hex(8)
        self.answers[key] = {"channel": channel, "user": user, "ts": ts, "left": ANSWERS, "at": self.monotonic()}
        return f"{self.api.removesuffix('api/')}actions/{key}"

    def fail(self, method: str, how: str, times: int = 1) -> None:
        """Have a method fail: 429, 429-after-SECONDS, 429-without-header, 404, 405 (for GET alone), 500, reset,
        reset-after, garbage, html, text, json:ANYTHING, error:WORD, or wait: held."""
        self.misdeeds[method].append(Misdeed(how, times))

    def misdeed(self, method: str) -> str:
        for misdeed in self.misdeeds[method]:
            if misdeed.times:
                misdeed.times -= 1
                return misdeed.how
        return ""

    def pace(self, key: tuple[str, ...], most: int, seconds: float) -> bool:
        """Whether one more call fits among so many in so many seconds."""
        now, recent = self.monotonic(), self._recent[key]
        while recent and recent[0] <= now - seconds:
            recent.popleft()
        if len(recent) >= most:
            return False
        recent.append(now)
        return True

    def messages(self, channel: str, thread: str = "") -> list[Thing]:
        """The messages of a channel (or of a person's conversation with us), or those under one, oldest first."""
        found = self.posts[self._channel(channel)]
        if thread:
            return [post for post in found if post.get("thread_ts") == thread and post["ts"] != thread]
        return [post for post in found if post.get("thread_ts", post["ts"]) == post["ts"]]

    def reads(self, channel: str, thread: str = "") -> list[str]:
        """What is to be read in a channel, message by message."""
        return [read(post) for post in self.messages(channel, thread)]

    def whispered(self, user: str) -> list[str]:
        """What one person alone was shown, in any channel."""
        return [read(whisper) for whisper in self.whispers if whisper["user"] == user and not whisper.get("gone")]

    def modal(self, user: str) -> Thing | None:
        stack = self.stacks[user]
        return self.views[stack[-1]] if stack else None

    def home(self, user: str) -> str:
        return "\n".join(visible(self.homes[user]["blocks"])) if user in self.homes else ""

    def called(self, method: str) -> list[Thing]:
        return [arguments for name, arguments in self.calls if name == method]

    def post(self, channel: str, message: Thing) -> Thing:
        """Put a message where it belongs."""
        made = {"type": "message", "ts": self.ts(), "channel": channel} | message
        self.posts[channel].append(made)
        return made

    def _channel(self, key: str) -> str:
        if key in self.users:
            return next((str(c["id"]) for c in self.channels.values() if c.get("user") == key), "")
        return key


def read(message: Thing) -> str:
    """A message as people read it: its blocks, or its text where it has none."""
    blocks = message.get("blocks")
    return "\n".join(visible(blocks)) if blocks else str(message.get("text", ""))
