"""What is defined here: journeys, surveys and desks, with their versions, to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select
from starlette.responses import Response

from workbot import features, pulse
from workbot.console.page_context import PageContext, go
from workbot.definitions import (
    DefinitionVersion,
    Kind,
    State,
    as_yaml,
    discard_draft,
    names_on,
    newest_of_all,
    publish_draft,
    readable,
)
from workbot.errors import Gone
from workbot.i18n import Language
from workbot.pulse import changed_since


async def listing(visit: PageContext) -> Response:
    lists = await visit.read(lambda session: [kind_list(session, kind) for kind in features.KINDS])
    return await visit.page("definitions.html", lists=lists, origin_name=origin_name)


async def one(visit: PageContext) -> Response:
    kind, name = _asked(visit)
    versions = await visit.read(versions_of, kind, name)
    if not versions:
        raise Gone("There is no “{name}” here.", name=name)
    newest = next((row for row in versions if row.state == State.PUBLISHED), versions[0])
    asked = next((row for row in versions if str(row.version) == visit.asked("version")), newest)
    before = next((row for row in versions if row.version < asked.version), None)
    return await visit.page(
        "definition.html",
        kind=kind,
        versions=versions,
        shown=asked,
        before=before,
        text=as_yaml(asked.content),
        reworded=reworded(before, asked, visit.lang),
        is_on=name in await visit.read(names_on, kind),
        origin_name=origin_name,
        state_name=state_name,
    )


async def turn(visit: PageContext) -> Response:
    """Turn one on or off, as the form's button says."""
    kind, name = _asked(visit)
    on = "on" in await visit.values()
    settings, by = visit.host.settings, visit.viewer.person.id
    await visit.change(features.turn, settings, kind, [name], on=on, by=by, now=visit.now)
    return go(visit.request.url.path.removesuffix("/turn"), done="turned-on" if on else "turned-off")


async def decide(visit: PageContext) -> Response:
    """Publish a draft or discard it, as the form's button says."""
    kind, name = _asked(visit)
    values, by = await visit.values(), visit.viewer.person.id
    publish, number = "publish" in values, values.get("version", "")
    await visit.change(_decide, kind, name, number, publish=publish, by=by, now=visit.now)
    return go(visit.request.url.path.removesuffix("/draft"), done="published" if publish else "discarded")


@dataclass(frozen=True)
class Item:
    """A definition's current version, and whether it is on."""

    newest: DefinitionVersion
    is_on: bool


@dataclass(frozen=True)
class KindList:
    kind: Kind[Any]
    items: Sequence[Item]


def kind_list(session: Session, kind: Kind[Any]) -> KindList:
    """Every definition of a kind as it stands now."""
    on = names_on(session, kind)
    return KindList(kind, [Item(row, row.name in on) for row in newest_of_all(session, kind)])


def versions_of(session: Session, kind: Kind[Any], name: str) -> list[DefinitionVersion]:
    """Every version of a definition, the newest first."""
    found = select(DefinitionVersion).where(DefinitionVersion.kind == kind.folder, DefinitionVersion.name == name)
    return list(session.exec(found.order_by(col(DefinitionVersion.version).desc())))


def reworded(before: DefinitionVersion | None, version: DefinitionVersion, lang: Language) -> list[str]:
    """The questions of a survey's version that the one before asked in other words: no result compares the two."""
    if before is None or version.kind != pulse.KIND.folder:
        return []
    earlier, survey = readable(pulse.KIND, before), readable(pulse.KIND, version)
    return [lang.of(one.text) for one in changed_since(earlier, survey)] if earlier and survey else []


def origin_name(origin: str, lang: Language) -> str:
    names = {"shipped": lang("Shipped"), "file": lang("Your own"), "console": lang("Console")}
    return names.get(origin, origin)


def state_name(state: str, lang: Language) -> str:
    names = {"draft": lang("Draft"), "retired": lang("Retired")}
    return names.get(state, state)


def _asked(visit: PageContext) -> tuple[Kind[Any], str]:
    return features.kind_called(visit.request.path_params["kind"]), visit.request.path_params["name"]


def _decide(
    session: Session, kind: Kind[Any], name: str, number: str, *, publish: bool, by: UUID, now: datetime
) -> None:
    draft = next((row for row in versions_of(session, kind, name) if str(row.version) == number), None)
    if draft is None:
        raise Gone("There is no “{name}” here.", name=name)
    if publish:
        publish_draft(session, kind, draft, author=by, now=now)
    else:
        discard_draft(session, kind, draft, author=by, now=now)
