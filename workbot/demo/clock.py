"""The demo's clock: moved forward by its visitors, and remembered across restarts."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

from workbot.clock import ShiftedClock


class DemoClock(ShiftedClock):
    """A shifted clock whose shift is kept in a file, written whole or not at all."""

    def __init__(self, file: Path) -> None:
        super().__init__(timedelta(seconds=json.loads(file.read_text())["shift"]) if file.exists() else timedelta())
        self.file = file

    def move_to(self, moment: datetime) -> None:
        super().move_to(moment)
        self.keep()

    def keep(self) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps({"shift": self.shift.total_seconds()}))
        os.replace(fresh, self.file)
