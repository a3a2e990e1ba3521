"""Playing a journey: somebody sets out, with a manager, a buddy, HR and every desk around them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta

from sqlmodel import Session

from workbot import definitions, onboarding
from workbot.errors import Gone
from workbot.i18n import Language
from workbot.onboarding import DESK, JourneyDefinition
from workbot.people import OWN_COLUMNS, Person, channel_of
from workbot.settings import Settings
from workbot.simulate.stage import Play, Stage, morning, stage

# Working days, made calendar days with room for holidays.
ROOM = timedelta(days=14)
CALENDAR_PER_WORKING = 2


def journey(settings: Settings, lang: Language, name: str, on: date, *, traits: Mapping[str, str], done: bool) -> Play:
    """Play a journey around the day `on`; `done` lets everybody tick their steps, else nobody does.

    `traits` are values of whoever sets out; where a step asks for others, it is left out and noted.
    Raises Gone when there is no such journey, and DefinitionsWrong.
    """
    definition = _definition(settings, name)
    earliest = min(step.due.days for step in definition.steps)
    beginning = on - ROOM + timedelta(days=CALENDAR_PER_WORKING * min(earliest, 0))
    with stage(settings, lang, morning(settings, beginning)) as here:
        return asyncio.run(_play(here, definition, on, {**_wished(definition), **traits}, done))


def _definition(settings: Settings, name: str) -> JourneyDefinition:
    found = definitions.read_all(onboarding.KIND, settings.definitions)
    if name not in found:
        raise Gone("There is no “{name}” here.", name=name)
    return found[name]


def _wished(definition: JourneyDefinition) -> dict[str, str]:
    """The first value that each condition asks for, so that most steps apply."""
    wished: dict[str, str] = {}
    for step in definition.steps:
        for column, values in step.when.wanted().items():
            wished.setdefault(column, values[0])
    return wished


async def _play(here: Stage, definition: JourneyDefinition, on: date, traits: Mapping[str, str], done: bool) -> Play:
    notes: list[str] = []

    def begin(session: Session) -> None:
        here.open(session, onboarding.KIND)
        hire, buddy = _people(session, here, traits)
        for desk in _desks(definition):
            if channel_of(session, desk):
                here.hire(session, f"Sam {desk}", f"agent:{desk}")
        notes.extend(_notes(session, here.lang, definition, hire))
        onboarding.start(session, definition.name, hire, on, buddy=buddy, now=here.clock.now())

    def tick(session: Session) -> None:
        for step, who in onboarding.waiting(session, now=here.clock.now()):
            onboarding.complete(session, step, session.get_one(Person, who), now=here.clock.now())

    await here.app.database.run(begin)
    await here.play(tick if done else None)
    return Play(here.in_order(), notes)


def _desks(definition: JourneyDefinition) -> set[str]:
    return {step.who.removeprefix(DESK) for step in definition.steps if step.who.startswith(DESK)}


def _people(session: Session, here: Stage, traits: Mapping[str, str]) -> tuple[Person, Person]:
    """Whoever sets out, and their buddy; a manager and HR are there too."""
    lang = here.lang
    manager = here.hire(session, "Marc Gagnon", title=lang("manager"))
    here.hire(session, "Priya Nair", "hr", title=lang("HR"))
    buddy = here.hire(session, "Ada Tremblay", title=lang("buddy"))
    hire = here.hire(session, "Noor Haddad", title=lang("sets out"))
    hire.manager_id = manager.id
    for column, value in traits.items():
        if column in OWN_COLUMNS:
            setattr(hire, column, value)
        else:
            hire.attributes = {**hire.attributes, column: value}
    session.add(hire)
    session.flush()
    return hire, buddy


def _notes(session: Session, lang: Language, definition: JourneyDefinition, hire: Person) -> list[str]:
    notes = []
    for step in definition.steps:
        title, desk = lang.of(step.title), step.who.removeprefix(DESK)
        if not step.when.hold_for(hire):
            asked = "; ".join(f"{column}: {', '.join(values)}" for column, values in step.when.wanted().items())
            notes.append(lang("“{step}” is left out: it is for {condition}.", step=title, condition=asked))
        elif step.who.startswith(DESK) and not channel_of(session, desk):
            notes.append(lang("Nobody hears of “{step}”: there is no desk “{desk}”.", step=title, desk=desk))
    return notes
