"""Run what failed once more, alone: what passes then is told as flaky, a fault of its own, to be mended before others.

python -m tests.again
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FAILED = Path(".pytest_cache/v/cache/lastfailed")
# More than these are no accident.
MOST = 10


def main() -> int:
    failed = list(json.loads(FAILED.read_text())) if FAILED.exists() else []
    if not 0 < len(failed) <= MOST:
        print(f"{len(failed)} tests failed: that is not tried again")
        return 1
    if code := subprocess.run([sys.executable, "-m", "pytest", "--numprocesses=0", *failed], check=False).returncode:
        return code
    for name in failed:
        print(f"flaky: {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
