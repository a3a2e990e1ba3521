"""Activities that Teams signed and that are not as it describes them: no error of ours, and an answer that is seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy

import pytest

from tests.integrations.teams.city import City
from tests.integrations.teams.test_hostile import Wire
from tests.teamsland import tokens
from tests.teamsland.reading import Thing


@pytest.fixture
def wire(city: City) -> Wire:
    return Wire(city)


ODD: dict[str, Thing] = {
    "an unknown invoke": {"type": "invoke", "name": "something/new", "value": {}},
    "a button by another spelling": {"type": "invoke", "name": "AdaptiveCard/Action", "value": {"action": {}}},
    "an invoke without a name": {"type": "invoke", "value": {}},
    "a button without data": {"type": "invoke", "name": "adaptiveCard/action", "value": {}},
    "a button of another app": {
        "type": "invoke",
        "name": "adaptiveCard/action",
        "value": {"action": {"type": "Action.Execute", "verb": "x", "data": {"other": 1}}},
    },
    "a dialog of another app": {"type": "invoke", "name": "task/fetch", "value": {"data": {"dialog_id": "x"}}},
    "a dialog without data": {"type": "invoke", "name": "task/submit", "value": {}},
    "a dialog with a list": {"type": "invoke", "name": "task/submit", "value": {"data": ["x"]}},
    "a message extension without a message": {
        "type": "invoke",
        "name": "composeExtension/fetchTask",
        "value": {"commandId": "quote", "commandContext": "message"},
    },
    "a search for nothing": {"type": "invoke", "name": "composeExtension/query", "value": {"commandId": "search"}},
    "a search without a value": {"type": "invoke", "name": "composeExtension/query"},
    "a link that is none": {"type": "invoke", "name": "composeExtension/queryLink", "value": {"url": "http://["}},
    "signing in, which we do not do": {"type": "invoke", "name": "signin/verifyState", "value": {"state": "1"}},
    "a file that nobody asked for": {"type": "invoke", "name": "fileConsent/invoke", "value": {}},
}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_invoke_is_answered_with_something_that_can_be_seen(wire: Wire, what: str) -> None:
    made = {name: value for name, value in wire.activity.items() if name not in ("text", "textFormat", "attachments")}
    token = tokens.signed(wire.claims, tokens.BOT_FRAMEWORK)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}

    answer = wire.city.driver.raw(json.dumps(made | {"id": "f:1"} | ODD[what]).encode(), headers)

    assert answer.status_code == 200
    said = json.loads(answer.text)
    assert said.get("value") or said.get("task") or said.get("composeExtension"), said


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "conversationUpdate", "membersAdded": "nobody"},
        {"type": "installationUpdate", "action": "dance"},
        {"type": "messageReaction", "reactionsAdded": [{}]},
        {"type": "event", "name": "application/vnd.microsoft.readReceipt", "value": {}},
        {"type": "endOfConversation"},
        {"type": "something-new"},
        {"type": "message", "from": None},
        {"type": "message", "entities": {"type": "mention"}},
        {"type": "message", "attachments": [1, None, "x"]},
        {"type": "message", "text": "\x00\ud800 help"},
    ],
)
def test_an_odd_activity_does_no_harm(wire: Wire, odd: Thing) -> None:
    assert wire.signed(wire.activity | odd | {"id": "odd"}) in (200, 400)


# What else an activity may hold, besides what a plain message does.
MORE = (
    "action",
    "attachments",
    "entities",
    "expiration",
    "label",
    "localTimestamp",
    "relatesTo",
    "replyToId",
    "semanticAction",
    "suggestedActions",
    "timestamp",
    "value",
)
# In place of whatever stands there.
ANYTHING = (["x"], {"a": 1}, 7, "word", [None], [["x"]])


def fields(thing: Thing, within: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The way to each field of an activity, those of its parts too."""
    for name, value in thing.items():
        yield (*within, name)
        if isinstance(value, dict):
            yield from fields(value, (*within, name))


@pytest.mark.parametrize("kind", ["message", "invoke", "conversationUpdate"])
def test_whatever_stands_in_a_field_is_taken_or_refused_and_no_error_of_ours(wire: Wire, kind: str) -> None:
    named = {"channelData": wire.activity["channelData"] | {"team": {"id": "19:t"}, "channel": {"id": "19:c"}}}
    known = wire.activity | named | {"type": kind, "name": "adaptiveCard/action"}
    ways = {*fields(known), *((name,) for name in MORE)} - {("serviceUrl",)}
    statuses = []

    for number, (way, odd) in enumerate((way, odd) for way in sorted(ways) for odd in ANYTHING):
        made = deepcopy(known) | {"id": f"odd:{number}"}
        part = made
        for name in way[:-1]:
            part = part[name]
        part[way[-1]] = odd
        statuses.append(wire.signed(made))

    assert {status for status in statuses if status not in (200, 400, 403)} == set()
    assert statuses.count(400) > 20
