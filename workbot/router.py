"""The table of what people can do: each feature fills one, and the app joins them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

from sqlmodel import Session

from workbot.i18n import plain
from workbot.people.models import Person
from workbot.turns import (
    Command,
    HomeOpened,
    LinkShared,
    Message,
    MessageAction,
    MessageDeleted,
    MessageEdited,
    Page,
    Press,
    Reply,
    Search,
    Submission,
    Turn,
)

T = TypeVar("T", bound=Turn)
T_contra = TypeVar("T_contra", bound=Turn, contravariant=True)
C = TypeVar("C", bound="ChangeHandler")
A = TypeVar("A", bound="FileAccess")
V = TypeVar("V")


class Handler(Protocol[T_contra]):
    """Takes a turn and returns the reply; what it changes is committed with the turn."""

    def __call__(self, session: Session, turn: T_contra, *, person: Person, now: datetime) -> Reply: ...


class ChangeHandler(Protocol):
    """Takes the change of a message whose words a feature may have taken in, and says whether it had.

    `person` is None for an author whom we do not know: they may take back no words but their own, as all others.
    """

    def __call__(
        self, session: Session, turn: MessageEdited | MessageDeleted, *, person: Person | None, now: datetime
    ) -> bool: ...


class FileAccess(Protocol):
    """Whether a person may have the files about one of a feature's things (`subject`) at this moment."""

    def __call__(self, session: Session, subject: str, *, person: Person, now: datetime) -> bool: ...


@dataclass(frozen=True)
class Route:
    """Who answers the turns of a kind that bear a name.

    What is `sensitive` is replied to without a record of the reply (survey answers). `opens_form` says that the reply
    is a form, for platforms that have to know before a button is pressed. Of handlers that are all asked, those of a
    smaller `order` come first.
    """

    handler: Handler[Any]
    order: int = 0
    sensitive: bool = False
    opens_form: bool = False


Routes = Mapping[str, Route]


def by_name(routes: Routes, name: str) -> list[Route]:
    """The route of exactly that name."""
    return [routes[name]] if name in routes else []


def by_beginning(routes: Routes, name: str) -> list[Route]:
    """The first whose name the turn's begins with."""
    return [route for beginning, route in routes.items() if name.startswith(beginning)][:1]


def all_of_them(routes: Routes, name: str) -> list[Route]:
    """Every route, in their order: what they reply makes one page."""
    return sorted(routes.values(), key=lambda route: route.order)


@dataclass(frozen=True)
class Kind:
    """How the turns of a kind find who answers them: what they are called, and which routes that leads to.

    A kind that `is_look` changes nothing: such turns are answered anew each time, and no record of them is kept.
    """

    name: Callable[[Any], str] = lambda turn: ""
    find: Callable[[Routes, str], list[Route]] = by_name
    is_look: bool = False


# A new kind of turn is a class of its own and a line here.
KINDS: dict[type[Turn], Kind] = {
    Command: Kind(lambda turn: turn.name),
    Press: Kind(lambda turn: turn.action),
    Submission: Kind(lambda turn: turn.action),
    # By the kind of what it was written under: `request` of `request:...`.
    Message: Kind(lambda turn: turn.subject.partition(":")[0]),
    MessageAction: Kind(),
    LinkShared: Kind(lambda turn: turn.path, by_beginning, is_look=True),
    Search: Kind(find=all_of_them, is_look=True),
    HomeOpened: Kind(find=all_of_them, is_look=True),
}


LOOKS = tuple(kind for kind, how in KINDS.items() if how.is_look)


@dataclass(frozen=True)
class CommandRoute:
    """A word that can be typed: for `help`, what it does, how it is typed, and the label of its button, if any."""

    name: str
    about: str
    usage: str
    label: str
    aliases: tuple[str, ...]


@dataclass
class Router:
    """Handlers by kind and name of turn; all names are the public vocabulary."""

    routes: dict[type[Turn], dict[str, Route]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    commands: dict[str, CommandRoute] = field(default_factory=dict)
    files: dict[str, FileAccess] = field(default_factory=dict)
    changes: list[ChangeHandler] = field(default_factory=list)

    def on(
        self, kind: type[T], name: str = "", *, order: int = 0, sensitive: bool = False, opens_form: bool = False
    ) -> Callable[[Handler[T]], Handler[T]]:
        """Route the turns of a kind that bear a name, as `KINDS` says; raises ValueError where that is routed already.

        The other arguments are those of `Route`.
        """

        def register(handler: Handler[T]) -> Handler[T]:
            key = str(order) if KINDS[kind].find is all_of_them else name
            _join(self.routes[kind], {key: Route(handler, order, sensitive, opens_form)})
            return handler

        return register

    def command(
        self, name: str, *aliases: str, about: str, usage: str = "", label: str = ""
    ) -> Callable[[Handler[Command]], Handler[Command]]:
        """Route a command; aliases are its names in other languages.

        For `help`, as messages: `about` says what it does, `usage` how it is typed, and `label`, if
        given, makes it a button.
        """
        self.commands[name] = CommandRoute(name, about, usage or name, label, aliases)
        return self.on(Command, name)

    def change(self, handler: C) -> C:
        """Have a feature told of messages that were changed or deleted by their authors."""
        self.changes.append(handler)
        return handler

    def file(self, kind: str) -> Callable[[A], A]:
        """Say who may have the files whose subject begins with `kind:`."""

        def register(may_have: A) -> A:
            _join(self.files, {kind: cast("FileAccess", may_have)})
            return may_have

        return register

    def include(self, other: Router) -> None:
        """Take in a feature's routes; raises ValueError where both route the same."""
        for kind, routes in other.routes.items():
            _join(self.routes[kind], routes)
        _join(self.commands, other.commands)
        _join(self.files, other.files)
        self.changes += other.changes

    def find(self, turn: Turn) -> list[Route]:
        """The routes of a turn: none where nobody answers it."""
        kind = KINDS.get(type(turn))
        return kind.find(self.routes[type(turn)], kind.name(turn)) if kind else []

    def reply(self, session: Session, turn: Turn, *, person: Person, now: datetime) -> Reply:
        """What a turn is answered by those whom it is routed to; None where that is nobody."""
        replies = [route.handler(session, turn, person=person, now=now) for route in self.find(turn)]
        if KINDS[type(turn)].find is all_of_them:
            return Page(tuple(card for page in replies if isinstance(page, Page) for card in page.cards))
        return replies[0] if replies else None

    def is_sensitive(self, turn: Turn) -> bool:
        return any(route.sensitive for route in self.find(turn))

    def opens_form(self, action: str) -> bool:
        return action in self.routes[Press] and self.routes[Press][action].opens_form

    def may_have(self, session: Session, subject: str, *, person: Person, now: datetime) -> bool:
        """Whether a person may have a file; what no feature answers for is nobody's."""
        rule = self.files.get(subject.partition(":")[0])
        return rule is not None and rule(session, subject, person=person, now=now)

    def understand(self, text: str) -> tuple[CommandRoute, str] | None:
        """The command that a typed line names, forgiving case, accents and a leading slash, and its rest."""
        word, _, rest = text.strip().partition(" ")
        wanted = plain(word.lstrip("/"))
        for route in self.commands.values():
            if wanted in {plain(name) for name in (route.name, *route.aliases)}:
                return route, rest.strip()
        return None


def _join(mine: dict[str, V], theirs: Mapping[str, V]) -> None:
    if doubled := mine.keys() & theirs.keys():
        raise ValueError(f"routed twice: {', '.join(sorted(doubled))}")
    mine.update(theirs)
