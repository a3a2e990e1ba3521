"""The requests of a desk, for its agents and nobody else: the queue, one request, and what to do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session
from starlette.responses import Response

from workbot import requests
from workbot.cards import Fact
from workbot.console.access import Viewer
from workbot.console.page_context import PageContext, go
from workbot.errors import Gone, NotAllowed, WorkbotError
from workbot.i18n import Language
from workbot.people import Person, agents_of
from workbot.requests import ACTIVE, DeskDefinition, Party, Request, RequestEntry, State, possible

MOST_SHOWN = 100
DONE = (State.RESOLVED, State.CLOSED, State.CANCELLED)
VIEWS = {"active": ACTIVE, "done": DONE}
TONES = {State.OPEN: "warn", State.TAKEN: "info", State.RESOLVED: "good"}


async def listing(visit: PageContext) -> Response:
    shown = visit.asked("show") if visit.asked("show") in VIEWS else "active"
    queue = await visit.read(queue_of, visit.viewer, visit.asked("desk"), shown)
    return await visit.page("requests.html", queue=queue, shown=shown, **_words(visit))


async def one(visit: PageContext) -> Response:
    return await _page(visit, Typed())


async def act(visit: PageContext) -> Response:
    """Do a verb; a refusal gives the page back with what was typed."""
    name, reference = visit.request.path_params["verb"], visit.request.path_params["reference"]
    verb = VERBS.get(name)
    if verb is None:
        raise Gone("The console has no such page.")
    values = await visit.values()
    try:
        await visit.change(_do, verb, reference, visit.viewer, values, now=visit.now)
    except (Gone, NotAllowed):
        raise
    except WorkbotError as error:
        return await _page(visit, Typed(name, values, visit.errors(error)))
    return go(f"/console/requests/{reference}", done=DONE_WORDS[name])


@dataclass(frozen=True)
class Typed:
    """What came with a verb that was refused, and why; a refusal of the whole stands under the empty name."""

    verb: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def value(self, verb: str, name: str) -> str:
        return self.values.get(name, "") if verb == self.verb else ""

    def error(self, verb: str, name: str) -> str:
        return self.errors.get(name, "") if verb == self.verb else ""


async def _page(visit: PageContext, typed: Typed) -> Response:
    view = await visit.read(view_of, visit.request.path_params["reference"], visit.viewer, visit.lang, now=visit.now)
    status = 409 if typed.errors else 200
    return await visit.page("request.html", status=status, view=view, typed=typed, **_words(visit))


def _words(visit: PageContext) -> dict[str, Any]:
    def state(name: str) -> str:
        return visit.lang(requests.STATES[State(name)])

    return {
        "age": visit.age,
        "state": state,
        "tones": TONES,
        "happened": requests.HAPPENED,
        "spoken": requests.SPOKEN,
        "change_of": requests.change_of,
    }


@dataclass(frozen=True)
class Line:
    """A request in a list."""

    request: Request
    requester: str
    assignee: str


@dataclass(frozen=True)
class Queue:
    """What waits at one desk; `desks` are all that the viewer works at, with how many are active."""

    desk: DeskDefinition
    desks: list[tuple[DeskDefinition, int]]
    groups: list[tuple[State, list[Line]]]
    counts: dict[str, int]

    @property
    def active(self) -> int:
        return sum(self.counts[state] for state in ACTIVE)


def queue_of(session: Session, viewer: Viewer, wanted: str, shown: str) -> Queue:
    """One of the viewer's desks, the first unless another is wanted; raises NotAllowed for anyone else's."""
    own = requests.desks_of_agent(session, viewer.person)
    desk = next((desk for desk in own if desk.name == wanted), None) if wanted else next(iter(own), None)
    if desk is None:
        raise NotAllowed("Only the agents of this desk can do that.")
    groups = [(state, _lines(session, desk, state)) for state in VIEWS[shown]]
    waiting = [(each, len(requests.queue(session, each.name))) for each in own]
    return Queue(desk, waiting, groups, requests.counts(session, desk.name))


def _lines(session: Session, desk: DeskDefinition, state: State) -> list[Line]:
    """The oldest first while there is something to do, afterwards the newest."""
    found = requests.queue(session, desk.name, state)
    found = found[:MOST_SHOWN] if state in ACTIVE else found[: -MOST_SHOWN - 1 : -1]
    views_of_requests = [requests.request_view(session, request, desk) for request in found]
    return [
        Line(view.request, view.requester.name, view.assignee.name if view.assignee else "")
        for view in views_of_requests
    ]


@dataclass(frozen=True)
class View:
    """One request with all that was said, notes included."""

    request: Request
    desk: DeskDefinition
    requester: Person
    assignee: Person | None
    facts: list[Fact]
    entries: list[RequestEntry]
    names: dict[UUID, str]
    colleagues: list[tuple[str, str]]
    # What an agent may do with it now.
    can: frozenset[str]


def view_of(session: Session, reference: str, viewer: Viewer, lang: Language, *, now: datetime) -> View:
    request = own_request(session, reference, viewer)
    desk = requests.desk_of(session, request)
    view = requests.request_view(session, request, desk)
    entries = list(requests.history(session, request))
    return View(
        request=request,
        desk=desk,
        requester=view.requester,
        assignee=view.assignee,
        facts=requests.filled(view, lang),
        entries=entries,
        names=requests.names(session, entries),
        colleagues=[
            (str(each.id), each.name)
            for each in agents_of(session, desk.name, now=now)
            if each.id != request.assignee_id
        ],
        can=possible(Party.AGENT, request.state),
    )


def own_request(session: Session, reference: str, viewer: Viewer) -> Request:
    """A request of the viewer's desks. Whoever asked reads it in the chat, where notes are not shown."""
    request = requests.find_visible(session, reference, viewer.person)
    if not requests.is_agent(session, request, viewer.person):
        raise Gone("There is no request {reference} that you can see.", reference=reference[:40])
    return request


