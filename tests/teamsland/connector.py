"""The Bot Connector: what a bot may do in conversations, and how it is refused.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference and
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.teamsland import targeted
from tests.teamsland.places import check, may_write, message_of, own, place_of, roster
from tests.teamsland.reading import Thing
from tests.teamsland.rules import LARGEST_MESSAGE
from tests.teamsland.things import Conversation, Message, Person, Team
from tests.teamsland.world import READING, TENANT, WRITING, Refused, World

Answer = tuple[int, Any]
Method = Callable[[World, "Asked"], Answer]
# Those that the SDK names: microsoft_teams.api, MessageReactionType.
REACTIONS = ("like", "heart", "1f440_eyes", "2705_whiteheavycheckmark", "launch", "1f4cc_pushpin")


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
    if asked.query.get("isTargetedActivity") == "true":
        method = targeted.METHODS.get(operation, targeted.nothing)
    elif (asked.body.get("recipient") or {}).get("isTargeted"):
        # The address decides: this would be shown to everybody.
        raise Refused(400, "BadArgument", "A message for one person is sent with isTargetedActivity=true.")
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
        place = place_of(world, channel, asked.tenant)
        may_write(world, place)
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
        may_write(world, place)
        made["activityId"] = _post(world, place, body["activity"], "").id
    return 201, made


def send(world: World, asked: Asked) -> Answer:
    place = place_of(world, asked.key, asked.tenant)
    if place.person:
        _in_region(place.person, asked)
    may_write(world, place)
    if asked.body.get("type") == "typing":
        return 202, {}
    root = message_of(place, asked.root).id if asked.root else ""
    return 201, {"id": _post(world, place, asked.body, root).id}


def reply(world: World, asked: Asked) -> Answer:
    """In a channel a message under the one that is named, elsewhere one like any other."""
    place = place_of(world, asked.key, asked.tenant)
    may_write(world, place)
    to = message_of(place, asked.path["activity"])
    return 201, {"id": _post(world, place, asked.body, (to.root or to.id) if place.team else "").id}


def update(world: World, asked: Asked) -> Answer:
    place = place_of(world, asked.key, asked.tenant)
    may_write(world, place)
    message = own(place, asked.path["activity"])
    check(asked.body)
    message.change(asked.body)
    return 200, {"id": message.id}


def delete(world: World, asked: Asked) -> Answer:
    place = place_of(world, asked.key, asked.tenant)
    may_write(world, place)
    own(place, asked.path["activity"]).is_deleted = True
    return 200, None


def react(world: World, asked: Asked) -> Answer:
    """The bot's own reaction on a message, whoever wrote it."""
    message, kind = _reacted(world, asked)
    message.signs.add(kind)
    return 200, None


def react_no_more(world: World, asked: Asked) -> Answer:
    message, kind = _reacted(world, asked)
    if kind not in message.signs:
        raise Refused(404, "NotFound", "The reaction was not found.")
    message.signs.discard(kind)
    return 200, None


def _reacted(world: World, asked: Asked) -> tuple[Message, str]:
    place, kind = place_of(world, asked.key, asked.tenant), asked.path["kind"]
    may_write(world, place)
    if kind not in REACTIONS:
        raise Refused(400, "BadSyntax", f"No such reaction as {kind!r}")
    return message_of(place, asked.path["activity"]), kind


def members(world: World, asked: Asked) -> Answer:
    return 200, [account(world, person) for person in roster(place_of(world, asked.key, asked.tenant))]


def paged_members(world: World, asked: Asked) -> Answer:
    """Between 50 and 500 at once, as Teams has it, whatever is asked for."""
    everybody = roster(place_of(world, asked.key, asked.tenant))
    size = min(500, max(50, int(asked.query.get("pageSize", 200))))
    start = int(asked.query.get("continuationToken") or 0)
    page: Thing = {"members": [account(world, person) for person in everybody[start : start + size]]}
    if start + size < len(everybody):
        page["continuationToken"] = str(start + size)
    return 200, page


def member(world: World, asked: Asked) -> Answer:
    person = world.find_person(asked.path["member"])
    if person is None or person not in roster(place_of(world, asked.key, asked.tenant)):
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


def _post(world: World, place: Conversation, activity: Thing, root: str) -> Message:
    check(activity)
    return world.post(place, activity, root=root)


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


METHODS: dict[str, tuple[Method, tuple[tuple[int, float], ...]]] = {
    "create": (create, WRITING),
    "send": (send, WRITING),
    "reply": (reply, WRITING),
    "update": (update, WRITING),
    "delete": (delete, WRITING),
    "react": (react, WRITING),
    "react-no-more": (react_no_more, WRITING),
    "members": (members, READING),
    "paged-members": (paged_members, READING),
    "member": (member, READING),
    "team": (team, READING),
    "channels": (channels, READING),
}
