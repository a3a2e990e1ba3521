"""`check`: every mistake in a definition, by file, line and column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbot.cli import edge

if TYPE_CHECKING:
    from workbot.definitions import Complaint, Definition, Kind
    from workbot.i18n import Language

    Found = list[tuple[Kind[Any], Definition]]


def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(exists=True, metavar="PATH", help="Files, or folders laid out like WORKBOT_DEFINITIONS."),
    ] = None,
) -> None:
    """Check journeys, surveys and desks, and name every mistake by file, line and column.

    Without a path, those that the app would load: the shipped ones and WORKBOT_DEFINITIONS.
    """
    lang = edge.speech()
    found, complaints = _gathered([partial(_of, path) for path in paths] if paths else [_loaded])
    for complaint in complaints:
        typer.secho(str(complaint), fg="red", err=True)
    if complaints:
        raise typer.Exit(1)
    typer.echo(_count(found, lang))


def _gathered(readings: Sequence[Callable[[], Found]]) -> tuple[Found, list[Complaint]]:
    from workbot.definitions import DefinitionsWrong

    found: Found = []
    complaints: list[Complaint] = []
    for reading in readings:
        try:
            found.extend(reading())
        except DefinitionsWrong as wrong:
            complaints.extend(wrong.complaints)
    return found, complaints


def _loaded() -> Found:
    """What the app would load."""
    from workbot import features

    own = edge.settings().definitions
    if own is not None:
        _of(own)
    return features.read_definitions(own)


def _of(path: Path) -> Found:
    """What a path defines: a file, one kind's folder, or a folder of such folders."""
    from workbot import features
    from workbot.definitions import read, read_folder

    kinds = {kind.folder: kind for kind in features.KINDS}
    here = path.resolve()
    if path.is_dir() and here.name in kinds:
        kind = kinds[here.name]
        return [(kind, definition) for definition in read_folder(kind.model, path).values()]
    if path.is_dir():
        return _of_root(path, kinds)
    if here.parent.name in kinds:
        kind = kinds[here.parent.name]
        return [(kind, read(kind.model, path))]
    raise _misplaced(path, kinds)


def _of_root(path: Path, kinds: dict[str, Kind[Any]]) -> Found:
    from workbot.definitions import Complaint, DefinitionsWrong

    found, complaints = _gathered([partial(_of, path / name) for name in kinds if (path / name).is_dir()])
    for folder in sorted(part for part in path.iterdir() if part.is_dir() and part.name not in kinds):
        if near := get_close_matches(folder.name, kinds, n=1, cutoff=0.75):
            complaints.append(Complaint(folder, 1, 1, f"nothing reads this folder; did you mean {near[0]!r}?"))
    if complaints:
        raise DefinitionsWrong(complaints)
    if not found:
        raise _misplaced(path, kinds)
    return found


def _misplaced(path: Path, kinds: dict[str, Kind[Any]]) -> Exception:
    from workbot.definitions import Complaint, DefinitionsWrong

    message = f"there is no definition here; it stands in a folder named {', '.join(kinds)}, as a file name.yaml"
    return DefinitionsWrong([Complaint(path, 1, 1, message)])


def _count(found: Found, lang: Language) -> str:
    counts = Counter(kind.folder for kind, _ in found)
    said = {
        "journeys": lang.plural("{count} journey", "{count} journeys", counts["journeys"]),
        "surveys": lang.plural("{count} survey", "{count} surveys", counts["surveys"]),
        "desks": lang.plural("{count} desk", "{count} desks", counts["desks"]),
    }
    return lang("Nothing is wrong in {things}.", things=lang.listed([said[name] for name in said if counts[name]]))
