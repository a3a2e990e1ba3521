"""What people do with surveys. No reply shows an answer, and none of these turns is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from workbot import delivery
from workbot.cards import Card
from workbot.errors import Gone, WorkbotError
from workbot.i18n import N_, language
from workbot.people import Person, has_role
from workbot.pulse import ballots, service, views
from workbot.pulse.models import Wave
from workbot.pulse.questions import Question
from workbot.pulse.service import Participant
from workbot.router import Router
from workbot.turns import Ask, Command, HomeOpened, Page, Press, Replace, Reply, Say, Submission

ROUTER = Router()
# Among so many waves the newest results are looked for.
RECENT = 12


@ROUTER.command(
    "pulse",
    "sondage",
    "sondages",
    "survey",
    about=N_("Answer the surveys that are open for you"),
    usage=N_("pulse"),
    label=N_("Open surveys"),
)
def pulse(session: Session, turn: Command, *, person: Person, now: datetime) -> Reply:
    lang = language(person.locale)
    participants = service.open_waves(session, person, now=now)
    if not participants:
        return Say(views.nothing_open(lang))
    if len(participants) == 1:
        return Say(_where_they_are(session, participants[0], person))
    return Say(views.overview(participants, lang))


@ROUTER.on(HomeOpened, order=10)
def on_own_page(session: Session, turn: HomeOpened, *, person: Person, now: datetime) -> Page | None:
    participants = service.open_waves(session, person, now=now)
    return Page((views.overview(participants, language(person.locale)),)) if participants else None


@ROUTER.on(HomeOpened, order=40)
def results_on_own_page(session: Session, turn: HomeOpened, *, person: Person, now: datetime) -> Page:
    """The newest results, for those whom they were sent to and who may still read them."""
    told = [
        delivery.told(session, person, wave.report_subject)
        for wave in service.waves(session)[:RECENT]
        if wave.closed_at and has_role(session, person, *wave.reader_roles)
    ]
    return Page(tuple(card for card in told if card)[:1])


@ROUTER.on(Press, "pulse.open", sensitive=True)
def open_one(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    return Say(_where_they_are(session, _seat(session, turn.value, person, now), person))


@ROUTER.on(Press, "pulse.answer", sensitive=True)
def answer(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    reference, _, value = turn.value.rpartition(":")
    participant, question = _asked(session, reference, person, now)
    service.respond(session, participant, question, value, now=now)
    return _go_on(session, participant, question, turn, person, now)


@ROUTER.on(Press, "pulse.skip", sensitive=True)
def skip(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    participant, question = _asked(session, turn.value, person, now)
    if question.required and question.id not in ballots.answered(session, participant.participation):
        raise WorkbotError("This question needs an answer before you can go on.")
    return _go_on(session, participant, question, turn, person, now)


@ROUTER.on(Press, "pulse.change", sensitive=True)
def change(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    participant = _seat(session, turn.value, person, now)
    answered = ballots.answered(session, participant.participation)
    return Replace(views.asking(participant, participant.survey.questions[0], answered, language(person.locale)))


@ROUTER.on(Press, "pulse.write", sensitive=True, opens_form=True)
def write(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    participant, question = _asked(session, turn.value, person, now)
    has_written = question.id in ballots.answered(session, participant.participation)
    return Ask(views.form(participant, question, is_answered=has_written, lang=language(person.locale)))


@ROUTER.on(Submission, "pulse.comment", sensitive=True)
def comment(session: Session, turn: Submission, *, person: Person, now: datetime) -> Reply:
    participant, question = _asked(session, turn.state, person, now)
    written = question.typed(turn.values)
    has_written = question.id in ballots.answered(session, participant.participation)
    if has_written and turn.values.get("remove"):
        service.take_back(session, participant, question)
    elif written.strip() or not has_written:
        service.respond(session, participant, question, written, now=now)
    return _go_on(session, participant, question, turn, person, now)


@ROUTER.file("pulse-report")
def may_have(session: Session, subject: str, *, person: Person, now: datetime) -> bool:
    """Whether a person may have what shows the results of a wave: its readers may, and nobody who is none any more."""
    wave = session.get(Wave, UUID(subject.partition(":")[2]))
    return wave is not None and has_role(session, person, *wave.reader_roles)


def _where_they_are(session: Session, participant: Participant, person: Person) -> Card:
    """The first question without an answer, or thanks when the end was reached."""
    lang, answered = language(person.locale), ballots.answered(session, participant.participation)
    waiting = next((question for question in participant.survey.questions if question.id not in answered), None)
    if participant.participation.done or waiting is None:
        return views.thanks(participant, lang)
    return views.asking(participant, waiting, answered, lang)


def _go_on(
    session: Session,
    participant: Participant,
    question: Question,
    turn: Press | Submission,
    person: Person,
    now: datetime,
) -> Reply:
    """The question after this one, or thanks."""
    lang = language(person.locale)
    if following := participant.survey.after(question.id):
        return Replace(views.asking(participant, following, ballots.answered(session, participant.participation), lang))
    service.finish(session, participant)
    _thank_elsewhere(session, participant, turn, person, now)
    return Replace(views.thanks(participant, lang))


def _thank_elsewhere(
    session: Session, participant: Participant, turn: Press | Submission, person: Person, now: datetime
) -> None:
    """Put the thanks also where the survey was asked, if it was answered in another message than that."""
    here = delivery.subject_of(session, turn.sender.platform, turn.message) if turn.message else ""
    card = views.thanks(participant, language(person.locale))
    for subject in (participant.wave.subject, participant.wave.reminder_subject):
        if subject != here and service.has_seen(session, subject, participant.participation):
            key = f"pulse.thanks:{subject}:{person.id}:{turn.id}"
            delivery.tell(session, person, card, key=key, now=now, subject=subject, expires=participant.wave.closes_at)


def _seat(session: Session, wave_id: str, person: Person, now: datetime) -> Participant:
    try:
        return service.participant(session, UUID(wave_id), person, now=now)
    except ValueError as error:
        raise Gone("This survey is not one of yours.") from error


def _asked(session: Session, reference: str, person: Person, now: datetime) -> tuple[Participant, Question]:
    """What `wave:question` means for this person."""
    wave_id, _, name = reference.partition(":")
    participant = _seat(session, wave_id, person, now)
    return participant, service.question_of(participant.survey, name)
