"""The demo as its visitors meet it: a process that serves a folder, and a database to look into."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from workbot.storage.database import Database

COMMAND = Path(sys.executable).with_name("workbot")


@dataclass
class City:
    """A demo that runs: where it keeps things, where it answers, and the process itself."""

    folder: Path
    url: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(folder: Path) -> Iterator[City]:
    """Run `workbot demo` until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    command = [str(COMMAND), "demo", "--port", str(port), "--folder", str(folder)]
    process = subprocess.Popen(command, cwd=folder.parent, stdout=subprocess.PIPE, text=True)
    try:
        city = City(folder, f"http://127.0.0.1:{port}", process)
        _until_it_answers(city)
        yield city
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _until_it_answers(city: City) -> None:
    retrying = httpx.HTTPTransport(retries=6)
    with httpx.Client(transport=retrying, timeout=30) as client:
        assert client.get(f"{city.url}/readyz").json()["ready"], city.folder


@contextmanager
def records(folder: Path) -> Iterator[Database]:
    """The database of a city."""
    database = Database(f"sqlite:///{folder / 'workbot.db'}")
    yield database
    database.close()
