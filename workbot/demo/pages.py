"""The demo's own pages: who to be, how to move the clock, and the mailbox of everyone in town."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from workbot.app import App
from workbot.demo.mailbox import HARMLESS, Letter, letters
from workbot.demo.travel import SPANS, Travel
from workbot.i18n import N_, Language, language
from workbot.people import Department, Person, by_email, roles
from workbot.web.clients import visitor_language
from workbot.web.pages import Pages

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Persona:
    """Somebody of the town worth being, and what to try as them."""

    email: str
    part: str
    tries: tuple[str, ...]


PERSONAS = (
    Persona(
        "amelie.tremblay@rivermont.example",
        N_("A staff member (in French)"),
        (N_("Answer this week’s survey"), N_("Type “demande it Mon portable ne démarre pas”"), N_("Type “aide”")),
    ),
    Persona(
        "noor.karim@rivermont.example",
        N_("A new colleague in her first weeks"),
        (N_("Tick off a step of your first weeks"), N_("Type “onboarding” to see how far you are")),
    ),
    Persona(
        "james.whitaker@rivermont.example",
        N_("A manager"),
        (N_("See what your new colleague needs from you"), N_("Type “requests” to follow your requests")),
    ),
    Persona(
        "bea.novak@rivermont.example",
        N_("An IT agent"),
        (N_("Open the channel “it” and take a request"), N_("Answer in its thread, then resolve it")),
    ),
    Persona(
        "priya.nair@rivermont.example",
        N_("An HR analyst"),
        (N_("Open the console: survey results and journeys"), N_("Move a week forward and read the new report")),
    ),
)


class DemoPages:
    """What the demo adds to the app: pages under `/demo` and a bar above every page."""

    def __init__(self, app: App, travel: Travel, mail: Path) -> None:
        self.app = app
        self.travel = travel
        self.mail = mail
        self.pages = Pages(HERE / "templates")

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/demo", self.choose),
            Route("/demo/be/{email}", self.be, methods=["POST"]),
            Route("/demo/forward", self.forward, methods=["POST"]),
            Route("/demo/travel", self.travelling),
            Route("/demo/mail", self.mailbox),
            Route("/demo/mail/{number:int}", self.letter),
            Route("/demo/mail/{number:int}/read", self.read),
            Route("/demo/mail/{number:int}/{place:int}", self.enclosure),
        ]

    async def banner(self, path: str, lang: Language) -> Markup:
        """The bar above every page: what time it is in the demo, and the ways to move on."""
        now, zone = self.travel.clock.now(), self.app.settings.timezone
        return self.pages.fragment(
            "bar.html", lang, moment=lang.moment(now, zone), spans=SPANS, path=path, busy=self.travel.is_under_way
        )

    async def choose(self, request: Request) -> Response:
        """Pick somebody to be."""
        lang = await self._language(request)
        people = await self.app.database.read(_everybody)
        personas = [(persona, people[persona.email]) for persona in PERSONAS if persona.email in people]
        return await self._page(request, "choose.html", lang, personas=personas, everybody=list(people.values()))

    async def be(self, request: Request) -> Response:
        """Sign in as somebody: only the demo can."""
        address = request.path_params["email"]
        person = await self.app.database.read(lambda session: by_email(session, address))
        if person is None:
            return RedirectResponse("/demo", status_code=303)
        response = RedirectResponse("/chat", status_code=303)
        token = await self.app.sign_in.open_session(person.id)
        self.app.sign_in.set_cookie(response, token)
        return response

    async def forward(self, request: Request) -> Response:
        """Move the clock forward by an hour, a day or a week."""
        form = await request.form()
        span = SPANS.get(str(form.get("span")))
        back = _local(str(form.get("back", "/chat")))
        if span is not None:
            self.travel.set_out(span)
        return RedirectResponse(f"/demo/travel?back={back}", status_code=303)

    async def travelling(self, request: Request) -> Response:
        """How far the journey has come; it leads back by itself when it is done."""
        back = _local(request.query_params.get("back", "/chat"))
        if not self.travel.is_under_way:
            return RedirectResponse(back, status_code=303)
        lang = await self._language(request)
        moment = lang.moment(self.travel.clock.now(), self.app.settings.timezone)
        response = await self._page(
            request, "travel.html", lang, moment=moment, percent=round(self.travel.share_done * 100)
        )
        response.headers["Refresh"] = "1"
        return response

    async def mailbox(self, request: Request) -> Response:
        """Every letter that the demo has sent, newest first."""
        lang = await self._language(request)
        found = letters(self.mail)
        return await self._page(request, "mailbox.html", lang, letters=found, zone=self.app.settings.timezone)

    async def letter(self, request: Request) -> Response:
        lang, letter = await self._language(request), self._letter(request)
        if letter is None:
            return RedirectResponse("/demo/mail", status_code=303)
        return await self._page(request, "letter.html", lang, letter=letter, zone=self.app.settings.timezone)

    async def read(self, request: Request) -> Response:
        """The letter itself, for the frame in which the page above shows it."""
        letter = self._letter(request)
        return HTMLResponse(letter.page() if letter else "", headers={"Content-Security-Policy": HARMLESS})

    async def enclosure(self, request: Request) -> Response:
        """A file that came with a letter."""
        letter = self._letter(request)
        found = [each for each in letter.enclosures if each.place == request.path_params["place"]] if letter else []
        if not found:
            return RedirectResponse("/demo/mail", status_code=303)
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(found[0].name, safe='')}"}
        return Response(found[0].content, media_type=found[0].media_type, headers=headers)

    def _letter(self, request: Request) -> Letter | None:
        return next((each for each in letters(self.mail) if each.number == request.path_params["number"]), None)

    async def _language(self, request: Request) -> Language:
        """The viewer's own language, or what their browser asks for."""
        viewer = await self.app.signed_in(request)
        if viewer is None:
            return visitor_language(request, self.app.settings)
        return language(viewer.locale)

    async def _page(self, request: Request, template: str, lang: Language, **values: Any) -> Response:
        viewer = await self.app.signed_in(request)
        frame = await self.app.frame(viewer.id if viewer else None, request.url.path, lang)
        return self.pages.page(template, lang, frame=frame, **values)


@dataclass(frozen=True)
class Resident:
    """One person of the town as the picker lists them."""

    person: Person
    department: str
    roles: tuple[str, ...]


def _everybody(session: Session) -> dict[str, Resident]:
    rows = session.exec(
        select(Person, Department.path).join(Department, isouter=True).where(col(Person.active)).order_by(Person.name)
    )
    return {
        person.email: Resident(person, department or "", tuple(sorted(roles(session, person))))
        for person, department in rows
    }


def _local(path: str) -> str:
    """A path of ours to go back to, whatever was asked for."""
    return path if path.startswith("/") and not path.startswith("//") and "\\" not in path else "/chat"
