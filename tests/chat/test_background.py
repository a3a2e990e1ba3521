"""What goes on beside an answer: finished before we go, and logged where it comes to nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from structlog.testing import capture_logs

from workbot.chat import background
from workbot.chat.background import Background
from workbot.errors import DeliveryError, WorkbotError


def run(*work: Coroutine[Any, Any, None]) -> list[Any]:
    async def go() -> None:
        beside = Background("pigeon", (ConnectionError,), lambda error: "no_wind")
        for each in work:
            beside.later(each)
        await beside.close()

    with capture_logs() as logs:
        asyncio.run(go())
    return logs


async def fail(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "reason"),
    [(DeliveryError("full"), "full"), (ConnectionError("who"), "no_wind"), (WorkbotError("Words."), "no_wind")],
)
def test_a_reply_that_is_lost_is_logged_under_its_platform(error: Exception, reason: str) -> None:
    assert run(fail(error)) == [{"event": "pigeon.reply_lost", "reason": reason, "log_level": "warning"}]


def test_a_fault_of_ours_is_logged_with_where_it_is() -> None:
    (logged,) = run(fail(KeyError("x")))

    assert (logged["event"], logged["log_level"], logged["exc_info"]) == ("pigeon.reply_failed", "error", True)


def test_what_is_begun_by_what_goes_on_is_finished_too() -> None:
    done = []

    async def go() -> None:
        beside = Background("pigeon", (), str)

        async def second() -> None:
            await asyncio.sleep(0.01)
            done.append("second")

        async def first() -> None:
            await asyncio.sleep(0.01)
            beside.later(second())

        beside.later(first())
        await beside.close()

    asyncio.run(go())

    assert done == ["second"]


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "FAREWELL_SECONDS", 0.02)

    assert run(asyncio.sleep(3600)) == []
