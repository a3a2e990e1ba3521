"""What is due is done once, whatever restarts, and late runs follow the policy they declared."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from workbot import jobs
from workbot.clock import SetClock
from workbot.jobs import MOST_ATTEMPTS, Job, Jobs, Late, Scheduler, at, cancel
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")

MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Bell:
    """A job that rings every day at nine in Toronto, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.failures = 0
        self.lost = 0
        self.jobs = Jobs()
        self.jobs.on("bell")(self.ring)
        self.jobs.renews("bell")(self.renew)

    def ring(self, session: Session, job: Job, *, now: datetime) -> None:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the bell is stuck")
        self.rung.append(job.payload["day"])

    def renew(self, session: Session, job: Job, *, now: datetime) -> None:
        if self.lost:
            self.lost -= 1
            raise RuntimeError("the calendar is lost")
        schedule(session, datetime.fromisoformat(job.payload["day"]) + timedelta(days=1), Late(job.late))


def schedule(session: Session, day: datetime, late: Late = Late.RUN) -> None:
    due = datetime(day.year, day.month, day.day, 9, tzinfo=ZoneInfo("America/Toronto"))
    payload = {"day": due.date().isoformat()}
    at(session, due, "bell", payload, key=f"bell:{due.date()}", late=late, grace=HOUR, series="bell")


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(MONDAY)


@pytest.fixture
def ticking(database: Database, bell: Bell, clock: SetClock) -> Scheduler:
    return Scheduler(database, bell.jobs, clock)


def tick(ticking: Scheduler) -> None:
    asyncio.run(ticking.tick())


def begin(database: Database, late: Late) -> None:
    with database.session() as session:
        schedule(session, MONDAY, late)


def test_a_job_runs_when_it_is_due_and_not_before(
    database: Database, bell: Bell, clock: SetClock, ticking: Scheduler
) -> None:
    begin(database, Late.RUN)

    clock.at = MONDAY - HOUR
    tick(ticking)
    assert bell.rung == []
    clock.at = MONDAY
    tick(ticking)
    tick(ticking)
    assert bell.rung == ["2026-11-23"]


def test_a_key_is_written_once_even_after_it_was_done(
    database: Database, bell: Bell, clock: SetClock, ticking: Scheduler
) -> None:
    begin(database, Late.RUN)
    tick(ticking)
    begin(database, Late.RUN)
    tick(ticking)

    assert bell.rung == ["2026-11-23"]


@pytest.mark.parametrize(
    ("late", "rung"),
    [
        (Late.RUN, ["2026-11-23", "2026-11-24", "2026-11-25"]),
        (Late.COALESCE, ["2026-11-25"]),
    ],
)
def test_after_an_outage_what_was_missed_follows_its_policy(
    database: Database, bell: Bell, clock: SetClock, ticking: Scheduler, late: Late, rung: list[str]
) -> None:
    begin(database, late)

    clock.at = MONDAY + timedelta(days=2, hours=5)
    tick(ticking)
    assert bell.rung == rung

    # And it goes on as if nothing had been.
    clock.at = MONDAY + timedelta(days=3)
    tick(ticking)
    assert bell.rung == [*rung, "2026-11-26"]


def test_the_clock_change_neither_skips_nor_doubles_a_day(
    database: Database, bell: Bell, clock: SetClock, ticking: Scheduler
) -> None:
    start = datetime(2026, 10, 30, tzinfo=UTC)
    with database.session() as session:
        schedule(session, start)

    for hour in range(24 * 5):
        clock.at = start + hour * HOUR
        tick(ticking)

    assert bell.rung == ["2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02", "2026-11-03"]


def test_many_schedulers_run_a_job_once(database: Database, bell: Bell, clock: SetClock) -> None:
    begin(database, Late.RUN)
    several = [Scheduler(database, bell.jobs, clock) for _ in range(10)]

    async def all_at_once() -> None:
        await asyncio.gather(*(one.tick() for one in several))

    asyncio.run(all_at_once())
    assert bell.rung == ["2026-11-23"]


def test_a_job_that_fails_leaves_no_trace_and_is_tried_again(
    database: Database, bell: Bell, clock: SetClock, ticking: Scheduler
) -> None:
    begin(database, Late.RUN)
    bell.failures = 1

    tick(ticking)
    assert bell.rung == []
    clock.at += timedelta(minutes=2)
    tick(ticking)
    assert bell.rung == ["2026-11-23"]


