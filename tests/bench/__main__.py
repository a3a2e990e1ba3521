"""Every benchmark, each against a bare floor measured in the same run: `make bench`.

The ratio says which share of the floor's speed ours reaches; absolute figures are this machine's only.
"""

from __future__ import annotations

import asyncio
import tempfile
from itertools import count
from pathlib import Path

from tests.bench import answers, outbox, queue, refusals, slack_turns, teams_turns, web_turns
from tests.postgres import Server
from workbot import log


def main(folder: Path) -> None:
    log.configure(as_json=True)
    names = count()

    def new_file() -> str:
        return f"sqlite:///{folder / f'{next(names)}.db'}"

    with Server(durable=True) as postgres:
        asyncio.run(answers.run(new_file(), "SQLite", at_once=1))
        asyncio.run(answers.run(postgres.new_database(), "PostgreSQL", at_once=1))
        asyncio.run(answers.run(postgres.new_database(), "PostgreSQL", at_once=8))
        outbox.run("SQLite", new_file, workers=1)
        outbox.run("PostgreSQL", postgres.new_database, workers=1)
        outbox.run("PostgreSQL", postgres.new_database, workers=2)
        queue.run("SQLite", new_file())
        queue.run("PostgreSQL", postgres.new_database())
        asyncio.run(slack_turns.run(new_file(), "SQLite"))
        asyncio.run(slack_turns.run(postgres.new_database(), "PostgreSQL"))
        asyncio.run(teams_turns.run(new_file(), "SQLite"))
        asyncio.run(teams_turns.run(postgres.new_database(), "PostgreSQL"))
    asyncio.run(web_turns.run(folder))
    refusals.run()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(Path(scratch))
