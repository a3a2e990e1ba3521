"""What is defined here: journeys, surveys and desks, with their versions, to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from sqlmodel import Session, col, select
from starlette.responses import Response

from workbot import onboarding, pulse, requests
from workbot.console.page_context import PageContext
from workbot.definitions import DefinitionVersion, Kind, files, readable
from workbot.errors import Gone
from workbot.i18n import Language
from workbot.pulse.wording import changed_since

KINDS: tuple[Kind[Any], ...] = (onboarding.KIND, pulse.KIND, requests.KIND)


async def listing(visit: PageContext) -> Response:
    own = visit.host.settings.definitions
    shelves = await visit.read(lambda session: [kind_list(session, kind, own) for kind in KINDS])
    return await visit.page("definitions.html", shelves=shelves, kind_name=kind_name)


async def one(visit: PageContext) -> Response:
    kind, name = visit.request.path_params["kind"], visit.request.path_params["name"]
    versions = await visit.read(versions_of, kind, name)
    if not versions:
        raise Gone("There is no “{name}” here.", name=name)
    asked = next((row for row in versions if str(row.version) == visit.asked("version")), versions[0])
    before = next((row for row in versions if row.version < asked.version), None)
    values = {"kind": kind, "versions": versions, "shown": asked, "text": as_yaml(asked.content)}
    return await visit.page(
        "definition.html", **values, reworded=reworded(before, asked, visit.lang), before=before, kind_name=kind_name
    )


@dataclass(frozen=True)
class Item:
    """A definition's newest version, and whether the organisation wrote it itself."""

    newest: DefinitionVersion
    is_own: bool


@dataclass(frozen=True)
class KindList:
    kind: str
    volumes: Sequence[Item]


def kind_list(session: Session, kind: Kind[Any], own: Path | None) -> KindList:
    """Every definition of a kind as it stands now."""
    written_here = {file.stem for file in files(own / kind.folder)} if own else set()
    rows = session.exec(
        select(DefinitionVersion)
        .where(DefinitionVersion.kind == kind.folder)
        .order_by(col(DefinitionVersion.name), col(DefinitionVersion.version))
    )
    # Ordered by version, so that the newest is what remains of each name.
    newest = {row.name: row for row in rows}
    return KindList(kind.folder, [Item(row, name in written_here) for name, row in newest.items()])


def versions_of(session: Session, kind: str, name: str) -> list[DefinitionVersion]:
    """Every version of a definition, the newest first."""
    found = select(DefinitionVersion).where(DefinitionVersion.kind == kind, DefinitionVersion.name == name)
    return list(session.exec(found.order_by(col(DefinitionVersion.version).desc())))


def reworded(before: DefinitionVersion | None, version: DefinitionVersion, lang: Language) -> list[str]:
    """The questions of a survey's version that the one before asked in other words: no result compares the two."""
    if before is None or version.kind != pulse.KIND.folder:
        return []
    earlier, survey = readable(pulse.KIND, before), readable(pulse.KIND, version)
    return [lang.of(one.text) for one in changed_since(earlier, survey)] if earlier and survey else []


def as_yaml(content: dict[str, Any]) -> str:
    """A definition's content as it would stand in a file."""
    yaml = YAML()
    yaml.allow_unicode = True
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    yaml.dump(content, text)
    return text.getvalue()


def kind_name(kind: str, lang: Language) -> str:
    names = {"journeys": lang("Journeys"), "surveys": lang("Surveys"), "desks": lang("Desks")}
    return names.get(kind, kind)
