"""Group commit: units of work that wait at the same moment share one transaction, and one write to the disk.

An embedded database has one writer. Instead of queueing on its lock, units queue here; one thread does
them one after the other and commits them together. Where one of them fails, all is rolled back, and each of
the others is done again by itself: a unit of work may run twice, and only one of them takes effect.

Work that is batched goes further: it is given all that waits for it at once, so that a statement serves
many. A server's database gains by that too.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from workbot.storage.outages import is_locked, is_lost
from workbot.storage.pubsub import announce, published

T = TypeVar("T")

# A group is closed when so many are in it, or when the first of them has waited so long.
LARGEST_GROUP = 64
LONGEST_GROUP_SECONDS = 0.05
# Where there may be more than one group, the next waits so long before it is begun beside one that is held up.
HELD_UP_SECONDS = 0.05
# Another program may hold the lock for longer than the driver waits: an import at the command line.
PATIENCE_SECONDS = 120.0

Work = Callable[[Session], Any]
Batch = Callable[[Session, list[Any]], Sequence[Any]]


@dataclass(slots=True, eq=False)
class Unit:
    """A unit of work, and where its result is awaited.

    `batch` is the work that is done for this `item` and others at once, if it is not a `work` of its own.
    """

    awaited: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    work: Work | None = None
    batch: Batch | None = None
    item: Any = None
    result: Any = None
    error: BaseException | None = None
    published: frozenset[str] = frozenset()

    def settle(self) -> None:
        """Tell whoever waits; they may have gone."""
        if self.awaited.done():
            return
        if self.error is None:
            self.awaited.set_result((self.result, self.published))
        else:
            self.awaited.set_exception(self.error)


class GroupCommit:
    """Threads that write to a database, each a group in one transaction.

    One of them works, since the larger a group is the less each of its units costs; `helpers` go on with what
    waits when it is held up. A database that has one writer has none of them.
    """

    def __init__(self, engine: Engine, *, helpers: int = 0) -> None:
        self.engine = engine
        self._waiting: SimpleQueue[list[Unit] | None] = SimpleQueue()
        self._gathered: dict[asyncio.AbstractEventLoop, list[Unit]] = {}
        # When the group under way was begun, by the monotonic clock; 0 when there is none.
        self._begun_at = 0.0
        self._help_wanted: SimpleQueue[bool] = SimpleQueue()
        self._threads = [threading.Thread(target=self._write, name="db-group", daemon=True)]
        self._threads += [
            threading.Thread(target=self._help, name=f"db-group-{number}", daemon=True)
            for number in range(1, helpers + 1)
        ]
        for thread in self._threads:
            thread.start()

    async def do(self, work: Callable[[Session], T]) -> tuple[T, frozenset[str]]:
        """Have a unit done; what it returned, and the topics published, once that is on the disk."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[tuple[T, frozenset[str]]] = loop.create_future()
        self._gather(Unit(done, loop, work=work), loop)
        return await done

    async def do_batched(
        self, work: Callable[[Session, list[Any]], Sequence[T]], item: object
    ) -> tuple[T, frozenset[str]]:
        """Have a unit done for an item along with the others that wait for the same."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[tuple[T, frozenset[str]]] = loop.create_future()
        self._gather(Unit(done, loop, batch=work, item=item), loop)
        return await done

    def _gather(self, unit: Unit, loop: asyncio.AbstractEventLoop) -> None:
        """Hand a unit over with the others of this turn of the loop: a thread is woken once for all of them."""
        gathered = self._gathered.setdefault(loop, [])
        gathered.append(unit)
        if len(gathered) == 1:
            loop.call_soon(self._hand_over, loop)

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        self._waiting.put(self._gathered.pop(loop))
        if self._begun_at and len(self._threads) > 1:
            loop.call_later(HELD_UP_SECONDS, self._look_after, self._begun_at)

    def _look_after(self, begun_at: float) -> None:
        """Have another thread go on when the group that was under way then still is."""
        if self._begun_at == begun_at:
            self._help_wanted.put(True)

    def close(self) -> None:
        self._waiting.put(None)
        for _ in self._threads:
            self._help_wanted.put(False)
        for thread in self._threads:
            thread.join()

    def _write(self) -> None:
        while (units := self._waiting.get()) is not None:
            self._begun_at = time.monotonic()
            self._settle([*units, *self._waiting_now(LARGEST_GROUP - len(units))])
            self._begun_at = 0.0

    def _help(self) -> None:
        while self._help_wanted.get():
            if units := self._waiting_now(LARGEST_GROUP):
                self._settle(units)

    def _settle(self, units: list[Unit], *, alone: bool = False) -> None:
        """Do units, with those that come to wait meanwhile unless one is to be `alone`, and tell all of them."""
        group = list(units)
        try:
            connection = self._begun()
        except BaseException as error:  # noqa: BLE001  # whatever it is, those who wait must hear of it
            _fail(group, error)
            return
        try:
            with connection:
                self._commit(connection, group, alone=alone)
        except BaseException as error:  # noqa: BLE001  # as above
            # A server that went away in the middle would be away for each of them.
            if len(group) == 1 or is_lost(error):
                _fail(group, error)
                return
            # What ended the transaction, such as a full disk or a refusal, is not the others' doing.
            for one in group:
                self._settle([one], alone=True)
        else:
            _tell(group)

    def _commit(self, connection: Connection, group: list[Unit], *, alone: bool) -> None:
        """Do units in one transaction; `group` grows by those that come to wait meanwhile."""
        closes_at = time.monotonic() + LONGEST_GROUP_SECONDS
        following = list(group)
        while following:
            for run in _runs(following):
                self._do(connection, run)
            is_full = alone or len(group) >= LARGEST_GROUP or time.monotonic() > closes_at
            following = [] if is_full else self._waiting_now(LARGEST_GROUP - len(group))
            group += following
        connection.commit()

    def _begun(self) -> Connection:
        """A connection that holds the lock, however long another program keeps it."""
        gives_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            connection = self.engine.connect()
            try:
                connection.begin()
            except OperationalError as error:
                connection.close()
                # All else that can go wrong here is no better in a moment: whoever asked decides how long to wait.
                if not is_locked(error) or time.monotonic() > gives_up_at:
                    raise
            else:
                return connection

    def _do(self, connection: Connection, run: list[Unit]) -> None:
        """Do a unit, or a batch of them."""
        run = [unit for unit in run if not unit.awaited.cancelled()]
        if not run:
            return
        # No savepoint for each: units seldom fail, and it would cost as much as a short one's own work.
        session = Session(connection, expire_on_commit=False, join_transaction_mode="rollback_only")
        with session, session.begin():
            results = _done(session, run)
            announce(session)
        for unit, result in zip(run, results, strict=True):
            unit.result, unit.published = result, published(session)

    def _waiting_now(self, most: int) -> list[Unit]:
        """Those that wait already, `most` or a few more."""
        found: list[Unit] = []
        with suppress(Empty):
            while len(found) < most:
                units = self._waiting.get_nowait()
                if units is None:
                    # Closing: what is done is committed first.
                    self._waiting.put(None)
                    break
                found += units
        return found


def _done(session: Session, run: list[Unit]) -> Sequence[Any]:
    first = run[0]
    if first.batch:
        return first.batch(session, [unit.item for unit in run])
    assert first.work
    return [first.work(session)]


def _runs(units: Iterable[Unit]) -> Iterator[list[Unit]]:
    """Units in their order, those one after the other in a batch that are of the same work."""
    for batch, run in groupby(units, lambda unit: unit.batch):
        if batch:
            yield list(run)
        else:
            yield from ([unit] for unit in run)


def _fail(units: Sequence[Unit], error: BaseException) -> None:
    for unit in units:
        unit.error = error
    _tell(units)


def _tell(units: Iterable[Unit]) -> None:
    """Tell those who wait: an event loop is woken once for all of its own."""
    homes: defaultdict[asyncio.AbstractEventLoop, list[Unit]] = defaultdict(list)
    for unit in units:
        homes[unit.loop].append(unit)
    for loop, those in homes.items():
        # Whoever waited in a loop that has ended waits no more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle_all, those)


def _settle_all(units: Iterable[Unit]) -> None:
    for unit in units:
        unit.settle()
