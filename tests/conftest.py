"""What every test may ask for: a fresh database, and a session on it.

A module that should pass on both databases says so:

    DATABASES = ("sqlite", "postgresql")
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import structlog
from ruamel.yaml.comments import CommentedMap
from sqlmodel import Session

import workbot
from tests.blank import BlankFiles, BlankServer, compile_once, spare_the_disk
from tests.postgres import Server
from workbot.definitions import reading
from workbot.storage.database import Database


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    databases = getattr(metafunc.module, "DATABASES", ())
    if databases and "database" in metafunc.fixturenames:
        metafunc.parametrize("database", databases, indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A real PostgreSQL of the test run's own, started when first asked for."""
    with Server() as server:
        yield server


@pytest.fixture(scope="session")
def blank_files(tmp_path_factory: pytest.TempPathFactory) -> BlankFiles:
    return BlankFiles(tmp_path_factory.mktemp("blank"))


@pytest.fixture(scope="session")
def blank_server(postgres: Server) -> BlankServer:
    return BlankServer(postgres)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of the test's own, with the tables of every part that the test imports."""
    on_server = getattr(request, "param", "sqlite") == "postgresql"
    blank: BlankServer | None = request.getfixturevalue("blank_server") if on_server else None
    files: BlankFiles = request.getfixturevalue("blank_files")
    made = Database(blank.copy() if blank else files.copy(tmp_path / "workbot.db"))
    spare_the_disk(made)
    compile_once(made)
    yield made
    made.close()
    if blank:
        blank.give_back(made.url)


@pytest.fixture(scope="session", autouse=True)
def _can_be_interrupted() -> None:
    """A shell has what it runs in the background ignore Ctrl+C, and all that this starts: tests press it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _shipped_definitions_are_parsed_once() -> Iterator[None]:
    """What ships does not change while tests run, and its YAML takes a third of a second to parse."""
    load = reading._load
    shipped = Path(workbot.__file__).parent

    @cache
    def once(file: Path) -> CommentedMap:
        return load(file)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_load", lambda file: (once if shipped in file.parents else load)(file))
        yield


@pytest.fixture(autouse=True)
def _usual_logs() -> Iterator[None]:
    """A command sets up logging for its process; in the tests' own that ends with the test.

    Tracebacks are plain, as the product's are: structlog's own, in frames and colours, take a second each.
    """
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, renderer]
    )
    yield
    structlog.reset_defaults()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session that commits when the test ends; use it for pure services, not beside a `Talk`."""
    with database.session() as opened:
        yield opened
