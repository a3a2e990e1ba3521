"""What the app can do: every feature's routes, jobs and definitions, joined."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from workbot import definitions, onboarding, profile, pulse, requests
from workbot.definitions import Complaint, Definition, DefinitionsWrong, Kind
from workbot.errors import WorkbotError
from workbot.jobs import Jobs
from workbot.people.calendar import open_default_calendar
from workbot.router import Router
from workbot.settings import Settings
from workbot.storage.database import advisory_lock

KINDS: tuple[Kind[Any], ...] = (onboarding.KIND, pulse.KIND, requests.KIND)


def router() -> Router:
    """Everything a person can do, in the order `help` lists it."""
    joined = Router()
    for feature in (requests, onboarding, pulse, profile):
        joined.include(feature.ROUTER)
    joined.include(profile.help_about(joined))
    return joined


def jobs() -> Jobs:
    """Everything that time brings."""
    joined = Jobs()
    for feature in (requests, onboarding, pulse):
        joined.include(feature.JOBS)
    return joined


def people_changed(session: Session, *, now: datetime) -> None:
    """Let the features follow what a directory has changed of people, in the transaction of the change."""
    onboarding.service.people_changed(session, now=now)


def read_definitions(own: Path | None) -> list[tuple[Kind[Any], Definition]]:
    """Every definition, shipped and own; raises DefinitionsWrong with all that is wrong in any.

    A folder of their own that is not there is refused too: its absence would bring the shipped ones back.
    """
    if own is not None and not own.is_dir():
        raise WorkbotError("WORKBOT_DEFINITIONS names {folder}, which is not a folder.", folder=own)
    found: list[tuple[Kind[Any], Definition]] = []
    complaints: list[Complaint] = []
    for kind in KINDS:
        try:
            found.extend((kind, definition) for definition in definitions.read_all(kind, own).values())
        except DefinitionsWrong as wrong:
            complaints.extend(wrong.complaints)
    if complaints:
        raise DefinitionsWrong(complaints)
    return found


def prepare(session: Session, settings: Settings, *, now: datetime) -> None:
    """Publish the definitions and see that what they schedule and need is there."""
    # Processes that start at the same moment would all find it missing.
    advisory_lock(session.connection(), "prepare")
    for kind, definition in read_definitions(settings.definitions):
        definitions.publish(session, kind, definition, now=now)
    open_default_calendar(session, region=settings.holidays)
    requests.prepare(session, settings, now=now)
    pulse.prepare(session, settings, now=now)
