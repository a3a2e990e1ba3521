"""Web pages: Jinja templates that escape everything and speak the reader's language."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from workbot.i18n import Language
from workbot.texts import clean

HERE = Path(__file__).parent
STATIC = HERE / "static"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the app that the viewer may visit."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds a page: who looks at it, where they can go, and a banner above it all (the demo's).

    A page that another program shows in a window of its own `is_within` that: nothing of ours surrounds it, and it
    loads the `scripts` that make it at home there.
    """

    path: str
    viewer: str = ""
    sections: tuple[Section, ...] = ()
    banner: Markup = field(default_factory=Markup)
    is_within: bool = False
    scripts: tuple[str, ...] = ()

    def is_here(self, section: Section) -> bool:
        """Whether the page belongs to a section: the one that names it most closely, `/a/b` rather than `/a`."""
        around = [other for other in self.sections if f"{self.path}/".startswith(f"{other.url}/")]
        return section in around and section == max(around, key=lambda other: len(other.url))


class Pages:
    """Templates of one folder, over the app's own frame (`web/templates/frame.html`)."""

    def __init__(self, folder: Path, **everywhere: Any) -> None:
        self.environment = Environment(
            loader=FileSystemLoader([folder, HERE / "templates"]),
            autoescape=True,
            finalize=_shown,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals.update(everywhere, static=static)

    def fragment(self, template: str, lang: Language, /, **values: Any) -> Markup:
        """A piece of a page."""
        return Markup(self.environment.get_template(template).render(lang=lang, **values))  # noqa: S704  # autoescaped

    def page(self, template: str, lang: Language, /, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A whole page; never kept by a cache, since it is one person's."""
        headers = {"Cache-Control": "no-store", "Content-Language": lang.locale}
        return HTMLResponse(self.fragment(template, lang, **values), status_code=status, headers=headers)


def _shown(value: Any) -> Any:
    """A value as a page may hold it; what has been made HTML was cleaned on its way there."""
    return clean(value) if type(value) is str else value


@cache
def static(name: str) -> str:
    """The address of a static file, with a mark of its content so that it can be cached for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"
