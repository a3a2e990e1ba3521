"""Opening a wave: who is asked and what they are promised is frozen, and what time brings is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert
from sqlmodel import Session, select

from workbot import delivery, scheduler
from workbot.definitions import current
from workbot.errors import WorkbotError
from workbot.i18n import N_
from workbot.people import Person
from workbot.pulse import moments
from workbot.pulse.audience import audience, segment_of
from workbot.pulse.definitions import KIND, SurveyDefinition
from workbot.pulse.models import Invitation, Wave
from workbot.pulse.notice import notice
from workbot.pulse.service import open_wave


@dataclass(frozen=True)
class Launch:
    """How a wave is to be opened: from which day on, at what hour, and for whom if not for the audience."""

    now: datetime
    zone: ZoneInfo
    on: date | None = None
    at_once: bool = False
    people: Sequence[Person] | None = None


def launch(
    session: Session,
    name: str,
    *,
    zone: ZoneInfo,
    now: datetime,
    on: date | None = None,
    at_once: bool = False,
    people: Sequence[Person] | None = None,
) -> Wave:
    """Open a wave of a survey in the organisation's zone.

    Everyone is asked in their own next morning, or on the morning of the day `on`; `at_once` asks now,
    whatever the hour. `people` asks only those, whatever the audience. Raises WorkbotError when a wave
    for the audience is open already, or when there is nobody to ask.
    """
    how = Launch(now, zone, on, at_once, people)
    if people is None and (running := open_wave(session, name, now=now)):
        message = N_("“{name}” is open already (number {number}). Close it before you launch the next.")
        raise WorkbotError(message, name=name, number=running.number)

    wave, definition = _wave(session, name, how)
    path = f"/console/surveys/{wave.survey}/{wave.number}"
    invited = _invite(session, wave, definition, how)
    delivery.begin_campaign(session, wave.subject, definition.title, path=path, expected=invited, now=now)
    _schedule(session, wave, definition)
    return wave


def _wave(session: Session, name: str, how: Launch) -> tuple[Wave, SurveyDefinition]:
    definition, version = current(session, KIND, name)
    first_day = _first_day(definition, how)
    closes_at = moments.closing(definition, first_day, how.zone)
    if closes_at <= how.now:
        raise WorkbotError("“{name}” would close before it opens. Launch it earlier in the day.", name=name)
    highest = session.exec(select(func.max(Wave.number)).where(Wave.survey == name)).one()
    wave = Wave(
        survey=name,
        number=(highest or 0) + 1,
        definition_id=version.id,
        mode=definition.mode,
        k=definition.k,
        comment_k=definition.comment_k,
        privacy=notice(definition),
        zone=how.zone.key,
        at_once=how.at_once,
        first_day=first_day,
        opens_at=how.now,
        closes_at=closes_at,
    )
    session.add(wave)
    session.flush()
    return wave, definition


def _first_day(definition: SurveyDefinition, how: Launch) -> date:
    if how.at_once:
        return how.now.astimezone(how.zone).date()
    return how.on or moments.next_day(moments.clock_of(definition), how.zone, how.now)


def _invite(session: Session, wave: Wave, definition: SurveyDefinition, how: Launch) -> int:
    """Freeze the membership, in one statement however many there are; how many."""
    members = _members(session, wave, definition, how)
    if not members:
        raise WorkbotError("Nobody belongs to the audience of “{name}”.", name=wave.survey)
    due = {zone: _due(definition, ZoneInfo(zone), how) for zone in {person.timezone for person, _ in members}}
    session.execute(insert(Invitation), [_row(wave, person, path, due[person.timezone]) for person, path in members])
    return len(members)


def _members(session: Session, wave: Wave, definition: SurveyDefinition, how: Launch) -> list[tuple[Person, str]]:
    if how.people is not None:
        return [(person, segment_of(session, person)) for person in how.people]
    last_day = wave.closes_at.astimezone(how.zone).date()
    return audience(session, definition.audience, first_day=wave.first_day, last_day=last_day)


def _due(definition: SurveyDefinition, zone: ZoneInfo, how: Launch) -> datetime:
    """When people of a zone are asked."""
    if how.at_once:
        return how.now
    clock = moments.clock_of(definition)
    day = how.on or moments.next_day(clock, zone, how.now)
    return max(how.now, moments.local(day, clock, zone))


def _row(wave: Wave, person: Person, path: str, due: datetime) -> dict[str, object]:
    flags = dict.fromkeys(("asked", "answered", "done", "reminded", "told_closed"), False)
    return {
        "id": uuid4(),
        "wave_id": wave.id,
        "person_id": person.id,
        "segment": path,
        "locale": person.locale,
        "zone": person.timezone,
        "due_at": due,
        **flags,
    }


def _schedule(session: Session, wave: Wave, definition: SurveyDefinition) -> None:
    """Write what time brings a wave: the asking, a reminder, the close."""
    _write(session, wave, "pulse.ask", wave.opens_at)
    if day := moments.reminding_day(definition, wave.first_day):
        zones = session.exec(select(Invitation.zone).where(Invitation.wave_id == wave.id).distinct())
        due = moments.earliest(day, moments.clock_of(definition), zones)
        if due < wave.closes_at:
            _write(session, wave, "pulse.remind", due)
    _write(session, wave, "pulse.close", wave.closes_at)


def _write(session: Session, wave: Wave, kind: str, due: datetime) -> None:
    payload = {"wave": str(wave.id), "batch": 0}
    scheduler.at(session, due, kind, payload, key=f"{kind}:{wave.id}:0", series=wave.subject)
