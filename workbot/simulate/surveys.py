"""Playing one wave of a survey: people in three time zones, and whoever hears the results.

A day of the survey's schedule is opened by the rule of the clock; any other as somebody would launch it the day before.
"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from sqlmodel import Session

from workbot import definitions, pulse
from workbot.clock import SystemClock
from workbot.errors import Gone
from workbot.i18n import Language
from workbot.people import Person
from workbot.pulse import SurveyDefinition
from workbot.settings import Settings
from workbot.simulate.stage import Play, Stage, morning, stage

# Enough of them that the smallest group whose scores may be shown is reached when all answer.
NAMES = ("Ada Tremblay", "Marc Gagnon", "Noor Haddad", "Mei Lin", "Sam Okafor", "Lucie Roy")
ZONES = ("America/St_Johns", "America/Vancouver")
# How they feel, from 0 to 1; nobody writes a comment.
MOODS = (0.75, 1, 0.5, 0.75, 0.25, 1)


def survey(settings: Settings, lang: Language, name: str, on: date | None, *, done: bool) -> Play:
    """Play the wave that opens on a day, or on the next of the survey's schedule; `done` lets everybody answer.

    Raises Gone when there is no such survey, and DefinitionsWrong.
    """
    found = definitions.read_all(pulse.KIND, settings.definitions)
    if name not in found:
        raise Gone("There is no “{name}” here.", name=name)
    day = on or _next_day(found[name], SystemClock().now().astimezone(settings.zone).date())
    with stage(settings, lang, morning(settings, day - timedelta(days=1))) as here:
        return asyncio.run(_play(here, found[name], day, done))


def _next_day(definition: SurveyDefinition, today: date) -> date:
    return definition.schedule.next_after(today) if definition.schedule else today + timedelta(days=1)


async def _play(here: Stage, definition: SurveyDefinition, day: date, done: bool) -> Play:
    people: list[Person] = []

    def begin(session: Session) -> None:
        here.open(session, pulse.KIND)
        people.extend(_people(session, here, definition))
        if definition.schedule and definition.schedule.falls_on(day):
            due = pulse.due_at(session, definition, day, here.app.settings.timezone)
            here.clock.move_to(due)
            pulse.open_on(session, definition, day, here.app.settings.zone, due=due, now=due, people=people)
        else:
            zone, now = here.app.settings.zone, here.clock.now()
            pulse.launch(session, definition.name, zone=zone, now=now, on=day, people=people)

    def answer(session: Session) -> None:
        for number, person in enumerate(people):
            for participant in pulse.open_waves(session, person, now=here.clock.now()):
                if not participant.participation.done and pulse.has_seen(
                    session, participant.wave.subject, participant.participation
                ):
                    _answer(session, here, participant, number)

    await here.app.database.run(begin)
    await here.play(answer if done else None)
    return Play(here.in_order())


def _people(session: Session, here: Stage, definition: SurveyDefinition) -> list[Person]:
    """Those who are asked; whoever hears the results is made besides."""
    readers = definition.report.roles
    here.hire(session, "Priya Nair", *readers, title=", ".join(readers))
    if pulse.LAUNCHERS not in readers:
        here.hire(session, "Claire Dubois", pulse.LAUNCHERS, title=pulse.LAUNCHERS)
    zones = (here.app.settings.timezone, *ZONES)
    return [here.hire(session, name, zone=zones[number % len(zones)]) for number, name in enumerate(NAMES)]


def _answer(session: Session, here: Stage, participant: pulse.Participant, number: int) -> None:
    for place, question in enumerate(participant.survey.questions):
        nth = number + place
        if value := question.example(MOODS[nth % len(MOODS)], nth):
            pulse.respond(session, participant, question, value, now=here.clock.now())
    pulse.finish(session, participant)
