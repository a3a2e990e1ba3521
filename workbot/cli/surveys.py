"""Commands about surveys: `survey launch`, `survey close` and `report`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbot.cli import edge
from workbot.errors import WorkbotError

if TYPE_CHECKING:
    from sqlmodel import Session

    from workbot.pulse import Wave

app = typer.Typer(help="Ask everyone, and stop asking.", no_args_is_help=True)

Survey = Annotated[str, typer.Argument(help="A survey’s name, such as weekly.")]


class Format(StrEnum):
    """What a report can be."""

    HTML = "html"
    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"
    PNG = "png"


@app.command()
def launch(
    name: Survey,
    at_once: Annotated[bool, typer.Option("--now", help="Ask at once, whatever the hour.")] = False,
) -> None:
    """Open a survey: everyone is asked in their next morning."""
    settings, lang = edge.settings(), edge.speech()
    from workbot import features, pulse

    def work(session: Session) -> Wave:
        now = edge.now()
        features.prepare(session, settings, now=now)
        return pulse.launch(session, name, zone=settings.zone, now=now, at_once=at_once)

    with edge.database(settings) as database:
        wave = database.run_here(work)
    closing = lang.moment(wave.closes_at, wave.zone)
    said = lang(
        "Opened {wave} until {closing}; people are asked while `workbot serve` runs.",
        wave=_reference(wave),
        closing=closing,
    )
    typer.echo(said)


@app.command()
def close(
    wave: Annotated[str, typer.Argument(help="Such as weekly/12; a survey’s name alone means its newest wave.")],
) -> None:
    """Take no more answers, and have the report made."""
    settings, lang = edge.settings(), edge.speech()
    from workbot import pulse

    def work(session: Session) -> Wave:
        found = _called(session, wave)
        pulse.close(session, found, now=edge.now())
        return found

    with edge.database(settings) as database:
        closed = database.run_here(work)
    typer.echo(lang("Closed {wave}. Its report goes out while `workbot serve` runs.", wave=_reference(closed)))


def report(
    survey: Survey,
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="The file to write.")],
    wave: Annotated[
        int | None, typer.Option("--wave", min=1, help="Which wave; the newest that has closed, if not said.")
    ] = None,
    format: Annotated[  # noqa: A002  # what the option is called
        Format | None, typer.Option("--format", help="What to make; the file’s ending says it, if not said.")
    ] = None,
    locale: Annotated[str | None, typer.Option(help="en or fr; WORKBOT_LOCALE, if not said.")] = None,
) -> None:
    """Write the report of a survey that has closed. It holds nothing but what may be shown."""
    settings, lang = edge.settings(), edge.speech()
    from workbot import pulse
    from workbot.i18n import language

    wanted = (format or out.suffix.lower().removeprefix(".")) or Format.HTML

    def work(session: Session) -> bytes:
        found = pulse.wave_numbered(session, survey, wave) if wave else _newest_closed(session, survey)
        return pulse.export(session, found, wanted, language(locale or settings.locale))

    with edge.database(settings) as database, edge.busy(lang("Making the report")):
        content = database.run_here(work)
    edge.write(out, content)
    typer.echo(lang("Wrote {file}.", file=out))


def _called(session: Session, reference: str) -> Wave:
    """The wave that `weekly/12` or `weekly` names."""
    from workbot import pulse
    from workbot.texts import whole_number

    survey, slash, spelled = reference.partition("/")
    number = whole_number(spelled)
    if slash and number is None:
        raise WorkbotError("{wave} is not a wave; write one such as weekly/12.", wave=reference)
    return pulse.wave_numbered(session, survey, number)


def _newest_closed(session: Session, survey: str) -> Wave:
    """The newest wave with results; of a survey without any, the newest, which says why there is none."""
    from workbot import pulse

    closed = (wave for wave in pulse.waves(session, survey) if wave.closed_at)
    return next(closed, None) or pulse.wave_numbered(session, survey)


def _reference(wave: Wave) -> str:
    return f"{wave.survey}/{wave.number}"
