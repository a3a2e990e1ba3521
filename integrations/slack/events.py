"""Events: what is written, who comes and goes, and what happens to channels and to the app itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import structlog
from cachetools import TTLCache
from sqlmodel import Session

from integrations.slack import parsing
from integrations.slack.accounts import Accounts
from integrations.slack.alerts import Alerts
from integrations.slack.directory import DirectorySync
from integrations.slack.errors import FOREIGN, SendAgain, is_passing, word
from integrations.slack.mentions import Mentions
from integrations.slack.names import reference_of
from integrations.slack.own_page import OwnPages
from integrations.slack.parsing import Body, Where
from integrations.slack.replies import Replies
from integrations.slack.reply_context import ReplyContext, new_key
from integrations.slack.workspaces import Workspaces
from workbot.cards import Card
from workbot.people import wanted_channels
from workbot.platforms import Host
from workbot.turns import LinkShared, MessageAction, Say, Sender

CHANNELS = (
    "channel_archive",
    "channel_deleted",
    "channel_left",
    "channel_rename",
    "channel_shared",
    "channel_unarchive",
    "channel_unshared",
    "group_archive",
    "group_deleted",
    "group_left",
    "group_rename",
    "group_unarchive",
)
# What Slack tells besides of channels that are about to be shared, where an organisation's own app asks for it.
INVITATIONS = (
    "shared_channel_invite_accepted",
    "shared_channel_invite_approved",
    "shared_channel_invite_declined",
    "shared_channel_invite_requested",
)
# Messages that tell what became of their channel.
CONVERTED = ("channel_convert_to_private", "channel_convert_to_public")
EMOJI_SECONDS = 60.0

log = structlog.get_logger(__name__)


class Events:
    """Answers events. Slack sends one again until it is thanked for it, so each may come more than once."""

    def __init__(
        self,
        host: Host,
        workspaces: Workspaces,
        directory: DirectorySync,
        alerts: Alerts,
        replies: Replies,
        accounts: Accounts,
        own_pages: OwnPages,
    ) -> None:
        self.host = host
        self.workspaces = workspaces
        self.directory = directory
        self.alerts = alerts
        self.replies = replies
        self.accounts = accounts
        self.own_pages = own_pages
        self.mentions = Mentions(host, workspaces, accounts)
        self._emojis: TTLCache[str, frozenset[str]] = TTLCache(1, EMOJI_SECONDS)

    async def take(self, body: Body) -> None:
        event = body["event"]
        match event["type"]:
            case "message" if parsing.is_one_of(event, CONVERTED):
                await self._channel(body)
            case "message" | "app_mention":
                await self._said(body)
            case "app_home_opened":
                self._opened(body)
            case "reaction_added":
                await self._reacted(body)
            case "link_shared":
                await self._linked(body)
            case "team_join" | "user_change":
                await self.directory.user_changed(parsing.tenant(body), event["user"])
            case "member_joined_channel" | "member_left_channel":
                await self._moved(body)
            case "app_uninstalled" | "tokens_revoked":
                await self._removed(body)
            case "channel_id_changed":
                old, new = str(event["old_channel_id"]), str(event["new_channel_id"])
                await self.directory.channels.moved(parsing.tenant(body), old, new)
            case kind if kind in CHANNELS or kind in INVITATIONS:
                await self._channel(body)
            case kind:
                log.info("slack.unknown_event", kind=str(kind)[:40])

    async def _said(self, body: Body) -> None:
        if body["event"].get("subtype") in (parsing.CHANGED, parsing.DELETED):
            await self._changed(body)
            return
        if (heard := parsing.said(body)) is None:
            return
        where, turn = heard
        names = await self.mentions.of(where, str(body["event"].get("text") or ""))
        _, turn = parsing.said(body, names) or heard
        context = await self._asking(where)
        reply = await self.host.receive(turn, then=partial(self.replies.keep, context=context))
        # In a channel the reply stands under what was said.
        thread = parsing.thread_of(body["event"]) or (where.message if where.place else "")
        await self.replies.to_words(turn, context, reply, thread)

    async def _changed(self, body: Body) -> None:
        """Somebody has changed or deleted what they wrote: nobody is answered."""
        if (heard := parsing.changed(body)) is None:
            return
        where, turn = heard
        names = await self.mentions.of(where, str((body["event"].get("message") or {}).get("text") or ""))
        _, turn = parsing.changed(body, names) or heard
        await self.host.receive(turn)

    def _opened(self, body: Body) -> None:
        event = body["event"]
        if event.get("tab") == "home":
            self.own_pages.show(Where(parsing.tenant(body), str(event["user"]), surface="home"))

    async def _reacted(self, body: Body) -> None:
        """An emoji on a message: if it is a desk's, the message is fetched and goes there."""
        event, item = body["event"], body["event"]["item"]
        emoji = str(event["reaction"]).partition("::")[0]
        if item.get("type") != "message" or emoji not in await self._wanted():
            return
        where = Where(parsing.tenant(body), str(event["user"]), str(item["channel"]))
        message = await self._message(where, str(item["ts"]))
        if message is None:
            return
        text = parsing.written(message, names=await self.mentions.of(where, str(message.get("text") or "")))
        if not text:
            return
        workspace = await self.workspaces.find(where.tenant)
        writer = Sender(where.sender.platform, str(message.get("user") or ""), where.tenant)
        name = await self.accounts.name(writer)
        context = await self._asking(where)
        turn = MessageAction(
            sender=where.sender,
            id=f"reaction:{item['channel']}:{item['ts']}:{emoji}",
            channel=where.place,
            text=text,
            author=name or "Slack",
            writer=writer if writer.user else None,
            link=parsing.link(workspace.url if workspace else "", where.channel, message),
            emoji=emoji,
            reference=reference_of(where.channel, str(item["ts"])),
        )
        reply = await self.host.receive(turn)
        await self.replies.to_words(turn, context, reply, reference_of(where.channel, str(item["ts"])))

    async def _linked(self, body: Body) -> None:
        """Addresses of ours in a message: under them stands what everyone there may know."""
        event = body["event"]
        ours = urlsplit(self.host.settings.url)
        where = Where(parsing.tenant(body), str(event["user"]), str(event.get("channel") or ""))
        context, shown = await self._asking(where), dict[str, Card]()
        for link in event["links"]:
            url = urlsplit(str(link["url"]))
            if url.netloc != ours.netloc:
                continue
            turn = LinkShared(sender=where.sender, id=str(body["event_id"]), channel=where.place, path=url.path)
            reply = await self.host.receive(turn)
            if isinstance(reply, Say) and reply.public:
                shown[str(link["url"])] = reply.card
        if shown:
            client = await self.workspaces.into(where.tenant)
            self.replies.background.later(self.replies.unfurl(client, event, shown, context.locale))

    async def _moved(self, body: Body) -> None:
        """We came into a channel, or were removed from one."""
        event, tenant = body["event"], parsing.tenant(body)
        workspace = await self.workspaces.find(tenant)
        if workspace and event["user"] == workspace.bot_user:
            inviter = str(event.get("inviter") or "")
            await self.directory.channels.changed(tenant, str(event["channel"]), inviter=inviter)

    async def _channel(self, body: Body) -> None:
        channel = body["event"]["channel"]
        key = channel["id"] if isinstance(channel, Mapping) else channel
        await self.directory.channels.changed(parsing.tenant(body), str(key))

    async def _removed(self, body: Body) -> None:
        """The app was removed, or its token revoked; what people granted for themselves is none of ours."""
        event = body["event"]
        if event["type"] == "app_uninstalled" or (event.get("tokens") or {}).get("bot"):
            await self.alerts.broken(parsing.tenant(body), str(event["type"]), for_good=True)

    async def _asking(self, where: Where) -> ReplyContext:
        return ReplyContext(where, await self.accounts.locale(where), key=new_key())

    async def _wanted(self) -> frozenset[str]:
        """The emojis that bring messages to desks."""
        known = self._emojis.get("wanted")
        if known is None:
            known = self._emojis["wanted"] = await self.host.database.read(_emojis)
        return known

    async def _message(self, where: Where, ts: str) -> Mapping[str, Any] | None:
        """One message, wherever in a conversation it stands; None when we may not read there, SendAgain if not now."""
        client = await self.workspaces.into(where.tenant)
        try:
            answer = await client.conversations_replies(
                channel=where.channel, ts=ts, latest=ts, oldest=ts, inclusive=True, limit=1
            )
        except FOREIGN as error:
            log.warning("slack.cannot_read", reason=word(error))
            if is_passing(error):
                raise SendAgain from error
            return None
        found: list[Mapping[str, Any]] = answer["messages"]
        return next((message for message in found if message["ts"] == ts), None)


def _emojis(session: Session) -> frozenset[str]:
    return frozenset(place.emoji for place in wanted_channels(session) if place.emoji)
