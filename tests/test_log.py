"""Logs of a process are JSON, line by line, whoever writes them."""

from __future__ import annotations

import errno
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest
import structlog

from workbot import log

PROGRAM = """
import asyncio, logging, warnings, structlog
from workbot import log
log.configure(as_json=False, level=logging.WARNING)
log.configure(as_json=True)
structlog.get_logger().info("ours", reason="a\\nb")
logging.getLogger("uvicorn.error").error("Exception in ASGI application\\n", exc_info=ValueError("theirs"))
logging.getLogger("sqlalchemy").warning("of %s", "two\\nlines")
warnings.warn("old ways")
async def forgotten():
    raise ZeroDivisionError("of a task")
async def main():
    asyncio.create_task(forgotten())
    await asyncio.sleep(0)
asyncio.run(main())
"""


def test_every_line_is_json_whoever_writes_it() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)

    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    said = " ".join(json.dumps(line) for line in lines)
    assert all({"event", "level", "timestamp"} <= line.keys() for line in lines)
    assert lines[0]["event"] == "ours"
    for words in ("ASGI application", "ValueError: theirs", "of two", "old ways", "ZeroDivisionError"):
        assert words in said


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    root = logging.getLogger()
    before = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = before
    logging.captureWarnings(False)
    structlog.reset_defaults()


class Full:
    """Standard error on a disk that is full."""

    tried = 0

    def write(self, text: str) -> int:
        self.tried += 1
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


class Unread(io.StringIO):
    """Standard error that may be closed, and counts what it was given."""

    tried = 0

    def write(self, text: str) -> int:
        self.tried += 1
        return super().write(text)


def fail_in_a_library() -> None:
    try:
        raise RuntimeError("in\ntwo lines")
    except RuntimeError:
        logging.getLogger("uvicorn.error").exception("Exception in %s\nof two lines", "ASGI application")


@pytest.mark.parametrize("as_json", [True, False])
def test_a_log_on_a_full_disk_is_lost_and_nothing_else(monkeypatch: pytest.MonkeyPatch, as_json: bool) -> None:
    log.configure(as_json=as_json)
    full = Full()
    monkeypatch.setattr(sys, "stderr", full)

    structlog.get_logger("workbot").warning("sender.waits")
    fail_in_a_library()

    assert full.tried >= 2


def test_a_log_that_nobody_reads_any_more_is_lost_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    log.configure(as_json=True)
    unread = Unread()
    unread.close()
    monkeypatch.setattr(sys, "stderr", unread)

    structlog.get_logger("workbot").warning("sender.waits")
    fail_in_a_library()

    assert unread.tried >= 2
