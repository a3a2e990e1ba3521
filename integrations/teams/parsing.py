"""What Teams sends, as turns: who did what, where, under a name that is the same when it is sent again.

Shapes are those of https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#activity-object
and https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import unquote, urlsplit

from integrations.teams.markup import plain
from integrations.teams.names import NAME, address_of, has_threads, is_channel, reference_of, spot_of
from integrations.teams.render import ALONE, SEALED
from workbot.texts import clean
from workbot.turns import Message, MessageAction, MessageDeleted, MessageEdited, Sender

Body = Mapping[str, Any]
# In a text, whom a message mentions; and in one's own conversation, what it answers. None looks further than to the
# next tag: what somebody writes may be long, and nothing else is done while it is read.
MENTION = re.compile(r"<at(?:\s[^<>]*)?>[^<]*</at>")
# Where Teams itself is, in each of its clouds.
TEAMS = ("teams.microsoft.com", "teams.cloud.microsoft", "gov.teams.microsoft.us", "dod.teams.microsoft.us")
# What is the name of nobody: the ids of accounts, bots and channels.
ID = re.compile(r"\d{1,2}:\S+$|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
QUOTE = re.compile(r"<quoted\s[^<>]*/>")
ANSWERED = re.compile(
    r'<blockquote[^<>]{0,200}itemtype="http://schema\.skype\.com/Reply"[^<>]{0,200}itemid="(\d{1,20})"'
)


@dataclass(frozen=True, slots=True)
class Where:
    """Where something happened: the tenant, who did it, in which conversation of what kind, and the messages that it
    was done on (`message`), under (`root`) and with (`activity`).

    What `is_targeted` passed between them and us alone, where others talk: it is answered in the same way.
    """

    tenant: str
    user: str
    conversation: str
    service_url: str
    kind: str = "personal"
    activity: str = ""
    message: str = ""
    root: str = ""
    name: str = ""
    # What only the bot calls them.
    account: str = ""
    # Whether it is words, rather than something pressed or sent.
    is_written: bool = False
    is_targeted: bool = False

    @property
    def sender(self) -> Sender:
        """Who acted: those whom Entra does not know, such as guests of a meeting, by what only the bot calls them."""
        return Sender(NAME, self.user or self.account, self.tenant)

    @property
    def address(self) -> str:
        """Our address of who acted."""
        return address_of(self.tenant, self.sender.user)

    @property
    def is_own(self) -> bool:
        """Whether it is the person's own conversation with us; one with another person is called personal too."""
        return self.kind == "personal" and not is_channel(self.conversation)

    @property
    def place(self) -> str:
        """The address of the channel; a conversation with us alone is no place."""
        return "" if self.is_own else address_of(self.tenant, self.conversation)

    @property
    def thread(self) -> str:
        """The reference of the message that a reply in a channel stands under."""
        root = self.root or spot_of(self.message)[1] or self.activity
        return reference_of(self.conversation, root) if self.kind == "channel" else ""


@dataclass(frozen=True, slots=True)
class Names:
    """What those are called who are mentioned: by us, by their Entra object ids; or by Teams; never by an id."""

    ours: Mapping[str, str] = field(default_factory=dict)
    nobody: str = "someone"

    def of(self, who: Body, marked: str) -> str:
        """The name of whom Teams says that a mention is, which is `marked` in the text."""
        inside = unescape(marked.partition(">")[2].rpartition("<")[0]).strip()
        known = self.ours.get(str(who.get("aadObjectId") or "").lower())
        called = (known, str(who.get("name") or "").strip(), inside)
        return next((name for name in called if name and not ID.match(name)), self.nobody)


