"""The verbs of a request, who may do them, and when. Whoever is concerned hears of each through `notices`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Table, bindparam, func, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, or_, select

from workbot import jobs
from workbot.definitions import all_current, as_published, current
from workbot.errors import Gone, NotAllowed, WorkbotError
from workbot.i18n import plain
from workbot.people import Person, has_role
from workbot.people.calendar import working_time
from workbot.requests import notices
from workbot.requests.definitions import KIND, DeskDefinition
from workbot.requests.models import ACTIVE, DeskCounter, Request, RequestEntry, State
from workbot.requests.quotes import Quote

RECENT = timedelta(days=14)
# Built once, and without the cost of objects, since everything that is done with a request is noted down.
_REQUESTS: Table = Request.__table__  # type: ignore[attr-defined]
_ENTRIES: Table = RequestEntry.__table__  # type: ignore[attr-defined]
OF_KEY = select(Request).where(Request.id == bindparam("this"))
HOLD = select(_REQUESTS.c.id).where(_REQUESTS.c.id == bindparam("this")).with_for_update()
_LAST = select(func.coalesce(func.max(_ENTRIES.c.position), 0)).where(_ENTRIES.c.request_id == bindparam("request"))
NOTE_DOWN = (
    insert(_ENTRIES)
    .values(
        {name: bindparam(name) for name in ("id", "author_id", "verb", "body", "at", "platform", "reference")}
        | {"request_id": bindparam("request"), "position": _LAST.scalar_subquery() + 1}
    )
    .returning(_ENTRIES.c.position)
)


def desks(session: Session) -> list[DeskDefinition]:
    return all_current(session, KIND)


def desk_called(session: Session, words: str) -> DeskDefinition | None:
    """The desk of a name, key or title in either language, forgiving case and accents."""
    wanted = plain(words)
    for desk in desks(session):
        if wanted in {plain(name) for name in (desk.name, desk.key, *desk.title.values())}:
            return desk
    return None


def desk_of(session: Session, request: Request) -> DeskDefinition:
    """The desk as it was when the request was opened."""
    return as_published(session, KIND, request.definition_id)


def desk_of_emoji(session: Session, emoji: str, channel: str) -> DeskDefinition | None:
    """The desk that an emoji asks: of several, the one whose channel it is."""
    found = [desk for desk in desks(session) if desk.emoji == emoji]
    return next((desk for desk in found if desk.channel == channel), next(iter(found), None))


def get(session: Session, key: UUID) -> Request | None:
    return session.exec(OF_KEY, params={"this": key}).first()


def from_link(session: Session, desk: DeskDefinition, link: str) -> Request | None:
    """The request that a message has become."""
    wanted = select(Request).where(Request.quoted_link == link, Request.desk == desk.name)
    return session.exec(wanted).first() if link else None


def open_request(
    session: Session,
    desk_name: str,
    requester: Person,
    title: str,
    details: dict[str, str],
    *,
    now: datetime,
    quote: Quote | None = None,
    opened_by: Person | None = None,
) -> Request:
    """Open a request at a desk and tell its agents; `opened_by` did it for the requester."""
    desk, version = current(session, KIND, desk_name)
    number = _next_number(session, desk)
    request = Request(
        desk=desk.name,
        definition_id=version.id,
        reference=f"{desk.key}-{number}",
        number=number,
        requester_id=requester.id,
        title=title,
        details=details,
        quoted=quote.text if quote else "",
        quoted_author=quote.author if quote else "",
        quoted_link=quote.link if quote else "",
        quoted_reference=quote.reference if quote else "",
        quoted_by=quote.by if quote else "",
        quoted_claimed_by=quote.claimed_by if quote else "",
        opened_at=now,
        changed_at=now,
    )
    session.add(request)
    session.flush()
    _note_down(session, request, opened_by or requester, "open", now=now)
    notices.everyone(session, request, desk, now=now)
    nudge_at = _working_hours_later(session, requester, now, desk.nudge_after_hours)
    jobs.at(session, nudge_at, "requests.nudge", {"id": str(request.id)}, key=f"requests.nudge:{request.id}")
    return request


def take(session: Session, request: Request, agent: Person, *, now: datetime) -> None:
    """Make an agent the one who works on it; of two at once, one gets it."""
    require_agent(session, request, agent)
    _require(request, State.OPEN, State.TAKEN)
    taken = session.execute(
        update(Request)
        .where(col(Request.id) == request.id, col(Request.state) == State.OPEN)
        .values(state=State.TAKEN, assignee_id=agent.id)
    )
    session.refresh(request)
    if not taken.rowcount and request.assignee_id != agent.id:  # type: ignore[attr-defined]
        raise WorkbotError(
            "{name} took {reference} a moment ago.", name=assignee_name(session, request), reference=request.reference
        )
    changed(session, request, agent, "take", now=now)


def hand_over(session: Session, request: Request, agent: Person, to: Person, *, now: datetime) -> None:
    """Give it to another agent of the desk."""
    require_agent(session, request, agent)
    _require(request, *ACTIVE)
    if not (has_role(session, to, f"agent:{request.desk}") and to.is_here(now)):
        raise WorkbotError("{name} is not an agent of this desk.", name=to.name)
    request.state, request.assignee_id = State.TAKEN, to.id
    changed(session, request, agent, "hand_over", to.name, now=now)


def comment(
    session: Session,
    request: Request,
    author: Person,
    body: str,
    *,
    now: datetime,
    said_on: str = "",
    written: tuple[str, str] = ("", ""),
) -> RequestEntry:
    """Say something that the requester and the agents read; it wakes what was resolved.

    `said_on` is the platform in whose desk channel the words stand already, `written` the platform and the reference
    of the message that they are.
    """
    require_seen_by(session, request, author)
    if not body.strip():
        raise WorkbotError("Write something first.")
    if request.state in (State.CLOSED, State.CANCELLED):
        raise WorkbotError("{reference} is finished. Reopen it to go on.", reference=request.reference)
    entry = _note_down(session, request, author, "comment", body, now=now, written=written)
    if author.id == request.requester_id and request.state == State.RESOLVED:
        reopen(session, request, author, now=now)
    notices.comment(session, request, desk_of(session, request), entry, author, now=now, said_on=said_on)
    return entry


def note(session: Session, request: Request, agent: Person, body: str, *, now: datetime) -> RequestEntry:
    """Write something that only the agents of the desk read."""
    require_agent(session, request, agent)
    if not body.strip():
        raise WorkbotError("Write something first.")
    entry = _note_down(session, request, agent, "note", body, now=now)
    notices.note(session, request, desk_of(session, request), entry, agent, now=now)
    return entry


def resolve(session: Session, request: Request, agent: Person, body: str = "", *, now: datetime) -> None:
    """Say that it is done; it closes by itself when the requester leaves it at that."""
    require_agent(session, request, agent)
    _require(request, *ACTIVE)
    desk = desk_of(session, request)
    request.state, request.resolved_at = State.RESOLVED, now
    request.assignee_id = request.assignee_id or agent.id
    changed(session, request, agent, "resolve", body, now=now)
    close_at = _working_days_later(session, session.get_one(Person, request.requester_id), now, desk.close_after_days)
    payload = {"id": str(request.id), "revision": request.revision}
    jobs.at(session, close_at, "requests.close", payload, key=f"requests.close:{request.id}:{request.revision}")


def reopen(session: Session, request: Request, person: Person, *, now: datetime) -> None:
    """Take it up again."""
    require_seen_by(session, request, person)
    _require(request, State.RESOLVED, State.CLOSED)
    request.state = State.TAKEN if request.assignee_id else State.OPEN
    request.resolved_at = None
    changed(session, request, person, "reopen", now=now)


def close(session: Session, request: Request, person: Person | None, *, now: datetime) -> None:
    """Finish what was resolved: by the requester, or by time (`person` is None)."""
    if person is not None and person.id != request.requester_id:
        raise NotAllowed("Only who asked can say that it works.")
    _require(request, State.RESOLVED)
    request.state = State.CLOSED
    changed(session, request, person, "close", now=now)


def cancel(session: Session, request: Request, person: Person, *, now: datetime) -> None:
    """Withdraw it: only who asked can."""
    if person.id != request.requester_id:
        raise NotAllowed("Only who asked can withdraw a request.")
    _require(request, *ACTIVE)
    request.state = State.CANCELLED
    changed(session, request, person, "cancel", now=now)


def mine(session: Session, person: Person, *, now: datetime) -> list[Request]:
    """What a person has asked: what is unfinished, and what was finished lately."""
    lately = or_(col(Request.state).in_((*ACTIVE, State.RESOLVED)), col(Request.changed_at) > now - RECENT)
    asked = select(Request).where(Request.requester_id == person.id, lately)
    return list(session.exec(asked.order_by(col(Request.opened_at).desc())))


def queue(session: Session, desk: str, *states: State) -> list[Request]:
    """A desk's requests in some states (all that are active, unless told otherwise), the oldest first."""
    wanted = select(Request).where(Request.desk == desk, col(Request.state).in_(states or ACTIVE))
    return list(session.exec(wanted.order_by(col(Request.opened_at))))


