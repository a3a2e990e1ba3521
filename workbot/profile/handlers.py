"""Help and settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from sqlmodel import Session

from workbot.cards.forms import read, read_time
from workbot.errors import Invalid, Problem, WorkbotError
from workbot.i18n import N_, language
from workbot.people import Person, accounts
from workbot.profile import views
from workbot.router import Router
from workbot.turns import Ask, Command, Reply, Say, Submission

ROUTER = Router()


@ROUTER.command(
    "settings",
    "paramètres",
    about=N_("Choose your language and your quiet hours"),
    usage=N_("settings"),
    label=N_("Settings"),
)
def settings(session: Session, turn: Command, *, person: Person, now: datetime) -> Reply:
    surfaces = [account.platform for account in accounts(session, person)]
    return Ask(views.settings_form(person, surfaces, language(person.locale)))


@ROUTER.on(Submission, "profile.save")
def save(session: Session, turn: Submission, *, person: Person, now: datetime) -> Reply:
    surfaces = [account.platform for account in accounts(session, person)]
    lang = language(person.locale)
    values = read(views.settings_form(person, surfaces, lang).fields, turn.values, lang)
    quiet_from, quiet_until = _quiet_hours(values)
    locale, platform = values["locale"], values["platform"]
    person.locale, person.preferred_platform = locale, platform
    person.quiet_from, person.quiet_until = quiet_from, quiet_until
    session.add(person)
    return Say(views.saved(person, language(locale)))


def _quiet_hours(values: Mapping[str, str]) -> tuple[time | None, time | None]:
    """Both ends of the quiet hours, or neither; raises Invalid at the field that is wrong."""
    problems: dict[str, Problem] = {}
    ends: dict[str, time | None] = {}
    for name in ("quiet_from", "quiet_until"):
        try:
            ends[name] = read_time(values[name]) if values[name] else None
        except WorkbotError as error:
            problems[name] = Problem(error.message, error.values)
    if not problems and (ends["quiet_from"] is None) != (ends["quiet_until"] is None):
        missing = "quiet_from" if ends["quiet_from"] is None else "quiet_until"
        problems[missing] = Problem(N_("Give both times, or neither."))
    if not problems and ends["quiet_from"] is not None and ends["quiet_from"] == ends["quiet_until"]:
        problems["quiet_until"] = Problem(N_("This is the same time; quiet hours need a beginning and an end."))
    if problems:
        raise Invalid(problems)
    return ends["quiet_from"], ends["quiet_until"]
