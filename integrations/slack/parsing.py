"""What Slack sends, as turns: who did what, where, under a name that is the same when it is sent again.

Shapes are those of https://docs.slack.dev/reference/interaction-payloads and /events.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from integrations.slack.markup import NOBODY, Names, plain, typed, unescape
from integrations.slack.names import NAME, address_of, reference_of
from integrations.slack.workspaces import tenant_of
from workbot.texts import clean
from workbot.turns import Command, Message, MessageAction, MessageDeleted, MessageEdited, Sender

Body = Mapping[str, Any]
# What Slack calls the kinds of message that people write; all others are echoes of something else.
WRITTEN = ("", "file_share", "thread_broadcast", "me_message")
# Those that tell of a message which was written before.
CHANGED, DELETED = "message_changed", "message_deleted"
MOMENT = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,6})?")
# A message that is longer than this is not a line typed at us.
NAMES = {"/workbot": "", "/request": "request", "/onboarding": "onboarding", "/pulse": "pulse"}


@dataclass(frozen=True, slots=True)
class Where:
    """Where something happened: the workspace, who did it, the channel (empty in one's own conversation), and
    the message, modal or Home that it happened on."""

    tenant: str
    user: str
    channel: str = ""
    message: str = ""
    view: str = ""
    surface: str = "message"

    @property
    def sender(self) -> Sender:
        return Sender(NAME, self.user, self.tenant)

    @property
    def place(self) -> str:
        """The address of the channel; a conversation with us alone is no place."""
        return address_of(self.tenant, self.channel) if self.channel[:1] in ("C", "G") else ""


def tenant(body: Body) -> str:
    """Which workspace or organisation installed us, of the one that a payload comes from."""
    for authorization in body.get("authorizations") or ():
        return tenant_of(
            authorization.get("enterprise_id"), authorization.get("team_id"), authorization.get("is_enterprise_install")
        )
    for_all = body.get("is_enterprise_install") in (True, "true")
    enterprise, team = body.get("enterprise") or {}, body.get("team") or {}
    return tenant_of(
        body.get("enterprise_id") or enterprise.get("id"),
        body.get("team_id") or team.get("id") or (body.get("user") or {}).get("team_id"),
        for_all,
    )


def command(body: Body, names: Names = NOBODY) -> tuple[Where, Command | Message]:
    """A slash command. `/workbot` takes any word that we know; the others are one each."""
    where = Where(tenant(body), str(body["user_id"]), str(body.get("channel_id", "")))
    words, key = unescape(typed(str(body.get("text", "")), names)).strip(), f"command:{body['trigger_id']}"
    name = NAMES.get(str(body["command"]), "")
    if name:
        return where, Command(sender=where.sender, id=key, channel=where.place, name=name, text=words)
    if not words:
        return where, Command(sender=where.sender, id=key, channel=where.place, name="help")
    # As if it were typed to us alone: what we do not know is answered, also in a channel.
    return where, Message(sender=where.sender, id=key, text=words)


def acted(body: Body) -> Where:
    """Where a button was pressed or a form sent."""
    container, user = body.get("container") or {}, body["user"]
    view = body.get("view") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    ts = str(container.get("message_ts") or "")
    return Where(
        tenant(body),
        str(user["id"]),
        channel,
        # What only one person sees has no name in the channel.
        "" if container.get("is_ephemeral") else reference_of(channel, ts),
        str(view.get("id") or ""),
        {"modal": "modal", "home": "home"}.get(str(view.get("type")), "message"),
    )


def said(body: Body, names: Names = NOBODY) -> tuple[Where, Message] | None:
    """Something written: to us, to us in a channel, or under a message there; None if it is none of these.

    Of a message that names us two kinds of event tell: the one that says so is taken. Where somebody named us only
    afterwards, that is another turn than the message, which may have been taken as what it was.
    """
    event = body["event"]
    if event.get("subtype", "") not in WRITTEN or event.get("bot_id") or not event.get("user") or event.get("hidden"):
        return None
    is_mention = event["type"] == "app_mention"
    where, turn = _message(body, event, names, is_mention=is_mention)
    if where.place and not is_mention and (not turn.thread or _names_us(body, event)):
        return None
    if is_mention and (edited := event.get("edited")):
        turn = replace(turn, id=f"{turn.id}:{edited.get('ts')}", thread="")
    return where, turn


def changed(body: Body, names: Names = NOBODY) -> tuple[Where, MessageEdited | MessageDeleted] | None:
    """A message that its author has changed, or that was deleted; None where nobody's words are others now.

    https://docs.slack.dev/reference/events/message/message_changed: it is sent too when the links of a message are
    shown, and when one is deleted that has others under it, which leaves a stone of Slack's own in its place.
    """
    event = body["event"]
    before = event.get("previous_message") or {}
    is_gone = event["subtype"] == DELETED or (event.get("message") or {}).get("subtype") == "tombstone"
    message = before if is_gone else event["message"]
    if not message.get("user") or message.get("bot_id") or message.get("subtype", "") not in WRITTEN:
        return None
    edited = message.get("edited") or {}
    if not is_gone and (edited.get("user", message["user"]) != message["user"] or _says(message) == _says(before)):
        return None
    where, said = _message(body, message, names, is_mention=_names_us(body, message))
    ts = str(event.get("ts") or event.get("event_ts") or "") if is_gone else str(edited.get("ts") or event.get("ts"))
    kind = MessageDeleted if is_gone else MessageEdited
    key = f"{'deleted' if is_gone else 'edited'}:{where.message}:{ts}"
    said = replace(said, text="") if is_gone else said
    return where, kind(sender=where.sender, id=key, channel=where.place, said=said, at=_moment(ts))


def _message(body: Body, event: Body, names: Names, *, is_mention: bool) -> tuple[Where, Message]:
    """A message, as it stands in an event or within one."""
    channel, ts = str(event.get("channel") or body["event"]["channel"]), str(event["ts"])
    root = str(event.get("thread_ts") or "")
    where = Where(tenant(body), str(event["user"]), channel, reference_of(channel, ts))
    return where, Message(
        sender=where.sender,
        # Several kinds of event tell of one message: all have its name.
        id=f"message:{channel}:{ts}",
        channel=where.place,
        text=written(event, mentioned=is_mention, names=names),
        thread=reference_of(channel, root) if root and root != ts else "",
        is_mention=is_mention,
        reference=where.message,
    )


def _says(message: Body) -> tuple[str, list[str]] | None:
    """What a message says, as Slack has it: whether two say the same."""
    if "text" not in message:
        return None
    return str(message["text"]), [str(file.get("id")) for file in message.get("files") or ()]


def _moment(ts: str) -> datetime | None:
    """When something happened, by Slack's clock."""
    return datetime.fromtimestamp(float(ts), UTC) if MOMENT.fullmatch(ts) else None


def is_one_of(event: Mapping[str, Any], subtypes: Collection[str]) -> bool:
    return event.get("subtype") in subtypes


def thread_of(event: Mapping[str, Any]) -> str:
    """The reference of the message under which one was written, if it was."""
    root = str(event.get("thread_ts") or "")
    return reference_of(str(event["channel"]), root) if root and root != event["ts"] else ""


def _names_us(body: Body, message: Body) -> bool:
    """Whether a message mentions us."""
    us = [str(one["user_id"]) for one in body.get("authorizations") or () if one.get("is_bot") and one.get("user_id")]
    text = str(message.get("text") or "")
    return any(f"<@{user}>" in text or f"<@{user}|" in text for user in us)


def quoted(body: Body, link: str, author: str, names: Names = NOBODY) -> MessageAction:
    """A message that a shortcut was used on."""
    message, where = body["message"], acted(body)
    writer = Sender(NAME, str(message["user"]), where.tenant) if message.get("user") else None
    return MessageAction(
        sender=where.sender,
        id=f"shortcut:{body['trigger_id']}",
        channel=where.place,
        text=written(message, names=names),
        author=author,
        writer=writer,
        link=link,
        reference=reference_of(where.channel, str(message["ts"])),
    )


def link(url: str, channel: str, message: Mapping[str, Any]) -> str:
    """Where a message is to be read, in a workspace of that address."""
    if not url.startswith("https://"):
        return ""
    address = f"{url.rstrip('/')}/archives/{channel}/p{str(message['ts']).replace('.', '')}"
    root = str(message.get("thread_ts") or "")
    return f"{address}?thread_ts={root}&cid={channel}" if root and root != message["ts"] else address


def written(message: Mapping[str, Any], *, mentioned: bool = False, names: Names = NOBODY) -> str:
    """All of a message: its text, and the names of the files that came with it, with the way to them."""
    text = plain(str(message.get("text") or ""), mentioned=mentioned, names=names)
    return "\n".join(part for part in (text, *map(_file, message.get("files") or ())) if part)


def _file(file: Mapping[str, Any]) -> str:
    # Of files of another organisation, and of those that are gone, nothing is said but their id.
    name, way = str(file.get("title") or file.get("name") or ""), str(file.get("permalink") or "")
    return clean(f"📎 {name} ({way})" if way else f"📎 {name}") if name else ""
