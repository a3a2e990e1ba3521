"""Waves of the past, for demonstrations and measurements: launched, answered and closed through the real parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from workbot import jobs
from workbot.people import Person
from workbot.pulse import service
from workbot.pulse.launching import launch
from workbot.pulse.models import Participation, Wave
from workbot.pulse.service import Participant

# What a person answers in a wave, by question; empty for one who does not.
Answers = Callable[[Person, Wave], Mapping[str, str]]


def record(session: Session, name: str, answers: Answers, *, zone: ZoneInfo, opened: datetime) -> Wave:
    """Write a wave that opened at a moment of the past and has closed, without telling anybody.

    Raises WorkbotError as `launch` and `respond` do.
    """
    wave = launch(session, name, zone=zone, now=opened, on=opened.astimezone(zone).date())
    jobs.cancel(session, series=wave.subject)
    survey = service.definition_of(session, wave)
    rows = session.exec(select(Participation, Person).join(Person).where(Participation.wave_id == wave.id))
    for participation, person in rows.all():
        participant = Participant(wave, survey, participation)
        participation.asked = participation.reminded = True
        for question, value in answers(person, wave).items():
            service.respond(session, participant, service.question_of(survey, question), value, now=opened)
            participation.done = True
    wave.closed_at = wave.closes_at
    session.add(wave)
    session.flush()
    return wave
