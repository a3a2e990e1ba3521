"""Surveys among the definitions: their templates, and what is wrong with one beside the desks and the people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from sqlmodel import Session, col, select

from workbot.definitions import Everything, Finding, Kind
from workbot.people import Department, Person
from workbot.pulse.audience import has_members, is_inside
from workbot.pulse.definitions import SurveyDefinition

FOLDER = "surveys"
AGENT = "agent:"


def _across(everything: Everything) -> Iterator[Finding]:
    """Readers who are agents of desks that there are not."""
    for survey in everything.get(FOLDER, {}).values():
        if isinstance(survey, SurveyDefinition):
            for number, role in enumerate(survey.report.roles):
                desk = role.removeprefix(AGENT)
                if desk != role and desk not in everything.get("desks", {}):
                    message = f"report.roles[{number + 1}]: nobody can hold {role!r}: there is no desk {desk!r}"
                    yield Finding(survey.name, ("report", "roles", number), message)


def _against(session: Session, survey: SurveyDefinition, today: date) -> Iterator[Finding]:
    """Departments in which nobody is, and audiences without anybody."""
    counted = select(Department.path).join(Person).where(col(Person.active)).distinct()
    paths = session.exec(counted).all()
    empty = [
        (number, top)
        for number, top in enumerate(survey.audience.departments)
        if not any(is_inside(path, top) for path in paths)
    ]
    for number, top in empty:
        message = f"audience.departments[{number + 1}]: nobody is in {top!r}"
        yield Finding(survey.name, ("audience", "departments", number), message)
    if not empty and not has_members(session, survey.audience, today=today):
        yield Finding(survey.name, ("audience",), "audience: nobody is in it at this moment")


KIND = Kind(
    FOLDER,
    SurveyDefinition,
    Path(__file__).parent / "surveys",
    title=lambda lang: lang("Surveys"),
    counted=lambda lang, count: lang.plural("{count} survey", "{count} surveys", count),
    across=_across,
    against=_against,
)
