"""Buttons, lists, forms and dialogs, and what is made of messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from integrations.teams import forms, parsing, render, replies
from integrations.teams.accounts import Accounts
from integrations.teams.parsing import Body, Where
from integrations.teams.posting import Posting
from integrations.teams.render import PICK, SEALED
from integrations.teams.replies import Answer, Replies
from integrations.teams.reply_context import ReplyContext
from workbot.cards.forms import problems, read
from workbot.chat.forms import AskedForm
from workbot.chat.replies import refused
from workbot.errors import WorkbotError
from workbot.platforms import Host
from workbot.turns import Ask, MessageAction, Press, Reject, Reply, Sender, Submission


class Interactions:
    """Answers what people do by hand. Each returns what Teams is to be answered."""

    def __init__(self, host: Host, posting: Posting, answers: Replies, accounts: Accounts) -> None:
        self.host = host
        self.posting = posting
        self.replies = answers
        self.accounts = accounts

    async def execute(self, body: Body) -> Answer:
        """A button of a card in a conversation (`Action.Execute`)."""
        context, reply = await self._acted(body)
        return await self.replies.to_press(context, reply)

    async def fetch(self, body: Body) -> Answer:
        """A button that opens a dialog."""
        context, reply = await self._acted(body)
        return await self.replies.to_dialog(context, reply, is_open=False)

    async def submit(self, body: Body) -> Answer:
        """A button in a dialog."""
        context, reply = await self._acted(body)
        return await self.replies.to_dialog(context, reply, is_open=True)

    async def send(self, body: Body) -> None:
        """A button whose client sends it as a message (`Action.Submit`)."""
        context, reply = await self._acted(body)
        await self.replies.to_words(context, reply)

    async def quote(self, body: Body) -> Answer:
        """A message that is to become something: what there is to choose is asked in a dialog."""
        where = parsing.where(body)
        context = await self._asking(where)
        key, named = parsing.writer_of(body)
        writer = Sender(where.sender.platform, key, where.tenant) if key else None
        known = await self.accounts.known.name(writer) if writer else ""
        turn = parsing.quoted(body, where, writer=writer, author=known or named or "Teams")
        return await self.replies.to_dialog(context, await self._take(turn, context), is_open=False)

    async def _acted(self, body: Body) -> tuple[ReplyContext, Reply]:
        """What comes of a button; one whose value is not as we made it reaches no handler."""
        context = await self._asking(parsing.where(body))
        data = parsing.pressed(body)
        try:
            action, value = await self._opened(str(data.get(SEALED) or ""), data)
            match action:
                case render.OPEN_FORM | replies.FORM_HERE:
                    asked = await self._asked(context.where, value)
                    shown = replace(context, key=self.replies.key(context.where, asked.key))
                    return shown, Ask(asked.form)
                case forms.SEND_FORM:
                    return await self._sent(context, value, data)
        except WorkbotError as error:
            return context, refused(error, context.lang)
        turn = Press(
            sender=context.where.sender,
            id=f"press:{context.where.activity}",
            channel=context.where.place,
            message=context.where.message,
            action=action,
            value=value,
        )
        return context, await self._take(turn, context)

    async def _sent(self, context: ReplyContext, key: str, data: Mapping[str, Any]) -> tuple[ReplyContext, Reply]:
        """A form: given back with what is wrong, or taken."""
        asked = await self._asked(context.where, key)
        form = asked.form
        typed = forms.values(form, data)
        if wrong := problems(form, typed, context.lang):
            return replace(context, asked=asked, values=typed, shown=key), Reject(wrong)
        values = read(form.fields, typed, context.lang)
        context = replace(context, asked=asked, values=values, shown=key)
        turn = asked.submission(context.where.sender, key, values)
        return context, await self._take(turn, context)

    async def _take(self, turn: Press | Submission | MessageAction, context: ReplyContext) -> Reply:
        return await self.host.receive(turn, then=partial(self.replies.keep, context=context))

    async def _asking(self, where: Where) -> ReplyContext:
        return ReplyContext(where, await self.accounts.locale(where), self.replies.key(where))

    async def _opened(self, sealed: str, data: Mapping[str, Any]) -> tuple[str, str]:
        """The action and the value of a button, or of what was picked beside it; raises WorkbotError when they are
        not ours."""
        opened = self.posting.seal.open(sealed)
        if opened.action == PICK:
            picked = str(data.get(opened.value) or "")
            if not picked:
                raise WorkbotError("Please choose from the list.")
            opened = self.posting.seal.open(picked)
        return opened.action, await self.posting.long_values.of(opened)

    async def _asked(self, where: Where, key: str) -> AskedForm:
        """The form of a name, if it was asked of this person; raises WorkbotError when there is none."""
        if (asked := await self.replies.forms.find(key, where.sender)) is None:
            raise WorkbotError("This form is too old. Please ask for it anew.")
        return asked
