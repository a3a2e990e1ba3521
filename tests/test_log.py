"""Logs of a process are JSON, line by line, whoever writes them."""

from __future__ import annotations

import json
import subprocess
import sys

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
