"""The verbs of a request, who may do them, and when. Whoever is concerned hears of each through `notices`."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from workbot import jobs
from workbot.definitions import offered
from workbot.errors import NotAllowed, WorkbotError
from workbot.people import Person, has_role
from workbot.people.calendar import desk_time, working_time
from workbot.requests import entries, events, notices
from workbot.requests.definitions import DeskDefinition
from workbot.requests.kind import KIND
from workbot.requests.models import DeskCounter, Request, RequestEntry, State
from workbot.requests.queries import assignee_name, desk_of, require_agent, require_seen_by
from workbot.requests.quotes import Quote
from workbot.requests.workflow import VERBS


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
    desk, version = offered(session, KIND, desk_name)
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
    nudge_at = _nudge_at(session, desk, requester, now)
    jobs.at(session, nudge_at, "requests.nudge", {"id": str(request.id)}, key=f"requests.nudge:{request.id}")
    return request


def take(session: Session, request: Request, agent: Person, *, now: datetime) -> None:
    """Make an agent the one who works on it; of two at once, one gets it."""
    require_agent(session, request, agent)
    if request.state != State.TAKEN:
        _require(request, "take")
    taken = session.execute(
        update(Request)
        .where(col(Request.id) == request.id, col(Request.state) == State.OPEN)
        .values(state=VERBS["take"].to, assignee_id=agent.id)
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
    _require(request, "hand_over")
    if not (has_role(session, to, f"agent:{request.desk}") and to.is_here(now)):
        raise WorkbotError("{name} is not an agent of this desk.", name=to.name)
    request.assignee_id = to.id
    _move(request, "hand_over")
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
    if request.state not in VERBS["comment"].of:
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
    _require(request, "resolve")
    desk = desk_of(session, request)
    _move(request, "resolve")
    request.resolved_at = now
    request.assignee_id = request.assignee_id or agent.id
    changed(session, request, agent, "resolve", body, now=now)
    close_at = _working_days_later(session, session.get_one(Person, request.requester_id), now, desk.close_after_days)
    payload = {"id": str(request.id), "revision": request.revision}
    jobs.at(session, close_at, "requests.close", payload, key=f"requests.close:{request.id}:{request.revision}")


def reopen(session: Session, request: Request, person: Person, *, now: datetime) -> None:
    """Take it up again."""
    require_seen_by(session, request, person)
    _require(request, "reopen")
    _move(request, "reopen")
    request.resolved_at = None
    changed(session, request, person, "reopen", now=now)


def close(session: Session, request: Request, person: Person | None, *, now: datetime) -> None:
    """Finish what was resolved: by the requester, or by time (`person` is None)."""
    if person is not None and person.id != request.requester_id:
        raise NotAllowed("Only who asked can say that it works.")
    _require(request, "close")
    _move(request, "close")
    changed(session, request, person, "close", now=now)


def cancel(session: Session, request: Request, person: Person, *, now: datetime) -> None:
    """Withdraw it: only who asked can."""
    if person.id != request.requester_id:
        raise NotAllowed("Only who asked can withdraw a request.")
    _require(request, "cancel")
    _move(request, "cancel")
    changed(session, request, person, "cancel", now=now)


def _move(request: Request, verb: str) -> None:
    """Put a request where a verb leads; what is opened again is its agent's, where it has one."""
    leads_to = VERBS[verb].to or State(request.state)
    request.state = State.TAKEN if leads_to == State.OPEN and request.assignee_id else leads_to


def _require(request: Request, verb: str) -> None:
    if request.state not in VERBS[verb].of:
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
    events.record(session, request, verb, author, now=now)
    return entries.add(session, request, author.id if author else None, verb, body, now=now, written=written)


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


def _nudge_at(session: Session, desk: DeskDefinition, requester: Person, at: datetime) -> datetime:
    """When a request has waited for as many of the desk's working hours as it allows, whoever is on leave."""
    clock = desk_time(session, calendar=desk.calendar, zone=desk.timezone or requester.timezone)
    return clock.later(at, timedelta(hours=desk.nudge_after_hours))


def _working_days_later(session: Session, person: Person, at: datetime, days: int) -> datetime:
    time = working_time(session, person)
    local = at.astimezone(time.zone)
    return time.next_moment(time.at(time.add_working_days(local.date(), days), local.time()))
