"""What people do in Teams, as Teams sends it to a bot: signed, and shown to them as Teams shows what it answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.teamsland import activities, tokens
from tests.teamsland.activities import activity
from tests.teamsland.filling import choice, filled
from tests.teamsland.reading import Thing, walk
from tests.teamsland.showing import Response, show_answer, show_dialog, show_results, show_unfurled
from tests.teamsland.things import Conversation, Message, Person, Team
from tests.teamsland.world import World

MESSAGES = "/api/messages"
Where = Person | Conversation
Send = Callable[[str, dict[str, str], bytes], Response]


@dataclass
class Driver:
    """Acts for people in one Teams. `send` delivers to the app: path, headers, body."""

    world: World
    send: Send
    # Every request that was sent, for those who want to send one again.
    sent: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def install(self, person: Person) -> Response:
        """Add the app for oneself."""
        person.has_app = True
        return self._installed(person)

    def uninstall(self, person: Person) -> Response:
        person.has_app = False
        return self._act("installationUpdate", person, self.world.personal(person), action="remove")

    def block(self, person: Person) -> None:
        """Block the bot: it learns of that only when it writes."""
        person.block = "MessageWritesBlocked"

    def happen(self) -> int:
        """Tell the bot what happened in Teams without it, such as installations through Graph; how much that was."""
        told = 0
        while self.world.events:
            _, person = self.world.events.popleft()
            self._installed(person)
            told += 1
        return told

    def add_to_team(self, team: Team, by: Person) -> Response:
        team.has_app = True
        who = {"membersAdded": [{"id": self.world.app.bot_id}]}
        self._about_team(team, by, "conversationUpdate", "teamMemberAdded", who)
        return self._about_team(team, by, "installationUpdate", "", {"action": "add"})

    def remove_from_team(self, team: Team, by: Person) -> Response:
        team.has_app = False
        who = {"membersRemoved": [{"id": self.world.app.bot_id}]}
        self._about_team(team, by, "conversationUpdate", "teamMemberRemoved", who)
        return self._about_team(team, by, "installationUpdate", "", {"action": "remove"})

    def join_team(self, team: Team, person: Person, by: Person) -> Response:
        """Somebody becomes a member of a team that the bot is in."""
        team.members.append(person)
        who = {"membersAdded": [{"id": self.world.mri(person), "aadObjectId": person.id}]}
        return self._about_team(team, by, "conversationUpdate", "teamMemberAdded", who)

    def change_team(
        self, team: Team, by: Person, event: str, *, channel: Conversation | None = None, name: str = ""
    ) -> Conversation:
        """Do with a team, or a channel of it, what an event says, such as channelRenamed; the channel that it was."""
        place = channel or team.channels[0]
        match event:
            case "channelCreated":
                place = self.world.add_channel(team, name)
            case "channelRenamed":
                place.name = name
            case "channelDeleted" | "channelRestored":
                place.is_gone = event == "channelDeleted"
            case "teamRenamed":
                team.name = name
            case "teamArchived" | "teamUnarchived":
                team.is_archived = event == "teamArchived"
            case "teamDeleted":
                for one in team.channels:
                    one.is_gone = True
            case other:
                raise AssertionError(f"nothing here does {other}")
        named = {"channel": {"id": place.id, "name": place.name}} if event.startswith("channel") else {}
        self._about_team(team, by, "conversationUpdate", event, {}, **named)
        return place

    def say(
        self,
        person: Person,
        text: str,
        *,
        channel: Conversation | None = None,
        thread: str = "",
        mention: bool = False,
        answering: Message | None = None,
    ) -> Message:
        """Write a message: to the bot, or in a channel, or under a message there.

        In channels the bot hears what mentions it, and nothing else. In one's own conversation there are no threads:
        there one answers a message by quoting it.
        """
        place = channel or self.world.personal(person)
        assert not place.person or self.world.may_write_to(person), f"{person.name} has no bot to write to"
        assert place.team or not thread, "threads are in channels only"
        written = {"type": "message", "text": text, "textFormat": "plain"}
        message = self.world.post(place, written, author=person, root=thread)
        if place.person or (mention and place.has_bot):
            made = activities.message(self.world, message, mention=mention)
            self.send_activity(activities.quoting(self.world, made, answering) if answering else made)
        return message

    def command(self, person: Person, text: str, *, channel: Conversation, thread: str = "") -> Message:
        """Choose a slash command of the bot's where others talk, and write on: only the bot hears it."""
        assert channel.has_bot, "slash commands are those of bots that are there"
        assert not channel.person, "slash commands are offered where others talk"
        written = {"type": "message", "text": text, "textFormat": "plain"}
        message = self.world.post(channel, written, author=person, root=thread, only_for=person)
        self.send_activity(activities.message(self.world, message))
        return message

    def edit(self, message: Message, text: str, *, mention: bool = False) -> Response:
        """Change one's own message."""
        message.change(message.activity | {"text": text})
        data = activities.channel_data(message.conversation, eventType="editMessage")
        made = activities.message(self.world, message, mention=mention)
        return self.send_activity(made | {"type": "messageUpdate", "channelData": data})

    def delete(self, message: Message) -> Response:
        """Delete one's own message."""
        message.is_deleted = True
        place = message.conversation
        assert message.author is not None
        data = activities.channel_data(place, eventType="softDeleteMessage")
        root = message.root or message.id
        return self._act("messageDelete", message.author, place, root=root, id=message.id, channelData=data)

    def press(
        self,
        person: Person,
        label: str,
        *,
        where: Where | None = None,
        fill: Mapping[str, Any] | None = None,
        **forged: Any,
    ) -> Response:
        """Press the newest button of a title that somebody sees, its card filled in; `forged` changes its data."""
        message, action = self._spot(person, label, where or person)
        answers = filled(message.card(person), fill or {}) if action.get("associatedInputs") != "none" else {}
        return self.press_in(person, message, action, answers, **forged)

    def pick(self, person: Person, option: str, *, where: Where | None = None) -> Response:
        """Choose from a list in a card, and press the button that follows it."""
        for message in reversed(self._within(where or person, person)):
            parts = list(walk(message.card(person)))
            for number, part in enumerate(parts):
                if any(one["title"] == option for one in part.get("choices", [])):
                    action = next(one for one in parts[number:] if str(one.get("type")).startswith("Action."))
                    answers = filled(message.card(person), {}) | {str(part["id"]): choice(part, option)}
                    return self.press_in(person, message, action, answers)
        raise AssertionError(f"no choice {option!r} in {self.world.reads(where or person, viewer=person)}")

    def press_in(self, person: Person, message: Message, action: Thing, answers: Thing, **forged: Any) -> Response:
        """Press a button of a message: what happens then depends on its type, and on what it asks of Teams."""
        place, root = message.conversation, message.root or message.id
        spot: Thing = {"root": root, "replyToId": message.id}
        data = action["data"] | answers | forged
        if action["type"] == "Action.Execute":
            value = {"type": "Action.Execute", "title": action.get("title"), "verb": action["verb"], "data": data}
            answer = self._invoke("adaptiveCard/action", person, place, {"action": value, "trigger": "manual"}, **spot)
            show_answer(self.world, person, message, answer)
            return answer
        assert action["type"] == "Action.Submit", f"nothing is sent by {action}"
        match (action["data"].get("msteams") or {}).get("type"):
            case "task/fetch":
                origin = {"name": "task/submit", "place": place, "value": {}, "spot": spot}
                asked = {"data": data, "context": {"theme": "default"}}
                return self._ask(person, "task/fetch", asked, origin)
            case "messageBack":
                back = action["data"]["msteams"]
                text = {"text": back.get("text", ""), "value": back.get("value")}
                return self._act("message", person, place, id=self.world.message_id(), **spot, **text)
            case None:
                return self._act("message", person, place, id=self.world.message_id(), value=data, **spot)
            case other:
                raise AssertionError(f"nothing here does {other}")

    def refresh(self, person: Person, message: Message) -> Response:
        """Look at a card that asks to be refreshed, as Teams does for those whom it names."""
        card = message.card(person)
        assert self.world.mri(person) in card["refresh"].get("userIds", [self.world.mri(person)])
        action, place = card["refresh"]["action"], message.conversation
        value = {"action": {"type": "Action.Execute", "verb": action["verb"], "data": action["data"]}}
        spot: Thing = {"root": message.root or message.id, "replyToId": message.id}
        answer = self._invoke("adaptiveCard/action", person, place, value | {"trigger": "automatic"}, **spot)
        show_answer(self.world, person, message, answer)
        return answer

    def submit(self, person: Person, button: str = "", **values: Any) -> Response:
        """Fill in the dialog that is open and send it: fields by how their labels begin, with `_` for a space.

        The button is that of the title, or the first one.
        """
        dialog = self.world.screen(person).dialog
        assert dialog is not None, "no dialog is open"
        buttons = [one for one in walk(dialog.card) if one.get("type") == "Action.Submit"]
        pressed = next(one for one in buttons if button in ("", one["title"]))
        answers: Thing = {}
        if pressed.get("associatedInputs") != "none":
            answers = filled(dialog.card, {name.replace("_", " "): value for name, value in values.items()})
        return self.send_dialog(person, pressed["data"] | answers)

    def send_dialog(self, person: Person, data: Thing) -> Response:
        """Send the dialog that is open with any data, and show what is answered."""
        dialog = self.world.screen(person).dialog
        assert dialog is not None, "no dialog is open"
        origin = dialog.origin
        value = origin["value"] | {"data": data, "context": {"theme": "default"}}
        return self._ask(person, origin["name"], value, origin)

    def quote(self, person: Person, message: Message, command: str, **claimed: Any) -> Response:
        """Use one of the app's actions on a message; `claimed` is what the person's client says of it otherwise."""
        value = {
            "commandId": command,
            "commandContext": "message",
            "requestId": str(self.world.number()),
            "messagePayload": activities.payload(self.world, message) | claimed,
        }
        spot = {"root": message.root or message.id}
        origin = {"name": "composeExtension/submitAction", "place": message.conversation, "value": value, "spot": spot}
        asked = value | {"context": {"theme": "default"}}
        return self._ask(person, "composeExtension/fetchTask", asked, origin)

    def search(
        self, person: Person, command: str, text: str, *, where: Where | None = None, name: str = "query"
    ) -> Response:
        """Search with the app while writing a message; an empty text is what is asked when it is opened."""
        first = [{"name": "initialRun", "value": "true"}]
        value = {
            "commandId": command,
            "parameters": [{"name": name, "value": text}] if text else first,
            "queryOptions": {"skip": 0, "count": 25},
        }
        place = where if isinstance(where, Conversation) else self.world.personal(where or person)
        answer = self._invoke("composeExtension/query", person, place, value)
        show_results(self.world, person, answer)
        return answer

    def link(self, person: Person, url: str, *, where: Where | None = None) -> Response:
        """Write an address of the app's into a message: what stands under it is asked of the app."""
        place = where if isinstance(where, Conversation) else self.world.personal(where or person)
        answer = self._invoke("composeExtension/queryLink", person, place, {"url": url})
        show_unfurled(self.world, person, answer)
        return answer

    def tab_token(self, person: Person, **claims: Any) -> str:
        """What the app's tab gets from Teams to say who looks at it."""
        who = {"name": person.name, "oid": person.id, "upn": person.upn}
        known = tokens.for_a_tab(self.world.login, person.tenant.id, self.world.app.client_id, who)
        return tokens.signed(known | claims, tokens.ENTRA)

    def send_activity(self, made: Thing, **claims: Any) -> Response:
        """Send an activity with a token for it, of which any claim may be another."""
        known = tokens.for_the_bot(self.world.app.client_id, str(made["serviceUrl"])) | claims
        return self.send_signed(made, tokens.signed(known, self.world.bot_framework_keys[0]))

    def send_signed(self, made: Any, token: str) -> Response:
        """Send anything with any token."""
        headers = {"Content-Type": "application/json; charset=utf-8", "Authorization": f"Bearer {token}"}
        return self.raw(json.dumps(made).encode(), headers)

    def raw(self, body: bytes, headers: dict[str, str]) -> Response:
        """Send whatever it is."""
        self.sent.append((headers, body))
        return self.send(MESSAGES, headers, body)

    def again(self, number: int = -1) -> Response:
        """Send a request once more, as Teams does when it was not answered in time."""
        headers, body = self.sent[number]
        return self.send(MESSAGES, headers, body)

    def _installed(self, person: Person) -> Response:
        place = self.world.personal(person)
        both = [{"id": self.world.app.bot_id}, {"id": self.world.mri(person), "aadObjectId": person.id}]
        self._act("conversationUpdate", person, place, membersAdded=both)
        return self._act("installationUpdate", person, place, action="add")

    def _about_team(self, team: Team, by: Person, kind: str, event: str, more: Thing, **named: Thing) -> Response:
        known = {"eventType": event} if event else {"settings": {"selectedChannel": {"id": team.id}}}
        data = activities.team_data(team, **known, **named)
        return self._act(kind, by, team.channels[0], **more, channelData=data)

    def _act(self, kind: str, person: Person, place: Conversation, **more: Any) -> Response:
        return self.send_activity(activity(self.world, kind, person, place, **more))

    def _invoke(self, name: str, person: Person, place: Conversation, value: Thing, **more: Any) -> Response:
        data = activities.channel_data(place, source={"name": "compose" if name.startswith("compose") else "message"})
        return self._act("invoke", person, place, name=name, value=value, channelData=data, **more)

    def _ask(self, person: Person, name: str, value: Thing, origin: Thing) -> Response:
        """Ask for a dialog, or send one."""
        answer = self._invoke(name, person, origin["place"], value, **origin["spot"])
        show_dialog(self.world, person, name, origin, answer)
        return answer

    def _within(self, where: Where, viewer: Person) -> list[Message]:
        """Every message of a conversation that somebody sees, those under others too, oldest first."""
        place = self.world.personal(where) if isinstance(where, Person) else where
        return [one for one in place.messages if one.is_seen_by(viewer)]

    def _spot(self, person: Person, label: str, where: Where) -> tuple[Message, Thing]:
        """The newest message with such a button among what somebody sees."""
        for message in reversed(self._within(where, person)):
            for action in reversed(list(walk(message.card(person)))):
                if str(action.get("type", "")).startswith("Action.") and action.get("title") == label:
                    return message, action
        raise AssertionError(f"no button {label!r} in: {[one.reads(person) for one in self._within(where, person)]}")
