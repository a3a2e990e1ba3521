"""What every platform promises. A platform passes it by a subclass that offers a `kit`:

    class TestSlack(PlatformContract):
        @pytest.fixture
        def kit(self) -> Iterator[Kit]: ...

It is asked through its public door only, and answers with what people on it really see.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

import pytest

from tests.sampler import HOSTILE, everything
from workbot.cards import Attachment, Buttons, Card, Element, Facts, Image, Progress, Select, Table, Text
from workbot.errors import DeliveryError
from workbot.platforms import Outgoing, Platform

T = TypeVar("T")
# The longest text that the app lets a person write.
LONGEST = 100_000


class Kit(Protocol):
    """A platform with people on it."""

    platform: Platform

    def person(self, locale: str) -> str:
        """The address of a person who is there, a new one each time."""
        ...

    def place(self, locale: str) -> str:
        """The address of a channel that is there."""
        ...

    def nobody(self) -> str:
        """An address of the right form at which nobody is."""
        ...

    def files(self) -> tuple[str, str]:
        """A stored picture and a stored document."""
        ...

    def reads(self, address: str, *, thread: str = "") -> list[str]:
        """The text of each message at an address (or under one there), oldest first, as people see it."""
        ...

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do async work where the platform lives."""
        ...


class PlatformContract:
    def deliver(self, kit: Kit, address: str, card: Card, key: str, **more: str) -> str:
        outgoing = Outgoing(key=key, address=address, card=card, locale=more.pop("locale", "en"), **more)
        return kit.run(kit.platform.deliver(outgoing))

    @pytest.mark.parametrize("locale", ["en", "fr"])
    def test_every_element_can_be_read(self, kit: Kit, locale: str) -> None:
        picture, document = kit.files()
        card = everything(locale, image=picture, file=document)
        assert {type(element) for element in card.body} == {
            Text, Facts, Image, Attachment, Progress, Table, Buttons, Select,
        }  # fmt: skip
        address = kit.person(locale)

        self.deliver(kit, address, card, "all", locale=locale)

        read = kit.reads(address)[-1]
        for words in spoken(card):
            assert words in read, f"{words!r} cannot be read"

    def test_a_channel_hears_it_too(self, kit: Kit) -> None:
        address = kit.place("fr")

        self.deliver(kit, address, Card("Nouvelle demande"), "channel", locale="fr")

        assert "Nouvelle demande" in kit.reads(address)[-1]

    def test_messages_stand_in_the_order_they_came(self, kit: Kit) -> None:
        address = kit.person("en")

        for number in range(3):
            self.deliver(kit, address, Card(f"Number {number}"), f"order-{number}")

        assert [words for read in kit.reads(address) for words in read.split("\n") if "Number" in words] == [
            "Number 0",
            "Number 1",
            "Number 2",
        ]

    def test_a_card_takes_the_place_of_the_one_it_refers_to(self, kit: Kit) -> None:
        address = kit.person("en")
        first = self.deliver(kit, address, Card("Open"), "subject-1")
        self.deliver(kit, address, Card("Something else"), "other")

        second = self.deliver(kit, address, Card("Resolved"), "subject-2", reference=first)

        read = kit.reads(address)
        assert second == first
        assert "Resolved" in read[0]
        assert "Open" not in "".join(read)

    def test_a_message_stands_under_the_one_it_answers(self, kit: Kit) -> None:
        address = kit.person("en")
        root = self.deliver(kit, address, Card("IT-1", replies="Reply"), "root")

        self.deliver(kit, address, Card("Have you tried turning it off?"), "answer", thread=root)

        assert "turning it off" in kit.reads(address, thread=root)[-1]

    def test_a_thread_of_its_own_is_kept_apart(self, kit: Kit) -> None:
        address = kit.person("en")
        one = self.deliver(kit, address, Card("IT-1", replies="Reply"), "one")
        two = self.deliver(kit, address, Card("IT-2", replies="Reply"), "two")

        self.deliver(kit, address, Card("About the first"), "answer", thread=one)

        assert "About the first" not in "".join(kit.reads(address, thread=two))

    def test_the_same_parcel_twice_shows_one_message(self, kit: Kit) -> None:
        if not kit.platform.takes_once:
            pytest.skip("this platform does not promise it: a message in doubt is kept for a person to decide")
        address = kit.person("en")

        first = self.deliver(kit, address, Card("Only once"), "same")
        second = self.deliver(kit, address, Card("Only once"), "same")

        assert first == second
        assert sum("Only once" in read for read in kit.reads(address)) == 1

    def test_an_address_where_nobody_is_fails_for_good(self, kit: Kit) -> None:
        with pytest.raises(DeliveryError) as refused:
            self.deliver(kit, kit.nobody(), Card("Hello?"), "nobody")

        assert refused.value.permanent

    def test_hostile_text_is_shown_as_it_is_written(self, kit: Kit) -> None:
        address = kit.person("en")

        self.deliver(kit, address, Card(HOSTILE, (Text(HOSTILE),)), "hostile")

        assert kit.reads(address)[-1].count(" ".join(HOSTILE.split())) >= 2

    def test_the_longest_text_arrives(self, kit: Kit) -> None:
        address = kit.person("en")
        text = "word " * (LONGEST // 5 - 1) + "END"

        reference = self.deliver(kit, address, Card("Long", (Text(text),)), "long")

        assert reference
        assert "END" in "".join(kit.reads(address))

    def test_a_platform_that_is_set_up_has_nothing_to_complain_of(self, kit: Kit) -> None:
        assert kit.run(kit.platform.check()) == ""


def spoken(card: Card) -> list[str]:
    """The words of a card that have to reach its reader."""
    return [card.title, *(words for element in card.body for words in _words(element))]


def _words(element: Element) -> list[str]:
    match element:
        case Text(body=body):
            return body.split("\n")
        case Facts(items=items):
            return [words for fact in items for words in (fact.label, fact.value)]
        case Image(alt=alt):
            return [alt]
        case Attachment(name=name):
            return [name]
        case Progress(label=label):
            return [label]
        case Table(headers=headers, rows=rows, caption=caption):
            return [caption, *headers, *(cell for row in rows for cell in row)]
        case Buttons(buttons=buttons):
            return [button.label for button in buttons]
        case Select(label=label, options=options):
            return [label, *(option.label for option in options)]
