"""Messages for one person alone where others talk: how a bot sends, changes and deletes them, and what it may not do.

https://learn.microsoft.com/microsoftteams/platform/agents-in-teams/targeted-messages, its errors among it. That the
recipient has to be somebody who is there is said there too; by which word another is refused, is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.teamsland.places import check, may_write, place_of
from tests.teamsland.reading import Thing
from tests.teamsland.things import Conversation, Message, Person
from tests.teamsland.world import Refused, World

if TYPE_CHECKING:
    from tests.teamsland.connector import Asked

INFO = "targetedMessageInfo"


def send(world: World, asked: Asked) -> tuple[int, Any]:
    place = _place(world, asked)
    person = _recipient(world, place, asked.body)
    check(asked.body)
    _check_prompts(place, person, asked.body)
    root = _root(place, asked.root, person) if asked.root else ""
    return 201, {"id": world.post(place, asked.body, root=root, only_for=person).id}


def update(world: World, asked: Asked) -> tuple[int, Any]:
    """Who it is for cannot be changed, and is not to be said again."""
    message = _own(_place(world, asked), asked.path["activity"])
    if asked.body.get("recipient"):
        raise Refused(400, "BadArgument", "The recipient of a targeted message cannot be changed.")
    check(asked.body)
    message.change(asked.body)
    return 200, {"id": message.id}


def delete(world: World, asked: Asked) -> tuple[int, Any]:
    _own(_place(world, asked), asked.path["activity"]).is_deleted = True
    return 200, None


def nothing(world: World, asked: Asked) -> tuple[int, Any]:
    """Whatever else is asked for one person alone, such as a reply to a message, is not to be had."""
    raise Refused(400, "BadArgument", "This operation does not support targeted messages.")


def _place(world: World, asked: Asked) -> Conversation:
    place = place_of(world, asked.key, asked.tenant)
    may_write(world, place)
    if not place.tenant.has_targeted:
        raise Refused(400, "BadArgument", "Targeted messages are not enabled for this bot.")
    if place.person:
        raise Refused(400, "BadArgument", "Targeted messages are not supported in one on one chats.")
    return place


def _recipient(world: World, place: Conversation, activity: Thing) -> Person:
    key = str((activity.get("recipient") or {}).get("id") or "")
    if not key:
        raise Refused(400, "BadArgument", "A targeted message needs a recipient.")
    person = world.find_person(key)
    if person is None or person not in place.everybody:
        raise Refused(400, "BadArgument", "The recipient is not a member of the conversation.")
    return person


def _check_prompts(place: Conversation, person: Person, activity: Thing) -> None:
    """What stands above an answer is what the same person asked the bot alone, of this day."""
    for entity in activity.get("entities") or []:
        if entity.get("type") != INFO:
            continue
        asked = next((one for one in place.messages if one.id == str(entity.get("messageId"))), None)
        if asked is None or asked.only_for is not person or asked.author is not person:
            raise Refused(400, "INVALID_TARGETED_MESSAGE_ID", "The targeted message id is invalid.")
        if not asked.is_seen_by(person):
            raise Refused(404, "TARGETED_MESSAGE_EXPIRED_OR_DELETED", "The targeted message is gone.")


def _root(place: Conversation, key: str, person: Person) -> str:
    """The thread that a message stands in; what somebody asked the bot alone begins none."""
    found = next((one for one in place.messages if one.id == key and one.is_seen_by(person)), None)
    if found is None:
        raise Refused(404, "ActivityNotFoundInConversation", "The activity was not found in the conversation.")
    return "" if found.only_for else found.id


def _own(place: Conversation, key: str) -> Message:
    found = next((one for one in place.messages if one.id == key and one.only_for and not one.author), None)
    if found is None or not found.is_seen_by(found.only_for):
        raise Refused(404, "ActivityNotFoundInConversation", "The activity was not found in the conversation.")
    return found


METHODS: dict[str, Callable[[World, Asked], tuple[int, Any]]] = {"send": send, "update": update, "delete": delete}
