"""Conversations and messages as the Bot Connector finds them, who may write there, and what may be written."""

from __future__ import annotations

import json

from tests.teamsland.reading import ADAPTIVE, MENTION, Thing
from tests.teamsland.rules import problems
from tests.teamsland.things import Conversation, Message, Person
from tests.teamsland.world import Refused, World

# A block by a person has a shape of its own: .../bots/how-to/conversations/send-proactive-messages
BLOCKED = {
    "errorCode": 209,
    "message": json.dumps(
        {
            "subCode": "MessageWritesBlocked",
            "details": "Thread is blocked from message writes.",
            "errorCode": None,
            "errorSubCode": None,
        }
    ),
}


def place_of(world: World, key: str, tenant: str) -> Conversation:
    place = world.conversations.get(key)
    if (
        place is None
        or place.is_gone
        or (tenant and place.tenant.id != tenant)
        or (place.person and place.person.is_gone)
    ):
        raise Refused(404, "ConversationNotFound", "Conversation not found.")
    return place


def may_write(world: World, place: Conversation) -> None:
    if place.tenant.is_forbidden:
        raise Refused(403, "BotDisabledByAdmin", "The tenant admin disabled this bot")
    person = place.person
    if person and person.block == "MessageWritesBlocked":
        raise Refused(403, "MessageWritesBlocked", body=BLOCKED)
    if person and person.block:
        raise Refused(403, person.block, "User blocked the conversation with the bot.")
    if not (world.may_write_to(person) if person else place.has_bot):
        raise Refused(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
    if place.team and place.team.is_archived:
        raise Refused(403, "NotEnoughPermissions", "The team is archived.")


def roster(place: Conversation) -> list[Person]:
    if not (place.person or place.has_bot):
        raise Refused(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
    return place.everybody


def message_of(place: Conversation, key: str) -> Message:
    # What only one person sees is found by those operations alone that are for such messages.
    found = next((one for one in place.messages if one.id == key and one.is_seen_by(None)), None)
    if found is None:
        raise Refused(404, "ActivityNotFoundInConversation", "The activity was not found in the conversation.")
    return found


def own(place: Conversation, key: str) -> Message:
    message = message_of(place, key)
    if message.author:
        raise Refused(403, "NotEnoughPermissions", "The bot may change its own messages only.")
    return message


def check(activity: Thing) -> None:
    """What Teams would not show is refused, with what is wrong."""
    if activity.get("type") != "message":
        raise Refused(400, "BadSyntax", f"No such activity to send as {activity.get('type')!r}")
    attachments = activity.get("attachments") or []
    if not attachments and not activity.get("text"):
        raise Refused(400, "BadSyntax", "Bad format of message: neither text nor attachments")
    for attachment in attachments:
        if attachment.get("contentType") != ADAPTIVE:
            raise Refused(400, "BadSyntax", f"Unknown attachment type {attachment.get('contentType')!r}")
        if found := problems(attachment.get("content")):
            raise Refused(400, "BadSyntax", f"Bad format of message: {'; '.join(found)}")
    if activity.get("textFormat", "markdown") not in ("markdown", "plain", "xml"):
        raise Refused(400, "BadSyntax", "Bad format of message: textFormat")
    entities = activity.get("entities") or []
    known = {entity.get("text") for entity in entities if entity.get("type") == "mention"}
    mentions = [found.group(0) for found in MENTION.finditer(activity.get("text") or "")]
    if unknown := [mention for mention in mentions if mention not in known]:
        raise Refused(400, "BadSyntax", f"Bad format of message: no entity names {unknown}")