def where(body: Body) -> Where:
    """Where an activity comes from."""
    sender, conversation, data = _thing(body, "from"), _thing(body, "conversation"), _thing(body, "channelData")
    base, _, root = str(conversation.get("id") or "").partition(";messageid=")
    tenant = conversation.get("tenantId") or _thing(data, "tenant").get("id") or ""
    is_acted = body.get("type") == "invoke" or is_pressed(body)
    is_targeted = _thing(body, "recipient").get("isTargeted") is True or (is_acted and ALONE in pressed(body))
    # A message that only one person sees has no name that others could use, and none tomorrow.
    message = str(body.get("replyToId") or "") if is_acted and not is_targeted else ""
    return Where(
        tenant=str(tenant).lower(),
        user=str(sender.get("aadObjectId") or "").lower(),
        conversation=base,
        service_url=str(body.get("serviceUrl") or "").rstrip("/"),
        kind=str(conversation.get("conversationType") or _kind(base)),
        activity=str(body.get("id") or ""),
        message=reference_of(base, message),
        root=root,
        name=str(sender.get("name") or ""),
        account=str(sender.get("id") or ""),
        is_written=not is_acted,
        is_targeted=is_targeted,
    )


def said(body: Body, spot: Where, names: Names | None = None) -> Message | None:
    """Something written: to us, to us where others talk, or under a message there; None if it is none of these."""
    turn = _message(body, spot, names)
    return turn if spot.is_own or turn.thread or turn.is_mention else None


def changed(body: Body, spot: Where, names: Names | None = None) -> MessageEdited | MessageDeleted:
    """A message that its author has changed, deleted, or put back after that."""
    said, at = _message(body, spot, names), _moment(str(body.get("timestamp") or ""))
    is_gone = body.get("type") == "messageDelete"
    kind = MessageDeleted if is_gone else MessageEdited
    key = f"{'deleted' if is_gone else 'edited'}:{said.reference}:{at.isoformat() if at else ''}"
    said = replace(said, text="" if is_gone else words(body, names))
    return kind(sender=spot.sender, id=key, channel=spot.place, said=said, at=at)


def _message(body: Body, spot: Where, names: Names | None) -> Message:
    """A message as it stands."""
    is_for_us = not spot.is_own and (spot.is_targeted or is_mentioned(body))
    thread = _thread(body, spot)
    return Message(
        sender=spot.sender,
        id=f"message:{spot.conversation}:{spot.activity}",
        channel=spot.place,
        # Our name and nothing else asks what there is to ask.
        text=words(body, names) or ("help" if is_for_us and not thread else ""),
        thread=thread,
        is_mention=is_for_us,
        reference=reference_of(spot.conversation, spot.activity),
    )


def is_bot(body: Body) -> bool:
    """Whether it is a bot who speaks: two that answer each other never come to an end."""
    sender = _thing(body, "from")
    return sender.get("role") in ("bot", "skill") or str(sender.get("id") or "").startswith("28:")


