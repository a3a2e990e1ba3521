from __future__ import annotations

from pathlib import Path

import pytest

from tests.growing.tree import ScratchTree


@pytest.fixture
def tree(tmp_path: Path) -> ScratchTree:
    return ScratchTree(tmp_path)
