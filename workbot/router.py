"""The table of what people can do: each feature fills one, and the app joins them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from sqlmodel import Session

from workbot.cards import Card
from workbot.i18n import plain
from workbot.people.models import Person
from workbot.turns import (
    Command,
    LinkShared,
    Message,
    MessageAction,
    MessageDeleted,
    MessageEdited,
    Press,
    Reply,
    Search,
    Submission,
    Turn,
)

T_contra = TypeVar("T_contra", bound=Turn, contravariant=True)


class Handler(Protocol[T_contra]):
    """Takes a turn and returns the reply; what it changes is committed with the turn."""

    def __call__(self, session: Session, turn: T_contra, *, person: Person, now: datetime) -> Reply: ...


class ThreadHandler(Protocol):
    """Takes a message written under one of ours, whose subject (`request:...`) it is given."""

    def __call__(self, session: Session, turn: Message, subject: str, *, person: Person, now: datetime) -> Reply: ...


class ChangeHandler(Protocol):
    """Takes the change of a message whose words a feature may have taken in, and says whether it had.

    `person` is None for an author whom we do not know: they may take back no words but their own, as all others.
    """

    def __call__(
        self, session: Session, turn: MessageEdited | MessageDeleted, *, person: Person | None, now: datetime
    ) -> bool: ...


class Finder(Protocol):
    """Finds what a feature has of a person's own that others may know too: a card for each thing."""

    def __call__(self, session: Session, turn: Search, *, person: Person, now: datetime) -> Iterable[Card]: ...


class FileAccess(Protocol):
    """Whether a person may have the files about one of a feature's things (`subject`) at this moment."""

    def __call__(self, session: Session, subject: str, *, person: Person, now: datetime) -> bool: ...


class Section(Protocol):
    """What a feature puts on a person's own page: a card for each thing, none where there is nothing."""

    def __call__(self, session: Session, *, person: Person, now: datetime) -> Iterable[Card]: ...


C = TypeVar("C", bound=Handler[Command])
P = TypeVar("P", bound=Handler[Press])
S = TypeVar("S", bound=Handler[Submission])
M = TypeVar("M", bound=ThreadHandler)
Q = TypeVar("Q", bound=Handler[MessageAction])
L = TypeVar("L", bound=Handler[LinkShared])
N = TypeVar("N", bound=Section)
F = TypeVar("F", bound=Finder)
A = TypeVar("A", bound=FileAccess)
G = TypeVar("G", bound=ChangeHandler)


@dataclass(frozen=True)
class CommandRoute:
    name: str
    handler: Handler[Command]
    about: str
    usage: str
    label: str
    aliases: tuple[str, ...]


