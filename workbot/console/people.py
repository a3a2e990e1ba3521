"""The people of the organisation, to look up and read. Who answered a survey is not among what is known here."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, func, or_, select
from starlette.responses import Response

from workbot import plugins
from workbot.console.page_context import PageContext
from workbot.errors import Gone
from workbot.i18n import Language
from workbot.onboarding import Journey, journey_view
from workbot.people import HOME_PLATFORM, Account, Department, Person, roles
from workbot.texts import whole_number

PAGE_LENGTH = 25


async def listing(visit: PageContext) -> Response:
    number = visit.asked("page")
    found = await visit.read(
        find,
        visit.asked("q"),
        left=visit.asked("left") == "yes",
        page=whole_number(number) or 1,
    )
    return await visit.page("people.html", found=found, query=visit.asked("q"), left=visit.asked("left") == "yes")


async def one(visit: PageContext) -> Response:
    profile = await visit.read(profile_of, visit.request.path_params["id"], visit.lang)
    return await visit.page("person.html", profile=profile, platform_name=platform_name)


@dataclass(frozen=True)
class Found:
    """One page of a search: people with the path of their department."""

    rows: list[tuple[Person, str]]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_LENGTH))

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE_LENGTH + 1

    @property
    def last(self) -> int:
        return min(self.page * PAGE_LENGTH, self.total)


def find(session: Session, query: str, *, left: bool, page: int) -> Found:
    """The people whose name, address, title or department has every word of a query."""
    matching = and_(col(Person.active).is_(not left), *(_has(word) for word in query.split()[:8]))
    base = select(Person, Department.path).join(Department, isouter=True).where(matching)
    total = session.exec(select(func.count()).select_from(Person).join(Department, isouter=True).where(matching)).one()
    page = max(1, min(page, -(-total // PAGE_LENGTH)))
    rows = session.exec(base.order_by(Person.name, Person.email).limit(PAGE_LENGTH).offset((page - 1) * PAGE_LENGTH))
    return Found([(person, path or "") for person, path in rows], total, page)


def _has(word: str) -> ColumnElement[bool]:
    places = (Person.name, Person.email, Person.title, Department.path)
    return or_(*(col(place).icontains(word, autoescape=True) for place in places))


@dataclass(frozen=True)
class Profile:
    """What the console knows of a person."""

    person: Person
    department: str
    manager: Person | None
    team: list[Person]
    accounts: list[Account]
    roles: list[str]
    journeys: list[tuple[Journey, str]]


def profile_of(session: Session, person_id: UUID, lang: Language) -> Profile:
    person = session.get(Person, person_id)
    if person is None:
        raise Gone("We do not know this person.")
    department = session.get(Department, person.department_id) if person.department_id else None
    team = select(Person).where(Person.manager_id == person.id, col(Person.active)).order_by(Person.name)
    accounts = select(Account).where(Account.person_id == person.id).order_by(Account.platform)
    return Profile(
        person=person,
        department=department.path if department else "",
        manager=session.get(Person, person.manager_id) if person.manager_id else None,
        team=list(session.exec(team)),
        accounts=list(session.exec(accounts)),
        roles=[role_name(role, lang) for role in sorted(roles(session, person))],
        journeys=_journeys(session, person, lang),
    )


def _journeys(session: Session, person: Person, lang: Language) -> list[tuple[Journey, str]]:
    """A person's journeys with their titles, the newest first."""
    wanted = select(Journey).where(Journey.person_id == person.id).order_by(col(Journey.started_at).desc())
    return [(journey, lang.of(journey_view(session, journey).definition.title)) for journey in session.exec(wanted)]


def role_name(role: str, lang: Language) -> str:
    """A role as people say it."""
    kind, _, desk = role.partition(":")
    names = {"hr": lang("HR"), "admin": lang("Administrator"), "auditor": lang("Auditor")}
    return lang("Agent of the desk “{desk}”", desk=desk) if kind == "agent" else names.get(role, role)


def platform_name(platform: str, lang: Language) -> str:
    """A platform as people call it; the web has more pages than the chat."""
    return lang("Web pages") if platform == HOME_PLATFORM else plugins.label(platform, lang)
