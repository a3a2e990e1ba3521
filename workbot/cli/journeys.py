"""Commands about journeys: `journey start`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from workbot.cli import edge

if TYPE_CHECKING:
    from sqlmodel import Session

app = typer.Typer(no_args_is_help=True)


@app.callback()
def journey() -> None:
    """Set people on a journey."""


@app.command()
def start(
    name: Annotated[str, typer.Argument(help="A journey’s name, such as new-hire.")],
    person: Annotated[str, typer.Argument(help="The address of whoever sets out.")],
    on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day that it is about.")],
    buddy: Annotated[str | None, typer.Option(help="The address of their buddy.")] = None,
) -> None:
    """Set a person on a journey around a day, such as their first.

    What would have been due by now is told at once.
    """
    settings, lang = edge.settings(), edge.speech()
    from workbot import features, onboarding

    def work(session: Session) -> str:
        now = edge.now()
        features.prepare(session, settings, now=now)
        hire = edge.person(session, person)
        with_buddy = edge.person(session, buddy) if buddy else None
        onboarding.start(session, name, hire, on.date(), buddy=with_buddy, now=now)
        return hire.name

    with edge.database(settings) as database:
        who = database.run_here(work)
    day = lang.date(on.date())
    typer.echo(lang("{person} is on “{name}”, around {day}.", person=who, name=name, day=day))
    typer.echo(lang("Messages go out while `workbot serve` runs."))
