"""What time brings: waves open by the local date, people are asked and reminded, waves close."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from workbot import jobs
from workbot.definitions import all_offered, offered
from workbot.errors import WorkbotError
from workbot.jobs import Job, Jobs, Late
from workbot.pulse import notices, opening, reporting
from workbot.pulse.closing import close
from workbot.pulse.definitions import SurveyDefinition
from workbot.pulse.kind import KIND
from workbot.pulse.models import Wave
from workbot.settings import Settings

JOBS = Jobs()
# A wave found this late is launched all the same, unless a newer one of its survey is due.
GRACE = timedelta(hours=2)


def prepare(session: Session, settings: Settings, *, now: datetime) -> None:
    """See that the next launch of every scheduled survey is written; safe at every start."""
    for definition in all_offered(session, KIND):
        if definition.schedule:
            yesterday = now.astimezone(settings.zone).date() - timedelta(days=1)
            _write_launch(session, definition, yesterday, settings.timezone, now=now)


@JOBS.renews("pulse.launch")
def renew(session: Session, job: Job, *, now: datetime) -> None:
    """Write the launch that follows, by local date: no clock change, outage or restart can skip or double one."""
    if definition := _scheduled(session, job.payload["survey"]):
        _write_launch(session, definition, date.fromisoformat(job.payload["day"]), job.payload["zone"])


@JOBS.on("pulse.launch")
def on_launch(session: Session, job: Job, *, now: datetime) -> None:
    """Open the wave of a day, or say why not; nothing to say where its schedule has moved meanwhile."""
    day, zone = date.fromisoformat(job.payload["day"]), ZoneInfo(job.payload["zone"])
    definition = _scheduled(session, job.payload["survey"])
    if definition and definition.schedule and definition.schedule.falls_on(day):
        opening.open_on(session, definition, day, zone, due=job.due_at, now=now)


@JOBS.on("pulse.ask")
def on_ask(session: Session, job: Job, *, now: datetime) -> None:
    if (wave := _wave(session, job)).is_open(now):
        notices.ask(session, wave, job, now=now)


@JOBS.on("pulse.remind")
def on_remind(session: Session, job: Job, *, now: datetime) -> None:
    if (wave := _wave(session, job)).is_open(now):
        notices.remind(session, wave, job, now=now)


@JOBS.on("pulse.close")
def on_close(session: Session, job: Job, *, now: datetime) -> None:
    if (wave := _wave(session, job)).closed_at is None:
        close(session, wave, now=now)


@JOBS.on("pulse.fold")
def on_fold(session: Session, job: Job, *, now: datetime) -> None:
    notices.show_closed(session, _wave(session, job), job, now=now)


@JOBS.on("pulse.report")
def on_report(session: Session, job: Job, *, now: datetime) -> None:
    reporting.tell(session, _wave(session, job), now=now)


def _write_launch(
    session: Session, definition: SurveyDefinition, after: date, zone: str, *, now: datetime | None = None
) -> None:
    """Write the first launch after a day; with `now`, the first that is still to come."""
    assert definition.schedule
    day = definition.schedule.next_after(after)
    while now and opening.due_at(session, definition, day, zone) < now:
        day = definition.schedule.next_after(day)
    jobs.at(
        session,
        opening.due_at(session, definition, day, zone),
        "pulse.launch",
        {"survey": definition.name, "day": day.isoformat(), "zone": zone},
        key=f"pulse.launch:{definition.name}:{day.isoformat()}",
        late=Late.COALESCE,
        grace=GRACE,
        series=f"pulse.launch:{definition.name}",
    )


def _scheduled(session: Session, name: str) -> SurveyDefinition | None:
    """A survey that has a schedule; None too when there is none of that name any more, or it is off."""
    try:
        definition, _version = offered(session, KIND, name)
    except WorkbotError:
        return None
    return definition if definition.schedule else None


def _wave(session: Session, job: Job) -> Wave:
    return session.get_one(Wave, UUID(job.payload["wave"]))
