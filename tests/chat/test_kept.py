"""Forms, long values and parts of messages: each platform has its own, under whatever names."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from tests.chat.host import SmallHost
from workbot.cards import Form, TextField
from workbot.chat.forms import KeptForms, Origin
from workbot.chat.long_values import LongValues
from workbot.chat.parts import MessageParts
from workbot.errors import WorkbotError
from workbot.platforms import Host
from workbot.seals import Opened
from workbot.storage.database import Database
from workbot.turns import Sender

ADA = Sender("slack", "U1", "T1")
FORM = Form("it.ask", "New request", (TextField("about", "What is it about?"),), "Send")


@pytest.fixture
def host(database: Database) -> Host:
    return SmallHost(database).as_host()


def keep(host: Host, forms: KeptForms, key: str, sender: Sender, form: Form = FORM) -> None:
    host.database.run_here(partial(forms.keep, form=form, key=key, sender=sender, origin=Origin("T1/C1", "C1:1")))


def test_a_form_is_found_by_whom_it_was_asked_of_and_by_nobody_else(host: Host) -> None:
    forms = KeptForms(host, "slack")
    keep(host, forms, "f.first", ADA)

    found = asyncio.run(forms.find("f.second", ADA))

    assert found is not None
    assert (found.key, found.form, found.origin) == ("f", FORM, Origin("T1/C1", "C1:1"))
    assert asyncio.run(forms.find("f.first", Sender("slack", "U2", "T1"))) is None
    assert asyncio.run(forms.find("f.first", Sender("slack", "U1", "T2"))) is None
    assert asyncio.run(forms.find("", ADA)) is None


def test_forms_of_two_platforms_under_one_name_are_two(host: Host) -> None:
    slack, teams = KeptForms(host, "slack"), KeptForms(host, "teams")
    keep(host, slack, "f", ADA)
    assert asyncio.run(teams.find("f", ADA)) is None
    keep(host, teams, "f", ADA, Form("it.close", "Close", (), "Close"))

    kept = asyncio.run(slack.find("f", ADA))

    assert kept is not None
    assert kept.form == FORM


def test_each_showing_of_a_form_is_sent_once_and_with_other_words_is_another_turn(host: Host) -> None:
    forms = KeptForms(host, "slack")
    keep(host, forms, "f.first", ADA)
    asked = asyncio.run(forms.find("f.first", ADA))
    assert asked is not None

    once, again = (asked.submission(ADA, "f.first", {"about": "Laptop"}) for _ in range(2))
    otherwise = asked.submission(ADA, "f.first", {"about": "Phone"})
    elsewhere = asked.submission(ADA, "f.second", {"about": "Laptop"})

    assert once == again
    assert (once.form, once.id) == (otherwise.form, once.id) != (otherwise.form, otherwise.id)
    assert once.form != elsewhere.form
    assert "first" not in f"{once.form}{once.id}"


def test_a_long_value_comes_back_whole_and_on_its_own_platform_only(host: Host) -> None:
    slack, teams = LongValues(host, "slack"), LongValues(host, "teams")

    asyncio.run(slack.keep({"k": "words " * 900}))

    assert asyncio.run(slack.of(Opened("a.b", "k", is_memo=True))) == "words " * 900
    assert asyncio.run(slack.of(Opened("a.b", "short"))) == "short"
    with pytest.raises(WorkbotError):
        asyncio.run(teams.of(Opened("a.b", "k", is_memo=True)))


class Wall:
    """A thread in memory."""

    def __init__(self) -> None:
        self.stands: dict[str, str] = {}
        self.posted = 0

    async def post(self, number: int, part: str) -> str:
        self.posted += 1
        self.stands[f"m{self.posted}"] = part
        return f"m{self.posted}"

    async def change(self, number: int, message: str, part: str) -> None:
        self.stands[message] = part

    async def delete(self, message: str) -> None:
        del self.stands[message]


def test_parts_are_put_in_place_of_those_that_are_there_and_none_is_left_over(database: Database) -> None:
    parts, wall = MessageParts(database, "slack"), Wall()

    async def show(*texts: str) -> list[str]:
        await parts.put(wall, "C1:1", texts, await parts.of("C1:1"))
        return list(wall.stands.values())

    assert asyncio.run(show("two", "three", "four")) == ["two", "three", "four"]
    assert asyncio.run(show("2", "3")) == ["2", "3"]
    assert asyncio.run(show("2", "3", "iv")) == ["2", "3", "iv"]
    assert wall.posted == 4
    assert asyncio.run(MessageParts(database, "teams").of("C1:1")) == {}


def test_a_message_that_was_begun_is_known_by_its_key(database: Database) -> None:
    parts = MessageParts(database, "teams")

    asyncio.run(parts.begin("welcome", "19:x|1"))

    assert asyncio.run(parts.begun("welcome")) == "19:x|1"
    assert asyncio.run(parts.begun("farewell")) == ""
