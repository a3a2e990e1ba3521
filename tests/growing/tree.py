"""A copy of the product, to add something to and to run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("workbot", "integrations", "migrations")


class ScratchTree:
    """The product's folders copied, with what was added to them or changed in them since."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.touched: set[str] = set()
        for name in COPIED:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))

    def add(self, path: str, text: str) -> None:
        """A file that was not there before."""
        file = self.folder / path
        assert not file.exists(), f"{path} is there already"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        self.touched.add(path)

    def edit(self, path: str, old: str, new: str) -> None:
        """A file in which one passage says something else now."""
        file = self.folder / path
        before = file.read_text(encoding="utf-8")
        assert before.count(old) == 1, f"{path} has {old!r} {before.count(old)} times"
        file.write_text(before.replace(old, new), encoding="utf-8")
        self.touched.add(path)

    def run(self, code: str) -> str:
        """What Python code prints that imports the copy; fails with its errors if it fails."""
        ran = subprocess.run(
            [sys.executable, "-c", code],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout
