"""What can be done with a wave: answer in it, close it, and see which are open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from workbot import delivery
from workbot.definitions import as_published
from workbot.delivery import Message, State
from workbot.errors import Gone, WorkbotError
from workbot.people import Person
from workbot.pulse import ballots
from workbot.pulse.definitions import SurveyDefinition
from workbot.pulse.kind import KIND
from workbot.pulse.models import Participation, Wave
from workbot.pulse.questions import Question


@dataclass(frozen=True)
class Participant:
    """One person's part in a wave: the wave, the survey as it was launched, and their invitation."""

    wave: Wave
    survey: SurveyDefinition
    participation: Participation


def definition_of(session: Session, wave: Wave) -> SurveyDefinition:
    """The survey as it was when the wave was launched."""
    return as_published(session, KIND, wave.definition_id)


def question_of(survey: SurveyDefinition, name: str) -> Question:
    """A survey's question by its id; raises Gone when it has none of that name."""
    question = survey.question(name)
    if question is None:
        raise Gone("That is not a question of this survey.")
    return question


def waves(session: Session, survey: str = "") -> list[Wave]:
    """Every wave, of one survey or of all, the newest first."""
    wanted = select(Wave).order_by(col(Wave.opens_at).desc(), col(Wave.number).desc())
    return list(session.exec(wanted.where(Wave.survey == survey) if survey else wanted))


def has_waves_for(session: Session, roles: Collection[str]) -> bool:
    """Whether there is a wave whose results one of some roles may read."""
    if not roles:
        return False
    named = session.exec(select(Wave.readers).distinct())
    return any(not set(readers.split()).isdisjoint(roles) for readers in named)


def wave_numbered(session: Session, survey: str, number: int | None = None) -> Wave:
    """A wave by its number, or the newest of a survey; raises Gone when there is none."""
    wanted = select(Wave).where(Wave.survey == survey).order_by(col(Wave.number).desc())
    found = session.exec(wanted.where(Wave.number == number) if number is not None else wanted).first()
    if found is None:
        raise Gone("“{survey}” has no such wave.", survey=survey)
    return found


def open_wave(session: Session, survey: str, *, now: datetime) -> Wave | None:
    """The wave of a survey that takes answers now."""
    return session.exec(
        select(Wave).where(Wave.survey == survey, col(Wave.closed_at).is_(None), Wave.closes_at > now)
    ).first()


def open_waves(session: Session, person: Person, *, now: datetime) -> list[Participant]:
    """The surveys in which a person can answer now, the first to close first."""
    rows = session.exec(
        select(Wave, Participation)
        .join(Participation)
        .where(Participation.person_id == person.id, col(Wave.closed_at).is_(None))
        .where(Wave.opens_at <= now, Wave.closes_at > now)
        .order_by(col(Wave.closes_at), col(Wave.survey))
    )
    return [Participant(wave, definition_of(session, wave), participation) for wave, participation in rows]


def participant(session: Session, wave_id: UUID, person: Person, *, now: datetime) -> Participant:
    """A person's part in an open wave.

    Raises Gone when there is no such wave for them, and WorkbotError when it has closed.
    """
    participation = session.exec(
        select(Participation).where(Participation.wave_id == wave_id, Participation.person_id == person.id)
    ).first()
    # Held against a close at the same moment: an answer is in before it, or refused after it.
    wave = session.get(Wave, wave_id, with_for_update={"read": True}) if participation else None
    if participation is None or wave is None:
        raise Gone("This survey is not one of yours.")
    if not wave.is_open(now):
        raise WorkbotError("This survey has closed. Thank you for wanting to answer; the next one will come.")
    return Participant(wave, definition_of(session, wave), participation)


def respond(session: Session, participant: Participant, question: Question, value: str, *, now: datetime) -> None:
    """Take a person's answer to a question, in place of an earlier one."""
    if not participant.wave.is_open(now):
        raise WorkbotError("This survey has closed. Thank you for wanting to answer; the next one will come.")
    ballots.cast(session, participant.wave, participant.participation, question.id, question.checked(value))
    participant.participation.answered = True
    session.add(participant.participation)


def take_back(session: Session, participant: Participant, question: Question) -> None:
    """Remove a person's answer to a question."""
    ballots.erase(session, participant.wave, participant.participation, question.id)
    participant.participation.answered = bool(ballots.answered(session, participant.participation))
    session.add(participant.participation)


def finish(session: Session, participant: Participant) -> None:
    """Note that a person has come to the end, and spare them what is still queued for them."""
    participant.participation.done = True
    session.add(participant.participation)
    for subject in (participant.wave.subject, participant.wave.reminder_subject):
        delivery.withdraw(session, subject=subject, recipient=f"person:{participant.participation.person_id}")


def has_seen(session: Session, subject: str, participation: Participation) -> bool:
    """Whether a message of that subject has reached the person."""
    found = select(Message.id).where(
        Message.subject == subject, Message.person_id == participation.person_id, Message.state == State.SENT
    )
    return session.exec(found).first() is not None


def counts(session: Session, wave: Wave) -> tuple[int, int]:
    """How many were invited and how many have answered; the caller minds who may know."""
    rows = session.exec(
        select(Participation.answered, func.count())
        .where(Participation.wave_id == wave.id)
        .group_by(col(Participation.answered))
    )
    found = dict(rows.all())
    return sum(found.values()), found.get(True, 0)
