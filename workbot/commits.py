"""Group commit: units of work that wait at the same moment share one transaction, and one write to the disk.

An embedded database has one writer. Instead of queueing on its lock, units queue here; one thread does
them one after the other and commits them together. Where one of them fails, all is rolled back, and each of
the others is done again by itself: a unit of work may run twice, and only one of them takes effect.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from workbot.bell import rung

# A group is closed when so many are in it, or when the first of them has waited so long.
LARGEST_GROUP = 64
LONGEST_GROUP_SECONDS = 0.05
# Another program may hold the lock for longer than the driver waits: an import at the command line.
PATIENCE_SECONDS = 120.0

Work = Callable[[Session], Any]


@dataclass(slots=True, eq=False)
class Unit:
    """A unit of work, and where its result is awaited."""

    work: Work
    awaited: Future[Any] = field(default_factory=Future)
    result: Any = None
    rung: frozenset[str] = frozenset()


class GroupCommit:
    """The one thread that writes to an embedded database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._waiting: SimpleQueue[Unit | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="db-write", daemon=True)
        self._thread.start()

    def submit(self, work: Work) -> Future[Any]:
        """Have a unit done; its future holds `(result, topics rung)` once it is on the disk."""
        unit = Unit(work)
        self._waiting.put(unit)
        return unit.awaited

    def close(self) -> None:
        self._waiting.put(None)
        self._thread.join()

    def _write(self) -> None:
        while (unit := self._waiting.get()) is not None:
            self._settle(unit)

    def _settle(self, unit: Unit, *, alone: bool = False) -> None:
        """Do a unit, with those that come to wait meanwhile unless it is to be `alone`, and tell all of them."""
        group: list[Unit] = []
        try:
            self._commit(unit, group, alone=alone)
        except BaseException as error:  # noqa: BLE001  # whatever it is, those who wait must hear of it
            # What ended the transaction, such as a full disk or a refusal, is not the others' doing.
            for one in group if not alone else ():
                self._settle(one, alone=True)
            if not unit.awaited.done():
                unit.awaited.set_exception(error)
        else:
            for one in group:
                one.awaited.set_result((one.result, one.rung))

    def _commit(self, unit: Unit, group: list[Unit], *, alone: bool) -> None:
        """Do units in one transaction; `group` names those whose effect it holds."""
        with self._begun() as connection:
            closes_at = time.monotonic() + LONGEST_GROUP_SECONDS
            following: Unit | None = unit
            while following is not None:
                self._do(connection, following, group)
                is_full = alone or len(group) >= LARGEST_GROUP or time.monotonic() > closes_at
                following = None if is_full else self._next()
            connection.commit()

    def _begun(self) -> Connection:
        """A connection that holds the lock, however long another program keeps it."""
        gives_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            connection = self.engine.connect()
            try:
                connection.begin()
            except OperationalError:
                connection.close()
                if time.monotonic() > gives_up_at:
                    raise
            else:
                return connection

    def _do(self, connection: Connection, unit: Unit, group: list[Unit]) -> None:
        if not (unit.awaited.running() or unit.awaited.set_running_or_notify_cancel()):
            return
        try:
            # No savepoint for each: units seldom fail, and it would cost as much as a short one's own work.
            with Session(connection, expire_on_commit=False, join_transaction_mode="rollback_only") as session:
                with session.begin():
                    unit.result = unit.work(session)
                unit.rung = rung(session)
        except BaseException as error:
            unit.awaited.set_exception(error)
            raise
        else:
            group.append(unit)

    def _next(self) -> Unit | None:
        try:
            unit = self._waiting.get_nowait()
        except Empty:
            return None
        if unit is None:
            # Closing: what is done is committed first.
            self._waiting.put(None)
        return unit
