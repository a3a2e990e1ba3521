"""A person's own page: a card for each thing of theirs, and what comes of pressing something on it.

The page is made anew each time. What is answered stands above it, as a notice that can be pressed in its turn; a form
has a page of its own. Scripts are not needed for any of it, so that it works wherever it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from integrations.web import forms, render
from integrations.web.allowance import Allowance
from integrations.web.auth import Auth
from integrations.web.conversations import uuid
from integrations.web.files import file_response
from integrations.web.forms import Asked, turn_id
from integrations.web.names import NAME
from integrations.web.receiving import received
from integrations.web.render import PAGES, Pressing
from workbot.cards import Card, Form, Text
from workbot.cards.forms import problems, read, sent_already
from workbot.errors import Gone, WorkbotError
from workbot.i18n import language
from workbot.people import Person
from workbot.platforms import Host
from workbot.seals import Seal
from workbot.turns import Again, Ask, HomeOpened, Page, Press, Reject, Replace, Reply, Say, Sender, Submission

HERE = "/chat/mine"
PRESS, FORM, FILES = f"{HERE}/press", f"{HERE}/form", f"{HERE}/files"
# Where a reader goes on, by eye or by ear: at what is answered, or at the card that was pressed.
NOTICE = "#notice"
CARD = re.compile(r"card-[0-9]{1,3}")


class OwnPage:
    """The addresses under `/chat/mine`."""

    def __init__(self, host: Host, auth: Auth, allowance: Allowance) -> None:
        self.host = host
        self.auth = auth
        self.allowance = allowance
        self.forms = forms.Seal(host.settings.secrets)
        self.buttons = Seal(host.settings.secrets, "web.own_page.button")
        self.files = Seal(host.settings.secrets, "web.own_page.file")

    def routes(self) -> Sequence[BaseRoute]:
        return [
            self.auth.route(HERE, self.show),
            self.auth.route(PRESS, self.press, "POST"),
            self.auth.route(FORM, self.form, "POST"),
            self.auth.route(f"{FILES}/{{sealed}}", self.file),
            # What was answered has these addresses, and people load a page again or come back to it.
            self.auth.route(PRESS, self.anew),
            self.auth.route(FORM, self.anew),
        ]

    async def show(self, request: Request, person: Person) -> Response:
        return await self._page(request, person)

    async def anew(self, request: Request, person: Person) -> Response:
        return RedirectResponse(HERE, HTTPStatus.SEE_OTHER)

    async def press(self, request: Request, person: Person) -> Response:
        """A button or a selection; one whose value is not as we made it reaches no handler."""
        self.allowance.take(person.id)
        data = await request.form(max_files=0)
        sealed, nonce = str(data.get("press", "")), str(data.get("nonce", ""))
        if not sealed:
            # A list out of which nothing was chosen.
            return await self.anew(request, person)
        pressed = self.buttons.open(sealed)
        turn = Press(
            sender=_sender(person),
            id=turn_id(person.id, nonce, sealed),
            action=pressed.action,
            value=pressed.value,
        )
        at, reply = str(data.get("at", "")), await received(self.host, turn)
        if (reply is None or isinstance(reply, Replace)) and CARD.fullmatch(at):
            # The card stands on the page, which shows how things are now.
            return RedirectResponse(f"{HERE}#{at}", HTTPStatus.SEE_OTHER)
        return await self._answer(request, person, reply)

    async def form(self, request: Request, person: Person) -> Response:
        """A form sent: back it comes with what is wrong, or it is done."""
        self.allowance.take(person.id)
        data = await request.form(max_files=0)
        asked = self.forms.open(str(data.get("form", "")))
        if asked.person != person.id:
            raise WorkbotError("This form was opened by someone else. Please open it yourself.")
        lang = language(person.locale)
        typed = forms.typed(asked.form, data)
        if wrong := problems(asked.form, typed, lang):
            return await self._ask_again(request, person, asked, typed, errors=wrong)
        values = read(asked.form.fields, typed, lang)
        turn = Submission(
            sender=_sender(person),
            id=forms.values_turn(asked, values),
            form=forms.name_of(asked),
            action=asked.form.action,
            values=values,
            state=asked.form.state,
        )
        match await received(self.host, turn):
            case Reject(errors=errors):
                return await self._ask_again(request, person, asked, values, errors=errors)
            case Say(card=card, refused=True):
                return await self._ask_again(request, person, asked, values, refusal=card)
            case Again(sent_as=sent_as, same=False):
                notice = sent_already(sent_as, lang, same=False)
                return await self._ask_again(request, person, asked, values, refusal=notice)
            case Again(sent_as=sent_as):
                return await self._page(request, person, sent_already(sent_as, lang, same=True))
            case reply:
                return await self._answer(request, person, reply)

    async def file(self, request: Request, person: Person) -> Response:
        """A file of a card that was drawn for this person."""
        for_whom, key = _opened(self.files, request.path_params["sealed"])
        if for_whom == str(person.id) and (name := uuid(key)) and (file := await self.host.file_for(name, person.id)):
            return file_response(file)
        raise Gone("This file is not here, or it is not yours to see.")

    async def _answer(self, request: Request, person: Person, reply: Reply) -> Response:
        match reply:
            case Ask(form=form):
                return await self._ask(request, person, Asked(form, person.id, forms.nonce()))
            case Say(card=card) | Replace(card=card):
                return await self._page(request, person, card)
            case Reject(errors=errors):
                lines = tuple(Text(error) for error in errors.values())
                refused = Card(language(person.locale)("That did not work"), lines, tone="warn")
                return await self._page(request, person, refused)
            case _:
                return await self.anew(request, person)

    async def _page(self, request: Request, person: Person, notice: Card | None = None) -> Response:
        reply = await received(self.host, HomeOpened(sender=_sender(person), id="", surface="web"))
        if isinstance(reply, Say):
            # Something is wrong on our side; what was done before is said all the same.
            notice = notice or reply.card
        return PAGES.page(
            "own_page.html",
            language(person.locale),
            frame=await self.auth.frame(request, person),
            cards_shown=self._drawn(reply.cards if isinstance(reply, Page) else ()),
            notice=notice,
            in_notice=self._pressing("notice"),
            files=lambda file: f"{FILES}/{quote(self.files.close(str(person.id), file), safe='')}",
            here=HERE,
        )

    def _drawn(self, cards: Sequence[Card]) -> list[tuple[Card, Pressing]]:
        return [(card, self._pressing(f"card-{number}")) for number, card in enumerate(cards, 1)]

    def _pressing(self, name: str) -> Pressing:
        return Pressing(name, f"{PRESS}{NOTICE}", {"at": name, "nonce": forms.nonce()}, self.buttons.close)

    async def _ask_again(
        self,
        request: Request,
        person: Person,
        asked: Asked,
        values: Mapping[str, str],
        *,
        errors: Mapping[str, str] | None = None,
        refusal: Card | None = None,
    ) -> Response:
        form: Form = replace(asked.form.filled(dict(values)), errors=dict(errors or {}))
        return await self._ask(request, person, asked.again(form), refusal=refusal)

    async def _ask(self, request: Request, person: Person, asked: Asked, *, refusal: Card | None = None) -> Response:
        lang = language(person.locale)
        return PAGES.page(
            "form_page.html",
            lang,
            frame=await self.auth.frame(request, person),
            asked=asked,
            back=HERE,
            html=render.form(asked, self.forms, lang, refusal=refusal, to=f"{FORM}{NOTICE}"),
        )


def _sender(person: Person) -> Sender:
    return Sender(NAME, str(person.id))


def _opened(seal: Seal, sealed: str) -> tuple[str, str]:
    """What is sealed in an address, or nothing when it is none of ours."""
    try:
        opened = seal.open(sealed)
    except WorkbotError:
        return "", ""
    return opened.action, opened.value
