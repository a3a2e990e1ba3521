"""What Teams does with a bot's answer: a card in place of another, a dialog, words, or that something went wrong.

https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format and
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots
"""

from __future__ import annotations

import json
from typing import Protocol

from tests.teamsland.filling import inputs
from tests.teamsland.reading import ADAPTIVE, Thing, visible
from tests.teamsland.rules import Surface, problems
from tests.teamsland.things import Dialog, Message, Person, Screen
from tests.teamsland.world import World

# What Teams says itself when a bot answers nothing, or nothing of use.
WENT_WRONG = "Something went wrong. Please try again."
UNREACHABLE = "Unable to reach app. Please try again."
WORDS, ERROR = "application/vnd.microsoft.activity.message", "application/vnd.microsoft.error"
# A dialog that is sent may be answered with nothing: then it closes.
CLOSING = ("task/submit", "composeExtension/submitAction")
MOST_RESULTS = 25
PREVIEWS = (
    ADAPTIVE,
    "application/vnd.microsoft.card.hero",
    "application/vnd.microsoft.card.thumbnail",
)


class Response(Protocol):
    """What the app answered."""

    @property
    def status_code(self) -> int: ...
    @property
    def text(self) -> str: ...


def show_answer(world: World, person: Person, message: Message, answer: Response) -> None:
    """The answer to a button: a card in place of the pressed one, for whoever pressed it, or words."""
    screen = world.screen(person)
    found = _understood(screen, answer)
    if found is None:
        return
    kind, value = found.get("type"), found.get("value")
    if kind == ADAPTIVE and found.get("statusCode") == 200:
        accept({"contentType": ADAPTIVE, "content": value}, "message")
        message.views[person.id] = dict(value or {})
    elif kind == WORDS and found.get("statusCode") == 200:
        screen.notices.append(str(value))
    elif kind == ERROR and isinstance(value, dict) and value.get("message"):
        screen.notices.append(str(value["message"]))
    else:
        screen.notices.append(WENT_WRONG)


def show_dialog(world: World, person: Person, name: str, origin: Thing, answer: Response) -> None:
    """The answer to asking for a dialog, or to sending one: the first or next dialog, words, or nothing more."""
    screen = world.screen(person)
    found = _understood(screen, answer, empty_ok=name in CLOSING)
    if found is None:
        return
    screen.dialog = None
    match found.get("task"):
        case {"type": "continue", "value": value}:
            screen.dialog = _dialog(value, origin)
        case {"type": "message", "value": str(words)}:
            screen.notices.append(words)
        case None:
            pass
        case other:
            raise AssertionError(f"no such answer to a dialog as {other}")
    screen.composing = _extended(screen, found.get("composeExtension"))


def show_unfurled(world: World, person: Person, answer: Response) -> None:
    """The answer to an address in a message: a card under it, or nothing; Teams says nothing of a failure there."""
    screen = world.screen(person)
    found = json.loads(answer.text) if answer.status_code == 200 and answer.text else {}
    screen.composing = _extended(screen, found.get("composeExtension"))
    assert len(screen.composing) <= 1, "one card stands under a link"


def show_results(world: World, person: Person, answer: Response) -> None:
    """The answer to a search: cards, each with what is shown of it in the list."""
    screen = world.screen(person)
    found = _understood(screen, answer)
    if found is None:
        return
    screen.results = _extended(screen, found.get("composeExtension"))
    assert len(screen.results) <= MOST_RESULTS, f"{len(screen.results)} are more than were asked for"
    for result in screen.results:
        assert result.get("preview", {}).get("contentType") in PREVIEWS, f"nothing to show of {result}"


def accept(attachment: Thing, surface: Surface) -> None:
    """See that a card which a bot answers with is one that Teams takes."""
    assert attachment["contentType"] == ADAPTIVE, attachment
    found = problems(attachment["content"], surface)
    assert not found, found


def _understood(screen: Screen, answer: Response, *, empty_ok: bool = False) -> Thing | None:
    """The body of an answer; where there is none that Teams understands, it says so itself."""
    if answer.status_code != 200:
        screen.notices.append(UNREACHABLE)
        return None
    try:
        found = json.loads(answer.text) if answer.text else {}
    except ValueError:
        found = None
    if not isinstance(found, dict) or not (found or empty_ok):
        screen.notices.append(WENT_WRONG)
        return None
    return found


def _extended(screen: Screen, found: Thing | None) -> list[Thing]:
    """What a message extension gives: words, or cards to put into a message."""
    if found is None:
        return []
    if found["type"] == "message":
        screen.notices.append(str(found["text"]))
        return []
    assert found["type"] == "result", f"no such answer of a message extension as {found}"
    assert found.get("attachmentLayout", "list") in ("list", "grid"), found
    cards: list[Thing] = found.get("attachments") or []
    for attachment in cards:
        accept(attachment, "result")
    return cards


def _dialog(value: Thing, origin: Thing) -> Dialog:
    known = {"title", "height", "width", "card", "url", "fallbackUrl", "completionBotId"}
    assert not value.keys() - known, f"unknown: {value.keys() - known}"
    for side in ("height", "width"):
        size = value.get(side, "medium")
        assert isinstance(size, int) or size in ("small", "medium", "large"), f"no such {side} as {size}"
    accept(value["card"], "dialog")
    card: Thing = value["card"]["content"]
    assert inputs(card) or visible(card), "an empty dialog"
    return Dialog(str(value.get("title", "")), card, origin)
