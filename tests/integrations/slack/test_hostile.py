"""Requests that Slack did not send, and payloads that are not as Slack describes them: no handler hears of them."""

from __future__ import annotations

import html
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlmodel import func, select

from tests.integrations.slack.city import SECRET, City
from tests.slackland.driver import signature
from tests.slackland.world import Thing
from workbot.dispatch import TURNS
from workbot.processed_turns import ProcessedTurn
from workbot.requests.models import Request

FORM = "application/x-www-form-urlencoded"
COMMAND = {"command": "/pulse", "text": "", "trigger_id": "1.x", "channel_id": "C1"}


class Wire:
    """What a stranger can send to the address that Slack calls."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.ada = city.hire("Ada Tremblay")
        city.compare()
        self.before = 0.0
        self.before = self.heard()
        self.command = urlencode(
            COMMAND | {"team_id": city.workspace.id, "user_id": self.ada["id"], "is_enterprise_install": "false"}
        ).encode()

    def send(self, body: bytes, headers: dict[str, str], kind: str = FORM) -> int:
        return self.city.driver.raw(body, {"Content-Type": kind, **headers}).status_code

    def signed(self, body: bytes, kind: str = FORM) -> int:
        return self.send(body, signature(SECRET, body, int(time.time())), kind)

    def payload(self, payload: Any) -> int:
        return self.signed(urlencode({"payload": json.dumps(payload)}).encode())

    def heard(self) -> float:
        """How many turns there were in all, whatever became of them."""
        samples = (sample for metric in TURNS.collect() for sample in metric.samples)
        return sum(sample.value for sample in samples if sample.name == "workbot_turns_total") - self.before

    def turns(self) -> int:
        with self.city.app.database.session() as session:
            return session.exec(select(func.count()).select_from(ProcessedTurn)).one()


@pytest.fixture
def wire(city: City) -> Wire:
    return Wire(city)


def at(seconds: int, secret: str = SECRET) -> Callable[[bytes], dict[str, str]]:
    return lambda body: signature(secret, body, int(time.time()) + seconds)


def changed(**headers: str) -> Callable[[bytes], dict[str, str]]:
    return lambda body: signature(SECRET, body, int(time.time())) | headers


def without(name: str) -> Callable[[bytes], dict[str, str]]:
    return lambda body: {key: value for key, value in changed()(body).items() if key != name}


def upper(body: bytes) -> dict[str, str]:
    headers = changed()(body)
    return headers | {"X-Slack-Signature": headers["X-Slack-Signature"].upper()}


def other_body(body: bytes) -> dict[str, str]:
    return signature(SECRET, body + b"&text=more", int(time.time()))


def other_time(body: bytes) -> dict[str, str]:
    return changed()(body) | {"X-Slack-Request-Timestamp": str(int(time.time()) - 1)}


UNSIGNED: dict[str, Callable[[bytes], dict[str, str]]] = {
    "no headers": lambda body: {},
    "no signature": without("X-Slack-Signature"),
    "no timestamp": without("X-Slack-Request-Timestamp"),
    "empty signature": changed(**{"X-Slack-Signature": ""}),
    "empty timestamp": changed(**{"X-Slack-Request-Timestamp": ""}),
    "another secret": at(0, "0" * 32),
    "empty secret": at(0, ""),
    "old": at(-301),
    "very old": at(-86_400),
    "future": at(301),
    "far future": at(86_400 * 365),
    "another body": other_body,
    "another time": other_time,
    "capital letters": upper,
    "version 1": changed(**{"X-Slack-Signature": "v1=" + "0" * 64}),
    "zeros": changed(**{"X-Slack-Signature": "v0=" + "0" * 64}),
    "short": changed(**{"X-Slack-Signature": "v0=0"}),
    "no version": changed(**{"X-Slack-Signature": "0" * 64}),
    "words": changed(**{"X-Slack-Signature": "let me in"}),
    "negative time": changed(**{"X-Slack-Request-Timestamp": "-1"}),
    "zero time": changed(**{"X-Slack-Request-Timestamp": "0"}),
    "time in words": changed(**{"X-Slack-Request-Timestamp": "now"}),
    "time with decimals": changed(**{"X-Slack-Request-Timestamp": f"{time.time():.3f}"}),
    "infinite time": changed(**{"X-Slack-Request-Timestamp": "inf"}),
    "enormous time": changed(**{"X-Slack-Request-Timestamp": "9" * 400}),
    "time in hexadecimal": changed(**{"X-Slack-Request-Timestamp": hex(int(time.time()))}),
    "two times": changed(**{"X-Slack-Request-Timestamp": f"{int(time.time())}, {int(time.time())}"}),
    "a retry's headers": lambda body: {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"},
    "an old verification token": lambda body: {"X-Slack-Token": "unused"},
    "a bearer token": lambda body: {"Authorization": "Bearer xoxb-0"},
}


@pytest.mark.parametrize("case", UNSIGNED)
def test_what_slack_did_not_sign_reaches_nobody(wire: Wire, case: str) -> None:
    assert wire.send(wire.command, UNSIGNED[case](wire.command)) == 401
    assert wire.heard() == 0


# What is signed and makes no sense is acknowledged where Slack itself might send it one day: it would try again.
GARBAGE: dict[str, tuple[bytes, str, int]] = {
    "nothing": (b"", FORM, 200),
    "no form": (b"\x00\x01\x02", FORM, 200),
    "no text": (b"\xff\xfe\xfd", FORM, 401),
    "an empty object": (b"{}", "application/json", 200),
    "a list": (b"[]", "application/json", 400),
    "a number": (b"7", "application/json", 400),
    "null": (b"null", "application/json", 400),
    "half an object": (b'{"type": "event_ca', "application/json", 400),
    "a deep list": (b"[" * 50_000 + b"]" * 50_000, "application/json", 400),
    "an unknown type": (b'{"type": "surprise"}', "application/json", 200),
    "an event without one": (b'{"type": "event_callback", "team_id": "T1"}', "application/json", 200),
    "an event of nothing": (b'{"type": "event_callback", "event": null}', "application/json", 200),
    "an event without a type": (b'{"type": "event_callback", "event": {}}', "application/json", 200),
    "no payload": (b"payload=", FORM, 400),
    "half a payload": (b"payload=%7B%22type%22", FORM, 400),
    "a payload of a list": (b"payload=%5B%5D", FORM, 400),
    "a deep payload": (b"payload=" + b"[" * 50_000 + b"]" * 50_000, FORM, 400),
    "two payloads": (b"payload=%7B%7D&payload=%7B%7D", FORM, 200),
    "a file": (
        b'--x\r\nContent-Disposition: form-data; name="payload"\r\n\r\n{}\r\n--x--',
        "multipart/form-data; boundary=x",
        200,
    ),
    "a command without a user": (b"command=%2Fpulse&trigger_id=1&team_id=T1", FORM, 200),
    "a command without a trigger": (b"command=%2Fpulse&user_id=U1&team_id=T1", FORM, 200),
    "a command of nobody's workspace": (b"command=%2Fpulse&user_id=U1&team_id=T999&trigger_id=1", FORM, 200),
}


@pytest.mark.parametrize("case", GARBAGE)
def test_what_is_signed_and_makes_no_sense_reaches_nobody_and_breaks_nothing(wire: Wire, case: str) -> None:
    body, kind, status = GARBAGE[case]

    assert wire.signed(body, kind) == status
    assert wire.heard() == 0
    assert wire.signed(wire.command) == 200
    assert wire.heard() == 1


def interaction(city: City, user: Thing, **more: Any) -> Thing:
    base = {"team": {"id": city.workspace.id}, "user": {"id": user["id"]}, "trigger_id": city.world.trigger(user["id"])}
    return base | more


FORGED: dict[str, dict[str, Any]] = {
    "no actions": {"type": "block_actions"},
    "empty actions": {"type": "block_actions", "actions": []},
    "an action of nothing": {"type": "block_actions", "actions": [None]},
    "a plain value": {"type": "block_actions", "actions": [{"action_id": "requests.take|1", "value": "IT-1"}]},
    "no value": {"type": "block_actions", "actions": [{"action_id": "requests.take|1"}]},
    "a value of another kind": {"type": "block_actions", "actions": [{"action_id": "a|1", "value": {"a": 1}}]},
    "a zero seal": {
        "type": "block_actions",
        "actions": [{"action_id": "a|1", "value": "v" + "A" * 22 + "requests.take IT-1"}],
    },
    "a memo's seal": {
        "type": "block_actions",
        "actions": [{"action_id": "a|1", "value": "m" + "A" * 22 + "requests.take x"}],
    },
    "a short value": {"type": "block_actions", "actions": [{"action_id": "a|1", "value": "v"}]},
    "letters that are none": {"type": "block_actions", "actions": [{"action_id": "a|1", "value": "v\ud800"}]},
    "an option that is not ours": {
        "type": "block_actions",
        "actions": [{"action_id": "a|1", "selected_option": {"value": "x"}}],
    },
    "a form without a view": {"type": "view_submission"},
    "a form without a name": {"type": "view_submission", "view": {"id": "V1", "type": "modal", "callback_id": "form"}},
    "a form of a made-up name": {
        "type": "view_submission",
        "view": {"id": "V1", "type": "modal", "callback_id": "form", "private_metadata": "0" * 32 + "." + "0" * 32},
    },
    "a form whose name is a statement": {
        "type": "view_submission",
        "view": {"id": "V1", "type": "modal", "callback_id": "form", "private_metadata": "' OR 1=1 --"},
    },
    "a shortcut of no name": {"type": "message_action", "callback_id": "quote"},
    "a step of a workflow": {"type": "workflow_step_edit", "callback_id": "x"},
    "a dialog of old": {"type": "dialog_submission", "callback_id": "x", "submission": {}},
}


@pytest.mark.parametrize("case", FORGED)
def test_forged_interactions_reach_no_handler(wire: Wire, case: str) -> None:
    forged = interaction(wire.city, wire.ada, container={"type": "message", "channel_id": "C1", "message_ts": "1.1"})

    assert wire.payload(forged | FORGED[case]) == 200
    assert wire.heard() == 0


def test_the_corpus_is_large() -> None:
    assert len(UNSIGNED) + len(GARBAGE) + len(FORGED) >= 60


def test_slack_may_see_whether_we_are_there_and_nobody_else_may(wire: Wire) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a", "token": "unused"}).encode()
    headers = {"Content-Type": "application/json"}

    asked = wire.city.driver.raw(body, headers | signature(SECRET, body, int(time.time())))

    assert (asked.status_code, json.loads(asked.text)) == (200, {"challenge": "3eZbrw1a"})
    assert wire.send(body, {}, "application/json") == 401


def test_slack_is_not_asked_who_we_are_for_every_turn(wire: Wire) -> None:
    asked = len(wire.city.world.called("auth.test"))

    for _ in range(10):
        wire.city.driver.command(wire.ada, "/pulse")

    assert wire.heard() == 10
    assert len(wire.city.world.called("auth.test")) == asked


def test_half_letters_and_nul_are_no_trouble(wire: Wire) -> None:
    city = wire.city
    general = city.world.add_channel(city.workspace, "general", is_member=True)
    message = city.driver.say(wire.ada, "The \ud83d printer\0 smokes", channel=general)

    city.driver.message_shortcut(wire.ada, "quote", general, message)
    city.driver.say(wire.ada, "request it The \ud83d printer\0 smokes")

    assert "The \ufffd printer smokes" in str(city.world.modal(wire.ada["id"]))
    assert "Open the form" in city.world.reads(wire.ada["id"])[-1]


def test_a_button_whose_value_slack_escaped_is_still_ours(wire: Wire) -> None:
    city = wire.city
    city.driver.command(wire.ada, "/request", "R&D <3 printers")
    sealed = city.driver._spot(wire.ada, "IT Service Desk", "").action["value"]

    city.driver.press(wire.ada, "IT Service Desk", value=html.escape(sealed, quote=False))

    assert "R&D <3 printers" in str(city.world.modal(wire.ada["id"]))


def test_a_body_of_megabytes_is_not_read(wire: Wire) -> None:
    assert wire.signed(b"text=" + b"x" * 2_000_000) == 413


def test_a_button_of_one_seal_does_not_open_another_action(wire: Wire) -> None:
    city = wire.city
    bea = city.hire("Bea Novak", "agent:it")
    city.world.add_channel(city.workspace, "it")
    city.compare()
    city.driver.command(wire.ada, "/request", "it Laptop")
    city.driver.submit(wire.ada, What_kind="A question", How_much="No hurry")
    before = wire.turns()
    action = city.driver._spot(
        bea, "Take it", next(iter(k for k, c in city.world.channels.items() if c.get("name") == "it"))
    )
    sealed = action.action["value"]

    for forged in (
        sealed.replace("requests.take", "requests.show"),
        sealed.replace("IT-1", "IT-2"),
        sealed[:-1],
        sealed + " ",
    ):
        city.driver.press(bea, "Take it", channel=action.channel, value=forged)

    assert wire.turns() == before
    with city.app.database.session() as session:
        assert session.exec(select(Request.state)).one() == "open"


def test_a_form_opened_by_one_person_is_not_anothers_to_send(wire: Wire) -> None:
    city = wire.city
    eve = city.hire("Eve Other")
    city.compare()
    city.driver.command(wire.ada, "/request", "it Laptop")
    view = city.world.modal(wire.ada["id"])
    assert view is not None
    before = wire.turns()

    city.driver.send_view(eve, view, {})

    assert wire.turns() == before
    assert "not one of ours" in str(view["errors"])


def test_someone_whom_we_do_not_know_is_shown_the_way_in(wire: Wire) -> None:
    city = wire.city
    stranger = city.world.add_user(city.workspace, "Sam Stranger", "sam@elsewhere.example")

    city.driver.command(stranger, "/request", "it Laptop")

    assert "I do not know this account yet" in "".join(city.world.whispered(stranger["id"]))
    assert wire.turns() == 0


def test_people_of_other_organisations_in_shared_channels_are_strangers(wire: Wire) -> None:
    city = wire.city
    guest = city.world.add_user(city.workspace, "Ada Double", "bob@city.example", is_stranger=True)
    city.hire("Bob", in_slack=False)

    city.driver.command(guest, "/pulse")

    assert "I do not know this account yet" in "".join(city.world.whispered(guest["id"]))


def test_an_event_sent_again_has_one_effect_and_one_answer(wire: Wire) -> None:
    city = wire.city
    city.driver.say(wire.ada, "help")
    assert "What I can do" in city.world.reads(wire.ada["id"])[-1]
    said = len(city.world.messages(wire.ada["id"]))

    for _ in range(3):
        city.driver.again()

    assert wire.turns() == 1
    assert len(city.world.messages(wire.ada["id"])) == said


def test_the_library_logs_nothing_of_what_comes_in_or_goes_out(
    wire: Wire, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    wire.send(b"text=my+secret+answer", {})
    wire.signed(b"payload=%7B%22type%22%3A%22my+secret+answer%22%7D")
    wire.signed(wire.command + b"&text=my+secret+answer")
    wire.city.driver.command(wire.ada, "/request", "it my secret trouble")
    wire.city.driver.submit(wire.ada, What_kind="A question", How_much="No hurry")

    assert "secret" in "".join(wire.city.world.reads(wire.ada["id"]))
    out = capsys.readouterr()
    assert "secret" not in caplog.text + out.out + out.err
