"""What a desk's file may say."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from workbot.definitions import DefinitionsWrong, Kind
from workbot.definitions.reading import read_all
from workbot.requests.definitions import DeskDefinition
from workbot.requests.kind import KIND

LABEL = {"en": "What?", "fr": "Quoi?"}


def desk_with(tmp_path: Path, fields: list[dict[str, object]]) -> Kind[DeskDefinition]:
    """The IT desk, asking these things."""
    known = YAML(typ="safe").load(KIND.shipped / "it.yaml")
    with (tmp_path / "it.yaml").open("w") as file:
        YAML(typ="safe").dump(known | {"fields": fields}, file)
    return Kind("desks", DeskDefinition, tmp_path)


def test_a_form_that_no_dialog_holds_is_refused(tmp_path: Path) -> None:
    fields: list[dict[str, object]] = [{"id": f"f{number}", "label": LABEL} for number in range(41)]

    assert read_all(desk_with(tmp_path, fields[:40]), None)
    with pytest.raises(DefinitionsWrong, match="at most 40"):
        read_all(desk_with(tmp_path, fields), None)


def test_a_list_that_nobody_reads_to_its_end_is_refused(tmp_path: Path) -> None:
    options = [{"id": f"o{number}", "label": LABEL} for number in range(101)]
    field: dict[str, object] = {"id": "what", "kind": "choice", "label": LABEL}

    assert read_all(desk_with(tmp_path, [field | {"options": options[:100]}]), None)
    with pytest.raises(DefinitionsWrong, match="at most 100"):
        read_all(desk_with(tmp_path, [field | {"options": options}]), None)
