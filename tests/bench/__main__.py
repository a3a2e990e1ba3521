"""Every benchmark, each against a bare floor measured in the same run: `make bench`.

The ratio says which share of the floor's speed ours reaches; absolute figures are this machine's only.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from tests.bench import answers, web_turns
from tests.postgres import Server


async def main(folder: Path) -> None:
    postgres = Server(folder / "postgres", durable=True)
    try:
        await answers.run(f"sqlite:///{folder / 'answers.db'}", "SQLite", at_once=1)
        await answers.run(postgres.new_database(), "PostgreSQL", at_once=1)
        await answers.run(postgres.new_database(), "PostgreSQL", at_once=8)
    finally:
        postgres.stop()
    await web_turns.run(folder)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(main(Path(scratch)))