def counts(session: Session, desk: str) -> dict[str, int]:
    """How many of a desk's requests are in each state."""
    rows = session.exec(select(Request.state, func.count()).where(Request.desk == desk).group_by(Request.state))
    return {state.value: 0 for state in State} | dict(rows.all())


def desks_of_agent(session: Session, person: Person) -> list[DeskDefinition]:
    """The desks at which a person is an agent."""
    return [desk for desk in desks(session) if has_role(session, person, desk.role)]


def find_visible(session: Session, reference: str, person: Person) -> Request:
    """The request of a reference or key, for someone who may see it; Gone otherwise, whether or not it exists."""
    found = session.exec(select(Request).where(Request.reference == reference.strip().upper())).first()
    if found is None or not may_see(session, found, person):
        raise Gone("There is no request {reference} that you can see.", reference=reference[:40])
    return found


def history(session: Session, request: Request) -> Sequence[RequestEntry]:
    """All that happened, in order, internal notes included: show those to agents only."""
    entries = select(RequestEntry).where(RequestEntry.request_id == request.id)
    return session.exec(entries.order_by(col(RequestEntry.order))).all()


def names(session: Session, entries: Sequence[RequestEntry]) -> dict[UUID, str]:
    """The names of those who wrote entries."""
    authors = {entry.author_id for entry in entries if entry.author_id}
    return dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(authors))).all())


