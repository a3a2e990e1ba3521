"""Commands about people: `people import` and `sign-in-link`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbot.cli import edge
from workbot.errors import WorkbotError

if TYPE_CHECKING:
    from sqlmodel import Session

    from workbot.people.directories import Entry
    from workbot.people.importing import Plan
    from workbot.settings import Settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def people() -> None:
    """Who works here."""


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, with a header that names columns.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show every difference and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, however many would leave.")] = False,
) -> None:
    """Make the people of the app those of a file.

    The file is the whole truth: who is missing from it has left. Columns: email and name, and if you
    like department, manager_email, title, location, timezone, locale, started_on, left_on, employment,
    roles, and for each platform the one of its accounts, such as slack_user_id; any other becomes an
    attribute.
    """
    settings, lang = edge.settings(), edge.speech()
    from workbot.cli import tables

    entries = _entries(file)
    with edge.database(settings) as database:
        with edge.busy(lang("Comparing")):
            plan = database.run_here(lambda session: _plan(session, entries, settings))
        tables.show_plan(plan, lang, file=file, whole=dry_run)
        if plan.mistakes:
            raise typer.Exit(1)
        if dry_run or plan.is_empty:
            return
        if plan.is_drastic and not yes:
            typer.confirm(lang("Is the file complete, and should they all leave? (--yes answers this)"), abort=True)
        with edge.busy(lang("Importing")):
            database.run_here(lambda session: _apply(session, entries, settings, plan))
        typer.echo(lang("Done."))


def sign_in_link(email: Annotated[str, typer.Argument(help="The address of somebody who works here.")]) -> None:
    """Make a link that signs somebody in once, for when mail does not reach them."""
    settings, lang = edge.settings(), edge.speech()
    from workbot.clock import SystemClock
    from workbot.web.signin import LINK_LIVES, SignIn

    clock = SystemClock()
    with edge.database(settings) as database:
        sign_in = SignIn(settings, database, clock)
        link = database.run_here(lambda s: sign_in.make_link(s, edge.person(s, email), clock.now()))
    typer.echo(link)
    minutes = int(LINK_LIVES.total_seconds() // 60)
    note = lang("It works once, for {minutes} minutes. Hand it to nobody but {email}.", minutes=minutes, email=email)
    typer.echo(note, err=True)


def _entries(file: Path) -> Sequence[Entry]:
    from workbot.people.directories import directories

    readers = directories()
    ending = file.suffix.lower().removeprefix(".")
    if ending not in readers:
        known = ", ".join(f".{name}" for name in sorted(readers))
        raise WorkbotError("I cannot read {file}: people come from files that end in {known}.", file=file, known=known)
    return readers[ending](file).entries()


def _plan(session: Session, entries: Sequence[Entry], settings: Settings) -> Plan:
    from workbot.people import importing

    return importing.plan(session, entries, timezone=settings.timezone, locale=edge.speech().locale, now=edge.now())


def _apply(session: Session, entries: Sequence[Entry], settings: Settings, seen: Plan) -> None:
    """Do what was shown: the answer may have taken a while, and the app does not wait for it."""
    from workbot import features
    from workbot.people import importing

    plan = _plan(session, entries, settings)
    if [who.id for who in plan.leaves] != [who.id for who in seen.leaves] or plan.mistakes:
        raise WorkbotError("Something else has changed in the meantime. Nothing was imported; please try again.")
    now = edge.now()
    importing.apply(session, plan, now=now)
    features.people_changed(session, now=now)
