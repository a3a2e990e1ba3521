"""What is due when: rows, claimed in the transaction of their effect; APScheduler only wakes us.

A feature writes a job with `at(...)` in the transaction of whatever makes it necessary, and names
what runs it with `@jobs.on(kind)`. The claim and the effect are one transaction: a crash leaves the
job waiting, a second process finds it taken. Recurring things write their next job by local date, so that
a clock change neither skips nor doubles one, and before they run, in a transaction of its own: whatever
becomes of one occurrence, there is a next. What could not be written then is a job itself, and never given up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import UUID

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import JSON, Index, func, type_coerce, update
from sqlmodel import Field, Session, col, or_, select

from workbot.clock import Clock
from workbot.errors import DatabaseAway
from workbot.storage.database import Database, Row, UtcDateTime

TICK_SECONDS = 1
BATCH = 50
MOST_ATTEMPTS = 5
# What fails is tried again after so many minutes as it has failed, and at least this often.
LONGEST_PAUSE = timedelta(hours=1)
# The kind of job that writes what follows another, when that could not be done at its time.
RENEWAL = "scheduler.renew"

log = structlog.get_logger(__name__)


class Late(StrEnum):
    """What to do with a job found later than its grace: run it all the same, or run only the newest of its series."""

    RUN = "run"
    COALESCE = "coalesce"


class Job(Row, table=True):
    """Something to do at a moment, once. `series` is what `coalesce` looks over.

    `due_at` is when it was meant, whatever happens; `retry_at` when it is tried again after it failed.
    """

    __table_args__ = (Index("job_due", "state", "due_at"),)

    key: str = Field(unique=True)
    kind: str
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    due_at: datetime = Field(sa_type=UtcDateTime)
    retry_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    late: str = Late.RUN
    grace_seconds: int = 3600
    series: str = ""
    state: str = "waiting"
    attempts: int = 0
    reason: str = ""
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class JobHandler(Protocol):
    """Does what is due, in the transaction that marks the job done. `job.due_at` is when it was meant."""

    def __call__(self, session: Session, job: Job, *, now: datetime) -> None: ...


H = TypeVar("H", bound=JobHandler)


@dataclass
class Jobs:
    """Which function runs which kind of job: each feature fills one."""

    handlers: dict[str, JobHandler] = field(default_factory=dict)
    renewals: dict[str, JobHandler] = field(default_factory=dict)

    def on(self, kind: str) -> Callable[[H], H]:
        def register(handler: H) -> H:
            self.handlers[kind] = handler
            return handler

        return register

    def renews(self, kind: str) -> Callable[[H], H]:
        """Name what writes the next job of a recurring kind; it may run more than once, and whatever the job does."""

        def register(handler: H) -> H:
            self.renewals[kind] = handler
            return handler

        return register

    def include(self, other: Jobs) -> None:
        self.handlers.update(other.handlers)
        self.renewals.update(other.renewals)


def at(
    session: Session,
    due: datetime,
    kind: str,
    payload: dict[str, Any],
    *,
    key: str,
    late: Late = Late.RUN,
    grace: timedelta = timedelta(hours=1),
    series: str = "",
) -> bool:
    """Write a job; False when `key` was written before, done or not."""
    session.flush()
    if session.exec(select(Job.id).where(Job.key == key)).first():
        return False
    session.add(
        Job(
            key=key,
            kind=kind,
            payload=payload,
            due_at=due,
            late=late,
            grace_seconds=int(grace.total_seconds()),
            series=series,
        )
    )
    return True


def cancel(session: Session, *, series: str) -> None:
    """Take back the waiting jobs of a series."""
    session.execute(update(Job).where(col(Job.series) == series, col(Job.state) == "waiting").values(state="cancelled"))


def next_due(session: Session) -> datetime | None:
    """When the next job is due, or is tried again."""
    moment = func.min(func.coalesce(Job.retry_at, Job.due_at))
    return session.exec(select(type_coerce(moment, UtcDateTime)).where(Job.state == "waiting")).one()


def metrics(session: Session, *, now: datetime) -> Iterable[Metric]:
    """A gauge, the same in every process: how late the clock is."""
    due = next_due(session)
    late = GaugeMetricFamily("workbot_jobs_late_seconds", "For how long the oldest job that is due has been so")
    late.add_metric([], max(0.0, (now - due).total_seconds()) if due else 0.0)
    return [late]


class Scheduler:
    """Runs due jobs; woken every second by APScheduler, or by hand in tests and simulations."""

    def __init__(self, database: Database, jobs: Jobs, clock: Clock) -> None:
        self.database = database
        self.jobs = jobs
        self.clock = clock
        self._ticks = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        self._ticks.add_job(
            self._wake_up, "interval", seconds=TICK_SECONDS, coalesce=True, max_instances=1, misfire_grace_time=None
        )
        self._ticks.start()

    def stop(self) -> None:
        if self._ticks.running:
            self._ticks.shutdown(wait=False)

    async def _wake_up(self) -> None:
        try:
            await self.tick()
        except DatabaseAway as error:
            # What is due stays so, and is found by the next tick.
            log.warning("scheduler.waits", reason=error.reason)

    async def tick(self) -> int:
        """Run everything that is due now; how many jobs were taken. Raises DatabaseAway."""
        taken = 0
        while due := await self.database.read(partial(_due, now=self.clock.now())):
            for job in due:
                await self._run(job)
            taken += len(due)
        return taken

    async def _run(self, job: Job) -> None:
        try:
            if job.kind in self.jobs.renewals:
                await self._renew(job)
            await self.database.run(partial(self._take, job=job))
        except DatabaseAway:
            # Not the job's doing: it does not count as one of its attempts.
            raise
        except Exception as error:
            log.exception("job.failed", job=job.key, kind=job.kind)
            await self.database.run(partial(_put_off, job=job, error=error, now=self.clock.now()))

    async def _renew(self, job: Job) -> None:
        """Write what follows a recurring job, apart from the job: neither can undo the other."""
        try:
            await self.database.run(partial(self._write_next, job=job))
        except Exception:
            log.exception("job.renewal_failed", job=job.key, kind=job.kind)
            await self.database.run(partial(_owe, job=job, now=self.clock.now()))

    def _write_next(self, session: Session, *, job: Job) -> None:
        if hold(session, job):
            self.jobs.renewals[job.kind](session, job, now=self.clock.now())

    def _take(self, session: Session, *, job: Job) -> None:
        session.info["trace"] = job.id.hex[:8]
        now = self.clock.now()
        if not claim(session, job, now=now):
            return
        if reason := too_late(session, job, now=now):
            session.execute(update(Job).where(col(Job.id) == job.id).values(state="skipped", reason=reason))
            log.info("job.skipped", job=job.key, reason=reason)
        else:
            self._handler(job.kind)(session, job, now=now)

    def _handler(self, kind: str) -> JobHandler:
        return self._make_up if kind == RENEWAL else self.jobs.handlers[kind]

    def _make_up(self, session: Session, job: Job, *, now: datetime) -> None:
        """Write what follows another job, which could not be done at its time."""
        owing = session.get_one(Job, UUID(job.payload["job"]))
        if renew := self.jobs.renewals.get(owing.kind):
            renew(session, owing, now=now)


def hold(session: Session, job: Job) -> bool:
    """Keep others from a waiting job until this transaction ends; False when it waits no more."""
    waiting = select(Job.id).where(Job.id == job.id, Job.state == "waiting").with_for_update()
    return session.exec(waiting).first() is not None


def claim(session: Session, job: Job, *, now: datetime) -> bool:
    """Take a waiting job for this transaction; False when another has it."""
    taken = session.execute(
        update(Job).where(col(Job.id) == job.id, col(Job.state) == "waiting").values(state="done", done_at=now)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def too_late(session: Session, job: Job, *, now: datetime) -> str:
    """Why a job is not worth running any more under its declared policy; empty when it is."""
    late = now - job.due_at > timedelta(seconds=job.grace_seconds)
    if not late or job.late == Late.RUN:
        return ""
    session.flush()
    newer = session.exec(
        select(Job.id).where(
            # Also one that another process has taken meanwhile.
            Job.series == job.series,
            Job.state != "cancelled",
            Job.due_at > job.due_at,
            Job.due_at <= now,
        )
    ).first()
    return "a newer one of its series is due" if newer else ""


def _due(session: Session, *, now: datetime) -> list[Job]:
    is_due = (Job.state == "waiting", Job.due_at <= now, or_(col(Job.retry_at).is_(None), col(Job.retry_at) <= now))
    return list(session.exec(select(Job).where(*is_due).order_by(col(Job.due_at)).limit(BATCH)))


def _owe(session: Session, *, job: Job, now: datetime) -> None:
    """Have what follows a job written later: a job of its own, so that the job itself need not wait for it."""
    if hold(session, job):
        due = now + timedelta(minutes=1)
        at(session, due, RENEWAL, {"job": str(job.id)}, key=f"{RENEWAL}:{job.key}")


def _put_off(session: Session, *, job: Job, error: Exception, now: datetime) -> None:
    """Try a failed job again in a minute, a few times; then leave it as failed for a person to see.

    A series is never left to end: what writes its next job is tried until it can be done.
    """
    attempts = job.attempts + 1
    pause = min(timedelta(minutes=attempts), LONGEST_PAUSE)
    is_given_up = attempts >= MOST_ATTEMPTS and job.kind != RENEWAL
    session.execute(
        update(Job)
        .where(col(Job.id) == job.id, col(Job.state) == "waiting")
        .values(
            attempts=attempts, reason=repr(error), **({"state": "failed"} if is_given_up else {"retry_at": now + pause})
        )
    )