def _moment(text: str) -> datetime | None:
    """When something happened, by Teams' clock."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def is_mentioned(body: Body) -> bool:
    """Whether a message in a channel is for us."""
    bot = _thing(body, "recipient").get("id")
    return any(_thing(entity, "mentioned").get("id") == bot for entity in _entities(body, "mention"))


def is_about_us(body: Body) -> bool:
    """Whether it is we who came to a team, or went."""
    bot = _thing(body, "recipient").get("id")
    members = [*(body.get("membersAdded") or ()), *(body.get("membersRemoved") or ())]
    return any(isinstance(member, Mapping) and member.get("id") == bot for member in members)


def mentioned(body: Body) -> set[str]:
    """The Entra object ids of whom a message mentions, where Teams tells them."""
    keys = (_thing(entity, "mentioned").get("aadObjectId") for entity in _entities(body, "mention"))
    return {str(key).lower() for key in keys if key}


def words(body: Body, names: Names | None = None) -> str:
    """The text as it was written, without our name where it is for us, and without what it answers."""
    names, text = names or Names(), str(body.get("text") or "")
    bot = _thing(body, "recipient").get("id")
    for entity in _entities(body, "mention"):
        who, marked = _thing(entity, "mentioned"), str(entity.get("text") or "")
        if bot and who.get("id") == bot and marked:
            text = text.replace(marked, " ")
        elif MENTION.fullmatch(marked):
            # Each mention has an entity of its own, in their order.
            text = text.replace(marked, names.of(who, marked), 1)
    text = MENTION.sub(lambda found: names.of({}, found.group()), QUOTE.sub("", text))
    return clean(text).replace("\u00a0", " ").replace("\r", "").strip()


def is_pressed(body: Body) -> bool:
    """Whether a message is a button, whose client sends it so."""
    return SEALED in _thing(body, "value")


def pressed(body: Body) -> Body:
    """The data of a button: its own, with what was filled in on its card."""
    value = _thing(body, "value")
    if "action" in value:
        return _thing(_thing(value, "action"), "data")
    return _thing(value, "data") if "data" in value else value


def quoted(body: Body, spot: Where, *, writer: Sender | None, author: str) -> MessageAction:
    """A message that somebody chose to make something of.

    What it says, who wrote it and where it stands comes from the chooser's client: the activity proves no more than who
    chose it, and in which conversation.
    """
    payload = _thing(_thing(body, "value"), "messagePayload")
    content = _thing(payload, "body")
    text = str(content.get("content") or "")
    is_html = str(content.get("contentType") or "html").lower() == "html"
    key, link = str(payload.get("id") or ""), str(payload.get("linkToMessage") or "")
    return MessageAction(
        sender=spot.sender,
        id=f"quote:{spot.activity}",
        channel=spot.place,
        text=plain(text) if is_html else clean(text).strip(),
        author=author,
        writer=writer,
        link=link if _leads_to(link, spot.conversation, key) else "",
        reference=reference_of(spot.conversation, key),
        claimed_by="" if writer == spot.sender else "Teams",
    )


def _leads_to(link: str, conversation: str, key: str) -> bool:
    """Whether a link leads to a message in Teams: to that one, as far as we know the conversation by Teams' name."""
    try:
        url = urlsplit(link)
    except ValueError:
        return False
    named = [unquote(part) for part in url.path.split("/")]
    if url.scheme != "https" or url.netloc not in TEAMS or named[:3] != ["", "l", "message"] or len(named) != 5:
        return False
    return named[4] == key and (named[3] == conversation or not is_channel(conversation))


def writer_of(body: Body) -> tuple[str, str]:
    """Who wrote a message that was chosen: their Entra object id if it is a person, and their name."""
    payload = _thing(_thing(body, "value"), "messagePayload")
    sender = _thing(payload, "from")
    user, app = _thing(sender, "user"), _thing(sender, "application")
    key = str(user.get("id") or "") if user.get("userIdentityType", "aadUser") == "aadUser" else ""
    return key.lower(), str(user.get("displayName") or app.get("displayName") or "")


def query(body: Body) -> str:
    """What is looked for in a search; what is there before anything was typed is nothing."""
    parameters = _thing(body, "value").get("parameters")
    found = parameters if isinstance(parameters, list) else []
    named = {str(one.get("name")): str(one.get("value") or "") for one in found if isinstance(one, Mapping)}
    return "" if "initialRun" in named else clean(next(iter(named.values()), "")).strip()


def _kind(conversation: str) -> str:
    """The kind of a conversation whose kind Teams does not say."""
    if has_threads(conversation):
        return "channel"
    return "groupChat" if is_channel(conversation) else "personal"


def _thread(body: Body, spot: Where) -> str:
    """The reference of the message under which another stands; what is said to us alone stands under none."""
    if spot.is_own:
        return reference_of(spot.conversation, _answered(body))
    is_reply = spot.root and spot.root != spot.activity and not spot.is_targeted
    return reference_of(spot.conversation, spot.root) if is_reply else ""


def _answered(body: Body) -> str:
    """The message that one in one's own conversation answers."""
    for entity in _entities(body, "quotedReply"):
        if key := _thing(entity, "quotedReply").get("messageId"):
            return str(key)
    for attachment in body.get("attachments") or ():
        content = attachment.get("content") if isinstance(attachment, Mapping) else None
        if isinstance(content, str) and (found := ANSWERED.search(content)):
            return found.group(1)
    return str(body.get("replyToId") or "")


def _entities(body: Body, kind: str) -> list[Body]:
    found = body.get("entities")
    return [
        one
        for one in (found if isinstance(found, list) else ())
        if isinstance(one, Mapping) and one.get("type") == kind
    ]


def _thing(body: Body, name: str) -> Body:
    """A part of a payload; an empty one where it is missing or something else."""
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}
