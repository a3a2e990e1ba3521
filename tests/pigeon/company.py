"""An organisation that has installed the app and, beside it, a package with the pigeons."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from sqlmodel import Session

from tests.terminal import OURS
from workbot.storage.database import Database

ROOT = Path(__file__).resolve().parents[2]
SECRET = "coo-coo"
KEEPER = {"Authorization": f"Bearer {SECRET}"}
ENTRY_POINT = "[workbot.platforms]\npigeon = tests.pigeon.plugin:PLUGIN\n"


class Company:
    """Runs the real command line in a folder of its own; `url` is that of its database."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder = folder
        self.url = url or f"sqlite:///{folder / 'workbot.db'}"
        self.packages = folder / "packages"
        self.packages.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]

    def install(self) -> None:
        """What pip writes down of a package: its name, and what it offers."""
        told = self.packages / "pigeon-1.0.dist-info"
        told.mkdir()
        (told / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeon\nVersion: 1.0\n")
        (told / "entry_points.txt").write_text(ENTRY_POINT)

    def uninstall(self) -> None:
        self.packages.rename(self.folder / "thrown away")

    def workbot(self, *words: str, fails: bool = False, **environment: str) -> str:
        """What a command prints."""
        run = subprocess.run([*self._command(), *words], **self._where(environment), capture_output=True, check=False)
        assert run.returncode == int(fails), run.stdout + run.stderr
        return str(run.stdout) + str(run.stderr)

    @contextmanager
    def serving(self, **environment: str) -> Iterator[httpx.Client]:
        """Serve the app; yields what speaks to it."""
        where = self._where(environment)
        with subprocess.Popen([*self._command(), "serve"], **where, stdout=subprocess.PIPE) as process:
            try:
                assert process.stdout
                assert process.stdout.readline().startswith("workbot is at ")
                with httpx.Client(
                    base_url=f"http://127.0.0.1:{self.port}", timeout=30, follow_redirects=True
                ) as client:
                    yield client
            finally:
                process.terminate()

    @contextmanager
    def session(self) -> Iterator[Session]:
        database = Database(self.url)
        with database.session() as session:
            yield session
        database.close()

    def _command(self) -> list[str]:
        return [str(Path(sys.executable).with_name("workbot"))]

    def _where(self, environment: dict[str, str]) -> dict[str, object]:
        ours = {"DATABASE_URL": self.url, "WORKBOT_PORT": str(self.port), "PIGEON_SECRET": SECRET}
        path = os.pathsep.join((str(self.packages), str(ROOT)))
        others = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return {"cwd": self.folder, "env": others | ours | {"PYTHONPATH": path} | environment, "text": True}
