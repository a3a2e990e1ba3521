from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import chromium, look  # noqa: F401  # fixtures
from tests.demo.city import City, serving

WEEKS = 2
MAKE = f"""
import sys
from pathlib import Path
from workbot import demo
demo.make(Path(sys.argv[1]), 8080, print, weeks={WEEKS})
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city with two weeks of history, as the first start of the demo leaves it; look, do not touch."""
    # One for all workers, whose own folders lie in the run's: it takes ten seconds.
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    folder = (tmp_path_factory.getbasetemp().parent if worker else tmp_path_factory.getbasetemp()) / "made" / "demo"
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            # In a process of its own: the demo sets the environment that its mail reads.
            subprocess.run([sys.executable, "-c", MAKE, str(folder)], check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of the made city, to do with as one likes."""
    return Path(shutil.copytree(made, tmp_path / "demo"))


@pytest.fixture(scope="module")
def city(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The demo, served by the command that people start it with, to a whole module."""
    folder = shutil.copytree(made, tmp_path_factory.mktemp("city") / "demo")
    with serving(folder) as running:
        yield running
