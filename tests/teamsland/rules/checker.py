"""What all rules of cards are made of: a walk through a card that notes what is wrong, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from tests.teamsland.reading import MENTION, Thing, markup

# `message` is sent by the bot, `dialog` is asked for and filled in, `result` is put into a message by a person.
Surface = Literal["message", "dialog", "result"]
Check = Callable[["Checker", str, Any], None]

MOST_PRIMARY = 6
PICTURES = ("data:image/png;base64,", "data:image/jpeg;base64,")
SPACINGS = ("none", "small", "default", "medium", "large", "extraLarge", "padding")


class Checker:
    """Walks through a card and notes what is wrong, and where."""

    def __init__(
        self, surface: Surface, elements: Mapping[str, Check], actions: Mapping[str, Check], card: Check
    ) -> None:
        self.surface = surface
        # What may stand in a card, be pressed in it, and what a card within a card has to be.
        self.kinds, self.pressable, self.card = elements, actions, card
        self.found: list[str] = []
        self.ids: set[str] = set()
        self.texts: list[str] = []
        # Elements that buttons show and hide.
        self.targets: list[str] = []

    def wrong(self, where: str, what: str) -> None:
        self.found.append(f"{where}: {what}")

    def keys(self, where: str, thing: Mapping[str, Any], required: str, optional: str = "") -> bool:
        """See that an object has what it needs and nothing unknown."""
        needed, allowed = set(required.split()), set(f"{required} {optional} type".split())
        for name in sorted(needed - thing.keys()):
            self.wrong(where, f"{name} is missing")
        for name in sorted(thing.keys() - allowed):
            self.wrong(where, f"{name} is unknown")
        return needed <= thing.keys()

    def element(self, where: str, thing: Any, kinds: Mapping[str, Check]) -> None:
        """One element: of a kind that may stand here, with an id that no other has."""
        kind = thing.get("type") if isinstance(thing, dict) else None
        if kind not in kinds:
            self.wrong(where, f"no such element here as {kind!r}")
            return
        if "id" in thing:
            self.text(f"{where}.id", thing["id"])
            if str(thing["id"]) in self.ids:
                self.wrong(where, f"id {thing['id']} twice")
            self.ids.add(str(thing["id"]))
        self.one_of(where, thing, "spacing", SPACINGS)
        self.flags(where, thing, "isVisible separator wrap isSubtle isMultiline isRequired isEnabled bleed")
        kinds[str(kind)](self, where, thing)

    def elements(self, where: str, things: Any, kinds: Mapping[str, Check], least: int = 1) -> None:
        if not isinstance(things, list) or len(things) < least:
            self.wrong(where, f"must be a list of at least {least}")
            return
        for number, thing in enumerate(things):
            self.element(f"{where}[{number}]", thing, kinds)

    def body(self, where: str, things: Any, least: int = 1) -> None:
        """Elements of any kind that may stand in a card."""
        self.elements(where, things, self.kinds, least)

    def text(self, where: str, text: Any, least: int = 1) -> bool:
        if not isinstance(text, str):
            self.wrong(where, "must be text")
            return False
        if len(text.strip()) < least:
            self.wrong(where, "must not be empty")
        elif "\0" in text or any("\ud800" <= mark <= "\udfff" for mark in text):
            self.wrong(where, "has characters that are none")
        return True

    def written(self, where: str, text: Any) -> None:
        """Text in which Teams reads Markdown; what it cannot show there is wrong."""
        if self.text(where, text):
            self.texts.append(text)
            if pictures := markup(text).pictures:
                self.wrong(where, f"pictures in text: {pictures}")
            for link in markup(text).links:
                self.url(where, link)

    def one_of(self, where: str, thing: Mapping[str, Any], name: str, values: tuple[str, ...]) -> None:
        # Adaptive Cards do not mind the case of such words.
        known = {value.lower() for value in values}
        if name in thing and str(thing[name]).lower() not in known:
            self.wrong(f"{where}.{name}", f"no such value as {thing[name]!r}")

    def flags(self, where: str, thing: Mapping[str, Any], names: str) -> None:
        for name in names.split():
            if name in thing and not isinstance(thing[name], bool):
                self.wrong(f"{where}.{name}", "must be true or false")

    def number(self, where: str, thing: Mapping[str, Any], name: str) -> None:
        value = thing.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(f"{where}.{name}", "must be a number")

    def url(self, where: str, url: Any, *, is_picture: bool = False) -> None:
        try:
            parts = urlsplit(str(url))
        except ValueError:
            self.wrong(where, "no address")
            return
        is_on_the_web = parts.scheme in ("https", "http") and parts.netloc
        other = PICTURES if is_picture else ("mailto:",)
        if not is_on_the_web and not (str(url).startswith(other) and parts.path):
            self.wrong(where, f"no address to open: {str(url)[:60]!r}")

    def actions(self, where: str, things: Any) -> None:
        """Buttons in a row: at most six, and the rest behind three dots."""
        self.elements(where, things, self.pressable)
        if isinstance(things, list):
            primary = [one for one in things if isinstance(one, dict) and one.get("mode", "primary") == "primary"]
            if len(primary) > MOST_PRIMARY:
                self.wrong(where, f"{len(primary)} buttons are too many without `mode: secondary`")

    def select(self, where: str, thing: Thing) -> None:
        """What happens when an element itself is touched: anything but unfolding a card."""
        if "selectAction" in thing:
            kinds = {kind: one for kind, one in self.pressable.items() if kind != "Action.ShowCard"}
            self.element(f"{where}.selectAction", thing["selectAction"], kinds)

    def mentions(self, card: Thing) -> None:
        """Who is mentioned stands in the entities of the card, and nobody else in its texts."""
        teams = card.get("msteams")
        entities = (teams.get("entities") if isinstance(teams, dict) else None) or []
        known = {str(entity.get("text")) for entity in entities if entity.get("type") == "mention"}
        for text in self.texts:
            for found in MENTION.finditer(text):
                if found.group(0) not in known:
                    self.wrong("card", f"{found.group(0)[:60]} mentions somebody whom no entity names")
