"""What a process starts with is looked through once, and whoever stops it meanwhile is heard."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator

import pytest

from workbot.storage import gc_tuning


@pytest.fixture(autouse=True)
def _usual_collector() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


class Interrupting:
    """Is interrupted as it goes, and only a collector can find it."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def test_who_is_interrupted_while_memory_is_looked_through_stops() -> None:
    Interrupting()

    with pytest.raises(KeyboardInterrupt):
        gc_tuning.freeze_startup()

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
