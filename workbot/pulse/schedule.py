"""What time brings: waves open by the local date, people are asked and reminded, waves close."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session, col, select

from workbot import scheduler
from workbot.definitions import all_current
from workbot.people import Person
from workbot.pulse import asking, moments, reporting, service
from workbot.pulse.definitions import KIND, SurveyDefinition
from workbot.pulse.launching import launch
from workbot.pulse.models import Wave
from workbot.scheduler import Job, Jobs, Late
from workbot.settings import Settings

JOBS = Jobs()
# A wave found this late is launched all the same, unless a newer one of its survey is due.
GRACE = timedelta(hours=2)
# A wave found late, after an outage, with less time than this left for answers is not worth asking for.
SHORTEST = timedelta(hours=12)

log = structlog.get_logger(__name__)


def prepare(session: Session, settings: Settings, *, now: datetime) -> None:
    """See that the next launch of every scheduled survey is written; safe at every start."""
    for definition in all_current(session, KIND):
        if definition.schedule:
            yesterday = now.astimezone(settings.zone).date() - timedelta(days=1)
            _write_launch(session, definition, yesterday, settings.timezone, now=now)


@JOBS.renews("pulse.launch")
def renew(session: Session, job: Job, *, now: datetime) -> None:
    """Write the launch that follows, by local date: no clock change, outage or restart can skip or double one."""
    definition = _scheduled(session, job.payload["survey"])
    if definition:
        _write_launch(session, definition, date.fromisoformat(job.payload["day"]), job.payload["zone"])


@JOBS.on("pulse.launch")
def on_launch(session: Session, job: Job, *, now: datetime) -> None:
    """Open the wave of a day, unless its schedule has moved, its time is over or the last is still open."""
    day, zone = date.fromisoformat(job.payload["day"]), ZoneInfo(job.payload["zone"])
    definition = _scheduled(session, job.payload["survey"])
    if definition is None or definition.schedule is None or not definition.schedule.falls_on(day):
        return
    if moments.closing(definition, day, zone) - now < SHORTEST:
        log.info("pulse.launch_too_late", survey=definition.name, day=day.isoformat())
    elif service.open_wave(session, definition.name, now=now):
        log.info("pulse.launch_while_open", survey=definition.name, day=day.isoformat())
    else:
        launch(session, definition.name, zone=zone, now=now, on=day)


@JOBS.on("pulse.ask")
def on_ask(session: Session, job: Job, *, now: datetime) -> None:
    if (wave := _wave(session, job)).is_open(now):
        asking.ask(session, wave, job, now=now)


@JOBS.on("pulse.remind")
def on_remind(session: Session, job: Job, *, now: datetime) -> None:
    if (wave := _wave(session, job)).is_open(now):
        asking.remind(session, wave, job, now=now)


@JOBS.on("pulse.close")
def on_close(session: Session, job: Job, *, now: datetime) -> None:
    if (wave := _wave(session, job)).closed_at is None:
        service.close(session, wave, now=now)


@JOBS.on("pulse.fold")
def on_fold(session: Session, job: Job, *, now: datetime) -> None:
    asking.fold(session, _wave(session, job), job, now=now)


@JOBS.on("pulse.report")
def on_report(session: Session, job: Job, *, now: datetime) -> None:
    reporting.tell(session, _wave(session, job), now=now)


def _write_launch(
    session: Session, definition: SurveyDefinition, after: date, zone: str, *, now: datetime | None = None
) -> None:
    """Write the first launch after a day; with `now`, the first that is still to come."""
    assert definition.schedule
    zones = {zone, *session.exec(select(Person.timezone).where(col(Person.active)).distinct())}
    day = definition.schedule.next_after(after)
    # It opens when the morning comes to the first of all people; each is then asked in their own.
    while now and moments.earliest(day, definition.schedule.clock, zones) < now:
        day = definition.schedule.next_after(day)
    scheduler.at(
        session,
        moments.earliest(day, definition.schedule.clock, zones),
        "pulse.launch",
        {"survey": definition.name, "day": day.isoformat(), "zone": zone},
        key=f"pulse.launch:{definition.name}:{day.isoformat()}",
        late=Late.COALESCE,
        grace=GRACE,
        series=f"pulse.launch:{definition.name}",
    )


def _scheduled(session: Session, name: str) -> SurveyDefinition | None:
    return next((found for found in all_current(session, KIND) if found.name == name and found.schedule), None)


def _wave(session: Session, job: Job) -> Wave:
    return session.get_one(Wave, UUID(job.payload["wave"]))
