"""Whatever a card or form holds, Slack takes it, and nothing of it is lost."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.slack import forms, render
from integrations.slack.render import Content, Parts
from integrations.slack.texts import HEAVIEST_VIEW
from tests.any_cards import CARDS, FORMS, LOCALES, WORDS
from tests.platform_contract import spoken
from tests.slackland.blocks import message_problems, problems, view_problems, visible
from workbot.cards import (
    Card,
    Form,
    TextField,
    ToggleField,
)
from workbot.i18n import language
from workbot.seals import Opened, Seal
from workbot.texts import clean

SEAL = Seal("only-for-tests", "slack")
BASE = "https://bot.city.example"


def drawn(card: Card, locale: str) -> Parts:
    return render.message(content(card, locale), SEAL)


def content(card: Card, locale: str) -> Content:
    links = {"known": "https://x.slack.com/files/known"}
    return Content(card, language(locale), BASE, {"known": "F0001"}, links)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(CARDS, LOCALES)
def test_slack_takes_every_message(card: Card, locale: str) -> None:
    parts = drawn(card, locale)

    for part in (parts.first, *parts.rest):
        assert message_problems({"text": part.text, "blocks": part.blocks}) == []
        assert problems(part.simpler, "message") == []


@settings(max_examples=60, deadline=None, derandomize=True)
@given(CARDS, LOCALES)
def test_nothing_of_a_card_is_lost(card: Card, locale: str) -> None:
    parts = drawn(card, locale)

    read = squeezed("".join("".join(visible(part.blocks)) for part in (parts.first, *parts.rest)))
    for words in spoken(card):
        assert squeezed(words) in read


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(CARDS, min_size=1, max_size=4), LOCALES)
def test_slack_takes_every_home_and_every_card_as_a_modal(cards: list[Card], locale: str) -> None:
    home = {"type": "home", "blocks": render.page([content(card, locale) for card in cards], SEAL)}

    assert view_problems(home) == []
    assert view_problems(render.view_of(content(cards[0], locale), SEAL)) == []


@settings(max_examples=60, deadline=None, derandomize=True)
@given(FORMS, LOCALES, st.one_of(st.none(), CARDS))
def test_slack_takes_every_form_and_gives_back_what_was_in_it(form: Form, locale: str, notice: Card | None) -> None:
    view = forms.modal(form, language(locale), key="k" * 65, notice=notice)

    asked = [block for block in view["blocks"] if block["type"] == "input"]
    # More texts of twenty thousand characters than a modal has room for are no form of ours.
    is_ours = len(asked) <= 100 and len(json.dumps(asked)) <= HEAVIEST_VIEW
    assert [problem for problem in view_problems(view) if "too " not in problem or is_ours] == []
    given_back = forms.values(form, untouched(view))
    for field in form.fields:
        if isinstance(field, TextField):
            assert given_back[field.name] == clean(field.value)
        elif isinstance(field, ToggleField):
            assert given_back[field.name] == field.value


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.from_regex(r"[a-z]+\.[a-z_]+", fullmatch=True), WORDS)
def test_what_was_closed_opens_to_the_same(action: str, value: str) -> None:
    assert SEAL.open(SEAL.close(action, value)) == Opened(action, value)


def untouched(view: dict[str, Any]) -> dict[str, Any]:
    """What Slack sends when a modal is sent as it was opened."""
    state: dict[str, Any] = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            state[block["block_id"]] = {
                element["action_id"]: {
                    "type": element["type"],
                    "value": element.get("initial_value"),
                    "selected_option": element.get("initial_option"),
                    "selected_options": element.get("initial_options", []),
                    "selected_date": element.get("initial_date"),
                }
            }
    return state


def squeezed(text: str) -> str:
    """Without white space and what is no text: words may be broken over blocks."""
    return re.sub(r"\s+", "", clean(text))
