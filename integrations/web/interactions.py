"""Taking turns: what was typed, pressed or sent becomes a turn, and its reply is shown where it belongs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from uuid import UUID

from markupsafe import Markup
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from integrations.web import conversations, forms, render
from integrations.web.allowance import Allowance
from integrations.web.conversations import Conversation
from integrations.web.forms import Asked, Seal, turn_id
from integrations.web.models import ChatMessage
from integrations.web.receiving import received
from integrations.web.render import PAGES
from integrations.web.replies import say_again, show, show_change, show_done, show_words
from integrations.web.reply_context import ReplyContext
from workbot.cards import Buttons, Card, Form, Select, load
from workbot.cards.forms import problems, read, sent_already
from workbot.errors import WorkbotError
from workbot.i18n import language
from workbot.people import Person
from workbot.platforms import Host
from workbot.texts import clean
from workbot.turns import Again, Ask, Message, Press, Reject, Reply, Say, Submission


class Interactions:
    """Answers the three kinds of form that a chat page sends."""

    def __init__(self, host: Host, seal: Seal, allowance: Allowance) -> None:
        self.host = host
        self.seal = seal
        self.allowance = allowance

    async def words(self, request: Request, person: Person) -> Response:
        """Something typed, into a conversation or under a message."""
        self.allowance.take(person.id)
        data = await request.form(max_files=0)
        text, nonce = clean(str(data.get("text", ""))).strip(), str(data.get("nonce", ""))
        place, thread = str(data.get("place", "")), str(data.get("thread", ""))
        where = await self._conversation(person, place, thread)
        context = ReplyContext(person, where, turn_id(person.id, nonce, where.path, text))
        if not text:
            return self._on(request, context)

        turn = Message(sender=context.sender, id=context.turn, text=text, channel=context.place, thread=where.thread)
        then = partial(show_words, context=context, text=text, now=self.host.clock.now())
        return await self._answer(request, context, await received(self.host, turn, then=then))

    async def _conversation(self, person: Person, place: str, thread: str) -> Conversation:
        if not place and not thread:
            return Conversation(conversations.own(person))
        return await self.host.database.read(partial(conversations.find, person=person, place=place, thread=thread))

    async def press(self, request: Request, person: Person) -> Response:
        """A button or a selection: taken only if it still stands on its message."""
        self.allowance.take(person.id)
        data = await request.form(max_files=0)
        action, value = _pressed(str(data.get("press", "")))
        key, nonce = str(data.get("message", "")), str(data.get("nonce", ""))
        turn = turn_id(person.id, nonce, key, action, value)
        thread = str(data.get("thread", ""))
        find = partial(_scene_of, person=person, key=key, thread=thread, turn=turn)
        context = await self.host.database.read(find)
        press = Press(
            sender=context.sender, id=turn, action=action, value=value, channel=context.place, message=context.reference
        )
        put: Callable[..., None] = show
        if (action, value) not in offered(context.message):
            # A press of nothing reaches no handler; if it is one that was taken before, it stays at that.
            press, put = replace(press, action="", value=""), show_change
        then = partial(put, context=context, now=self.host.clock.now())
        return await self._answer(request, context, await received(self.host, press, then=then))

    async def form(self, request: Request, person: Person) -> Response:
        """A form sent: back it comes with what is wrong, or it is done."""
        self.allowance.take(person.id)
        data = await request.form(max_files=0)
        asked = self.seal.open(str(data.get("form", "")))
        if asked.person != person.id:
            raise WorkbotError("This form was opened by someone else. Please open it yourself.")
        lang = language(person.locale)
        values = forms.typed(asked.form, data)
        turn = forms.values_turn(asked, values)
        context = await self.host.database.read(partial(_scene_asked, person=person, asked=asked, turn=turn))
        if wrong := problems(asked.form, values, lang):
            return await self._ask_again(request, context, asked, values, errors=wrong)
        return await self._submit(request, context, asked, read(asked.form.fields, values, lang))

    async def _submit(self, request: Request, context: ReplyContext, asked: Asked, values: dict[str, str]) -> Response:
        form = asked.form
        submission = Submission(
            sender=context.sender,
            id=context.turn,
            form=forms.name_of(asked),
            action=form.action,
            values=values,
            state=form.state,
            channel=context.place,
            message=context.reference,
        )
        then = partial(show_done, context=context, now=self.host.clock.now())
        match await received(self.host, submission, then=then):
            case Reject(errors=errors):
                return await self._ask_again(request, context, asked, values, errors=errors)
            case Say(card=card, refused=True):
                return await self._ask_again(request, context, asked, values, refusal=card)
            case Again(sent_as=sent_as, same=False):
                notice = sent_already(sent_as, context.lang, same=False)
                return await self._ask_again(request, context, asked, values, refusal=notice)
            case Again() as again:
                await self.host.database.run(
                    partial(say_again, context=context, again=again, now=self.host.clock.now())
                )
                return self._on(request, context)
            case reply:
                return await self._answer(request, context, reply)

    async def _answer(self, request: Request, context: ReplyContext, reply: Reply) -> Response:
        """Go on after a turn: a form is shown at once, everything else stands among the messages."""
        if isinstance(reply, Ask):
            return await self._ask(request, context, _asked(context, reply.form))
        return self._on(request, context)

    async def _ask_again(
        self,
        request: Request,
        context: ReplyContext,
        asked: Asked,
        values: Mapping[str, str],
        *,
        errors: Mapping[str, str] | None = None,
        refusal: Card | None = None,
    ) -> Response:
        form = replace(asked.form.filled(dict(values)), errors=dict(errors or {}))
        return await self._ask(request, context, asked.again(form), refusal=refusal)

    async def _ask(
        self, request: Request, context: ReplyContext, asked: Asked, *, refusal: Card | None = None
    ) -> Response:
        """Show a form: in the dialog of a page that has scripts, else as a page of its own."""
        if _is_enhanced(request):
            html = render.form(asked, self.seal, context.lang, refusal=refusal, dialog=True)
            return self._on(request, context, asked=html)
        return PAGES.page(
            "form_page.html",
            context.lang,
            frame=await self.host.frame(context.person.id, context.where.path, context.lang),
            asked=asked,
            back=f"{context.where.path}#newest",
            html=render.form(asked, self.seal, context.lang, refusal=refusal),
        )

    def _on(self, request: Request, context: ReplyContext, *, asked: Markup | None = None) -> Response:
        """Go on: with scripts the page stays, and messages come to it by themselves."""
        if not _is_enhanced(request):
            return RedirectResponse(f"{context.where.path}#newest", HTTPStatus.SEE_OTHER)
        parts = {"asked": asked or Markup(), "compose": Markup()}
        if request.url.path == "/chat/say":
            parts["compose"] = render.compose(context.where, context.lang)
        return HTMLResponse(PAGES.fragment("parts.html", context.lang, **parts))


def offered(message: ChatMessage | None) -> set[tuple[str, str]]:
    """The actions, with their values, that stand on a message now."""
    card = load(message.card) if message and message.card else None
    return set(_offers(card)) if card else set()


def _offers(card: Card) -> Iterator[tuple[str, str]]:
    for element in card.body:
        if isinstance(element, Buttons):
            yield from ((button.action, button.value) for button in element.buttons if not button.url)
        elif isinstance(element, Select):
            yield from ((element.action, option.value) for option in element.options)


def _is_enhanced(request: Request) -> bool:
    return "HX-Request" in request.headers


def _pressed(given: str) -> tuple[str, str]:
    """The action and the value that a button carries."""
    try:
        action, value = json.loads(given)
    except (ValueError, TypeError, RecursionError):
        return "", ""
    return str(action), str(value)


def _asked(context: ReplyContext, form: Form) -> Asked:
    where = context.where
    return Asked(form, context.person.id, forms.nonce(), where.place, where.thread, context.reference)


def _scene_of(session: Session, person: Person, key: str, thread: str, turn: str) -> ReplyContext:
    """Where a message stands; `thread` says that it was pressed at the head of its own thread."""
    message = conversations.message(session, person, key)
    place = message.address.removeprefix("place:") if message.address.startswith("place:") else ""
    under = str(message.thread_id or (message.id if thread == str(message.id) else ""))
    return ReplyContext(person, conversations.find(session, person, place=place, thread=under), turn, message)


def _scene_asked(session: Session, person: Person, asked: Asked, turn: str) -> ReplyContext:
    where = conversations.find(session, person, place=asked.place, thread=asked.thread)
    message = session.get(ChatMessage, UUID(asked.message)) if asked.message else None
    return ReplyContext(person, where, turn, message)
