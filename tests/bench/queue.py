"""What a message costs as the queue grows: claiming a chunk and writing its outcome, with so many rows waiting.

Nothing is sent. The floor is the bare SQL in the same database: a chunk's rows read by their keys, then updated.
"""

from __future__ import annotations

import statistics
import time
from functools import partial

from sqlalchemy import bindparam, insert, literal, select, update
from sqlmodel import Session

from tests.bench.outbox import fill
from tests.postoffice.platform import PostOffice
from workbot import migrate
from workbot.clock import SystemClock
from workbot.delivery.models import TABLE, RateState, State
from workbot.delivery.outcomes import Report
from workbot.delivery.sender import CHUNK, OutboxSender
from workbot.storage.database import Database

SIZES = (1_000, 10_000, 100_000, 1_000_000)
RECIPIENTS = 1_000
# So many chunks are taken before all is as it was, since the smallest queue has no more: the first is not measured.
CHUNKS, TIMES = 2, 5


def run(name: str, url: str) -> None:
    """Let the queue of one database grow, and print what a message costs at each size."""
    migrate.upgrade(url)
    database = Database(url)
    sender = OutboxSender(database, {"post": PostOffice("http://unused")}, SystemClock())
    database.run_here(partial(fill, count=RECIPIENTS))
    database.run_here(_give_lanes)
    print(f"Claiming and settling a message on {name} as the queue grows, against bare reads and updates by key")
    first = 0.0
    for size in SIZES:
        database.run_here(partial(_grow, size=size))
        _analyse(database)
        ours, floor = _measure(database, sender)
        first = first or ours
        cost = f"{ours * 1e6:,.0f} µs a message, {ours / first:.2f} of the first"
        print(f"  {size:>9,} rows: ratio {floor / ours:.2f}, {cost}")
    print()
    database.close()


def _give_lanes(session: Session) -> None:
    now = SystemClock().now()
    session.execute(update(TABLE).values(lane="post"))
    session.add(RateState(lane="post", post_at=now, update_at=now, changed_at=now))


def _grow(session: Session, *, size: int) -> None:
    """Copy the first rows until there are so many; recipients take turns, as in campaigns one after the other."""
    times = size // RECIPIENTS
    have = session.execute(select(TABLE.c.id).order_by(TABLE.c.id.desc()).limit(1)).scalar_one() // RECIPIENTS
    copied = [column for column in TABLE.c if column.name not in ("id", "key", "subject", "state")]
    for number in range(have, times):
        told = (TABLE.c.key + f"-{number}", literal(f"wave-{number}"), literal("queued"))
        rows = select(*told, *copied).where(TABLE.c.id <= RECIPIENTS)
        names = ["key", "subject", "state", *(column.name for column in copied)]
        session.execute(insert(TABLE).from_select(names, rows))


def _analyse(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def _measure(database: Database, sender: OutboxSender) -> tuple[float, float]:
    """Seconds a message: ours and the floor's, measured in turn."""
    ours: list[float] = []
    floor: list[float] = []
    for _ in range(TIMES):
        report: Report | None = None
        for number in range(CHUNKS):
            started = time.perf_counter()
            claimed = database.run_here(
                partial(sender._turn_over, lane="post", most=CHUNK, fewest=CHUNK, report=report)
            )
            taken = (time.perf_counter() - started) / len(claimed.attempts)
            report = Report("post", sender.name, [(attempt, f"r-{attempt.id}") for attempt in claimed.attempts])
            ids = [attempt.id for attempt in claimed.attempts]
            assert len(ids) > CHUNK // 2
            started = time.perf_counter()
            database.run_here(partial(_bare, ids=ids))
            # The first has nothing to settle, and warms the caches of statements.
            if number:
                ours.append(taken)
                floor.append((time.perf_counter() - started) / len(ids))
        database.run_here(_as_it_was)
    return statistics.median(ours), statistics.median(floor)


def _as_it_was(session: Session) -> None:
    gone = TABLE.c.state.in_([State.SENDING.value, State.SENT.value])
    session.execute(update(TABLE).where(gone).values(state=State.QUEUED.value, attempts=0, reference="", claimed_by=""))


def _bare(session: Session, *, ids: list[int]) -> None:
    """A chunk's rows read once and written twice, as they must be: when they are claimed and when they were sent."""
    session.execute(select(TABLE).where(TABLE.c.id.in_(ids))).all()
    change = update(TABLE).where(TABLE.c.id == bindparam("this")).values(attempts=TABLE.c.attempts)
    for _ in range(2):
        session.connection().execute(change, [{"this": number} for number in ids])
