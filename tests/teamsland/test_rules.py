"""The rules of cards are kept: one card breaks each, and none that is sound."""

from __future__ import annotations

from typing import Any

import pytest

from tests.teamsland.reading import markup, read, said, shown, visible
from tests.teamsland.rules import LARGEST_CARD, problems
from tests.teamsland.samples import (
    CHOICES,
    SOUND,
    a_card,
    asked,
    execute,
    listed,
    picture,
    row,
    submit,
    table,
    text,
    without,
)

# A card, and what is said against it.
BROKEN: dict[str, tuple[Any, str]] = {
    "no card at all": ("hello", "must be an AdaptiveCard"),
    "another kind of card": ({"type": "HeroCard"}, "must be an AdaptiveCard"),
    "no version": (without(a_card(), "version"), "version is missing"),
    "a later version": (a_card(version="1.6"), "no later one than 1.5"),
    "a version that is none": (a_card(version="new"), "no version"),
    "no words for those who see none": (without(a_card(), "fallbackText"), "card.fallbackText: must be text"),
    "no words for those who hear": (a_card(speak=" "), "card.speak: must not be empty"),
    "nothing in it": (a_card() | {"body": []}, "card.body: must be a list"),
    "a key that Teams does not know": (a_card(backgroundImage="https://x.example/a.png"), "backgroundImage is unknown"),
    "a language that is none": (a_card(lang="fr-CA"), "no language"),
    "an element that Teams does not know": (a_card({"type": "Carousel"}), "no such element here as 'Carousel'"),
    "an element of a later schema": (a_card({"type": "Badge", "text": "x"}), "no such element here as 'Badge'"),
    "a key too many": (a_card(text(colour="red")), "colour is unknown"),
    "a key too few": (a_card({"type": "TextBlock", "wrap": True}), "text is missing"),
    "text that does not wrap": (a_card({"type": "TextBlock", "text": "x"}), "wrap is missing"),
    "text that says not to wrap": (a_card(text(wrap=False)), "narrow screens cut"),
    "empty text": (a_card(text("")), "must not be empty"),
    "text that is none": (a_card(text() | {"text": 7}), "must be text"),
    "half a letter": (a_card(text("\ud83d")), "characters that are none"),
    "a zero character": (a_card(text("a\0b")), "characters that are none"),
    "a colour of its own": (a_card(text(color="#ff0000")), "no such value as '#ff0000'"),
    "a size of its own": (a_card(text(size="huge")), "no such value as 'huge'"),
    "a word for a flag": (a_card(text(isSubtle="yes")), "must be true or false"),
    "words for a number": (a_card(text(maxLines="two")), "must be a number"),
    "no such spacing": (a_card(text(spacing="vast")), "no such value as 'vast'"),
    "a picture in text": (a_card(text("![pixel](https://spy.example/p.png)")), "pictures in text"),
    "a script in text": (a_card(text("[x](tel:1234)")), "no address to open"),
    "a mention that no entity names": (a_card(text("<at>Ada</at>")), "mentions somebody whom no entity names"),
    "a mention in a fact": (
        a_card({"type": "FactSet", "facts": [{"title": "Who", "value": "<at>everyone</at>"}]}),
        "mentions somebody whom no entity names",
    ),
    "an id twice": (a_card(text(id="a"), text(id="a")), "id a twice"),
    "an id twice, deeper": (a_card(text(id="a"), {"type": "Container", "items": [text(id="a")]}), "id a twice"),
    "a run that is none": (a_card({"type": "RichTextBlock", "inlines": [text()]}), "no such element here"),
    "a picture without words": (a_card(without(picture(), "altText")), "altText is missing"),
    "a picture from nowhere": (a_card(picture(url="/a.png")), "no address to open"),
    "a picture of letters": (a_card(picture(url="data:image/svg+xml;base64,AA")), "no address to open"),
    "a picture of no size": (a_card(picture(size="80%")), "no such value"),
    "an empty container": (a_card({"type": "Container", "items": []}), "at least 1"),
    "a column outside columns": (a_card({"type": "Column", "items": []}), "no such element here as 'Column'"),
    "columns that are none": (
        a_card({"type": "ColumnSet", "columns": [text()]}),
        "no such element here as 'TextBlock'",
    ),
    "a width that is none": (
        a_card({"type": "ColumnSet", "columns": [{"type": "Column", "items": [text()], "width": "half"}]}),
        "no width",
    ),
    "facts without values": (a_card({"type": "FactSet", "facts": [{"title": "x"}]}), "value is missing"),
    "no facts": (a_card({"type": "FactSet", "facts": []}), "at least 1"),
    "an uneven table": (a_card(table(columns=[{"width": 1}, {"width": 1}])), "a cell for each column"),
    "an empty table": (a_card(table(rows=[])), "needs columns and rows"),
    "a table of texts": (a_card(table(rows=[{"type": "TableRow", "cells": [text()]}])), "no such element here"),
    "a button without words": (a_card(row(execute(""))), "title: must not be empty"),
    "a button that is none": (a_card(row({"type": "Action.Http", "title": "x"})), "no such element here"),
    "no buttons": (a_card(row()), "at least 1"),
    "seven buttons": (a_card(row(*(execute(str(n)) for n in range(7)))), "7 buttons are too many"),
    "seven buttons under a card": (a_card(actions=[execute(str(n)) for n in range(7)]), "7 buttons are too many"),
    "a button that says nothing": (a_card(row(without(execute(), "verb"))), "verb is missing"),
    "a button that carries nothing": (a_card(row(without(execute(), "data"))), "data is missing"),
    "a button that carries text": (a_card(row(execute(data="x"))), "must be an object"),
    "a style of its own": (a_card(row(execute(style="danger"))), "no such value as 'danger'"),
    "inputs that are none": (a_card(row(execute(associatedInputs="all"))), "no such value as 'all'"),
    "a dialog asked for by Action.Execute": (
        a_card(row(execute(data={"msteams": {"type": "task/fetch"}}))),
        "heard in Action.Submit only",
    ),
    "nothing asked of Teams": (a_card(row(submit(data={"msteams": {"type": "dance"}}))), "asks nothing of Teams"),
    "an address that is code": (
        a_card(row({"type": "Action.OpenUrl", "title": "x", "url": "javascript:alert(1)"})),
        "no address to open",
    ),
    "an address that nobody can read": (
        a_card(row({"type": "Action.OpenUrl", "title": "x", "url": "https://[::1"})),
        "no address",
    ),
    "an icon from nowhere": (a_card(row(execute(iconUrl="icon:Home"))), "no address to open"),
    "an address that is none": (a_card(row({"type": "Action.OpenUrl", "title": "x", "url": "x"})), "no address"),
    "a card in a card in a card": (
        a_card(
            actions=[
                {
                    "type": "Action.ShowCard",
                    "title": "More",
                    "card": {
                        "type": "AdaptiveCard",
                        "body": [text()],
                        "actions": [
                            {
                                "type": "Action.ShowCard",
                                "title": "More",
                                "card": {"type": "AdaptiveCard", "body": [text()]},
                            }
                        ],
                    },
                }
            ]
        ),
        "may show no other",
    ),
    "nothing to show or hide": (
        a_card(row({"type": "Action.ToggleVisibility", "title": "x", "targetElements": []})),
        "targetElements",
    ),
    "something to hide that is not there": (
        a_card(row({"type": "Action.ToggleVisibility", "title": "x", "targetElements": ["a", {"elementId": "b"}]})),
        "there is no b to show or hide",
    ),
    "a card that unfolds when touched": (
        a_card({"type": "Container", "items": [text()], "selectAction": {"type": "Action.ShowCard", "card": {}}}),
        "no such element here as 'Action.ShowCard'",
    ),
    "an input without a label": (a_card(without(asked(), "label")), "label is missing"),
    "an input without a name": (a_card(without(asked(), "id")), "id is missing"),
    "a duty without words": (a_card(asked(isRequired=True)), "errorMessage: must be text"),
    "more than may be typed": (a_card(asked(maxLength=3, value="long")), "longer than 3"),
    "a pattern that is none": (a_card(asked(regex="[")), "no pattern"),
    "a number in words": (a_card(asked("Number", value="two")), "must be a number"),
    "a day that is none": (a_card(asked("Date", value="23/11/2026")), "no date"),
    "an hour that is none": (a_card(asked("Time", value="noon")), "no time"),
    "a box without words": (a_card(asked("Toggle", wrap=True)), "title is missing"),
    "a box that is half ticked": (a_card(asked("Toggle", title="x", wrap=True, value="maybe")), "neither on nor off"),
    "no choices": (a_card(listed(choices=[])), "at least 1"),
    "a choice twice": (a_card(listed(choices=[*CHOICES, CHOICES[0]])), "the same value twice"),
    "a choice without words": (a_card(listed(choices=[{"title": "", "value": "1"}])), "title: must not be empty"),
    "a choice without a value": (a_card(listed(choices=[{"title": "x", "value": ""}])), "value: must not be empty"),
    "a choice that is none": (a_card(listed(value="9")), "what is chosen is no choice"),
    "two choices of one": (a_card(listed(value="1,2")), "what is chosen is no choice"),
    "a comma among several": (
        a_card(listed(isMultiSelect=True, choices=[{"title": "x", "value": "1,2"}])),
        "none may hold one",
    ),
    "choices that do not wrap": (a_card(without(listed(), "wrap")), "narrow screens cut"),
    "a refresh for strangers": (
        a_card(refresh={"action": without(execute(), "title"), "userIds": ["somebody"]}),
        "as the bot calls them",
    ),
    "a refresh for everybody": (
        a_card(refresh={"action": without(execute(), "title"), "userIds": ["29:x"] * 61}),
        "at most 60",
    ),
    "a refresh by Action.Submit": (a_card(refresh={"action": submit()}), "no such element here"),
    "a refresh that is none": (a_card(refresh="now"), "must be an action"),
    "wishes to Teams that are none": (a_card(msteams="full"), "must be an object"),
    "a box that does not wrap": (a_card(asked("Toggle", title="x")), "narrow screens cut"),
    "a button in a field that is none": (a_card(asked(inlineAction={"type": "x"})), "no such element here"),
    "half the width": (a_card(msteams={"width": "half"}), "no such value as 'half'"),
    "a mention without marks": (
        a_card(msteams={"entities": [{"type": "mention", "text": "Ada", "mentioned": {"id": "x", "name": "Ada"}}]}),
        "must be <at>",
    ),
    "too much": (a_card(text("x" * LARGEST_CARD)), "bytes, must be at most"),
    "too much in two-byte letters": (a_card(text("é" * (LARGEST_CARD // 2))), "bytes, must be at most"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_card_that_breaks_a_rule_is_told_so(case: str) -> None:
    card, why = BROKEN[case]
    found = problems(card)

    assert any(why in problem for problem in found), found
    assert len(found) <= 2, found


@pytest.mark.parametrize("case", SOUND)
def test_a_sound_card_is_not(case: str) -> None:
    assert problems(SOUND[case]) == []


def test_each_surface_has_its_buttons() -> None:
    card = a_card(row(execute()))

    assert problems(card) == []
    assert "Action.Execute does nothing in a dialog" in problems(card, "dialog")[0]
    assert problems(a_card(row(submit())), "dialog") == []
    assert "does nothing in a result" in problems(card, "result")[0]
    assert "does nothing in a result" in problems(a_card(row(submit())), "result")[0]


def test_markdown_is_read_as_teams_reads_it() -> None:
    assert shown("**bold**, _slanted_ and [here](https://x.example)") == "bold, slanted and here"
    assert shown(r"\*literal\* \[text\]\(x\) 1\. \# \_") == "*literal* [text](x) 1. # _"
    assert shown("one\n\ntwo") == "one\ntwo"
    assert shown("one\ntwo") == "one two"
    assert shown("R&amp;D <at>Ada</at>") == "R&D Ada"
    assert shown("# no heading") == "no heading"
    assert shown("![a chart](https://x.example/c.png) ```code```") == "a chart code"
    assert shown("```\nfenced\n```") == "fenced"


def test_what_a_text_would_show_besides_words_is_told() -> None:
    found = markup("[a](https://a.example) <https://b.example> ![p](https://c.example/p.png) <at>Ada</at>")
    assert found.links == ("https://a.example", "https://b.example")
    assert found.pictures == ("https://c.example/p.png",)
    assert found.mentions == ("Ada",)
    assert markup("# heading\n\n1. list").structure == ("heading_open", "ordered_list_open", "list_item_open")
    assert markup("**a** `b` ~~c~~").structure == ("strong_open", "code_inline", "s_open")
    assert markup("{{DATE(2026-11-23T15:00:00Z, SHORT)}}").structure == ("function",)
    assert markup(r"\[a\]\(https://a.example\) and *** 2 * 3 = 6, <b>bold</b>") == markup("words")


def test_people_read_a_card_from_top_to_bottom() -> None:
    card = a_card(
        text("**Laptop**"),
        {
            "type": "RichTextBlock",
            "inlines": [{"type": "TextRun", "text": "*not* "}, {"type": "TextRun", "text": "bold"}],
        },
        {"type": "FactSet", "facts": [{"title": "Desk", "value": "IT"}]},
        picture(),
        text("hidden", isVisible=False),
        listed(placeholder="Choose"),
        asked("Toggle", id="t", title="Private", wrap=True),
        row(execute("Take it")),
        actions=[execute("Close it")],
    )

    assert visible(card) == [
        "Laptop",
        "*not* bold",
        "Desk",
        "IT",
        "A chart",
        "A",
        "Choose",
        "Low",
        "High",
        "A",
        "Private",
        "Take it",
        "Close it",
    ]


def test_messages_are_read_by_their_format() -> None:
    assert said({"text": "**a**", "textFormat": "plain"}) == "**a**"
    assert said({"text": "**a**"}) == "a"
    assert said({"text": "<b>a</b> &amp; b", "textFormat": "xml"}) == "a & b"
    html = {"contentType": "text/html", "content": "<p>a</p>"}
    file = {"contentType": "application/pdf", "name": "report.pdf"}
    assert read({"text": "a", "attachments": [html, file]}) == "a\nreport.pdf"
