"""What people do in Slack, as Slack sends it to an app: signed, and with all that it always sends along."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from tests.slackland.blocks import message_problems, view_problems, visible
from tests.slackland.methods import replace_view
from tests.slackland.world import Thing, Workspace, World, read

EVENTS = "/slack/events"


class Response(Protocol):
    """What the app answered."""

    status_code: int
    text: str


Send = Callable[[str, dict[str, str], bytes], Response]


@dataclass
class Driver:
    """Acts for people in one workspace. `send` delivers to the app: path, headers, body."""

    world: World
    workspace: Workspace
    send: Send
    secret: str
    now: Callable[[], float] = time.time
    # The organisation for all of which the app is installed, if it is.
    organisation: Workspace | None = None
    # Every request that was sent, for those who want to send one again.
    sent: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def command(self, user: Thing, name: str, text: str = "", *, channel: str = "") -> Response:
        """Type a slash command, in a channel or in the conversation with the app."""
        channel = channel or self.direct(user)
        url = self.world.answer_url(channel, user["id"])
        answer = self._form(
            {
                "token": "unused",
                "team_id": self.workspace.id,
                "team_domain": self.workspace.name.lower(),
                "channel_id": channel,
                "channel_name": str(self.world.channels[channel].get("name", "directmessage")),
                "user_id": user["id"],
                "user_name": user["name"],
                "command": name,
                "text": text,
                "api_app_id": "A0001",
                "is_enterprise_install": "true" if self.organisation else "false",
                "response_url": url,
                "trigger_id": self.world.trigger(user["id"]),
            }
            | ({"enterprise_id": self.workspace.enterprise} if self.workspace.enterprise else {})
        )
        if answer.status_code == 200 and answer.text:
            self._show_answer(user, channel, json.loads(answer.text))
        return answer

    def press(self, user: Thing, label: str, *, channel: str = "", **forged: Any) -> Response:
        """Press the newest button (or pick the option) of a label that the user sees; `forged` changes what is sent."""
        spot = self._spot(user, label, channel)
        return self._interact(self._pressed(user, spot, forged))

    def press_in_modal(self, user: Thing, label: str) -> Response:
        view = self.world.modal(user["id"])
        assert view is not None, "no modal is open"
        return self._interact(self._pressed(user, Spot(view, "", _action(view["blocks"], label)), {}))

    def press_at_home(self, user: Thing, label: str) -> Response:
        view = self.world.homes[user["id"]]
        return self._interact(self._pressed(user, Spot(view, "", _action(view["blocks"], label)), {}))

    def submit(self, user: Thing, **values: Any) -> Response:
        """Fill the modal that is open and send it: fields by how their labels begin, with `_` for a space."""
        view = self.world.modal(user["id"])
        assert view is not None, "no modal is open"
        state = filled(view, {name.replace("_", " "): value for name, value in values.items()})
        return self.send_view(user, view, state)

    def send_view(self, user: Thing, view: Thing, state: Thing) -> Response:
        """Send a modal, and do with it what the app answers."""
        shown = {key: value for key, value in view.items() if key != "user"} | {"state": {"values": state}}
        answer = self._interact(
            self._base(user, "view_submission")
            | {"view": shown, "response_urls": [], "trigger_id": self.world.trigger(user["id"])}
        )
        if answer.status_code == 200:
            self._follow(user, view, state, json.loads(answer.text) if answer.text else {})
        return answer

    def shortcut(self, user: Thing, callback: str) -> Response:
        return self._interact(
            self._base(user, "shortcut")
            | {"callback_id": callback, "trigger_id": self.world.trigger(user["id"]), "action_ts": self.world.ts()}
        )

    def message_shortcut(self, user: Thing, callback: str, channel: str, message: Thing) -> Response:
        return self._interact(
            self._base(user, "message_action")
            | {
                "callback_id": callback,
                "trigger_id": self.world.trigger(user["id"]),
                "response_url": self.world.answer_url(channel, user["id"], message["ts"]),
                "message_ts": message["ts"],
                "message": message,
                "channel": {"id": channel, "name": str(self.world.channels[channel].get("name", ""))},
            }
        )

    def say(self, user: Thing, text: str, *, channel: str = "", thread: str = "", mention: bool = False) -> Thing:
        """Write a message: to the app, or in a channel, or under a message."""
        channel = channel or self.direct(user)
        message = self.world.post(
            channel, {"user": user["id"], "text": text} | ({"thread_ts": thread} if thread else {})
        )
        kind = "im" if self.world.channels[channel].get("is_im") else "channel"
        if kind == "im" or self.world.channels[channel]["is_member"]:
            self.event({**message, "channel_type": kind})
            if mention:
                self.event({**message, "type": "app_mention"})
        return message

    def react(self, user: Thing, emoji: str, channel: str, message: Thing) -> Response:
        item = {"type": "message", "channel": channel, "ts": message["ts"]}
        return self.event(
            {
                "type": "reaction_added",
                "user": user["id"],
                "reaction": emoji,
                "item": item,
                "item_user": message["user"],
            }
        )

    def open_home(self, user: Thing) -> Response:
        return self.event({"type": "app_home_opened", "user": user["id"], "channel": self.direct(user), "tab": "home"})

    def event(self, event: Mapping[str, Any], *, event_id: str = "", **headers: str) -> Response:
        """Send an event, with an envelope as Slack wraps it."""
        envelope = {
            "token": "unused",
            "team_id": self.workspace.id,
            "api_app_id": "A0001",
            "event": {"event_ts": self.world.ts(), **event},
            "type": "event_callback",
            "event_id": event_id or f"Ev{self.world.number():010d}",
            "event_time": int(self.now()),
            "authorizations": [
                {
                    "enterprise_id": self.workspace.enterprise or None,
                    "team_id": None if self.organisation else self.workspace.id,
                    "user_id": self.workspace.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": bool(self.organisation),
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": "4-e",
        }
        return self._signed(json.dumps(envelope).encode(), "application/json", **headers)

    def direct(self, user: Thing) -> str:
        return self.world.direct(self.workspace, user["id"])

    def raw(self, body: bytes, headers: dict[str, str]) -> Response:
        """Send whatever it is."""
        return self.send(EVENTS, headers, body)

    def again(self, number: int = -1) -> Response:
        """Send a request once more, as Slack does when it was not thanked in time."""
        headers, body = self.sent[number]
        return self.send(EVENTS, headers | {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}, body)

    def _base(self, user: Thing, kind: str) -> Thing:
        team = {"id": self.workspace.id, "domain": self.workspace.name.lower()}
        who = {"id": user["id"], "username": user["name"], "name": user["name"], "team_id": self.workspace.id}
        return {
            "type": kind,
            "token": "unused",
            "team": team,
            "user": who,
            "api_app_id": "A0001",
            "is_enterprise_install": bool(self.organisation),
            "enterprise": {"id": self.workspace.enterprise, "name": "Org"} if self.workspace.enterprise else None,
        }

    def _pressed(self, user: Thing, spot: Spot, forged: Thing) -> Thing:
        action = {"action_ts": self.world.ts(), **spot.action, **forged}
        body = self._base(user, "block_actions") | {"trigger_id": self.world.trigger(user["id"]), "actions": [action]}
        thing = spot.thing
        if "blocks" in thing and "hash" in thing:
            body["container"] = {"type": "view", "view_id": thing["id"]}
            body["view"] = {key: value for key, value in thing.items() if key != "user"}
            return body
        container = {"type": "message", "message_ts": thing["ts"], "channel_id": spot.channel}
        container["is_ephemeral"] = "bot_id" not in thing
        body["container"], body["message"] = container, thing
        body["channel"] = {
            "id": spot.channel,
            "name": str(self.world.channels[spot.channel].get("name", "directmessage")),
        }
        body["response_url"] = self.world.answer_url(spot.channel, user["id"], thing["ts"])
        return body

    def _spot(self, user: Thing, label: str, channel: str) -> Spot:
        """The newest thing with such a button among what the user sees."""
        channels = [channel] if channel else [self.direct(user)]
        things = [(post, one) for one in channels for post in self.world.posts[one]]
        things += [(whisper, whisper["channel"]) for whisper in self.world.whispers if whisper["user"] == user["id"]]
        for thing, where in reversed(things):
            if action := _action(thing.get("blocks") or [], label, missing_ok=True):
                return Spot(thing, where, action)
        raise AssertionError(f"no button {label!r} in: {[read(thing) for thing, _ in things]}")

    def _show_answer(self, user: Thing, channel: str, said: Thing) -> None:
        found = message_problems(said)
        assert not found, found
        shown = {key: said[key] for key in ("text", "blocks") if key in said}
        if said.get("response_type") == "in_channel":
            self.world.post(channel, shown | {"user": self.workspace.bot_user, "bot_id": "B1"})
        else:
            self.world.whispers.append(shown | {"user": user["id"], "channel": channel, "ts": self.world.ts()})

    def _follow(self, user: Thing, view: Thing, state: Thing, answer: Thing) -> None:
        """What Slack does with the answer to a modal."""
        match answer.get("response_action"):
            case None:
                self.world.stacks[user["id"]].pop()
            case "clear":
                self.world.stacks[user["id"]].clear()
            case "errors":
                inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
                assert set() < answer["errors"].keys() <= inputs, answer
                view["errors"], view["typed"] = answer["errors"], state
            case "update":
                assert not (found := view_problems(answer["view"])), found
                replace_view(self.world, view, answer["view"])
            case other:
                raise AssertionError(f"no such answer to a modal as {other!r}")

    def _interact(self, payload: Thing) -> Response:
        return self._form({"payload": json.dumps(payload)})

    def _form(self, fields: Mapping[str, str]) -> Response:
        return self._signed(urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def _signed(self, body: bytes, kind: str, **headers: str) -> Response:
        signed = {"Content-Type": kind, **signature(self.secret, body, int(self.now())), **headers}
        self.sent.append((signed, body))
        return self.send(EVENTS, signed, body)


@dataclass
class Spot:
    """What is pressed: the action, the message or view it is in, and that one's channel."""

    thing: Thing
    channel: str
    action: Thing


