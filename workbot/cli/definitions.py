"""Commands about definitions: `check`, and `definitions enable|disable|export|list`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbot.cli import edge

if TYPE_CHECKING:
    from sqlmodel import Session

    from workbot.cli.checking import Found
    from workbot.i18n import Language

app = typer.Typer(help="Turn journeys, surveys and desks on and off, and read them.", no_args_is_help=True)

KindName = Annotated[str, typer.Argument(metavar="KIND", help="journeys, surveys or desks.")]
Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="Such as weekly.")]


def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(exists=True, metavar="PATH", help="Files, or folders laid out like WORKBOT_DEFINITIONS."),
    ] = None,
) -> None:
    """Check journeys, surveys and desks, and name every mistake by file, line and column.

    Without a path, those that the app would load: the shipped ones and WORKBOT_DEFINITIONS. Where there is a database,
    departments and audiences that nobody is in are named too; they are no mistake.
    """
    from workbot.cli import checking

    lang = edge.speech()
    found, complaints = checking.gathered(paths)
    for complaint in complaints:
        typer.secho(str(complaint), fg="red", err=True)
    if complaints:
        raise typer.Exit(1)
    for doubt in checking.beside_people(found):
        typer.secho(str(doubt), fg="yellow", err=True)
    typer.echo(_count(found, lang))


@app.command()
def enable(kind: KindName, names: Names) -> None:
    """Turn on what is to run: what is scheduled begins at its next time, a desk takes requests."""
    _turn(kind, names, on=True)


@app.command()
def disable(kind: KindName, names: Names) -> None:
    """Turn off what is to begin no more; what has begun goes on to its end."""
    _turn(kind, names, on=False)


@app.command()
def export(
    kind: KindName,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as weekly.")],
    out: Annotated[
        Path | None, typer.Option("--out", dir_okay=False, help="The file to write; the terminal, if not said.")
    ] = None,
) -> None:
    """Write a definition as it is now, as a file of WORKBOT_DEFINITIONS would say it."""
    settings, lang = edge.settings(), edge.speech()
    from workbot import definitions, features

    def work(session: Session) -> str:
        features.prepare(session, settings, now=edge.now())
        _definition, version = definitions.current(session, features.kind_called(kind), name)
        return definitions.as_yaml(version.content)

    with edge.database(settings) as database:
        text = database.run_here(work)
    if out is None:
        typer.echo(text, nl=False)
        return
    edge.write(out, text.encode())
    typer.echo(lang("Wrote {file}.", file=out))


@app.command("list")
def list_() -> None:
    """Name every definition, and say whether it is on."""
    settings, lang = edge.settings(), edge.speech()
    from workbot import definitions, features

    def work(session: Session) -> list[tuple[str, bool]]:
        features.prepare(session, settings, now=edge.now())
        return [
            (f"{kind.folder} {version.name}", version.name in on)
            for kind in features.KINDS
            for on in [definitions.names_on(session, kind)]
            for version in definitions.newest_of_all(session, kind)
        ]

    with edge.database(settings) as database:
        found = database.run_here(work)
    for name, is_on in found:
        typer.echo(": ".join((name, lang("on") if is_on else lang("off"))))


def _turn(folder: str, names: list[str], *, on: bool) -> None:
    settings, lang = edge.settings(), edge.speech()
    from workbot import features

    def work(session: Session) -> None:
        features.prepare(session, settings, now=edge.now())
        features.turn(session, settings, features.kind_called(folder), names, on=on, now=edge.now())

    with edge.database(settings) as database:
        database.run_here(work)
    for name in names:
        typer.echo(lang("“{name}” is on.", name=name) if on else lang("“{name}” is off.", name=name))


def _count(found: Found, lang: Language) -> str:
    counts = Counter(file.kind for file in found)
    return lang("Nothing is wrong in {things}.", things=lang.listed([k.counted(lang, n) for k, n in counts.items()]))
