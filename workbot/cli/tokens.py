"""Commands about tokens, with which programs are let in: `token create`, `list` and `revoke`."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from workbot.cli import edge

if TYPE_CHECKING:
    from workbot.settings import Settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def token() -> None:
    """Tokens, with which programs are let in."""


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What to call it: by this it is listed and revoked.")],
    scope: Annotated[list[str], typer.Option(help="What it lets in to: metrics. More than once for several.")],
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its last day; without it, it is good until revoked.")
    ] = None,
) -> None:
    """Make a token and print it, once: only its hash is kept."""
    settings, lang = edge.settings(), edge.speech()
    from workbot import tokens

    ends = _end_of(until, settings) if until else None
    with edge.database(settings) as database:
        made = database.run_here(lambda s: tokens.create(s, name, scope, expires_at=ends, now=edge.now()))
    typer.echo(lang("This token is not shown again. Send it as “Authorization: Bearer …”:"), err=True)
    typer.echo(made)


@app.command(name="list")
def list_() -> None:
    """Show every token, what it lets in to, and when it was last used."""
    settings, lang = edge.settings(), edge.speech()
    from workbot import tokens
    from workbot.cli import tables

    with edge.database(settings) as database:
        found = database.run_here(tokens.everyone)
    tables.show_tokens(found, lang, zone=settings.zone, now=edge.now())


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="The name under which it was made.")]) -> None:
    """Let a token in no more, from this moment."""
    settings, lang = edge.settings(), edge.speech()
    from workbot import tokens

    with edge.database(settings) as database:
        database.run_here(lambda session: tokens.revoke(session, name, now=edge.now()))
    typer.echo(lang("The token “{name}” lets nobody in any more.", name=name))


def _end_of(day: datetime, settings: Settings) -> datetime:
    """The end of a day as the organisation counts it."""
    return datetime.combine(day.date() + timedelta(days=1), time(), settings.zone).astimezone(UTC)
