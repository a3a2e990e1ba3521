"""A visit to the console: the page asked for, who asks, and the way every refusal is shown.

A page is named in one table together with the rule that opens it, so none can be reached by accident.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import quote, urlencode
from uuid import uuid4

import structlog
from babel.dates import format_timedelta
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from workbot.console.access import Rule, Viewer, viewer_of
from workbot.errors import Gone, Invalid, NotAllowed, WorkbotError
from workbot.i18n import N_, Language, language
from workbot.people.departments import shown
from workbot.platforms import Host
from workbot.texts import clean
from workbot.web.pages import Pages

PAGES = Pages(Path(__file__).parent / "templates", department=shown)

log = structlog.get_logger(__name__)

# What is said above the page that one lands on after a change, by the word in its address.
NOTICES = {
    "launched": N_("The survey is on its way."),
    "closed": N_("The survey is closed. Its results are below."),
    "closed-unread": N_("The survey is closed. Its results go to those they were promised to."),
    "started": N_("The journey has started. Everyone concerned is told."),
    "ticked": N_("Done. Thank you."),
    "unticked": N_("The step is open again."),
    "moved": N_("The date has moved, and the steps with it."),
    "changed": N_("The change is made."),
    "cancelled": N_("The journey is cancelled. Nobody gets further reminders."),
    "taken": N_("The request is yours now."),
    "handed": N_("The request is handed over."),
    "replied": N_("Your reply is on its way."),
    "noted": N_("The note is kept. Only agents see it."),
    "resolved": N_("The request is resolved."),
    "reopened": N_("The request is open again."),
    "queued-again": N_("What failed is queued again, and nothing else."),
    "resent": N_("The message is queued again."),
    "turned-on": N_("It is on."),
    "turned-off": N_("It is off. What has begun goes on."),
    "published": N_("The new version is published."),
    "discarded": N_("The draft is taken back."),
    "let-be": N_("The message is left as it is."),
}

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True)
class PageContext:
    """One request of one person who may be here."""

    host: Host
    request: Request
    viewer: Viewer
    lang: Language

    @property
    def now(self) -> datetime:
        return self.host.clock.now()

    @property
    def zone(self) -> str:
        return self.viewer.person.timezone

    def asked(self, name: str) -> str:
        """A value of the address's query."""
        return clean(self.request.query_params.get(name, ""))

    async def values(self) -> dict[str, str]:
        """What was typed into the form, by field name."""
        form = await self.request.form()
        return {name: clean(value) for name, value in form.items() if isinstance(value, str)}

    async def read(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.host.database.read(lambda session: work(session, *args, **kwargs))

    async def change(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `work` in one transaction; what it raises rolls everything back. The logs name it as they name turns."""
        trace = uuid4().hex[:8]

        def traced(session: Session) -> T:
            session.info["trace"] = trace
            return work(session, *args, **kwargs)

        done = await self.host.database.run(traced)
        log.info("console.changed", trace=trace, path=self.request.url.path)
        return done

    async def page(self, template: str, *, status: int = 200, **values: object) -> Response:
        frame = await self.host.frame(self.viewer.person.id, self.request.url.path, self.lang)
        notice = self.lang(NOTICES.get(self.asked("done"), ""))
        known: dict[str, object] = {"viewer": self.viewer, "now": self.now, "zone": self.zone, "notice": notice}
        known["plural"] = self.lang.plural
        return PAGES.page(template, self.lang, status=status, frame=frame, **known | values)

    def age(self, since: datetime) -> str:
        """How long ago something was, in the largest unit that it fills: `3 hours`."""
        return format_timedelta(max(self.now - since, timedelta()), threshold=1.2, locale=self.lang.locale)

    def said(self, error: WorkbotError) -> str:
        """A refusal in the viewer's language."""
        return self.lang(error.message, **error.values)

    def errors(self, error: WorkbotError) -> dict[str, str]:
        """What is wrong by field name; under the empty name what concerns the whole form."""
        if isinstance(error, Invalid):
            return {name: self.lang(problem.message, **problem.values) for name, problem in error.fields.items()}
        return {"": self.said(error)}


def go(path: str, **query: str) -> Response:
    """Send the browser on after a change, so that reloading repeats nothing."""
    return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, HTTPStatus.SEE_OTHER)


Answer = Callable[[PageContext], Awaitable[Response]]


@dataclass(frozen=True)
class Page:
    """An address, what answers there, and who may come."""

    path: str
    answer: Answer
    may: Rule
    method: str = "GET"


def route(host: Host, page: Page) -> Route:
    """A page as the web application serves it."""

    async def endpoint(request: Request) -> Response:
        named = request.path_params
        request.scope["path_params"] = {name: clean(v) if isinstance(v, str) else v for name, v in named.items()}
        return await enter(host, page, request)

    return Route(page.path, endpoint, methods=[page.method])


async def enter(host: Host, page: Page, request: Request) -> Response:
    """Let a person in, or say kindly why not."""
    person = await host.signed_in(request)
    if person is None:
        return go("/signin", next=_way_back(request))

    viewer = await host.database.read(partial(viewer_of, person=person))
    visit = PageContext(host, request, viewer, language(viewer.person.locale))
    try:
        if not page.may(viewer):
            raise NotAllowed("You may not do that. If you should, ask an administrator for the role it needs.")
        return await page.answer(visit)
    except WorkbotError as error:
        return await _refuse(visit, error)


def _way_back(request: Request) -> str:
    """Where to go after signing in: a change is not repeated, its page is shown."""
    path = quote(request.url.path)
    return f"{path}?{request.url.query}" if request.method == "GET" and request.url.query else path


TITLES: Mapping[type[WorkbotError], tuple[int, str]] = {
    NotAllowed: (HTTPStatus.FORBIDDEN, N_("This page is not yours to see")),
    Gone: (HTTPStatus.NOT_FOUND, N_("There is nothing here")),
}


async def _refuse(visit: PageContext, error: WorkbotError) -> Response:
    status, title = TITLES.get(type(error), (HTTPStatus.CONFLICT, N_("That did not work")))
    message = visit.said(error)
    return await visit.page("refused.html", status=status, title=visit.lang(title), message=message)
