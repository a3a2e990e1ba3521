"""Charts that Slack draws itself, and the picture that stands in for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from integrations.slack import render
from integrations.slack.render import Content, Parts
from tests.slackland.blocks import message_problems
from workbot.cards import Card, Drawn, DrawnLine, Image, dump, load
from workbot.i18n import language
from workbot.seals import Seal

SEAL = Seal("only-for-tests", "slack")
BARS = Drawn(
    "bar",
    "How people answered",
    ("1", "2", "3", "4", "5"),
    (
        DrawnLine("How was your week within the city?", (10, 20, 30, 25, 15)),
        DrawnLine("How was your week with the team?", (0, 0, 50, 25, 25)),
    ),
    "Share (%)",
)
LINE = Drawn("line", "Over time", ("Nov 16", "Nov 23"), (DrawnLine("Mood\x1b", (3.1, 3.3)),))
LINE_OF_A = {"name": "x", "data": [{"label": "a", "value": 1}]}
PICTURE = {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "Mood rose"}


def drawn(*images: Image, title: str = "Results") -> Parts:
    return render.message(Content(Card(title, images), language("en"), "https://bot.example", {"p": "F1"}), SEAL)


def kinds(blocks: list[dict[str, Any]]) -> list[str]:
    return [str(block["type"]) for block in blocks]


def test_a_chart_is_drawn_by_slack_and_the_picture_stands_in_for_it() -> None:
    first = drawn(Image("p", "Mood rose", (BARS, LINE))).first

    assert kinds(first.blocks) == ["header", "data_visualization", "data_visualization"]
    assert message_problems({"text": first.text, "blocks": first.blocks}) == []
    assert first.simpler == [first.blocks[0], PICTURE]
    bars, line = (block["chart"] for block in first.blocks[1:])
    assert [one["name"] for one in bars["series"]] == ["1. How was your wee…", "2. How was your wee…"]
    assert bars["series"][0]["data"][1] == {"label": "2", "value": 20}
    assert bars["axis_config"] == {"categories": ["1", "2", "3", "4", "5"], "y_label": "Share (%)"}
    assert line["series"] == [
        {"name": "Mood", "data": [{"label": "Nov 16", "value": 3.1}, {"label": "Nov 23", "value": 3.3}]}
    ]


@pytest.mark.parametrize(
    "too_much",
    [
        (BARS, LINE, LINE),
        (replace(BARS, lines=BARS.lines * 4),),
        (replace(LINE, labels=("Nov 23", "Nov 23")),),
        (replace(LINE, labels=("x" * 21, "y")),),
        (replace(LINE, labels=("only one",)),),
        (replace(LINE, lines=()),),
    ],
)
def test_what_slack_would_not_take_stays_a_picture(too_much: tuple[Drawn, ...]) -> None:
    assert drawn(Image("p", "Mood rose", too_much)).first.blocks[1:] == [PICTURE]


def test_a_second_picture_of_a_message_stays_one() -> None:
    first = drawn(Image("p", "Mood rose", (BARS, LINE)), Image("p", "Mood rose", (BARS,))).first

    assert kinds(first.blocks) == ["header", "data_visualization", "data_visualization", "image"]
    assert kinds(first.simpler) == ["header", "image", "image"]


def test_a_home_shows_the_picture() -> None:
    content = Content(
        Card("R", (Image("p", "Mood rose", (BARS,)),)), language("en"), "https://bot.example", {"p": "F1"}
    )

    assert kinds(render.page([content], SEAL)) == ["header", "image"]


def test_a_card_is_kept_with_its_figures_and_one_from_before_has_none() -> None:
    card = Card("R", (Image("p", "Mood rose", (BARS,)),))

    assert load(dump(card)) == card
    assert load({"title": "R", "body": [{"kind": "image", "file": "p", "alt": "x"}]}) == Card("R", (Image("p", "x"),))


@pytest.mark.parametrize(
    "spoiled",
    [
        {"title": "x" * 51},
        {"chart": {"type": "donut"}},
        {"chart": {"type": "bar", "series": [], "axis_config": {"categories": []}}},
        {"chart": {"type": "line", "series": [LINE_OF_A], "axis_config": {"categories": ["b"]}}},
    ],
)
def test_the_fake_slack_refuses_a_chart_that_slack_would(spoiled: dict[str, Any]) -> None:
    good = drawn(Image("p", "x", (LINE,))).first.blocks[1]

    assert message_problems({"text": "x", "blocks": [good]}) == []
    assert message_problems({"text": "x", "blocks": [good | spoiled]})
    assert message_problems({"text": "x", "blocks": [good, good, good]})
