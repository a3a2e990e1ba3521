"""How HR starts a journey, and what can be wrong with what they typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from workbot.cards import ChoiceField, DateField, Form, Option, TextField
from workbot.cards.forms import parsed
from workbot.definitions import all_offered
from workbot.errors import Invalid, Problem
from workbot.i18n import N_, Language
from workbot.onboarding import service
from workbot.onboarding.definitions import JourneyDefinition
from workbot.onboarding.kind import KIND
from workbot.people import Person, by_email

# Further from today than this a date is a slip of the finger.
MOST_DAYS = 366


@dataclass(frozen=True)
class JourneyDraft:
    """A journey that can be started."""

    person: Person
    name: str
    on: date
    buddy: Person | None


def start_form(definitions: Sequence[JourneyDefinition], lang: Language) -> Form:
    options = tuple(Option(lang.of(definition.title), definition.name) for definition in definitions)
    days = lang.listed(sorted({lang.of(definition.day) for definition in definitions}))
    fields = (
        TextField("person", lang("Whose journey? Their e-mail address"), max_length=200),
        ChoiceField("journey", lang("Which journey?"), options),
        DateField("on", lang("On which day?"), lang("Its steps are counted from this day: {days}.", days=days)),
        TextField("buddy", lang("Their buddy’s e-mail address"), required=False, max_length=200),
    )
    return Form("onboarding.start", lang("Start a journey"), fields, lang("Start"))


def draft(session: Session, typed: Mapping[str, str], lang: Language, *, today: date) -> JourneyDraft:
    """What a filled form asks for; raises Invalid with what is wrong at each field."""
    values, problems = parsed(start_form(all_offered(session, KIND), lang).fields, typed, lang)
    person, buddy = (by_email(session, values.get(name, "")) for name in ("person", "buddy"))
    on, name = date.fromisoformat(values["on"]) if "on" in values else today, values.get("journey", "")
    if person is None:
        problems.setdefault("person", Problem(N_("Nobody here has this e-mail address.")))
    elif name and service.running(session, name, person):
        problems["person"] = Problem(N_("{person} is on this journey already."), {"person": person.name})
    if abs((on - today).days) > MOST_DAYS:
        problems["on"] = Problem(N_("Give a day within a year from today, as 2026-11-23."))
    if values.get("buddy") and buddy is None:
        problems["buddy"] = Problem(N_("Nobody here has this e-mail address."))
    elif buddy and person and buddy.id == person.id:
        problems["buddy"] = Problem(N_("Nobody can be their own buddy."))
    if problems or person is None:
        raise Invalid(problems)
    return JourneyDraft(person, name, on, buddy)
