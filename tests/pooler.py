"""A real PgBouncer in transaction mode, where it is installed; `WORKBOT_REQUIRE_PGBOUNCER=1` makes it obligatory."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

SECONDS = 30.0
SETTINGS = """
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = {listening}
auth_type = any
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
logfile = {folder}/log
pidfile = {folder}/pid
"""


def installed() -> str:
    """The program; skips where there is none."""
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found:
        if os.environ.get("WORKBOT_REQUIRE_PGBOUNCER"):
            pytest.fail("pgbouncer is not installed, and WORKBOT_REQUIRE_PGBOUNCER is set")
        pytest.skip("pgbouncer is not installed")
    return found


@contextmanager
def in_front_of(url: str, *, size: int = 3) -> Iterator[str]:
    """The address of a database by way of a PgBouncer with so many connections to it."""
    program, server = installed(), make_url(url)
    with tempfile.TemporaryDirectory(prefix="bouncer") as name:
        folder = Path(name)
        folder.chmod(0o777)
        known = {"host": server.query["host"], "port": server.port or 5432, "user": server.username or "postgres"}
        file = folder / "ini"
        file.write_text(SETTINGS.format(**known, folder=folder, listening=6432, size=size))
        # It refuses to run as root; the server's own user may go where the server listens.
        owner = pwd.getpwuid(Path(str(server.query["host"])).stat().st_uid).pw_name
        user = ["-u", owner] if os.geteuid() == 0 else []
        process = subprocess.Popen([program, "-q", *user, str(file)])
        try:
            _wait_for(folder / ".s.PGSQL.6432")
            query = {"host": name, "port": "6432"}
            yield server.set(query=query, port=None).render_as_string(hide_password=False)
        finally:
            process.terminate()
            process.wait(SECONDS)


def _wait_for(path: Path) -> None:
    gives_up_at = time.monotonic() + SECONDS
    while time.monotonic() < gives_up_at:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as wire:
            wire.connect(str(path))
            return
        time.sleep(0.02)
    raise TimeoutError(f"nobody listens at {path}")
