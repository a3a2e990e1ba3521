"""Help and settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from sqlmodel import Session

from workbot.errors import Invalid, Problem
from workbot.i18n import LOCALES, N_, language
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
    quiet_from, quiet_until = _quiet_hours(turn.values)
    locale, platform = turn.values.get("locale", ""), turn.values.get("platform", "")
    surfaces = {account.platform for account in accounts(session, person)}
    if locale not in LOCALES or platform not in {"", *surfaces}:
        field = "platform" if locale in LOCALES else "locale"
        raise Invalid({field: Problem(N_("Choose one of the list."))})
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
            ends[name] = _clock(values.get(name, ""))
        except ValueError:
            problems[name] = Problem(N_("Write the time as 18:30."))
    if not problems and (ends["quiet_from"] is None) != (ends["quiet_until"] is None):
        missing = "quiet_from" if ends["quiet_from"] is None else "quiet_until"
        problems[missing] = Problem(N_("Give both times, or neither."))
    if not problems and ends["quiet_from"] is not None and ends["quiet_from"] == ends["quiet_until"]:
        problems["quiet_until"] = Problem(N_("This is the same time; quiet hours need a beginning and an end."))
    if problems:
        raise Invalid(problems)
    return ends["quiet_from"], ends["quiet_until"]


def _clock(text: str) -> time | None:
    """A time of day as people write it: `18:30`, `18h30`, `7:00`."""
    written = text.strip().lower().replace("h", ":").replace(" ", "")
    if not written:
        return None
    hours, _, minutes = written.partition(":")
    return time(int(hours), int(minutes or 0))
