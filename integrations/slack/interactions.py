"""Commands, buttons, forms and shortcuts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from integrations.slack import forms, parsing
from integrations.slack.accounts import Accounts
from integrations.slack.markup import typed, unescape
from integrations.slack.mentions import Mentions
from integrations.slack.names import NEW_REQUEST
from integrations.slack.own_page import OwnPages
from integrations.slack.parsing import Where
from integrations.slack.posting import Posting
from integrations.slack.replies import OPEN_FORM, Answer, Replies
from integrations.slack.reply_context import ReplyContext, new_key, shown_again
from integrations.slack.workspaces import Workspaces
from workbot.cards import Form, TextField
from workbot.cards.forms import problems, read
from workbot.chat.replies import refused
from workbot.errors import WorkbotError
from workbot.i18n import Language
from workbot.platforms import Host
from workbot.seals import Opened as Unsealed
from workbot.texts import clean
from workbot.turns import Again, Command, Message, MessageAction, Press, Reject, Reply, Say, Sender, Submission


class Interactions:
    """Answers what people do by hand. Each returns what Slack is to be answered."""

    def __init__(
        self,
        host: Host,
        workspaces: Workspaces,
        posting: Posting,
        replies: Replies,
        accounts: Accounts,
        own_pages: OwnPages,
    ) -> None:
        self.host = host
        self.workspaces = workspaces
        self.posting = posting
        self.replies = replies
        self.accounts = accounts
        self.own_pages = own_pages
        self.mentions = Mentions(host, workspaces, accounts)

    async def command(self, body: dict[str, Any]) -> Answer:
        where, turn = parsing.command(body)
        _, turn = parsing.command(body, await self.mentions.of(where, str(body.get("text") or "")))
        context = await self._asking(where, body)
        return await self.replies.to_command(context, await self._take(turn, context))

    async def press(self, body: dict[str, Any]) -> None:
        """A button or a selection; one whose value is not as we made it reaches no handler."""
        where, pressed = parsing.acted(body), body["actions"][0]
        if pressed.get("url"):
            return
        context = await self._asking(where, body)
        try:
            action, value = await self._opened(_value(pressed))
        except WorkbotError as error:
            await self.replies.to_press(context, refused(error, context.lang))
            return
        if action == OPEN_FORM:
            await self._open_again(context, value)
            return
        turn = Press(
            sender=where.sender,
            id=f"press:{body['trigger_id']}",
            channel=where.place,
            message=where.message,
            action=action,
            value=value,
        )
        reply = await self._take(turn, context)
        await self.replies.to_press(context, reply)
        if where.surface == "home":
            self.own_pages.show(where)

    async def submit(self, body: dict[str, Any]) -> Answer:
        """A form: given back with what is wrong, or taken."""
        where, view = parsing.acted(body), body["view"]
        key = str(view.get("private_metadata") or "")
        context = await self._asking(where, body, key=key)
        asked = await self.replies.forms.find(key, where.sender)
        if asked is None:
            return _lost(view, context.lang)
        form = asked.form
        typed = await self._typed(where, form, forms.values(form, (view.get("state") or {}).get("values") or {}))
        if wrong := problems(form, typed, context.lang):
            return await self.replies.to_form(context, asked, typed, Reject(wrong))
        values = read(form.fields, typed, context.lang)
        turn = asked.submission(where.sender, key, values)
        # What follows may be a form too, which needs a name of its own.
        context = await self._asking(where, body)
        reply = await self._take(turn, context)
        if isinstance(reply, Say) and reply.refused:
            context = await self._asking(where, body, key=key)
        if isinstance(reply, Again):
            context = await self._asking(where, body, key=shown_again(key))
        return await self.replies.to_form(context, asked, values, reply)

    async def shortcut(self, body: dict[str, Any]) -> None:
        context = await self._asking(parsing.acted(body), body)
        turn: Command | MessageAction
        if body["type"] == "message_action":
            turn = await self._quoted(body, context.where)
        else:
            sender = context.where.sender
            turn = Command(sender=sender, id=f"shortcut:{body['trigger_id']}", name=NEW_REQUEST)
        await self.replies.to_shortcut(context, await self._take(turn, context))

    async def _take(self, turn: Command | Message | Press | Submission | MessageAction, context: ReplyContext) -> Reply:
        return await self.host.receive(turn, then=partial(self.replies.keep, context=context))

    async def _asking(self, where: Where, body: Mapping[str, Any], *, key: str = "") -> ReplyContext:
        return ReplyContext(
            where,
            await self.accounts.locale(where),
            trigger=str(body.get("trigger_id") or ""),
            response_url=str(body.get("response_url") or ""),
            key=key or new_key(),
        )

    async def _opened(self, sealed: str) -> tuple[str, str]:
        """The action and the value of a button; raises WorkbotError when they are not ours."""
        opened = self._unsealed(sealed)
        return opened.action, await self.posting.long_values.of(opened)

    def _unsealed(self, sealed: str) -> Unsealed:
        try:
            return self.posting.seal.open(sealed)
        except WorkbotError:
            # What Slack gives back of a message has been seen with three characters escaped.
            return self.posting.seal.open(unescape(sealed))

    async def _open_again(self, context: ReplyContext, key: str) -> None:
        asked = await self.replies.forms.find(key, context.where.sender)
        if asked is None:
            too_old = WorkbotError("This form is too old. Please ask for it anew.")
            await self.replies.to_press(context, refused(too_old, context.lang))
            return
        again = ReplyContext(context.where, context.locale, context.trigger, context.response_url, key)
        await self.replies.open_again(again, asked)

    async def _quoted(self, body: Mapping[str, Any], where: Where) -> MessageAction:
        message, channel = body["message"], str(body["channel"]["id"])
        workspace = await self.workspaces.find(where.tenant)
        url = workspace.url if workspace else ""
        app = (message.get("bot_profile") or {}).get("name") or message.get("username")
        writer = Sender(where.sender.platform, str(message.get("user") or ""), where.tenant)
        name = clean(str(app)) if app else await self.accounts.name(writer)
        names = await self.mentions.of(where, str(message.get("text") or ""))
        return parsing.quoted(body, parsing.link(url, channel, message), name or "Slack", names)

    async def _typed(self, where: Where, form: Form, values: Mapping[str, str]) -> dict[str, str]:
        """What was filled in, with names and emojis in its texts as everyone reads them."""
        texts = {field.name: values[field.name] for field in form.fields if isinstance(field, TextField)}
        names = await self.mentions.of(where, *texts.values())
        return {**values, **{name: typed(text, names) for name, text in texts.items()}}


def _value(pressed: Mapping[str, Any]) -> str:
    """What came with a press: the button's value, or that of the option that was picked."""
    return str(pressed.get("value") or (pressed.get("selected_option") or {}).get("value") or "")


def _lost(view: Mapping[str, Any], lang: Language) -> Answer:
    """A form that we do not know: what was typed stays where it is, and says so."""
    blocks = [block["block_id"] for block in view.get("blocks") or () if block.get("type") == "input"]
    message = lang("This form is not one of ours, or too old. Please copy what you wrote, and open it again.")
    return {"response_action": "errors", "errors": {blocks[0]: message}} if blocks else {"response_action": "clear"}
