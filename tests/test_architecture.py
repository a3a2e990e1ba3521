"""The app keeps its floors, and the check that says so can fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINT = Path(sys.executable).with_name("lint-imports")
PLANTED = [
    ("workbot/pulse/planted.py", "import workbot.requests.service\n"),
    ("workbot/requests/planted.py", "import workbot.app\n"),
    ("workbot/delivery/planted.py", "import workbot.dispatch\n"),
    ("workbot/onboarding/planted.py", "import integrations.web\n"),
    ("integrations/web/planted.py", "import workbot.pulse.service\n"),
    ("integrations/web/planted.py", "import integrations.email\n"),
    ("workbot/chat/planted.py", "import workbot.delivery\n"),
    ("workbot/pulse/planted.py", "import workbot.chat\n"),
    ("integrations/web/planted.py", "import workbot.web.application\n"),
    ("workbot/people/planted.py", "import workbot.platforms\n"),
    ("workbot/cards/planted.py", "import workbot.people\n"),
    ("workbot/storage/planted.py", "import workbot.cards\n"),
    ("workbot/web/planted.py", "import workbot.pulse\n"),
    ("workbot/pulse/questions/planted.py", "import workbot.pulse.ballots\n"),
    ("workbot/pulse/questions/planted.py", "import workbot.events\n"),
    ("workbot/console/planted.py", "from workbot.requests import service\n"),
    ("workbot/demo/planted.py", "import workbot.pulse.questions.scale\n"),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source that may be spoilt."""
    copy = tmp_path_factory.mktemp("copy")
    for part in ("workbot", "integrations", "migrations"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", copy)
    return copy


def lint(app: Path) -> subprocess.CompletedProcess[str]:
    # The copy stands first on the path, so that it and not the installed app is read.
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    return subprocess.run(
        command, cwd=app, env={"PYTHONPATH": str(app)}, capture_output=True, text=True, check=False, timeout=120
    )


def test_imports_go_down_only(app: Path) -> None:
    outcome = lint(app)

    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.parametrize(("file", "line"), PLANTED)
def test_a_planted_violation_fails_the_check(app: Path, file: str, line: str) -> None:
    planted = app / file
    planted.write_text(line)
    try:
        outcome = lint(app)
    finally:
        planted.unlink()

    assert outcome.returncode == 1
    assert "planted" in outcome.stdout


def test_a_circle_fails_the_check(app: Path) -> None:
    planted = app / "workbot/pulse/questions/planted.py"
    planted.write_text("import workbot.pulse.wording\n")
    try:
        outcome = lint(app)
    finally:
        planted.unlink()

    assert outcome.returncode == 1
    assert ".questions -> .wording" in outcome.stdout
