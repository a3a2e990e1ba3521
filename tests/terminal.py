"""A terminal in a folder of its own: the real command line, without the settings of whoever runs the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import Session
from typer.testing import CliRunner, Result

from tests import blank
from workbot import migrate
from workbot.cli import app
from workbot.storage.database import Database

OURS = ("WORKBOT_", "SMTP_", "DATABASE_")


class Terminal:
    """Runs commands; what they keep lies in its folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        monkeypatch.chdir(folder)
        for name in [name for name in os.environ if name.startswith(OURS)]:
            monkeypatch.delenv(name)
        monkeypatch.setattr(migrate, "upgrade", blank.upgrade)

    def set(self, **environment: object) -> None:
        for name, value in environment.items():
            self._monkeypatch.setenv(name, str(value))

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def run(self, *words: str, typed: str | None = None) -> Result:
        """Run a command; an exception that it lets out is the test's."""
        return CliRunner().invoke(app, words, input=typed, catch_exceptions=False)

    def fails(self, *words: str, typed: str | None = None) -> str:
        """What a command that ends with 1 says about it."""
        result = self.run(*words, typed=typed)
        assert result.exit_code == 1, result.output
        return result.stderr

    def does(self, *words: str, typed: str | None = None) -> str:
        """What a command that succeeds prints."""
        result = self.run(*words, typed=typed)
        assert result.exit_code == 0, result.output
        return result.stdout

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A look into the database that the commands keep without settings."""
        database = Database("sqlite:///.workbot/workbot.db")
        with database.session() as session:
            yield session
        database.close()