def signature(secret: str, body: bytes, timestamp: int) -> dict[str, str]:
    """Slack's two headers: https://docs.slack.dev/authentication/verifying-requests-from-slack."""
    signed = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": f"v0={signed}"}


def filled(view: Thing, values: Thing) -> Thing:
    """The state of a modal in which fields are filled by label; those that are not named stay as they are."""
    state: Thing = {}
    unused = set(values)
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        label, element = block["label"]["text"], block["element"]
        name = next((name for name in values if label.lower().startswith(name.lower())), None)
        unused.discard(str(name))
        value = values[name] if name else None
        answer = _answer(element, value, label)
        is_empty = not any(answer.get(key) for key in ("value", "selected_option", "selected_options", "selected_date"))
        assert block.get("optional") or not is_empty, f"Slack would not send it without {label!r}"
        state[block["block_id"]] = {element["action_id"]: {"type": element["type"], **answer}}
    assert not unused, f"no field called {unused} in {visible(view['blocks'])}"
    return state


def _answer(element: Thing, value: Any, label: str) -> Thing:
    match element["type"]:
        case "static_select" | "radio_buttons":
            return {"selected_option": _option(element, value) if value else element.get("initial_option")}
        case "multi_static_select" | "checkboxes":
            wanted = [value] if isinstance(value, str) else value
            chosen = element.get("initial_options", []) if value is None else [_option(element, one) for one in wanted]
            return {"selected_options": chosen}
        case "datepicker":
            return {"selected_date": value or element.get("initial_date")}
        case _:
            text = element.get("initial_value") if value is None else str(value)
            assert len(text or "") <= element.get("max_length", 3000), f"Slack lets nobody type so much at {label!r}"
            return {"value": text or None}


def _option(element: Thing, label: str) -> Thing:
    options = [
        *element.get("options", []),
        *(o for group in element.get("option_groups", []) for o in group["options"]),
    ]
    found: list[Thing] = [option for option in options if option["text"]["text"] == label]
    assert found, f"no option {label!r} among {[option['text']['text'] for option in options]}"
    return found[0]


def _action(blocks: list[Thing], label: str, *, missing_ok: bool = False) -> Thing:
    """What Slack sends of the button or option of a label."""
    for block in reversed(blocks):
        elements = [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]
        for element in elements if block["type"] in ("actions", "section") else []:
            base = {"type": element["type"], "action_id": element["action_id"], "block_id": block.get("block_id", "b")}
            if element["type"] == "button" and element["text"]["text"] == label:
                extra = {"url": element["url"]} if "url" in element else {"value": element["value"]}
                return base | {"text": element["text"]} | extra
            for option in element.get("options", []):
                if option["text"]["text"] == label:
                    return base | {"selected_option": option}
    if missing_ok:
        return {}
    raise AssertionError(f"no button {label!r} in {visible(blocks)}")
