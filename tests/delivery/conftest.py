"""What the tests of delivery share."""

from __future__ import annotations

import pytest

from workbot.delivery import sending

AN_HOUR = 3600.0


@pytest.fixture(autouse=True)
def _in_no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pace is that of made-up time: a machine held up in real time must not cost a message its slot."""
    monkeypatch.setattr(sending, "LATE_SECONDS", AN_HOUR)