def test_a_job_that_always_fails_is_left_for_a_person_to_see(
    database: Database, bell: Bell, clock: SetClock, ticking: Scheduler
) -> None:
    begin(database, Late.RUN)
    bell.failures = 99
    for _ in range(20):
        tick(ticking)
        clock.at += timedelta(minutes=10)

    with database.session() as session:
        job = session.exec(select(Job).where(Job.due_at == MONDAY)).one()
    assert (job.state, job.attempts) == ("failed", MOST_ATTEMPTS)
    assert "stuck" in job.reason


def test_whatever_a_recurring_job_raises_its_next_occurrence_is_written(
    database: Database, bell: Bell, clock: SetClock, ticking: Scheduler
) -> None:
    begin(database, Late.COALESCE)
    bell.failures = 2 * MOST_ATTEMPTS

    run_for(timedelta(days=3), clock, ticking)

    assert bell.rung == ["2026-11-25", "2026-11-26"]
    assert states(database) == {
        "bell:2026-11-23": "failed",
        "bell:2026-11-24": "failed",
        "bell:2026-11-25": "done",
        "bell:2026-11-26": "done",
        "bell:2026-11-27": "waiting",
    }


def test_a_failure_of_whatever_kind_writes_one_next_occurrence_for_ten_schedulers(
    database: Database, bell: Bell, clock: SetClock
) -> None:
    begin(database, Late.RUN)
    bell.failures = 3
    several = [Scheduler(database, bell.jobs, clock) for _ in range(10)]

    async def all_at_once() -> None:
        await asyncio.gather(*(one.tick() for one in several))

    for _ in range(6):
        asyncio.run(all_at_once())
        clock.at += timedelta(minutes=5)

    assert bell.rung == ["2026-11-23"]
    assert states(database) == {"bell:2026-11-23": "done", "bell:2026-11-24": "waiting"}


def test_what_follows_is_written_later_when_it_could_not_be_at_its_time(
    database: Database, bell: Bell, clock: SetClock, ticking: Scheduler
) -> None:
    begin(database, Late.RUN)
    bell.lost = 30

    run_for(timedelta(days=2), clock, ticking)

    assert bell.rung == ["2026-11-23", "2026-11-24", "2026-11-25"]
    assert states(database)["bell:2026-11-26"] == "waiting"


def test_a_crash_between_writing_the_next_and_the_job_loses_and_doubles_nothing(
    database: Database, bell: Bell, clock: SetClock, ticking: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(database, Late.RUN)

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Scheduler, "_take", dies)
        with pytest.raises(KeyboardInterrupt):
            tick(ticking)
    assert states(database) == {"bell:2026-11-23": "waiting", "bell:2026-11-24": "waiting"}

    tick(Scheduler(database, bell.jobs, clock))
    assert bell.rung == ["2026-11-23"]
    assert states(database) == {"bell:2026-11-23": "done", "bell:2026-11-24": "waiting"}


def test_a_late_job_that_fails_once_is_still_late_when_it_is_tried_again(
    database: Database, bell: Bell, clock: SetClock, ticking: Scheduler
) -> None:
    begin(database, Late.COALESCE)
    bell.failures = 1
    tick(ticking)

    clock.at = MONDAY + timedelta(days=1, hours=5)
    tick(ticking)

    assert bell.rung == ["2026-11-24"]
    assert states(database)["bell:2026-11-23"] == "skipped"


def run_for(span: timedelta, clock: SetClock, ticking: Scheduler) -> None:
    """Let time pass in steps of twenty minutes."""
    end = clock.at + span
    while clock.at < end:
        tick(ticking)
        clock.at += timedelta(minutes=20)
    tick(ticking)


def states(database: Database) -> dict[str, str]:
    """The state of every bell, by its key."""
    with database.session() as session:
        return dict(session.exec(select(Job.key, Job.state).where(Job.kind == "bell").order_by(Job.due_at)).all())


def test_a_cancelled_series_does_not_run(database: Database, bell: Bell, clock: SetClock, ticking: Scheduler) -> None:
    begin(database, Late.RUN)
    with database.session() as session:
        cancel(session, series="bell")
    tick(ticking)

    assert bell.rung == []


def test_apscheduler_wakes_us_by_itself(database: Database, bell: Bell, clock: SetClock) -> None:
    begin(database, Late.RUN)
    ticking = Scheduler(database, bell.jobs, clock)

    async def a_while() -> None:
        ticking.start()
        for _ in range(60):
            await asyncio.sleep(0.1)
            if bell.rung:
                break
        ticking.stop()

    asyncio.run(a_while())
    assert bell.rung == ["2026-11-23"]
    with database.session() as session:
        assert jobs.next_due(session) == MONDAY + timedelta(days=1)
