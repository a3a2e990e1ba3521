"""Works of one transaction, one after the other: none sees what another left half done; a refusal undoes its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from sqlmodel import Session

from workbot.storage.database import WriteMark, drop_deferred, flush_deferred

I = TypeVar("I")  # noqa: E741  # an item
T = TypeVar("T")


class RetryAlone(Exception):
    """A work has to be done in a transaction of its own: what it did must be undone, or it came twice."""


def in_turn(session: Session, items: Iterable[I]) -> Iterator[tuple[I, bool]]:
    """Each item to be worked on, and whether rows may have changed before it: what was read then is read anew."""
    before, is_written = WriteMark.of(session), False
    for item in items:
        if is_written := is_written or before.is_written_since(session):
            session.flush()
            session.expunge_all()
        yield item, is_written


def refused_untouched(session: Session, work: Callable[[], T], refused: type[Exception]) -> T:
    """Do a work among others; raises RetryAlone where it is refused after it has changed something.

    A savepoint for every work would cost as much as a short one itself.
    """
    before = WriteMark.of(session)
    try:
        return work()
    except refused as error:
        if before.is_changed_since(session):
            raise RetryAlone from error
        raise


def refused_undone(session: Session, work: Callable[[], T], refused: type[Exception]) -> T:
    """Do a work that is alone; what it did before it was refused is undone."""
    before = session.connection().begin_nested()
    try:
        done = work()
        flush_deferred(session)
        session.flush()
        before.commit()
        return done
    except refused:
        drop_deferred(session)
        session.expunge_all()
        before.rollback()
        raise
