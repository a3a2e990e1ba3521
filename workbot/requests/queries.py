"""Reading requests: which there are, whose they are, and who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from workbot.definitions import all_known, all_offered, as_published
from workbot.errors import Gone, NotAllowed
from workbot.i18n import plain
from workbot.people import Person, has_role
from workbot.requests.definitions import DeskDefinition
from workbot.requests.kind import KIND
from workbot.requests.models import ACTIVE, Request, RequestEntry, State

RECENT = timedelta(days=14)


def desks(session: Session) -> list[DeskDefinition]:
    """The desks that take requests now."""
    return all_offered(session, KIND)


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
    return session.get(Request, key)


def from_link(session: Session, desk: DeskDefinition, link: str) -> Request | None:
    """The request that a message has become."""
    wanted = select(Request).where(Request.quoted_link == link, Request.desk == desk.name)
    return session.exec(wanted).first() if link else None


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
    """The desks at which a person is an agent: one that takes no more requests may have some, and one that is gone."""
    return [desk for desk in all_known(session, KIND) if has_role(session, person, desk.role)]


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
