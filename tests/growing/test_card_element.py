"""A new element of cards is for every renderer: the type checker names those that do not know it."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.growing.tree import ROOT, ScratchTree

RENDERERS = (
    "workbot/cards/model.py",
    "integrations/email/render.py",
    "integrations/slack/render.py",
    "integrations/teams/render.py",
)
ELEMENT = '''
@dataclass(frozen=True, slots=True)
class Divider:
    """A line between two parts of a card."""

    kind: Literal["divider"] = "divider"


Element = Annotated[
    Divider | Text'''


def test_every_renderer_that_does_not_know_a_new_element_fails_the_type_check(tree: ScratchTree) -> None:
    (tree.folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    tree.edit("workbot/cards/model.py", "\nElement = Annotated[\n    Text", ELEMENT)

    checked = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--follow-imports=silent",
            "--cache-dir",
            str(tree.folder / "cache"),
            *RENDERERS,
        ],
        cwd=tree.folder,
        capture_output=True,
        text=True,
        check=False,
    )

    named = set(re.findall(r"^(\S+\.py):\d+: error", checked.stdout, re.MULTILINE))
    assert named == set(RENDERERS), checked.stdout
