"""Replies on their way back: into the answer that Slack waits for where it takes one, else right after it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import Session

from integrations.slack import modals, render
from integrations.slack.discretion import Discretion
from integrations.slack.errors import FOREIGN, word
from integrations.slack.models import SlackForm
from integrations.slack.parsing import Where
from integrations.slack.posting import QUIET, Posting, Spot
from integrations.slack.reply_context import ReplyContext, stored_key
from integrations.slack.response_urls import ResponseUrls
from integrations.slack.workspaces import Workspaces
from workbot import cards
from workbot.cards import FORM, Button, Buttons, Card, Form, Text
from workbot.cards.closed_forms import closed
from workbot.cards.forms import sent_already
from workbot.errors import DeliveryError, WorkbotError
from workbot.i18n import Language
from workbot.platforms import Host
from workbot.turns import Again, Ask, Message, MessageAction, Page, Reject, Replace, Reply, Say

# A way into the form that could not be opened: the action of its button.
OPEN_FORM = "slack.form"
FAREWELL_SECONDS = 10.0
ANSWERED = 2000
Answer = Mapping[str, Any] | None

log = structlog.get_logger(__name__)


class Replies:
    """Shows replies where Slack people expect them.

    What goes through an answer or a `response_url` is drawn without newer kinds of block: nobody would say that they
    were refused.
    """

    def __init__(self, host: Host, workspaces: Workspaces, posting: Posting, discretion: Discretion) -> None:
        self.host = host
        self.workspaces = workspaces
        self.posting = posting
        self.discretion = discretion
        self.responding = ResponseUrls(workspaces, posting, discretion)
        self._under_way: set[asyncio.Task[None]] = set()
        # What was typed and has its answer: Slack sends an event again when it was not thanked in time.
        self._answered: deque[tuple[Where, str]] = deque(maxlen=ANSWERED)

    def keep(self, session: Session, reply: Reply, *, context: ReplyContext) -> None:
        """Keep the form of a reply, in the transaction of the turn."""
        if isinstance(reply, Ask):
            where = context.where
            row = SlackForm(
                key=stored_key(context.key),
                tenant=where.tenant,
                user=where.user,
                form=closed(self.posting.chest, reply.form, stored_key(context.key)),
                place=where.place,
                message=where.message,
                response_url=context.response_url,
                asked_at=self.host.clock.now(),
            )
            session.merge(row)

    async def to_command(self, context: ReplyContext, reply: Reply) -> Answer:
        """What Slack is answered to a command: a card is the answer itself."""
        match reply:
            case Ask(form=form):
                await self._open(context, form)
                return None
            case None:
                return None
        card = self._card(reply, context.lang)
        if cards.files(card):
            self.later(self.responding.respond(context, card, public=_is_public(reply)))
            return None
        client = await self.workspaces.into(context.where.tenant)
        parts = await self.posting.draw(card, context.locale, context.where.tenant, client)
        if parts.rest:
            self.later(self.responding.respond(context, card, public=_is_public(reply)))
            return None
        kind = "in_channel" if _is_public(reply) else "ephemeral"
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
                await self._update_view(context, await self._view(self._card(reply, context.lang), context))
            case Say(card=card), "home":
                await self._open_view(context, await self._view(card, context), card)
            case _, "home":
                return
            case Replace(card=card), _:
                self.later(self.responding.put(context, card, context.where.message))
            case _:
                in_own = not context.where.place
                public = in_own or _is_public(reply)
                self.later(self.responding.respond(context, self._card(reply, context.lang), public=public))

    async def to_shortcut(self, context: ReplyContext, reply: Reply) -> None:
        """A shortcut has no message to answer: what there is to say is shown in a modal."""
        match reply:
            case Ask(form=form):
                await self._open(context, form)
            case None:
                return
            case _:
                card = self._card(reply, context.lang)
                await self._open_view(context, await self._view(card, context), card)

    async def to_form(self, context: ReplyContext, asked: SlackForm, values: Mapping[str, str], reply: Reply) -> Answer:
        """What Slack is answered to a form: errors at its fields, what came of it, or that it may close."""
        form = FORM.validate_python(asked.form)
        match reply:
            case Reject(errors=errors):
                return {"response_action": "errors", "errors": modals.errors(form, errors)}
            case Say(card=card, refused=True):
                view = modals.modal(form, context.lang, key=context.key, values=values, notice=card)
                return {"response_action": "update", "view": view}
            case Again(sent_as=sent_as, same=False):
                notice = sent_already(sent_as, context.lang, same=False)
                view = modals.modal(form, context.lang, key=context.key, values=values, notice=notice)
                return {"response_action": "update", "view": view}
            case Ask(form=following):
                return {"response_action": "update", "view": self._form(following, context)}
            case Replace(card=card) if asked.message or asked.response_url:
                there = replace(context, response_url=asked.response_url)
                self.later(self.responding.put(there, card, asked.message))
                return {"response_action": "clear"}
            case None:
                return {"response_action": "clear"}
        return {"response_action": "update", "view": await self._view(self._card(reply, context.lang), context)}

    async def to_words(self, turn: Message | MessageAction, context: ReplyContext, reply: Reply, thread: str) -> None:
        """What is said back to something typed: to the person alone, where others read along."""
        name = (context.where, turn.id)
        if reply is None or name in self._answered:
            return
        self._answered.append(name)
        client = await self.workspaces.into(context.where.tenant)
        if isinstance(reply, Ask):
            # Nothing opens a form from a line that was typed: the way to it is a button. If another process
            # took the turn and died, the form was kept under another name.
            await self.host.database.run(partial(self.keep, reply=reply, context=context))
            reply = Say(self._way_in(reply.form, context))
        card = self._card(reply, context.lang)
        self.later(self._say(client, context, card, thread, public=_is_public(reply)))

    async def home(self, context: ReplyContext, reply: Reply) -> None:
        """Publish somebody's own page."""
        client = await self.workspaces.into(context.where.tenant)
        shown = reply.cards if isinstance(reply, Page) else (self._card(reply, context.lang),)
        contents = []
        for card in shown:
            files = await self.posting.uploads.of(card, context.where.tenant, client)
            contents.append(self.posting.content(card, context.locale, files.pictures, files.links))
        await self.posting.keep(render.memos(contents, self.posting.seal))
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

    async def close(self) -> None:
        """Let what is being said be finished."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=FAREWELL_SECONDS)

    async def _open(self, context: ReplyContext, form: Form) -> None:
        card = self._way_in(form, context)
        await self._open_view(context, self._form(form, context), card)

    async def open_again(self, context: ReplyContext, asked: SlackForm) -> None:
        """Open a form that is kept."""
        await self._open(context, FORM.validate_python(asked.form))

    async def _open_view(self, context: ReplyContext, view: dict[str, Any], otherwise: Card) -> None:
        """Open a modal; when it is too late for that, say so with a button that opens it."""
        client = await self.workspaces.into(context.where.tenant)
        try:
            await client.views_open(trigger_id=context.trigger, view=view)
        except FOREIGN as error:
            log.warning("slack.cannot_open", reason=word(error))
            self.later(self.responding.respond(context, otherwise))

    async def _update_view(self, context: ReplyContext, view: dict[str, Any]) -> None:
        client = await self.workspaces.into(context.where.tenant)
        try:
            await client.views_update(view_id=context.where.view, view=view)
        except SlackApiError as error:
            # Closed meanwhile, or pressed twice: there is nothing left to show it on.
            log.info("slack.cannot_update", reason=word(error))

    def _form(self, form: Form, context: ReplyContext) -> dict[str, Any]:
        return modals.modal(form, context.lang, key=context.key)

    async def _view(self, card: Card, context: ReplyContext) -> dict[str, Any]:
        content = self.posting.content(card, context.locale)
        await self.posting.keep(render.memos([content], self.posting.seal))
        return render.view_of(content, self.posting.seal)

    def _way_in(self, form: Form, context: ReplyContext) -> Card:
        lang = context.lang
        text = Text(lang("Press the button to open the form. What was filled in is still there."))
        button = Button(lang("Open the form"), OPEN_FORM, context.key, "primary")
        return Card(form.title, (text, Buttons((button,))))

    def _card(self, reply: Reply, lang: Language) -> Card:
        match reply:
            case Say(card=card) | Replace(card=card):
                return card
            case Reject(errors=errors):
                return Card(lang("That did not work"), tuple(Text(error) for error in errors.values()), tone="warn")
            case Again(sent_as=sent_as, same=same):
                return sent_already(sent_as, lang, same=same)
            case _:
                return Card(lang("Done"), tone="good")

    async def _say(
        self, client: AsyncWebClient, context: ReplyContext, card: Card, thread: str, *, public: bool
    ) -> None:
        where = context.where
        parts = await self.posting.draw(card, context.locale, where.tenant, client)
        ts = thread.partition(":")[2]
        if public and where.place:
            await self.discretion.check(where.tenant, where.channel)
        if public or not where.place:
            await self.posting.post(client, Spot(where.channel, ts), parts)
            return
        try:
            for part in (parts.first, *parts.rest):
                await client.chat_postEphemeral(
                    channel=where.channel, user=where.user, thread_ts=ts or None, text=part.text, blocks=part.simpler
                )
        except SlackApiError as error:
            # Not everyone who writes in a channel can be whispered to: people of other organisations cannot.
            log.info("slack.cannot_whisper", reason=word(error))
            await self.posting.post(client, Spot(where.user), parts)

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Say something right after Slack has its answer; who stops us waits for it."""
        task = asyncio.create_task(self._safely(work))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _safely(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (*FOREIGN, DeliveryError, WorkbotError) as error:
            log.warning("slack.reply_lost", reason=word(error))
        except Exception:
            log.exception("slack.reply_failed")


def _is_public(reply: Reply) -> bool:
    return isinstance(reply, Say) and reply.public
