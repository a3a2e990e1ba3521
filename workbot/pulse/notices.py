"""What a wave says to many people: asking, reminding and closing, a batch of people to a transaction.

Each batch is a job that writes the next. However many people there are, no transaction is long, and a
process that dies goes on with the batch it was at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnExpressionArgument
from sqlmodel import Session, col, select

from workbot import delivery, jobs
from workbot.cards import Card
from workbot.delivery import Message, State
from workbot.delivery.models import Priority
from workbot.i18n import Language, language
from workbot.jobs import Job
from workbot.people import Person
from workbot.pulse import timing, views
from workbot.pulse.models import Participation, Wave
from workbot.pulse.service import Participant, definition_of

BATCH = 100
# A survey asks everyone the same, and its report is told to its readers by its title.
DISCLOSURES: delivery.Disclosures = dict.fromkeys(("pulse", "pulse-reminder", "pulse-report"), delivery.OPEN)

View = Callable[[Participant, Language], Card]
Told = tuple[Participant, Person]


def ask(session: Session, wave: Wave, job: Job, *, now: datetime) -> None:
    """Queue the invitations of the next people who have none yet, each for their own morning."""
    waiting = _next(session, wave, ~col(Participation.asked))
    for participant, person in waiting:
        participant.participation.asked = True
        _tell(
            session, participant, person, views.invitation, wave.subject, due=participant.participation.due_at, now=now
        )
    if not _go_on(session, job, waiting, now=now):
        delivery.campaign_is_told(session, wave.subject)


def remind(session: Session, wave: Wave, job: Job, *, now: datetime) -> None:
    """Queue the one reminder of those of whom no answer is held."""
    unanswered = (~col(Participation.answered), ~col(Participation.done), ~col(Participation.reminded))
    waiting = _next(session, wave, col(Participation.asked), *unanswered)
    reached = _reached(session, wave.subject, waiting)
    for participant, person in waiting:
        participant.participation.reminded = True
        # Whoever has been away has not had the first message yet, and needs no second.
        if person.id in reached:
            due = _reminding_moment(participant, now)
            _tell(session, participant, person, views.reminder, wave.reminder_subject, due=due, now=now)
    _go_on(session, job, waiting, now=now)


def show_closed(session: Session, wave: Wave, job: Job, *, now: datetime) -> None:
    """Put “this survey has closed” in place of the questions that still stand open."""
    waiting = _next(session, wave, col(Participation.asked), ~col(Participation.done), ~col(Participation.told_closed))
    reached = {subject: _reached(session, subject, waiting) for subject in (wave.subject, wave.reminder_subject)}
    for participant, person in waiting:
        participant.participation.told_closed = True
        for subject in reached:
            if person.id in reached[subject]:
                _tell(session, participant, person, views.closed, subject, due=now, now=now)
    _go_on(session, job, waiting, now=now)


def _next(session: Session, wave: Wave, *conditions: ColumnExpressionArgument[bool]) -> list[Told]:
    """The next batch of people of a wave, those whose morning comes first."""
    rows = session.exec(
        select(Participation, Person)
        .join(Person)
        .where(Participation.wave_id == wave.id, *conditions)
        .order_by(col(Participation.due_at), col(Participation.id))
        .limit(BATCH)
    )
    survey = definition_of(session, wave)
    return [(Participant(wave, survey, participation), person) for participation, person in rows]


def _reminding_moment(participant: Participant, now: datetime) -> datetime:
    """The morning of the reminder where the person is."""
    day = timing.reminding_day(participant.survey, participant.wave.first_day)
    return (
        timing.local(day, timing.clock_of(participant.survey), ZoneInfo(participant.participation.zone)) if day else now
    )


def _reached(session: Session, subject: str, told: Sequence[Told]) -> set[UUID | None]:
    """Who of these has a message of a subject in front of them."""
    people = [person.id for _seat, person in told]
    wanted = select(Message.person_id).where(
        Message.subject == subject, col(Message.person_id).in_(people), Message.state == State.SENT
    )
    return set(session.exec(wanted))


def _tell(
    session: Session,
    participant: Participant,
    person: Person,
    view: View,
    subject: str,
    *,
    due: datetime,
    now: datetime,
) -> None:
    wave, moment = participant.wave, max(due, now)
    if not person.is_here(moment):
        return
    is_open = wave.closed_at is None
    delivery.tell(
        session,
        person,
        view(participant, language(person.locale)),
        key=f"{view.__name__}:{subject}:{person.id}",
        now=now,
        subject=subject,
        due=moment,
        expires=wave.closes_at if is_open else None,
        # A card put in place of another disturbs nobody; a new one waits until they work, unless asked at once.
        working_hours=is_open and not (wave.at_once and view is views.invitation),
        priority=Priority.CAMPAIGN,
        campaign=wave.subject if view is views.invitation else "",
    )


def _go_on(session: Session, job: Job, told: Sequence[Told], *, now: datetime) -> bool:
    """Write the job of the next batch; False when this one was the last."""
    if len(told) < BATCH:
        return False
    batch = job.payload["batch"] + 1
    payload = job.payload | {"batch": batch}
    key = f"{job.kind}:{payload['wave']}:{batch}"
    jobs.at(session, now, job.kind, payload, key=key, series=job.series)
    return True