Values = Mapping[str, str]
Verb = Callable[[Session, Request, Person, Values, datetime], object]


def _do(session: Session, verb: Verb, reference: str, viewer: Viewer, values: Values, *, now: datetime) -> None:
    # The viewer was read in another session: the verbs need somebody of this one.
    agent = session.get_one(Person, viewer.person.id)
    verb(session, own_request(session, reference, viewer), agent, values, now)


def _take(session: Session, request: Request, agent: Person, values: Values, now: datetime) -> None:
    requests.take(session, request, agent, now=now)


def _hand_over(session: Session, request: Request, agent: Person, values: Values, now: datetime) -> None:
    agents = agents_of(session, request.desk, now=now)
    to = requests.agent_chosen(values, agents, agent)
    requests.hand_over(session, request, agent, to, now=now)


def _reply(session: Session, request: Request, agent: Person, values: Values, now: datetime) -> None:
    requests.comment(session, request, agent, requests.words_of(values, agent), now=now)


def _note(session: Session, request: Request, agent: Person, values: Values, now: datetime) -> None:
    requests.note(session, request, agent, requests.words_of(values, agent), now=now)


def _resolve(session: Session, request: Request, agent: Person, values: Values, now: datetime) -> None:
    requests.resolve(session, request, agent, requests.words_of(values, agent, required=False), now=now)


def _reopen(session: Session, request: Request, agent: Person, values: Values, now: datetime) -> None:
    requests.reopen(session, request, agent, now=now)


VERBS: dict[str, Verb] = {
    "take": _take,
    "hand-over": _hand_over,
    "reply": _reply,
    "note": _note,
    "resolve": _resolve,
    "reopen": _reopen,
}
DONE_WORDS = {
    "take": "taken",
    "hand-over": "handed",
    "reply": "replied",
    "note": "noted",
    "resolve": "resolved",
    "reopen": "reopened",
}