@dataclass
class Router:
    """Handlers by command name, action and subject; all names are the public vocabulary."""

    commands: dict[str, CommandRoute] = field(default_factory=dict)
    presses: dict[str, Handler[Press]] = field(default_factory=dict)
    submissions: dict[str, Handler[Submission]] = field(default_factory=dict)
    threads: dict[str, ThreadHandler] = field(default_factory=dict)
    links: dict[str, Handler[LinkShared]] = field(default_factory=dict)
    files: dict[str, FileAccess] = field(default_factory=dict)
    sections: dict[int, Section] = field(default_factory=dict)
    finders: list[Finder] = field(default_factory=list)
    changes: list[ChangeHandler] = field(default_factory=list)
    quoting: Handler[MessageAction] | None = None
    unkept: set[str] = field(default_factory=set)
    asking: set[str] = field(default_factory=set)

    def command(self, name: str, *aliases: str, about: str, usage: str = "", label: str = "") -> Callable[[C], C]:
        """Route a command; aliases are its names in other languages.

        For `help`, as messages: `about` says what it does, `usage` how it is typed, and `label`, if
        given, makes it a button.
        """

        def register(handler: C) -> C:
            self.commands[name] = CommandRoute(name, handler, about, usage or name, label, aliases)
            return handler

        return register

    def press(self, action: str, *, kept: bool = True, asks: bool = False) -> Callable[[P], P]:
        """Route a button; `kept=False` keeps the reply out of the record of turns (survey answers), and `asks` says
        that it is a form, for platforms that have to know before it is pressed."""

        def register(handler: P) -> P:
            self.presses[action] = handler
            if not kept:
                self.unkept.add(action)
            if asks:
                self.asking.add(action)
            return handler

        return register

    def submission(self, action: str, *, kept: bool = True) -> Callable[[S], S]:
        """Route a form, as `press` does a button."""

        def register(handler: S) -> S:
            self.submissions[action] = handler
            if not kept:
                self.unkept.add(action)
            return handler

        return register

    def thread(self, kind: str) -> Callable[[M], M]:
        """Route what is written under messages whose subject begins with `kind:`."""

        def register(handler: M) -> M:
            self.threads[kind] = handler
            return handler

        return register

    def change(self, handler: G) -> G:
        """Have a feature told of messages that were changed or deleted by their authors."""
        self.changes.append(handler)
        return handler

    def file(self, kind: str) -> Callable[[A], A]:
        """Say who may have the files whose subject begins with `kind:`."""

        def register(may_have: A) -> A:
            self.files[kind] = may_have
            return may_have

        return register

    def may_have(self, session: Session, subject: str, *, person: Person, now: datetime) -> bool:
        """Whether a person may have a file; what no feature answers for is nobody's."""
        rule = self.files.get(subject.partition(":")[0])
        return rule is not None and rule(session, subject, person=person, now=now)

    def quote(self, handler: Q) -> Q:
        """Route what is to be made of a message that someone wrote."""
        self.quoting = handler
        return handler

    def link(self, prefix: str) -> Callable[[L], L]:
        """Route what is said of our addresses that begin with `prefix`, to all who read them."""

        def register(handler: L) -> L:
            self.links[prefix] = handler
            return handler

        return register

    def section(self, order: int) -> Callable[[N], N]:
        """Put a section on people's own pages; those of a smaller number stand higher."""

        def register(section: N) -> N:
            self.sections[order] = section
            return section

        return register

    def finder(self, find: F) -> F:
        """Let people find what a feature has of theirs, to show it to others."""
        self.finders.append(find)
        return find

    def find(self, session: Session, turn: Search, *, person: Person, now: datetime) -> Iterator[Card]:
        """What is found, feature by feature."""
        for find in self.finders:
            yield from find(session, turn, person=person, now=now)

    def look_at(self, session: Session, turn: LinkShared, *, person: Person, now: datetime) -> Reply:
        """What is said of an address of ours; nothing of one that has nothing to say."""
        for prefix, handler in self.links.items():
            if turn.path.startswith(prefix):
                return handler(session, turn, person=person, now=now)
        return None

    def page_of(self, session: Session, *, person: Person, now: datetime) -> Iterator[Card]:
        """A person's own page, section by section."""
        for _order, section in sorted(self.sections.items()):
            yield from section(session, person=person, now=now)

    def include(self, other: Router) -> None:
        """Take in a feature's routes; the same name twice is a bug in the app."""
        for mine, theirs in (
            (self.commands, other.commands),
            (self.presses, other.presses),
            (self.submissions, other.submissions),
            (self.threads, other.threads),
            (self.links, other.links),
            (self.files, other.files),
            (self.sections, other.sections),
        ):
            if doubled := mine.keys() & theirs.keys():
                raise ValueError(f"routed twice: {', '.join(sorted(map(str, doubled)))}")
            mine.update(theirs)  # type: ignore[arg-type]  # the pairs above are of one type each
        self.unkept |= other.unkept
        self.asking |= other.asking
        self.finders += other.finders
        self.changes += other.changes
        if self.quoting and other.quoting:
            raise ValueError("quotes are routed twice")
        self.quoting = self.quoting or other.quoting

    def understand(self, text: str) -> tuple[CommandRoute, str] | None:
        """The command that a typed line names, forgiving case, accents and a leading slash, and its rest."""
        word, _, rest = text.strip().partition(" ")
        wanted = plain(word.lstrip("/"))
        for route in self.commands.values():
            if wanted in {plain(name) for name in (route.name, *route.aliases)}:
                return route, rest.strip()
        return None
