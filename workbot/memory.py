"""Memory: how seldom what a process keeps is looked through for garbage that only a collector finds."""

from __future__ import annotations

import gc

# So many containers made and not freed, and the newest are looked through. Hundreds of calls under way are tens of
# thousands of containers that live: CPython's own number, 700, has each of them looked at many times over.
NEW_ONES = 20_000


def settle() -> None:
    """Keep what a process starts with out of the collector's way, and what is new until there is much of it.

    Looking through all modules takes a tenth of a second, and everything waits meanwhile.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_ONES)
