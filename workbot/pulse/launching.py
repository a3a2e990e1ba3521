"""Opening a wave: who is asked and what they are promised is frozen, and what time brings is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert
from sqlmodel import Session, select

from workbot import delivery, jobs
from workbot.definitions import DefinitionVersion, offered
from workbot.errors import WorkbotError
from workbot.i18n import N_
from workbot.people import Person
from workbot.pulse import events, timing
from workbot.pulse.audience import audience, segment_of, zones
from workbot.pulse.definitions import SurveyDefinition
from workbot.pulse.kind import KIND
from workbot.pulse.models import Participation, Wave
from workbot.pulse.promise import promise_text
from workbot.pulse.service import open_wave
from workbot.storage.database import advisory_lock


@dataclass(frozen=True)
class Launch:
    """How a wave is to be opened: from which day on, at what hour, and for whom if not for the audience."""

    now: datetime
    zone: ZoneInfo
    on: date | None = None
    at_once: bool = False
    people: Sequence[Person] | None = None


@dataclass(frozen=True)
class Member:
    """Somebody who is asked, the department they are counted in, and when."""

    person: Person
    path: str
    due_at: datetime


@dataclass(frozen=True)
class Plan:
    """What a launch does: the survey as it stands, from which local day until when, and whom it asks."""

    definition: SurveyDefinition
    version: DefinitionVersion
    first_day: date
    closes_at: datetime
    members: Sequence[Member]

    def opens_at(self, zone: ZoneInfo) -> datetime:
        """When the first of a zone are asked."""
        return timing.local(self.first_day, timing.clock_of(self.definition), zone)


def launch(
    session: Session,
    name: str,
    *,
    zone: ZoneInfo,
    now: datetime,
    on: date | None = None,
    at_once: bool = False,
    people: Sequence[Person] | None = None,
    by: UUID | None = None,
) -> Wave:
    """Open a wave of a survey in the organisation's zone.

    Everyone is asked in their own next morning, or on the morning of the day `on`; `at_once` asks now,
    whatever the hour. `people` asks only those, whatever the audience. `by` is whoever launches it.
    Raises WorkbotError, before anything is written, when a wave for the audience is open already, or when there
    is nobody to ask.
    """
    # Whoever launches it at the same moment waits, and finds it open; numbers have no gap and no double.
    advisory_lock(session.connection(), f"launch {name}")
    how = Launch(now, zone, on, at_once, people)
    if people is None and (running := open_wave(session, name, now=now)):
        message = N_("“{name}” is open already (number {number}). Close it before you launch the next.")
        raise WorkbotError(message, name=name, number=running.number)
    planned = plan(session, name, how)
    if planned.closes_at <= now:
        raise WorkbotError("“{name}” would close before it opens. Launch it earlier in the day.", name=name)
    if not planned.members:
        raise WorkbotError("Nobody belongs to the audience of “{name}”.", name=name)

    wave = _wave(session, planned, how)
    events.record(session, events.LAUNCHED, wave, by=by, now=now)
    session.execute(insert(Participation), [_row(wave, member) for member in planned.members])
    path = f"/console/surveys/{wave.survey}/{wave.number}"
    invited = len(planned.members)
    delivery.begin_campaign(session, wave.subject, planned.definition.title, path=path, expected=invited, now=now)
    _schedule(session, wave, planned.definition)
    return wave


def plan(session: Session, name: str, how: Launch) -> Plan:
    """What a launch would do; raises Gone when there is no such survey, and WorkbotError when it is off."""
    definition, version = offered(session, KIND, name)
    first_day = _first_day(definition, how)
    closes_at = timing.closing(definition, first_day, how.zone)
    members = _members(session, definition, how, first_day, closes_at)
    return Plan(definition, version, first_day, closes_at, members)


def _first_day(definition: SurveyDefinition, how: Launch) -> date:
    if how.at_once:
        return how.now.astimezone(how.zone).date()
    return how.on or timing.next_day(timing.clock_of(definition), how.zone, how.now)


def _members(
    session: Session, definition: SurveyDefinition, how: Launch, first_day: date, closes_at: datetime
) -> list[Member]:
    due = _due(session, definition, how, closes_at)
    if how.people is not None:
        wanted = [(person, segment_of(session, person)) for person in how.people if person.timezone in due]
    else:
        asked_on = {zone: moment.astimezone(ZoneInfo(zone)).date() for zone, moment in due.items()}
        last_day = closes_at.astimezone(how.zone).date()
        wanted = audience(session, definition.audience, asked_on, first_day=first_day, last_day=last_day)
    return [Member(person, path, due[person.timezone]) for person, path in wanted]


def _due(session: Session, definition: SurveyDefinition, how: Launch, closes_at: datetime) -> dict[str, datetime]:
    """When people are asked, by their zone; without those zones in which they could not answer in time."""
    moment = {zone: _asking(definition, ZoneInfo(zone), how, closes_at) for zone in zones(session)}
    return {zone: at for zone, at in moment.items() if at is not None}


def _asking(definition: SurveyDefinition, zone: ZoneInfo, how: Launch, closes_at: datetime) -> datetime | None:
    if how.at_once:
        return how.now
    clock = timing.clock_of(definition)
    day = how.on or timing.next_day(clock, zone, how.now)
    return timing.asking(timing.local(day, clock, zone), how.now, closes_at, zone)


def _wave(session: Session, planned: Plan, how: Launch) -> Wave:
    """Write the wave, with its promise as it stands now."""
    definition, name = planned.definition, planned.definition.name
    highest = session.exec(select(func.max(Wave.number)).where(Wave.survey == name)).one()
    wave = Wave(
        survey=name,
        number=(highest or 0) + 1,
        definition_id=planned.version.id,
        mode=definition.mode,
        k=definition.k,
        comment_k=definition.comment_k,
        readers=" ".join(dict.fromkeys(definition.report.roles)),
        privacy=promise_text(definition),
        zone=how.zone.key,
        at_once=how.at_once,
        first_day=planned.first_day,
        opens_at=how.now,
        closes_at=planned.closes_at,
    )
    session.add(wave)
    session.flush()
    return wave


def _row(wave: Wave, member: Member) -> dict[str, object]:
    flags = dict.fromkeys(("asked", "answered", "done", "reminded", "told_closed"), False)
    return {
        "id": uuid4(),
        "wave_id": wave.id,
        "person_id": member.person.id,
        "segment": member.path,
        "locale": member.person.locale,
        "zone": member.person.timezone,
        "due_at": member.due_at,
        **flags,
    }


def _schedule(session: Session, wave: Wave, definition: SurveyDefinition) -> None:
    """Write what time brings a wave: the asking, a reminder, the close."""
    _write(session, wave, "pulse.ask", wave.opens_at)
    if day := timing.reminding_day(definition, wave.first_day):
        theirs = session.exec(select(Participation.zone).where(Participation.wave_id == wave.id).distinct())
        due = timing.earliest(day, timing.clock_of(definition), theirs)
        if due < wave.closes_at:
            _write(session, wave, "pulse.remind", due)
    _write(session, wave, "pulse.close", wave.closes_at)


def _write(session: Session, wave: Wave, kind: str, due: datetime) -> None:
    payload = {"wave": str(wave.id), "batch": 0}
    jobs.at(session, due, kind, payload, key=f"{kind}:{wave.id}:0", series=wave.subject)
