"""Who may go where in the console: by role, and by whom one leads. Whatever is not named is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from workbot import pulse
from workbot.i18n import Language
from workbot.people import Person, roles
from workbot.web.pages import Section

AGENT = "agent:"


@dataclass(frozen=True)
class Viewer:
    """Somebody who looks at the console, with what decides what they may see."""

    person: Person
    roles: frozenset[str]
    leads: bool
    # Whether there is a survey's wave that is theirs to read; which ones is asked wave by wave.
    reads: bool

    @property
    def desks(self) -> tuple[str, ...]:
        """The names of the desks whose agent this is."""
        return tuple(sorted(role.removeprefix(AGENT) for role in self.roles if role.startswith(AGENT)))


Rule = Callable[[Viewer], bool]


def launches_surveys(viewer: Viewer) -> bool:
    """Launching and closing says nothing of reading: whoever may do the one may not therefore do the other."""
    return "hr" in viewer.roles


def follows_surveys(viewer: Viewer) -> bool:
    return launches_surveys(viewer) or viewer.reads


def runs_journeys(viewer: Viewer) -> bool:
    return "hr" in viewer.roles


def follows_journeys(viewer: Viewer) -> bool:
    """HR follow everyone's, managers those of their own people; which ones is asked journey by journey."""
    return "hr" in viewer.roles or viewer.leads


def works_requests(viewer: Viewer) -> bool:
    return bool(viewer.desks)


def sees_people(viewer: Viewer) -> bool:
    return not viewer.roles.isdisjoint({"hr", "admin"})


def sees_definitions(viewer: Viewer) -> bool:
    return sees_people(viewer)


def sees_delivery(viewer: Viewer) -> bool:
    return sees_people(viewer)


def sees_health(viewer: Viewer) -> bool:
    return "admin" in viewer.roles


def has_a_part(viewer: Viewer) -> bool:
    """Whether there is anything in the console for this person at all."""
    rules = (follows_surveys, follows_journeys, works_requests, sees_people)
    return any(rule(viewer) for rule in rules)


def viewer_of(session: Session, person: Person) -> Viewer:
    leads = select(Person.id).where(Person.manager_id == person.id, col(Person.active)).limit(1)
    held = frozenset(roles(session, person))
    return Viewer(person, held, session.exec(leads).first() is not None, pulse.has_waves_for(session, held))


def sections(session: Session, person: Person, lang: Language) -> tuple[Section, ...]:
    """The parts of the console that a person may visit."""
    viewer = viewer_of(session, person)
    doors: tuple[tuple[Rule, str, str], ...] = (
        (has_a_part, lang("Overview"), "/console"),
        (follows_surveys, lang("Surveys"), "/console/surveys"),
        (follows_journeys, lang("Journeys"), "/console/journeys"),
        (works_requests, lang("Requests"), "/console/requests"),
        (sees_people, lang("People"), "/console/people"),
        (sees_delivery, lang("Delivery"), "/console/campaigns"),
        (sees_definitions, lang("Definitions"), "/console/definitions"),
    )
    return tuple(Section(label, url) for rule, label, url in doors if rule(viewer))
