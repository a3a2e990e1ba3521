"""Cards that are sound, and the parts that they are made of."""

from __future__ import annotations

from typing import Any

from tests.teamsland.reading import Thing

CHOICES = [{"title": "Low", "value": "1"}, {"title": "High", "value": "2"}]


def a_card(*body: Thing, **more: Any) -> Thing:
    """A card with nothing wrong about it."""
    return {
        "type": "AdaptiveCard",
        "version": "1.5",
        "fallbackText": "x",
        "speak": "x",
        "body": list(body) or [{"type": "TextBlock", "text": "hello", "wrap": True}],
    } | more


def text(words: str = "x", **more: Any) -> Thing:
    return {"type": "TextBlock", "text": words, "wrap": True} | more


def execute(title: str = "Go", **more: Any) -> Thing:
    return {"type": "Action.Execute", "title": title, "verb": "go", "data": {}} | more


def submit(**more: Any) -> Thing:
    return {"type": "Action.Submit", "title": "Go", "data": {}} | more


def row(*actions: Thing) -> Thing:
    return {"type": "ActionSet", "actions": list(actions)}


def picture(**more: Any) -> Thing:
    return {"type": "Image", "url": "https://bot.example/a.png", "altText": "A chart"} | more


def asked(kind: str = "Text", **more: Any) -> Thing:
    return {"type": f"Input.{kind}", "id": "a", "label": "A"} | more


def listed(**more: Any) -> Thing:
    return asked("ChoiceSet", choices=CHOICES, wrap=True) | more


def table(**more: Any) -> Thing:
    cells = [{"type": "TableCell", "items": [text()]}]
    return {"type": "Table", "columns": [{"width": 1}], "rows": [{"type": "TableRow", "cells": cells}]} | more


def without(thing: Thing, *names: str) -> Thing:
    return {name: value for name, value in thing.items() if name not in names}


FORM = a_card(
    {"type": "Input.Text", "id": "what", "label": "What is it about?", "isRequired": True, "errorMessage": "Say it"},
    {
        "type": "Input.ChoiceSet",
        "id": "desk",
        "label": "Desk",
        "wrap": True,
        "isMultiSelect": True,
        "choices": [{"title": "IT", "value": "it"}, {"title": "HR", "value": "hr"}],
    },
    {
        "type": "Input.Toggle",
        "id": "private",
        "title": "Keep it private",
        "wrap": True,
        "valueOn": "yes",
        "valueOff": "",
    },
    {"type": "Input.Number", "id": "count", "label": "How many", "min": 1, "max": 9},
    {"type": "Input.Date", "id": "when", "label": "When", "min": "2026-11-01"},
    {"type": "Input.Text", "id": "code", "label": "Code", "regex": "[A-Z]{2}"},
    row({"type": "Action.Submit", "title": "Send", "data": {"action": "request.open"}}),
)
SOUND: dict[str, Thing] = {
    "a line": a_card(),
    "all of the texts": a_card(
        text("**bold** [here](https://x.example)", style="heading", size="large", weight="bolder", color="accent"),
        {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "x", "italic": True}]},
        {"type": "FactSet", "facts": [{"title": "Desk", "value": "IT"}]},
        table(firstRowAsHeaders=True, gridStyle="emphasis"),
    ),
    "all that holds others": a_card(
        {
            "type": "Container",
            "style": "emphasis",
            "items": [{"type": "ColumnSet", "columns": [{"type": "Column", "width": "auto", "items": [text()]}]}],
        },
        {"type": "ImageSet", "images": [picture()]},
        picture(url="data:image/png;base64,AAAA"),
    ),
    "all of the inputs": a_card(
        asked(isMultiline=True, maxLength=3, isRequired=True, errorMessage="x", value="abc"),
        asked("Number", id="b", min=1, max=5, value=3),
        asked("Date", id="c", value="2026-11-23"),
        asked("Time", id="d", value="12:00"),
        {"type": "Input.Toggle", "id": "e", "title": "Yes", "wrap": True, "valueOn": "y", "valueOff": "", "value": ""},
        listed(id="f", value="1,2", isMultiSelect=True, style="expanded"),
    ),
    "all of the buttons": a_card(
        row(*(execute(str(n)) for n in range(6)), execute("more", mode="secondary", style="destructive")),
        row(
            execute(fallback=submit()),
            submit(data={"msteams": {"type": "task/fetch"}}),
            {"type": "Action.OpenUrl", "title": "x", "url": "mailto:help@city.example"},
            {"type": "Action.ToggleVisibility", "title": "x", "targetElements": ["a", {"elementId": "a"}]},
        ),
        text(id="a"),
        actions=[
            {"type": "Action.ShowCard", "title": "x", "card": {"type": "AdaptiveCard", "body": [text()]}},
        ],
    ),
    "a mention of somebody": a_card(
        text("<at>Ada</at>, please look"),
        msteams={
            "width": "Full",
            "entities": [{"type": "mention", "text": "<at>Ada</at>", "mentioned": {"id": "29:x", "name": "Ada"}}],
        },
    ),
    "a refresh": a_card(refresh={"action": without(execute(), "title"), "userIds": ["29:x"]}),
}
