"""Buttons, lists, forms and dialogs, and what is made of messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sqlmodel import Session

from integrations.teams import answering, dialogs, reading, render
from integrations.teams.acquaintance import Acquaintance
from integrations.teams.answering import Answer, Answering, Asking, stored_key
from integrations.teams.models import TeamsForm
from integrations.teams.posting import Posting
from integrations.teams.reading import Body, Where
from integrations.teams.render import PICK, SEALED
from workbot.cards import FORM
from workbot.closed_forms import opened
from workbot.errors import WorkbotError
from workbot.forms import kept, problems
from workbot.people import person_of
from workbot.platforms import Host
from workbot.turns import Ask, MessageAction, Press, Reject, Reply, Sender, Submission


class Interactions:
    """Answers what people do by hand. Each returns what Teams is to be answered."""

    def __init__(self, host: Host, posting: Posting, answers: Answering, acquaintance: Acquaintance) -> None:
        self.host = host
        self.posting = posting
        self.answering = answers
        self.acquaintance = acquaintance

    async def execute(self, body: Body) -> Answer:
        """A button of a card in a conversation (`Action.Execute`)."""
        asking, reply = await self._acted(body)
        return await self.answering.to_press(asking, reply)

    async def fetch(self, body: Body) -> Answer:
        """A button that opens a dialog."""
        asking, reply = await self._acted(body)
        return await self.answering.to_dialog(asking, reply, is_open=False)

    async def submit(self, body: Body) -> Answer:
        """A button in a dialog."""
        asking, reply = await self._acted(body)
        return await self.answering.to_dialog(asking, reply, is_open=True)

    async def send(self, body: Body) -> None:
        """A button whose client sends it as a message (`Action.Submit`)."""
        asking, reply = await self._acted(body)
        await self.answering.to_words(asking, reply)

    async def quote(self, body: Body) -> Answer:
        """A message that is to become something: what there is to choose is asked in a dialog."""
        where = reading.where(body)
        asking = await self._asking(where)
        key, named = reading.writer_of(body)
        writer = Sender(where.sender.platform, key, where.tenant) if key else None
        known = await self.host.database.read(partial(_name, sender=writer)) if writer else ""
        turn = reading.quoted(body, where, writer=writer, author=known or named or "Teams")
        return await self.answering.to_dialog(asking, await self._take(turn, asking), is_open=False)

    async def _acted(self, body: Body) -> tuple[Asking, Reply]:
        """What comes of a button; one whose value is not as we made it reaches no handler."""
        asking = await self._asking(reading.where(body))
        data = reading.pressed(body)
        try:
            action, value = await self._opened(str(data.get(SEALED) or ""), data)
            match action:
                case render.OPEN_FORM | answering.FORM_HERE:
                    asked = await self._asked(asking.where, value)
                    shown = replace(asking, key=self.answering.key(asking.where, asked.key))
                    return shown, Ask(FORM.validate_python(asked.form))
                case dialogs.SEND_FORM:
                    return await self._sent(asking, value, data)
        except WorkbotError as error:
            return asking, self.answering.refused(asking, error)
        turn = Press(
            sender=asking.where.sender,
            id=f"press:{asking.where.activity}",
            place=asking.where.place,
            message=asking.where.message,
            action=action,
            value=value,
        )
        return asking, await self._take(turn, asking)

    async def _sent(self, asking: Asking, key: str, data: Mapping[str, Any]) -> tuple[Asking, Reply]:
        """A form: given back with what is wrong, or taken."""
        asked = await self._asked(asking.where, key)
        form = FORM.validate_python(asked.form)
        typed = dialogs.values(form, data)
        if wrong := problems(form, typed, asking.lang):
            return replace(asking, asked=asked, values=typed, shown=key), Reject(wrong)
        values = kept(form, typed, asking.lang)
        asking = replace(asking, asked=asked, values=values, shown=key)
        turn = Submission(
            sender=asking.where.sender,
            id=answering.turn_of(key, values),
            # Each showing of a form can be sent once, however often its button is pressed.
            form=answering.name_of(key),
            place=asked.place,
            message=asked.message,
            action=form.action,
            values=values,
            state=form.state,
        )
        return asking, await self._take(turn, asking)

    async def _take(self, turn: Press | Submission | MessageAction, asking: Asking) -> Reply:
        return await self.host.receive(turn, then=partial(self.answering.keep, asking=asking))

    async def _asking(self, where: Where) -> Asking:
        return Asking(where, await self.acquaintance.locale(where), self.answering.key(where))

    async def _opened(self, sealed: str, data: Mapping[str, Any]) -> tuple[str, str]:
        """The action and the value of a button, or of what was picked beside it; raises WorkbotError when they are
        not ours."""
        opened = self.posting.seal.open(sealed)
        if opened.action == PICK:
            picked = str(data.get(opened.value) or "")
            if not picked:
                raise WorkbotError("Please choose from the list.")
            opened = self.posting.seal.open(picked)
        if not opened.is_memo:
            return opened.action, opened.value
        value = await self.posting.memo(opened.value)
        if not value:
            raise WorkbotError("This is no longer available. Type “help” to see what I can do.")
        return opened.action, value

    async def _asked(self, where: Where, key: str) -> TeamsForm:
        """The form of a name, if it was asked of this person; raises WorkbotError when there is none."""
        found = await self.host.database.read(partial(_form, key=stored_key(key)))
        if found is None or (found.tenant, found.user) != (where.tenant, where.user):
            raise WorkbotError("This form is too old. Please ask for it anew.")
        form = opened(self.posting.chest, found.form, found.key)
        if form is None:
            raise WorkbotError("This form is too old. Please ask for it anew.")
        return TeamsForm.model_validate(found.model_dump() | {"form": form})


def _form(session: Session, *, key: str) -> TeamsForm | None:
    return session.get(TeamsForm, key) if key else None


def _name(session: Session, *, sender: Sender) -> str:
    person = person_of(session, sender)
    return person.name if person else ""
