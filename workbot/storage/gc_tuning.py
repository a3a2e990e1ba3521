"""Memory: how seldom what a process keeps is looked through for garbage that only a collector finds."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread

# So many containers made and not freed, and the newest are looked through. Hundreds of calls under way are tens of
# thousands of containers that live: CPython's own number, 700, has each of them looked at many times over.
NEW_ONES = 20_000


def freeze_startup() -> None:
    """Keep what a process starts with out of the collector's way, and what is new until there is much of it.

    Looking through all modules takes a tenth of a second, and everything waits meanwhile.
    """
    with _interrupted_later():
        gc.collect()
        gc.freeze()
        gc.set_threshold(NEW_ONES)


@contextmanager
def _interrupted_later() -> Iterator[None]:
    """Hear Ctrl+C when this is done: raised in what the collector calls it would be lost, and we would go on."""
    if current_thread() is not main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    for number in came:
        signal.raise_signal(number)
