"""A desk that asks for a number and a day: what is kept of what people type, in either language."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from tests.requests.test_conversation import MONDAY, Town, talk, the_request, town
from tests.talk import Talk, asked
from workbot import definitions, requests
from workbot.cards import Facts, Form
from workbot.processed_turns import ProcessedTurn
from workbot.storage.database import Database
from workbot.turns import Reject

__all__ = ["talk", "town"]
DATABASES = ("sqlite", "postgresql")
STORES = """
name: stores
key: ST
channel: it
title: {en: Stores, fr: Magasin}
intro: {en: "What do\\x1b you need?", fr: Que vous faut-il?}
promise: {en: Soon., fr: Bientôt.}
fields:
  - {id: hours, kind: number, label: {en: How many hours, fr: Combien d’heures}, required: true}
  - {id: since, kind: date, label: {en: Since, fr: Depuis}}
  - {id: words, kind: multiline, label: {en: Words, fr: Mots}}
"""


@pytest.fixture
def form(talk: Talk, town: Town, database: Database, tmp_path: Path) -> Form:
    file = tmp_path / "stores.yaml"
    file.write_text(STORES)
    with database.session() as session:
        desk = definitions.read(requests.KIND, file).definition
        definitions.publish(session, requests.KIND, desk, now=MONDAY)
    return asked(talk.type(town.ada, "request stores Glue"))


@pytest.mark.parametrize(("locale", "shown"), [("en", "12.5"), ("fr", "12,5")])
def test_a_decimal_comma_is_one_in_every_language(
    talk: Talk, town: Town, database: Database, form: Form, locale: str, shown: str
) -> None:
    who = town.ada if locale == "en" else town.luc
    talk.submit(who, form, hours="12,5", since="23/11/2026")

    kept = the_request(database, "ST-1").details
    assert kept == {"hours": "12.5", "since": "2026-11-23"}
    facts = [
        fact.value for card in talk.cards(who) for each in card.body if isinstance(each, Facts) for fact in each.items
    ]
    assert shown in facts


@pytest.mark.parametrize("typed", ["1,234", "--5", "1e5", "5 kg", "NaN"])
def test_a_number_that_is_not_certain_comes_back_with_a_question(
    talk: Talk, town: Town, form: Form, typed: str
) -> None:
    reply = talk.submit(town.ada, form, hours=typed)

    assert isinstance(reply, Reject)
    assert "rite" in reply.errors["hours"]


def test_a_day_that_is_not_certain_comes_back_with_a_question(talk: Talk, town: Town, form: Form) -> None:
    reply = talk.submit(town.ada, form, hours="1", since="03/04/2026")

    assert isinstance(reply, Reject)
    assert "2026-03-04 or 2026-04-03" in reply.errors["since"]


def test_signs_that_are_no_text_do_not_come_in(talk: Talk, town: Town, database: Database, form: Form) -> None:
    talk.submit(town.ada, form, title="Gl\x1b[1mue\0 \ud800", hours="1", words="a\ufffeb\r\nc\x01")

    found = the_request(database, "ST-1")
    assert (found.title, found.details["words"]) == ("Gl[1mue \ufffd", "ab\nc")
    assert form.intro == "What do you need?"
    with database.session() as session:
        assert session.exec(select(ProcessedTurn)).all()
