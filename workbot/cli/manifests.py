"""`manifest`: our app, as a platform wants it described before it lets us in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from workbot.cli import edge


def manifest(
    platform: Annotated[str, typer.Argument(help="Which platform, such as slack.")],
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; without it, it is printed.")] = None,
) -> None:
    """Print the app manifest that a platform asks for, or write its app package, made for WORKBOT_BASE_URL."""
    from workbot import features, plugins
    from workbot.errors import WorkbotError
    from workbot.platforms import Word

    settings, lang = edge.settings(), edge.speech()
    known = {name: plugin.manifest for name, plugin in plugins.installed().items() if plugin.manifest}
    if platform not in known:
        raise WorkbotError(
            "There is no manifest for {platform}; there is one for: {known}.",
            platform=platform,
            known=", ".join(sorted(known)),
        )
    if not settings.url.startswith("https://"):
        typer.secho(
            lang("WORKBOT_BASE_URL is {url}. Platforms reach us at an https:// address only.", url=settings.url),
            fg="yellow",
            err=True,
        )
    words = {route.name: Word(route.about, route.usage) for route in features.router().commands.values()}
    made = known[platform](settings.url, words)
    if isinstance(made, bytes):
        if out is None:
            raise WorkbotError(
                "This is a package of files: name the file to write, such as --out {file}.", file="app.zip"
            )
        content = made
    else:
        content = (json.dumps(made, indent=2, ensure_ascii=False) + "\n").encode()
    if out is None:
        typer.echo(content, nl=False)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    edge.write(out, content)
    typer.echo(lang("Written to {file}.", file=out))
