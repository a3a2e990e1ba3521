"""The Bot Connector: what a bot may do in conversations, and how it is refused.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference and
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.teamsland.reading import ADAPTIVE, MENTION, Thing
from tests.teamsland.rules import LARGEST_MESSAGE, problems
from tests.teamsland.things import Conversation, Message, Person, Team
from tests.teamsland.world import READING, TENANT, WRITING, Refused, World

Answer = tuple[int, Any]
Method = Callable[[World, "Asked"], Answer]
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


class Asked:
    """One call: the tenant that its address names (none for the address of all), what stands in its path, the rest.

    `site` is the region that was asked, or `teams` for the address of all.
    """

    def __init__(
        self, tenant: str, path: Mapping[str, str], query: Mapping[str, str], body: Thing, *, site: str = "teams"
    ) -> None:
        self.tenant, self.path, self.query, self.body, self.site = tenant, path, query, body, site

    @property
    def key(self) -> str:
        """The conversation, without the thread that may follow."""
        return self.path.get("conversation", "").partition(";")[0]

    @property
    def root(self) -> str:
        return self.path.get("conversation", "").partition(";messageid=")[2]


def call(world: World, operation: str, asked: Asked) -> Answer:
    """What an operation answers; raises Refused."""
    method, spans = METHODS[operation]
    _pace(world, asked, spans)
    if asked.query.get("isTargetedActivity"):
        # Messages for one person alone in a channel are in preview; nothing here shows them.
        raise Refused(400, "BadArgument", "Targeted messages are not enabled for this bot.")
    return method(world, asked)


def _pace(world: World, asked: Asked, spans: Any) -> None:
    if not world.limited:
        return
    place = world.conversations.get(asked.key)
    tenant = place.tenant.id if place else asked.tenant
    wait = world.wait_for((tenant,), TENANT)
    if not wait and place:
        wait = world.wait_for((place.id, str(spans[0][0])), spans)
    if wait:
        raise Refused(429, "Throttled", "Too many requests.", headers={"Retry-After": str(wait)})


def create(world: World, asked: Asked) -> Answer:
    """A conversation with somebody (the same each time), or a new thread in a channel."""
    body = asked.body
    data = body.get("channelData") or {}
    if channel := (data.get("channel") or {}).get("id"):
        place = _place(world, channel, asked.tenant)
        _may_write(world, place)
        posted = _post(world, place, body.get("activity") or {}, "")
        return 201, {"id": f"{place.id};messageid={posted.id}", "activityId": posted.id}
    members, tenant = body.get("members") or [], body.get("tenantId") or (data.get("tenant") or {}).get("id")
    if len(members) != 1 or not tenant or body.get("isGroup"):
        raise Refused(400, "BadSyntax", "Incorrect conversation creation parameters")
    person = world.find_person(str(members[0].get("id")))
    if person is None or person.tenant.id != tenant or person.is_gone:
        raise Refused(400, "BadArgument", "Failed to decrypt pairwise id")
    _in_region(person, asked)
    if not world.may_write_to(person):
        raise Refused(403, "ForbiddenOperationException", "The bot is not installed in user's personal scope")
    place = world.personal(person)
    made: Thing = {"id": place.id, "serviceUrl": world.service_url(place.tenant, person.region)}
    if body.get("activity"):
        _may_write(world, place)
        made["activityId"] = _post(world, place, body["activity"], "").id
    return 201, made


def send(world: World, asked: Asked) -> Answer:
    place = _place(world, asked.key, asked.tenant)
    if place.person:
        _in_region(place.person, asked)
    _may_write(world, place)
    if asked.body.get("type") == "typing":
        return 202, {}
    root = _message(place, asked.root).id if asked.root else ""
    return 201, {"id": _post(world, place, asked.body, root).id}


def reply(world: World, asked: Asked) -> Answer:
    """In a channel a message under the one that is named, elsewhere one like any other."""
    place = _place(world, asked.key, asked.tenant)
    _may_write(world, place)
    to = _message(place, asked.path["activity"])
    return 201, {"id": _post(world, place, asked.body, (to.root or to.id) if place.team else "").id}


def update(world: World, asked: Asked) -> Answer:
    place = _place(world, asked.key, asked.tenant)
    _may_write(world, place)
    message = _own(place, asked.path["activity"])
    _check(asked.body)
    message.change(asked.body)
    return 200, {"id": message.id}


def delete(world: World, asked: Asked) -> Answer:
    place = _place(world, asked.key, asked.tenant)
    _may_write(world, place)
    _own(place, asked.path["activity"]).is_deleted = True
    return 200, None


def members(world: World, asked: Asked) -> Answer:
    return 200, [account(world, person) for person in _roster(_place(world, asked.key, asked.tenant))]


def paged_members(world: World, asked: Asked) -> Answer:
    """Between 50 and 500 at once, as Teams has it, whatever is asked for."""
    everybody = _roster(_place(world, asked.key, asked.tenant))
    size = min(500, max(50, int(asked.query.get("pageSize", 200))))
    start = int(asked.query.get("continuationToken") or 0)
    page: Thing = {"members": [account(world, person) for person in everybody[start : start + size]]}
    if start + size < len(everybody):
        page["continuationToken"] = str(start + size)
    return 200, page


def member(world: World, asked: Asked) -> Answer:
    person = world.find_person(asked.path["member"])
    if person is None or person not in _roster(_place(world, asked.key, asked.tenant)):
        raise Refused(404, "MemberNotFoundInConversation", "Member not found in conversation.")
    return 200, account(world, person)


def team(world: World, asked: Asked) -> Answer:
    found = _team(world, asked)
    return 200, {
        "id": found.id,
        "name": found.name,
        "aadGroupId": found.group,
        "type": "standard",
        "tenantId": found.tenant.id,
        "channelCount": len(found.channels),
        "memberCount": len(found.members),
    }


def channels(world: World, asked: Asked) -> Answer:
    """The channels of a team; General has no name, so that each client may name it in its language."""
    found = _team(world, asked)
    return 200, {
        "conversations": [
            {"id": one.id, "name": None if one.id == found.id else one.name, "type": "standard"}
            for one in found.channels
            if not one.is_gone
        ]
    }


def account(world: World, person: Person) -> Thing:
    """Somebody as rosters show them."""
    given, _, family = person.name.partition(" ")
    return {
        "id": world.mri(person),
        "name": person.name,
        "objectId": person.id,
        "aadObjectId": person.id,
        "givenName": given,
        "surname": family,
        "email": person.mail,
        "userPrincipalName": person.upn,
        "tenantId": person.tenant.id,
        "userRole": "user",
    }


def too_big(body: bytes) -> bool:
    """Teams counts what a message takes as UTF-16."""
    return len(body.decode(errors="replace").encode("utf-16-le")) > LARGEST_MESSAGE


def _place(world: World, key: str, tenant: str) -> Conversation:
    place = world.conversations.get(key)
    if (
        place is None
        or place.is_gone
        or (tenant and place.tenant.id != tenant)
        or (place.person and place.person.is_gone)
    ):
        raise Refused(404, "ConversationNotFound", "Conversation not found.")
    return place


def _in_region(person: Person, asked: Asked) -> None:
    """Microsoft's own words: https://github.com/microsoft/botbuilder-js/issues/3280"""
    if asked.site not in ("teams", person.region):
        raise Refused(403, "BadArgument", "User is from different region")


