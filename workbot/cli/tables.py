"""What commands show in columns: the difference that an import makes, and what the doctor found."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from workbot.doctor import Finding, Verdict
from workbot.i18n import Language
from workbot.people.departments import shown

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from workbot.people import Person
    from workbot.people.changes import Change
    from workbot.people.importing import Plan
    from workbot.tokens import AccessToken

MOST_SHOWN = 20
COLOURS = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.FAIL: "red"}


def show_findings(findings: Sequence[Finding], lang: Language) -> None:
    """One line for each check, and beneath it what to do."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for overflow in ("ellipsis", "ellipsis", "fold"):
        table.add_column(overflow=overflow)
    words = {Verdict.OK: lang("ok"), Verdict.WARNING: lang("warning"), Verdict.FAIL: lang("fail")}
    for finding in findings:
        verdict = Text(words[finding.verdict], COLOURS[finding.verdict])
        table.add_row(verdict, finding.subject, Text(finding.words))
    Console().print(table)


def show_tokens(found: Sequence[AccessToken], lang: Language, *, zone: ZoneInfo, now: datetime) -> None:
    """One line for each token: what it lets in to, until when, and when it last did."""
    if not found:
        typer.echo(lang("There are no tokens."))
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for head in (lang("Name"), lang("Scopes"), lang("Until"), lang("Last used"), lang("State")):
        table.add_column(head, overflow="fold")
    for token in found:
        until = token.last_moment.astimezone(zone).date().isoformat() if token.last_moment else lang("no end")
        used = lang.moment(token.used_at, zone.key) if token.used_at else lang("never")
        state = lang("valid") if token.is_good(now) else lang("revoked") if token.revoked_at else lang("expired")
        table.add_row(Text(token.name), " ".join(token.scopes), until, used, state)
    Console().print(table)


def show_plan(plan: Plan, lang: Language, *, file: Path, whole: bool) -> None:
    """What an import would do, or the lines that keep it from being done."""
    for note in plan.notes:
        typer.secho(note, fg="yellow", err=True)
    for mistake in plan.mistakes:
        typer.secho(f"{file}:{mistake}", fg="red", err=True)
    if plan.mistakes:
        typer.echo(lang("Nothing was imported. Correct these lines and try again."), err=True)
        return
    if plan.is_empty:
        typer.echo(lang("Nothing changes."))
        return
    joins, changes, leaves, departments = plan.joins, plan.changes, plan.leaves, plan.departments
    show = partial(_show, lang=lang, whole=whole)
    # All of them: a slash too many is a department that nobody meant.
    made = lang.plural("{count} department is new", "{count} departments are new", len(departments))
    _show(made, [f"+ {shown(path)}" for path in departments], lang=lang, whole=True)
    show(lang.plural("{count} person joins", "{count} people join", len(joins)), [*map(_joining, joins)])
    show(lang.plural("{count} person changes", "{count} people change", len(changes)), [*map(_changing, changes)])
    show(lang.plural("{count} person leaves", "{count} people leave", len(leaves)), [*map(_leaving, leaves)])
    if plan.is_drastic:
        active = lang.number(plan.active_before)
        typer.secho(lang("That is many of the {count} who work here.", count=active), fg="yellow")


def _show(heading: str, lines: Sequence[str], *, lang: Language, whole: bool) -> None:
    if not lines:
        return
    typer.secho(heading, bold=True)
    shown = lines if whole else lines[:MOST_SHOWN]
    for line in shown:
        typer.echo(f"  {line}")
    if left := len(lines) - len(shown):
        typer.echo(lang("  … and {count} more; --dry-run shows them all", count=lang.number(left)))


def _joining(change: Change) -> str:
    return f"+ {change.email}  {change.after.get('name', '')}"


def _leaving(person: Person) -> str:
    return f"- {person.email}  {person.name}"


def _changing(change: Change) -> str:
    new = (f"{column}: {_word(change.before.get(column))} → {_word(value)}" for column, value in change.after.items())
    return f"~ {change.email}  {'; '.join(new)}"


def _word(value: object) -> str:
    if isinstance(value, frozenset):
        return " ".join(sorted(value)) or "—"
    return str(value) if value not in (None, "") else "—"
