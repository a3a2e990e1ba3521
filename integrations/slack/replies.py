"""Replies on their way back: into the answer that Slack waits for where it takes one, else right after it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import Session

from integrations.slack import forms, render
from integrations.slack.background_replies import BackgroundReplies
from integrations.slack.errors import FOREIGN, word
from integrations.slack.names import NAME
from integrations.slack.parsing import Where
from integrations.slack.posting import QUIET, Posting
from integrations.slack.reply_context import ReplyContext
from integrations.slack.workspaces import Workspaces
from workbot import cards
from workbot.cards import Card, Form
from workbot.cards.forms import sent_already
from workbot.chat.forms import AskedForm, KeptForms
from workbot.chat.replies import card_of, is_public, way_in
from workbot.platforms import Host
from workbot.turns import Again, Ask, Message, MessageAction, Page, Reject, Replace, Reply, Say

# A way into the form that could not be opened: the action of its button.
OPEN_FORM = "slack.form"
ANSWERED = 2000
Answer = Mapping[str, Any] | None

log = structlog.get_logger(__name__)


class Replies:
    """Shows replies where Slack people expect them.

    What goes through an answer or a `response_url` is drawn without newer kinds of block: nobody would say that they
    were refused.
    """

    def __init__(self, host: Host, workspaces: Workspaces, posting: Posting, background: BackgroundReplies) -> None:
        self.host = host
        self.workspaces = workspaces
        self.posting = posting
        self.background = background
        self.forms = KeptForms(host, NAME)
        # What was typed and has its answer: Slack sends an event again when it was not thanked in time.
        self._answered: deque[tuple[Where, str]] = deque(maxlen=ANSWERED)

    def keep(self, session: Session, reply: Reply, *, context: ReplyContext) -> None:
        """Keep the form of a reply, in the transaction of the turn."""
        if isinstance(reply, Ask):
            self.forms.keep(session, reply.form, context.key, context.where.sender, context.origin)

    async def to_command(self, context: ReplyContext, reply: Reply) -> Answer:
        """What Slack is answered to a command: a card is the answer itself."""
        match reply:
            case Ask(form=form):
                await self._open(context, form)
                return None
            case None:
                return None
        card = card_of(reply, context.lang)
        if cards.files(card):
            self.background.respond(context, card, public=is_public(reply))
            return None
        client = await self.workspaces.into(context.where.tenant)
        parts = await self.posting.draw(card, context.locale, context.where.tenant, client)
        if parts.rest:
            self.background.respond(context, card, public=is_public(reply))
            return None
        kind = "in_channel" if is_public(reply) else "ephemeral"
        return {"response_type": kind, "text": parts.first.text, "blocks": parts.first.simpler, **QUIET}

    async def to_press(self, context: ReplyContext, reply: Reply) -> None:
        """A form opens at once, for its way in is short-lived; all else may come a moment later."""
        match reply, context.where.surface:
            case None, _:
                return
            case Ask(form=form), "modal":
                await self._update_view(context, self._form(form, context))
            case Ask(form=form), _:
                await self._open(context, form)
            case _, "modal":
                await self._update_view(context, await self._view(card_of(reply, context.lang), context))
            case Say(card=card), "home":
                await self._open_view(context, await self._view(card, context), card)
            case _, "home":
                return
            case Replace(card=card), _:
                self.background.put(context, card, context.where.message)
            case _:
                in_own = not context.where.place
                public = in_own or is_public(reply)
                self.background.respond(context, card_of(reply, context.lang), public=public)

    async def to_shortcut(self, context: ReplyContext, reply: Reply) -> None:
        """A shortcut has no message to answer: what there is to say is shown in a modal."""
        match reply:
            case Ask(form=form):
                await self._open(context, form)
            case None:
                return
            case _:
                card = card_of(reply, context.lang)
                await self._open_view(context, await self._view(card, context), card)

    async def to_form(self, context: ReplyContext, asked: AskedForm, values: Mapping[str, str], reply: Reply) -> Answer:
        """What Slack is answered to a form: errors at its fields, what came of it, or that it may close."""
        form, there = asked.form, asked.origin
        match reply:
            case Reject(errors=errors):
                return {"response_action": "errors", "errors": forms.errors(form, errors)}
            case Say(card=card, refused=True):
                view = forms.modal(form, context.lang, key=context.key, values=values, notice=card)
                return {"response_action": "update", "view": view}
            case Again(sent_as=sent_as, same=False):
                notice = sent_already(sent_as, context.lang, same=False)
                view = forms.modal(form, context.lang, key=context.key, values=values, notice=notice)
                return {"response_action": "update", "view": view}
            case Ask(form=following):
                return {"response_action": "update", "view": self._form(following, context)}
            case Replace(card=card) if there.message or there.response_url:
                self.background.put(replace(context, response_url=there.response_url), card, there.message)
                return {"response_action": "clear"}
            case None:
                return {"response_action": "clear"}
        return {"response_action": "update", "view": await self._view(card_of(reply, context.lang), context)}

    async def to_words(self, turn: Message | MessageAction, context: ReplyContext, reply: Reply, thread: str) -> None:
        """What is said back to something typed: to the person alone, where others read along."""
        name = (context.where, turn.id)
        if reply is None or name in self._answered:
            return
        self._answered.append(name)
        if isinstance(reply, Ask):
            # Nothing opens a form from a line that was typed: the way to it is a button. If another process
            # took the turn and died, the form was kept under another name.
            await self.host.database.run(partial(self.keep, reply=reply, context=context))
            reply = Say(self._way_in(reply.form, context))
        card = card_of(reply, context.lang)
        self.background.say(context, card, thread, public=is_public(reply))

    async def home(self, context: ReplyContext, reply: Reply) -> None:
        """Publish somebody's own page."""
        client = await self.workspaces.into(context.where.tenant)
        shown = reply.cards if isinstance(reply, Page) else (card_of(reply, context.lang),)
        contents = []
        for card in shown:
            files = await self.posting.uploads.of(card, context.where.tenant, client)
            contents.append(self.posting.content(card, context.locale, files.pictures, files.links))
        await self.posting.long_values.keep(render.memos(contents, self.posting.seal))
        view = {"type": "home", "blocks": render.page(contents, self.posting.seal)}
        await client.views_publish(user_id=context.where.user, view=view)

    async def unfurl(
        self, client: AsyncWebClient, event: Mapping[str, Any], shown: Mapping[str, Card], locale: str
    ) -> None:
        """Show cards under the links of a message."""
        unfurls = {}
        for url, card in shown.items():
            parts = render.message(self.posting.content(card, locale), self.posting.seal)
            unfurls[url] = {"blocks": parts.first.simpler}
        if event.get("unfurl_id"):
            where = {"unfurl_id": event["unfurl_id"], "source": event.get("source", "conversations_history")}
        else:
            where = {"channel": event["channel"], "ts": event["message_ts"]}
        await client.chat_unfurl(unfurls=unfurls, **where)

    async def _open(self, context: ReplyContext, form: Form) -> None:
        card = self._way_in(form, context)
        await self._open_view(context, self._form(form, context), card)

    async def open_again(self, context: ReplyContext, asked: AskedForm) -> None:
        """Open a form that is kept."""
        await self._open(context, asked.form)

    async def _open_view(self, context: ReplyContext, view: dict[str, Any], otherwise: Card) -> None:
        """Open a modal; when it is too late for that, say so with a button that opens it."""
        client = await self.workspaces.into(context.where.tenant)
        try:
            await client.views_open(trigger_id=context.trigger, view=view)
        except FOREIGN as error:
            log.warning("slack.cannot_open", reason=word(error))
            self.background.respond(context, otherwise)

    async def _update_view(self, context: ReplyContext, view: dict[str, Any]) -> None:
        client = await self.workspaces.into(context.where.tenant)
        try:
            await client.views_update(view_id=context.where.view, view=view)
        except SlackApiError as error:
            # Closed meanwhile, or pressed twice: there is nothing left to show it on.
            log.info("slack.cannot_update", reason=word(error))

    def _form(self, form: Form, context: ReplyContext) -> dict[str, Any]:
        return forms.modal(form, context.lang, key=context.key)

    async def _view(self, card: Card, context: ReplyContext) -> dict[str, Any]:
        content = self.posting.content(card, context.locale)
        await self.posting.long_values.keep(render.memos([content], self.posting.seal))
        return render.view_of(content, self.posting.seal)

    def _way_in(self, form: Form, context: ReplyContext) -> Card:
        return way_in(form, context.lang, context.key, OPEN_FORM)
