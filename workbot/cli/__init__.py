"""The command line: `workbot --help`.

Each command imports what it needs when it is called, so that help and mistakes are answered at once.
"""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from workbot import __version__
from workbot.cli import definitions, journeys, manifests, people, running, simulations, surveys, tokens
from workbot.cli.edge import Commands

app = typer.Typer(
    cls=Commands,
    help="One bot for a whole organisation: onboarding, pulse surveys and requests on Slack, Teams and the web.",
    epilog="Settings come from the environment; `workbot doctor` says whether they are right.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.command()(running.demo)
app.command()(running.serve)
app.command()(running.worker)
app.command()(running.migrate)
app.command()(definitions.check)
app.command()(running.doctor)
app.command()(manifests.manifest)
app.add_typer(definitions.app, name="definitions")
app.add_typer(people.app, name="people")
app.add_typer(surveys.app, name="survey")
app.command()(surveys.report)
app.add_typer(journeys.app, name="journey")
app.add_typer(simulations.app, name="simulate")
app.add_typer(tokens.app, name="token")
app.command()(people.sign_in_link)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """What stands before every command: one that is soon over says only what went wrong."""
    from workbot import log

    log.configure(as_json=False, level=logging.WARNING)