def _team(world: World, asked: Asked) -> Team:
    found = world.teams.get(asked.path["team"])
    if found is None or (asked.tenant and found.tenant.id != asked.tenant):
        raise Refused(404, "NotFound", "The team was not found.")
    if not found.has_app:
        raise Refused(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
    return found


def _may_write(world: World, place: Conversation) -> None:
    if place.tenant.is_forbidden:
        raise Refused(403, "BotDisabledByAdmin", "The tenant admin disabled this bot")
    person = place.person
    if person and person.block == "MessageWritesBlocked":
        raise Refused(403, "MessageWritesBlocked", body=BLOCKED)
    if person and person.block:
        raise Refused(403, person.block, "User blocked the conversation with the bot.")
    if not (world.may_write_to(person) if person else place.team is not None and place.team.has_app):
        raise Refused(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
    if place.team and place.team.is_archived:
        raise Refused(403, "NotEnoughPermissions", "The team is archived.")


def _roster(place: Conversation) -> list[Person]:
    if place.person:
        return [place.person]
    if place.team is None or not place.team.has_app:
        raise Refused(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
    return [person for person in place.team.members if not person.is_gone]


def _message(place: Conversation, key: str) -> Message:
    found = next((one for one in place.messages if one.id == key and not one.is_deleted), None)
    if found is None:
        raise Refused(404, "ActivityNotFoundInConversation", "The activity was not found in the conversation.")
    return found


def _own(place: Conversation, key: str) -> Message:
    message = _message(place, key)
    if message.author:
        raise Refused(403, "NotEnoughPermissions", "The bot may change its own messages only.")
    return message


def _post(world: World, place: Conversation, activity: Thing, root: str) -> Message:
    _check(activity)
    return world.post(place, activity, root=root)


def _check(activity: Thing) -> None:
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


METHODS: dict[str, tuple[Method, tuple[tuple[int, float], ...]]] = {
    "create": (create, WRITING),
    "send": (send, WRITING),
    "reply": (reply, WRITING),
    "update": (update, WRITING),
    "delete": (delete, WRITING),
    "members": (members, READING),
    "paged-members": (paged_members, READING),
    "member": (member, READING),
    "team": (team, READING),
    "channels": (channels, READING),
}
