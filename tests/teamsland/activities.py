"""Activities as Teams sends them to a bot, with all that it always sends along.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events
"""

from __future__ import annotations

import html
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from tests.teamsland.reading import Thing
from tests.teamsland.things import Conversation, Message, Person, Team
from tests.teamsland.world import World

ZONE = "America/Toronto"


def activity(world: World, kind: str, person: Person, place: Conversation, *, root: str = "", **more: Any) -> Thing:
    """Something that somebody did in a conversation; what it was is in `more`."""
    now = datetime.now(UTC)
    return {
        "type": kind,
        "id": f"f:{uuid4()}",
        "timestamp": _moment(now),
        "localTimestamp": now.astimezone(ZoneInfo(ZONE)).isoformat(timespec="milliseconds"),
        "localTimezone": ZONE,
        "channelId": "msteams",
        "serviceUrl": world.service_url(place.tenant),
        "from": sender(world, person),
        "recipient": {"id": world.app.bot_id, "name": world.app.name},
        "conversation": conversation(place, root),
        "entities": [client(person)],
        "channelData": channel_data(place),
        "locale": person.locale,
    } | more


def message(world: World, sent: Message, *, mention: bool = False) -> Thing:
    """A message that somebody wrote: in a channel with the bot's name at its beginning, and once more as HTML."""
    text, name = str(sent.activity["text"]), world.app.name
    mentioned = f"<at>{name}</at> {text}" if mention else text
    marked = f'<span itemtype="http://schema.skype.com/Mention" itemscope itemid="0">{name}</span>&nbsp;'
    body = f"<p>{marked if mention else ''}{html.escape(text)}</p>"
    assert sent.author is not None
    made = activity(
        world,
        "message",
        sent.author,
        sent.conversation,
        root=sent.root or sent.id,
        id=sent.id,
        text=mentioned,
        textFormat="plain",
        attachments=[{"contentType": "text/html", "content": body}],
    )
    if mention:
        who = {"id": world.app.bot_id, "name": name}
        made["entities"] = [{"type": "mention", "text": f"<at>{name}</at>", "mentioned": who}, *made["entities"]]
    if sent.only_for:
        # Written to the bot alone, as slash commands are: .../platform/agents-in-teams/targeted-messages
        made["recipient"] = made["recipient"] | {"isTargeted": True}
    return made


def quoting(world: World, made: Thing, quoted: Message) -> Thing:
    """The same message as an answer to another, which Teams shows above it."""
    author = sender(world, quoted.author) if quoted.author else {"id": world.app.bot_id, "name": world.app.name}
    preview = quoted.reads()[:100]
    reply = {"messageId": quoted.id, "senderId": author["id"], "senderName": author["name"], "preview": preview}
    block = (
        f'<blockquote itemscope itemtype="http://schema.skype.com/Reply" itemid="{quoted.id}">'
        f'<strong itemprop="mri" itemid="{author["id"]}">{html.escape(author["name"])}</strong>'
        f'<p itemprop="preview">{html.escape(preview)}</p></blockquote>'
    )
    body = made["attachments"][0]
    return made | {
        "text": f'<quoted messageId="{quoted.id}"/> {made["text"]}',
        "entities": [{"type": "quotedReply", "quotedReply": reply | {"time": quoted.id}}, *made["entities"]],
        "attachments": [body | {"content": block + body["content"]}],
    }


def payload(world: World, quoted: Message) -> Thing:
    """A message as it is handed to a message extension."""
    made: Thing = {
        "id": quoted.id,
        "replyToId": quoted.root or None,
        "messageType": "message",
        "createdDateTime": _moment(datetime.now(UTC)),
        "lastModifiedDateTime": None,
        "deleted": False,
        "importance": "normal",
        "locale": "en-us",
        "linkToMessage": link(quoted),
        "body": {"contentType": "html", "content": quoted.activity.get("html") or _body(quoted)},
        "attachments": [],
        "mentions": [],
        "reactions": [],
    }
    if quoted.author:
        user = {"userIdentityType": "aadUser", "id": quoted.author.id, "displayName": quoted.author.name}
        return made | {"from": {"user": user, "application": None, "device": None}}
    app = {"applicationIdentityType": "bot", "id": world.app.client_id, "displayName": world.app.name}
    return made | {"from": {"user": None, "application": app, "device": None}}


def link(quoted: Message) -> str:
    """Where a message is to be found in Teams."""
    place = quoted.conversation
    tenant = f"?tenantId={place.tenant.id}"
    if place.team:
        more = f"&groupId={place.team.group}&parentMessageId={quoted.root or quoted.id}"
        return f"https://teams.microsoft.com/l/message/{place.id}/{quoted.id}{tenant}{more}"
    return f"https://teams.microsoft.com/l/message/{place.chat or place.id}/{quoted.id}{tenant}&context=chat"


def sender(world: World, person: Person) -> Thing:
    return {"id": world.mri(person), "name": person.name, "aadObjectId": person.id}


def conversation(place: Conversation, root: str = "") -> Thing:
    if place.person:
        return {"conversationType": "personal", "tenantId": place.tenant.id, "id": place.id}
    if place.team is None:
        return {"isGroup": True, "conversationType": "groupChat", "tenantId": place.tenant.id, "id": place.id}
    key = f"{place.id};messageid={root}" if root else place.id
    return {"isGroup": True, "conversationType": "channel", "tenantId": place.tenant.id, "id": key}


def channel_data(place: Conversation, **more: Any) -> Thing:
    data: Thing = {"tenant": {"id": place.tenant.id}}
    if place.team:
        data |= {"teamsChannelId": place.id, "teamsTeamId": place.team.id}
        data |= {"channel": {"id": place.id}, "team": {"id": place.team.id}}
    return data | more


def team_data(team: Team, **more: Any) -> Thing:
    """What comes along with what happens to a team."""
    named = {"id": team.id, "name": team.name, "aadGroupId": team.group}
    return {"team": named, "tenant": {"id": team.tenant.id}} | more


def client(person: Person) -> Thing:
    country = person.locale.partition("-")[2] or "CA"
    return {"locale": person.locale, "country": country, "platform": "Web", "timezone": ZONE, "type": "clientInfo"}


def _body(quoted: Message) -> str:
    return f"<p>{html.escape(str(quoted.activity.get('text', '')))}</p>"


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
