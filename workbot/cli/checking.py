"""What `check` reads: files, folders, or all that the app would load, and what is wrong in any."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

from workbot import definitions, features
from workbot.cli import edge
from workbot.definitions import Complaint, DefinitionsWrong, FileDefinition, Kind
from workbot.errors import WorkbotError

Found = list[FileDefinition[Any]]


def gathered(paths: Sequence[Path] | None) -> tuple[Found, list[Complaint]]:
    """What some paths define (all that the app would load, without any), and every mistake in it."""
    found, complaints = _read([partial(_of, path) for path in paths] if paths else [_loaded])
    if complaints:
        return found, complaints
    own = {(file.kind, file.name) for file in found}
    shipped = [file for kind in features.KINDS for file in definitions.read_files(kind, None).values()]
    return found, definitions.across(found, [file for file in shipped if (file.kind, file.name) not in own])


def beside_people(found: Found) -> list[Complaint]:
    """What has no meaning for want of people, where there is a database to look into."""
    from sqlalchemy.exc import DatabaseError

    settings = edge.settings()
    if settings.database.startswith("sqlite:///") and not Path(settings.database.removeprefix("sqlite:///")).exists():
        return []
    today = edge.now().astimezone(settings.zone).date()
    database = edge.opened(settings)
    try:
        return database.run_here(lambda session: definitions.against(session, found, today=today))
    except (DatabaseError, WorkbotError):
        # Files can be checked without one.
        return []
    finally:
        database.close()


def _read(readings: Sequence[Callable[[], Found]]) -> tuple[Found, list[Complaint]]:
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
    own = edge.settings().definitions
    if own is not None:
        _of(own)
    return features.read_definitions(own)


def _of(path: Path) -> Found:
    """What a path defines: a file, one kind's folder, or a folder of such folders."""
    kinds = {kind.folder: kind for kind in features.KINDS}
    here = path.resolve()
    if path.is_dir() and here.name in kinds:
        return list(definitions.read_folder(kinds[here.name], path).values())
    if path.is_dir():
        return _of_root(path, kinds)
    if here.parent.name in kinds:
        return [definitions.read(kinds[here.parent.name], path)]
    raise _misplaced(path, kinds)


def _of_root(path: Path, kinds: dict[str, Kind[Any]]) -> Found:
    found, complaints = _read([partial(_of, path / name) for name in kinds if (path / name).is_dir()])
    for folder in sorted(part for part in path.iterdir() if part.is_dir() and part.name not in kinds):
        if near := get_close_matches(folder.name, kinds, n=1, cutoff=0.75):
            complaints.append(Complaint(folder, 1, 1, f"nothing reads this folder; did you mean {near[0]!r}?"))
    if complaints:
        raise DefinitionsWrong(complaints)
    if not found:
        raise _misplaced(path, kinds)
    return found


def _misplaced(path: Path, kinds: dict[str, Kind[Any]]) -> Exception:
    message = f"there is no definition here; it stands in a folder named {', '.join(kinds)}, as a file name.yaml"
    return DefinitionsWrong([Complaint(path, 1, 1, message)])
