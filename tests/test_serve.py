"""`workbot serve`: an app in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.postgres import Server
from tests.terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(tmp_path, monkeypatch)


class Served:
    """`workbot serve` in a process of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        known = {name: value for name, value in os.environ.items() if not name.startswith(("WORKBOT_", "SMTP_"))}
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name("workbot"), "serve"],
            cwd=folder,
            env=known | {"WORKBOT_PORT": str(self.port)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.greeting = self.process.stdout.readline()

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=30)

    def stop(self) -> tuple[int, str]:
        """Interrupt it as Ctrl+C does; its exit status and what it had to say."""
        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


def test_an_app_without_settings_makes_its_own_database_and_is_ready(terminal: Terminal) -> None:
    served = Served(terminal.folder)

    ready, chat = served.get("/readyz"), served.get("/chat")
    status, said = served.stop()

    assert served.greeting == f"workbot is at http://127.0.0.1:{served.port}. Stop it with Ctrl+C.\n"
    assert ready.json() == {"ready": True, "reasons": []}
    assert chat.status_code == 303
    assert status in (0, 130)
    assert "Traceback" not in said


def test_on_an_empty_postgresql_it_serves_and_says_what_is_missing(terminal: Terminal, postgres: Server) -> None:
    served = Served(terminal.folder, DATABASE_URL=postgres.new_database())

    ready, alive = served.get("/readyz"), served.get("/healthz")
    served.stop()

    assert ready.status_code == 503
    assert "run `workbot migrate`" in ready.text
    assert alive.status_code == 200


def test_a_mistake_in_a_definition_keeps_it_from_starting(terminal: Terminal) -> None:
    terminal.write("own/desks/it.yaml", "name: it")
    terminal.set(WORKBOT_DEFINITIONS="own")

    assert "own/desks/it.yaml:1:1: key: this is required and missing" in terminal.fails("serve")


def test_a_folder_of_definitions_that_is_not_there_keeps_it_from_starting(terminal: Terminal) -> None:
    terminal.set(WORKBOT_DEFINITIONS="nowhere")

    assert "WORKBOT_DEFINITIONS names nowhere, which is not a folder." in terminal.fails("serve")


def test_a_database_that_cannot_be_opened_keeps_it_from_starting(terminal: Terminal) -> None:
    terminal.write("lunch.db", "soup and bread\n" * 100)
    terminal.set(DATABASE_URL="sqlite:///lunch.db")

    assert "file is not a database" in terminal.fails("serve")


@pytest.mark.parametrize("command", [["serve"], ["demo", "--port"]])
def test_a_port_that_is_taken_is_named(terminal: Terminal, command: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        terminal.set(WORKBOT_PORT=port)
        said = terminal.fails(*command, *([port] if command[0] == "demo" else []))

    assert said.startswith(f"Port {port} of 127.0.0.1 cannot be used: Address already in use.")
