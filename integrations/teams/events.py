"""What is written to us, and what happens to the app, to teams and to their channels."""

from __future__ import annotations

from functools import partial

import structlog

from integrations.teams import parsing
from integrations.teams.accounts import Accounts
from integrations.teams.channels import Channels
from integrations.teams.interactions import Interactions
from integrations.teams.names import NAME, spot_of
from integrations.teams.parsing import Body
from integrations.teams.replies import Replies
from integrations.teams.reply_context import ReplyContext
from workbot.platforms import Host
from workbot.turns import Command

CHANGES = ("channelCreated", "channelRenamed", "channelRestored", "teamRenamed", "teamRestored", "teamUnarchived")
CLOSED = ("teamArchived", "teamDeleted", "teamHardDeleted")

log = structlog.get_logger(__name__)


class Events:
    """Answers what Teams tells of."""

    def __init__(
        self,
        host: Host,
        interactions: Interactions,
        replies: Replies,
        accounts: Accounts,
        channels: Channels,
    ) -> None:
        self.host = host
        self.interactions = interactions
        self.replies = replies
        self.accounts = accounts
        self.channels = channels

    async def said(self, body: Body) -> None:
        """A message: a line typed at us, or a button whose client sends it as a message."""
        if parsing.is_pressed(body):
            await self.interactions.send(body)
            return
        where = parsing.where(body)
        turn = parsing.said(body, where)
        if turn is None or not (where.user or turn.is_mention) or parsing.is_bot(body):
            return
        context = await self._asking(where)
        turn = parsing.said(body, where, await self._names(body, context)) or turn
        reply = await self.host.receive(turn, then=partial(self.replies.keep, context=context))
        # In a channel the reply stands under what was said.
        await self.replies.to_words(context, reply, spot_of(turn.thread)[1] if where.place else "")

    async def reworded(self, body: Body) -> None:
        """A message that was changed, deleted, or put back: nobody is answered."""
        where = parsing.where(body)
        if where.user:
            names = await self._names(body, await self._asking(where))
            await self.host.receive(parsing.changed(body, where, names))

    async def installed(self, body: Body) -> None:
        """Somebody has added the app: they are greeted, and told what it can do."""
        where = parsing.where(body)
        if not where.is_own or not where.user:
            return
        context = await self._asking(where)
        turn = Command(sender=where.sender, id=f"installed:{where.activity}", name="help")
        await self.replies.to_words(context, await self.host.receive(turn))

    async def changed(self, body: Body) -> None:
        """A team or one of its channels is another than it was."""
        where, data = parsing.where(body), body.get("channelData") or {}
        team, event = str((data.get("team") or {}).get("id") or ""), str(data.get("eventType") or "")
        if not team:
            return
        if event == "channelDeleted":
            await self.channels.gone(where.tenant, str((data.get("channel") or {}).get("id") or ""))
        elif event in CLOSED:
            await self.channels.team_gone(where.tenant, team, event)
        elif event in CHANGES or parsing.is_about_us(body):
            await self.channels.changed(where.tenant, team)

    async def _names(self, body: Body, context: ReplyContext) -> parsing.Names:
        """What those are called whom a message mentions."""
        keys = parsing.mentioned(body)
        ours = await self.accounts.known.names(NAME, context.where.tenant, keys)
        return parsing.Names(ours, context.lang("someone"))

    async def _asking(self, where: parsing.Where) -> ReplyContext:
        return ReplyContext(where, await self.accounts.locale(where), self.replies.key(where))
