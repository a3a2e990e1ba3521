from __future__ import annotations

from tests.growing.tree import ScratchTree


def test_what_is_added_to_the_copy_is_what_runs(tree: ScratchTree) -> None:
    tree.add("workbot/cards/planted.py", "SAID = 'planted'\n")

    said = tree.run("from workbot.cards import planted; import workbot; print(planted.SAID, workbot.__file__)")

    assert said.split() == ["planted", str(tree.folder / "workbot" / "__init__.py")]
    assert tree.touched == {"workbot/cards/planted.py"}