def may_see(session: Session, request: Request, person: Person) -> bool:
    return person.id == request.requester_id or is_agent(session, request, person)


def is_agent(session: Session, request: Request, person: Person) -> bool:
    return has_role(session, person, f"agent:{request.desk}")


def require_agent(session: Session, request: Request, person: Person) -> None:
    if not is_agent(session, request, person):
        raise NotAllowed("Only the agents of this desk can do that.")


def require_seen_by(session: Session, request: Request, person: Person) -> None:
    if not may_see(session, request, person):
        raise NotAllowed("Only who asked and the agents of this desk can do that.")


def assignee_name(session: Session, request: Request) -> str:
    return session.get_one(Person, request.assignee_id).name if request.assignee_id else ""


def _require(request: Request, *states: State) -> None:
    if request.state not in states:
        raise WorkbotError(
            "{reference} has changed since. Have a look at where it stands now.", reference=request.reference
        )


def changed(
    session: Session, request: Request, person: Person | None, verb: str, body: str = "", *, now: datetime
) -> None:
    """Note what was done to a request, and bring its cards up to date."""
    request.revision += 1
    request.changed_at = now
    session.add(request)
    _note_down(session, request, person, verb, body, now=now)
    desk = desk_of(session, request)
    notices.everyone(session, request, desk, now=now)
    if request.quoted_reference:
        notices.marked(session, request, desk, verb, now=now)


def _note_down(
    session: Session,
    request: Request,
    author: Person | None,
    verb: str,
    body: str = "",
    *,
    now: datetime,
    written: tuple[str, str] = ("", ""),
) -> RequestEntry:
    session.flush()
    connection = session.connection()
    # One request is changed by one transaction at a time, so that its history has one order.
    connection.execute(HOLD, {"this": request.id})
    known: dict[str, Any] = {
        "id": uuid4(),
        "author_id": author.id if author else None,
        "verb": verb,
        "body": body,
        "at": now,
        "platform": written[0],
        "reference": written[1],
    }
    order = connection.execute(NOTE_DOWN, known | {"request": request.id}).scalar_one()
    return RequestEntry(request_id=request.id, order=order, **known)


def _next_number(session: Session, desk: DeskDefinition) -> int:
    """One more than the last, without a gap or a double however many ask at once."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    counter = dialect.insert(DeskCounter).values(desk=desk.name, last=1)
    given: int = session.execute(
        counter.on_conflict_do_update(index_elements=["desk"], set_={"last": DeskCounter.last + 1}).returning(
            col(DeskCounter.last)
        )
    ).scalar_one()
    return given


def _working_hours_later(session: Session, person: Person, at: datetime, hours: int) -> datetime:
    time = working_time(session, person)
    moment = time.next_moment(at)
    for _ in range(hours):
        moment = time.next_moment(moment + timedelta(hours=1))
    return moment


def _working_days_later(session: Session, person: Person, at: datetime, days: int) -> datetime:
    time = working_time(session, person)
    local = at.astimezone(time.zone)
    return time.next_moment(time.at(time.add_working_days(local.date(), days), local.time()))
