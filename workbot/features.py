"""What the app can do: every feature's routes, jobs and definitions, joined."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlmodel import Session

from workbot import definitions, onboarding, profile, pulse, requests
from workbot.definitions import Complaint, DefinitionsWrong, FileDefinition, Kind
from workbot.delivery import Disclosures
from workbot.errors import Gone, WorkbotError
from workbot.i18n import N_
from workbot.jobs import Jobs
from workbot.people.calendar import open_default_calendar
from workbot.router import Router
from workbot.settings import Settings

log = structlog.get_logger(__name__)

# Every kind of definition: files, checks, pages and commands go through these.
KINDS: tuple[Kind[Any], ...] = (onboarding.KIND, pulse.KIND, requests.KIND)
# What those who watch over delivery may be told of each feature's messages.
DISCLOSURES: Disclosures = {**onboarding.DISCLOSURES, **pulse.DISCLOSURES, **requests.DISCLOSURES}


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
    onboarding.people_changed(session, now=now)


def kind_called(folder: str) -> Kind[Any]:
    """The kind of definition that a folder holds; raises Gone when there is none of that name."""
    found = next((kind for kind in KINDS if kind.folder == folder), None)
    if found is None:
        raise Gone("There is no “{name}” here.", name=folder)
    return found


def read_definitions(own: Path | None) -> list[FileDefinition[Any]]:
    """Every definition, shipped and own; raises DefinitionsWrong with all that is wrong in any.

    A folder of their own that is not there is refused too: its absence would bring the shipped ones back.
    """
    if own is not None and not own.is_dir():
        raise WorkbotError("WORKBOT_DEFINITIONS names {folder}, which is not a folder.", folder=own)
    found: list[FileDefinition[Any]] = []
    complaints: list[Complaint] = []
    for kind in KINDS:
        try:
            found.extend(definitions.read_files(kind, own).values())
        except DefinitionsWrong as wrong:
            complaints.extend(wrong.complaints)
    if complaints:
        raise DefinitionsWrong(complaints)
    return found


def prepare(session: Session, settings: Settings, *, now: datetime) -> None:
    """Publish what the definitions' files have changed, and see that what they schedule and need is there."""
    # Processes that start at the same moment would all find it missing.
    definitions.lock(session)
    found = read_definitions(settings.definitions)
    for doubt in definitions.across(found):
        # No reason not to start: what runs may be older than the rule.
        log.warning("definition.doubtful", complaint=str(doubt))
    has_folder = any(file.origin == definitions.Origin.FILE for file in found)
    for kind in KINDS:
        files = {file.name: file for file in found if file.kind is kind}
        definitions.follow_files(session, kind, files, has_folder=has_folder, now=now)
    open_default_calendar(session, region=settings.holidays)
    _see_to(session, settings, now=now)


def turn(
    session: Session,
    settings: Settings,
    kind: Kind[Any],
    names: Sequence[str],
    *,
    on: bool,
    by: UUID | None = None,
    now: datetime,
) -> None:
    """Turn definitions on or off; what has begun goes on. Raises Gone when there is none of a name."""
    definitions.lock(session)
    there = [definition.name for definition in definitions.all_current(session, kind)]
    for name in names:
        if name not in there:
            raise _unknown(name, there)
        definitions.turn(session, kind, name, on=on, author=by, now=now)
    if on:
        _require_together(session, kind, names)
    _see_to(session, settings, now=now)


def turn_on_all(session: Session, settings: Settings, *, now: datetime) -> None:
    """Turn on everything there is: for a demo."""
    for kind in KINDS:
        names = [definition.name for definition in definitions.all_current(session, kind)]
        turn(session, settings, kind, names, on=True, now=now)


def _require_together(session: Session, kind: Kind[Any], names: Sequence[str]) -> None:
    """Refuse what cannot be on together with something else that is on."""
    offered = {one.folder: {found.name: found for found in definitions.all_offered(session, one)} for one in KINDS}
    for finding in kind.across(offered):
        if finding.beside and not {finding.name, finding.beside}.isdisjoint(names):
            raise WorkbotError(
                N_("“{name}” and “{other}” cannot both be on: {reason}."),
                name=finding.name,
                other=finding.beside,
                reason=finding.message,
            )


def _see_to(session: Session, settings: Settings, *, now: datetime) -> None:
    """See that there is what is on: the channels of desks and of those with steps, the surveys' next launches."""
    requests.prepare(session, settings, besides=onboarding.desks_with_steps(session))
    pulse.prepare(session, settings, now=now)


def _unknown(name: str, there: Sequence[str]) -> Gone:
    if near := get_close_matches(name, there, n=1):
        return Gone(N_("There is no “{name}” here. Did you mean “{near}”?"), name=name, near=near[0])
    return Gone(N_("There is no “{name}” here. There are: {names}."), name=name, names=", ".join(there))
