"""`simulate`: what a definition will say to whom, and when."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from textwrap import indent
from typing import TYPE_CHECKING, Annotated

import typer

from workbot.cli import edge

if TYPE_CHECKING:
    from workbot.i18n import Language
    from workbot.simulate import Heard, Play

app = typer.Typer(help="Play a journey or a survey with made-up people, and print every message.", no_args_is_help=True)

Done = Annotated[bool, typer.Option("--done", help="Everybody does what is asked; without this, nobody reacts.")]
Locale = Annotated[str | None, typer.Option(help="The language they read: en or fr; WORKBOT_LOCALE, if not said.")]


@app.command()
def journey(
    name: Annotated[str, typer.Argument(help="A journey’s name, such as new-hire.")],
    on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day that it is about.")],
    traits: Annotated[
        list[str] | None,
        typer.Option("--as", metavar="COLUMN=VALUE", help="Of whoever sets out, such as employment=term."),
    ] = None,
    done: Done = False,
    locale: Locale = None,
) -> None:
    """Play a journey around a day: what the hire, manager, buddy, HR and the desks are told."""
    settings, lang = edge.settings(), _language(locale)
    from workbot import simulate

    with edge.busy(lang("Playing")):
        play = simulate.journey(settings, lang, name, on.date(), traits=_traits(traits or []), done=done)
    _show(play, lang, settings.timezone)


@app.command()
def survey(
    name: Annotated[str, typer.Argument(help="A survey’s name, such as weekly.")],
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="The day it opens; the next of its schedule, if not said."),
    ] = None,
    done: Done = False,
    locale: Locale = None,
) -> None:
    """Play one wave of a survey: the asking, the reminder, the close and the report."""
    settings, lang = edge.settings(), _language(locale)
    from workbot import simulate

    with edge.busy(lang("Playing")):
        play = simulate.survey(settings, lang, name, on.date() if on else None, done=done)
    _show(play, lang, settings.timezone)


def _language(locale: str | None) -> Language:
    from workbot.i18n import language

    return language(locale) if locale else edge.speech()


def _traits(given: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if wrong := [column for column, equals, _ in pairs if not equals or not column]:
        raise typer.BadParameter(f"{wrong[0]!r} is not COLUMN=VALUE", param_hint="--as")
    return {column.strip(): value.strip() for column, _, value in pairs}


def _show(play: Play, lang: Language, usual_zone: str) -> None:
    """Every message with its local time; the same words at the same moment are printed once."""
    for (when, text), heard in groupby(play.heard, key=lambda one: (_when(one, lang, usual_zone), _text(one))):
        whom = lang.listed([_whom(one, lang) for one in heard])
        typer.secho(f"{when} · {whom}", bold=True)
        typer.echo(f"{indent(text, '    ')}\n")
    for note in play.notes:
        typer.secho(note, fg="yellow")


def _when(heard: Heard, lang: Language, usual_zone: str) -> str:
    moment = lang.moment(heard.at, heard.zone)
    return moment if heard.zone == usual_zone else f"{moment} ({heard.zone})"


def _whom(heard: Heard, lang: Language) -> str:
    whom = lang("{person}, by e-mail", person=heard.whom) if heard.by_mail else heard.whom
    return lang("{person} (in place of an earlier message)", person=whom) if heard.changes else whom


def _text(heard: Heard) -> str:
    from workbot.cards import plain_text

    return plain_text(heard.card)
