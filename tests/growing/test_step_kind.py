"""A new kind of step is one file and its name in the list of kinds."""

from __future__ import annotations

import json
from pathlib import Path

from tests.growing.tree import ROOT, ScratchTree

HERE = Path(__file__).parent
STEPS = "workbot/onboarding/steps"
# The tests' helpers come from here, the product from the copy, which stands first on the path.
USE = f"""
import runpy, sys
sys.path.append({str(ROOT)!r})
runpy.run_module("tests.growing.acknowledging", run_name="__main__")
"""


def test_a_new_kind_of_step_touches_two_files_and_is_checked_played_shown_and_done(tree: ScratchTree) -> None:
    tree.add(f"{STEPS}/acknowledge.py", (HERE / "acknowledge.py").read_text(encoding="utf-8"))
    tree.edit(
        f"{STEPS}/__init__.py",
        "from workbot.onboarding.steps.base import",
        "from workbot.onboarding.steps.acknowledge import Acknowledge\nfrom workbot.onboarding.steps.base import",
    )
    tree.edit(f"{STEPS}/__init__.py", '{"task": Task}', '{"task": Task, "acknowledge": Acknowledge}')

    seen = json.loads(tree.run(USE))

    assert len(tree.touched) <= 2
    assert "1 journey" in seen["checked"]["right"]
    assert "rules.yaml:7:5: steps[1].who:" in seen["checked"]["wrong"]
    assert "steps[1].statment: unknown key; did you mean 'statement'?" in seen["checked"]["wrong"]
    assert "The code of conduct" in seen["simulated"]
    assert "[I have read it]" in seen["simulated"]
    assert "all done" in seen["simulated"]
    assert "I have read it" in seen["card"]
    assert 'aria-label="I have read it: The code of conduct"' in seen["page"]
    assert "not one of yours" in seen["by another"]
    assert "✓ The code of conduct: done by Max Roy" in seen["pressed"]
    assert seen["state"] == "completed"
    assert "I have read it" not in seen["page at the end"]
