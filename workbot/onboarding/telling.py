"""Who hears of a journey: each of its people has one card, a checklist that stays up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from workbot import delivery
from workbot.cards import Card
from workbot.definitions import as_published
from workbot.i18n import Language, language
from workbot.onboarding import views
from workbot.onboarding.definitions import KIND
from workbot.onboarding.models import Journey, Step
from workbot.onboarding.views import Scene
from workbot.people import Person


@dataclass(frozen=True)
class Recipient:
    """A person, or a place by its name."""

    person_id: UUID | None
    place: str = ""

    @classmethod
    def of(cls, step: Step) -> Recipient:
        return cls(None, step.place) if step.place else cls(step.assignee_id)

    def has(self, step: Step) -> bool:
        return Recipient.of(step) == self


def fall_due(session: Session, journey: Journey, due: list[Step], *, now: datetime) -> None:
    """Tell everyone what is theirs now; whose card stands already is told shortly what is new."""
    for recipient in sorted({Recipient.of(step) for step in due}, key=str):
        mine = [step for step in due if recipient.has(step)]
        is_known = any(step.told for step in _steps(session, journey) if recipient.has(step))
        for step in mine:
            step.told = True
            session.add(step)
        session.flush()
        _tell(session, journey, recipient, now=now)
        if is_known:
            # A card put in place of another is noticed by nobody.
            announce = _announcing(session, journey, mine)
            _send(session, recipient, announce, key=f"{journey.subject}:due:{mine[0].id}:{journey.revision}", now=now)


def remind(session: Session, journey: Journey, late: list[Step], *, now: datetime) -> None:
    """Say once, gently, what is late."""
    for recipient in sorted({Recipient.of(step) for step in late}, key=str):
        mine = [step for step in late if recipient.has(step)]
        drawn = scene(session, journey)

        def reminder(lang: Language, mine: list[Step] = mine, drawn: Scene = drawn) -> Card:
            return views.reminder(drawn, mine, lang)

        _send(session, recipient, reminder, key=f"{journey.subject}:late:{mine[0].id}", now=now)


def everyone(session: Session, journey: Journey, *, now: datetime) -> None:
    """Bring every card that stands up to date."""
    _tell_all(session, journey, {Recipient.of(step) for step in _steps(session, journey) if step.told}, now=now)


def those_of(session: Session, journey: Journey, step: Step, *, now: datetime) -> None:
    """Bring the cards up to date that show a step: its own, and the person's, who sees the progress."""
    shown = {Recipient.of(each) for each in _steps(session, journey) if each.told}
    _tell_all(session, journey, shown & {Recipient.of(step), Recipient(journey.person_id)}, now=now)


def take_back(session: Session, journey: Journey, step: Step, *, now: datetime) -> None:
    """Take what is not yet sent from someone who no longer has a part."""
    delivery.withdraw(session, subject=journey.subject, lane=f"person:{step.assignee_id}")


def finished(session: Session, journey: Journey, *, now: datetime) -> None:
    """Congratulate, and let the manager know."""
    drawn = scene(session, journey)
    person = drawn.person
    key = f"{journey.subject}:finished"
    delivery.tell(session, person, views.finished(drawn, language(person.locale)), key=key, now=now)
    if journey.manager_id and (manager := session.get(Person, journey.manager_id)):
        card = views.finished_for_manager(drawn, language(manager.locale))
        delivery.tell(session, manager, card, key=f"{key}:manager", now=now)


def card_for(session: Session, journey: Journey, person: Person) -> Card:
    """A person's own card of a journey, as it stands now."""
    return views.checklist(
        scene(session, journey), _is_theirs(person), language(person.locale), is_own=journey.person_id == person.id
    )


def place_card(session: Session, journey: Journey, place: str, lang: Language) -> Card:
    """A desk's card of a journey."""
    return views.checklist(scene(session, journey), Recipient(None, place).has, lang)


def _tell_all(session: Session, journey: Journey, recipients: Iterable[Recipient], *, now: datetime) -> None:
    for recipient in sorted(recipients, key=str):
        _tell(session, journey, recipient, now=now)


def _tell(session: Session, journey: Journey, recipient: Recipient, *, now: datetime) -> None:
    drawn = scene(session, journey)

    def card(lang: Language) -> Card:
        is_own = recipient.person_id == journey.person_id
        return views.checklist(drawn, recipient.has, lang, is_own=is_own)

    told = sum(step.told for step in drawn.steps)
    key = f"{journey.subject}:{journey.revision}:{told}:{recipient.person_id or recipient.place}"
    _send(session, recipient, card, key=key, now=now, subject=journey.subject)


def _send(
    session: Session,
    recipient: Recipient,
    card: Callable[[Language], Card],
    *,
    key: str,
    now: datetime,
    subject: str = "",
) -> None:
    if recipient.place:
        delivery.tell_place(
            session, recipient.place, lambda place: card(language(place.locale)), key=key, now=now, subject=subject
        )
    elif recipient.person_id and (person := session.get(Person, recipient.person_id)):
        delivery.tell(
            session, person, card(language(person.locale)), key=f"{key}:{person.id}", now=now, subject=subject
        )


def _announcing(session: Session, journey: Journey, due: list[Step]) -> Callable[[Language], Card]:
    drawn = scene(session, journey)
    return lambda lang: views.newly_due(drawn, due, lang)


def _is_theirs(person: Person) -> Callable[[Step], bool]:
    return Recipient(person.id).has


def scene(session: Session, journey: Journey) -> Scene:
    return Scene(
        journey=journey,
        definition=as_published(session, KIND, journey.definition_id),
        person=session.get_one(Person, journey.person_id),
        steps=_steps(session, journey),
    )


def _steps(session: Session, journey: Journey) -> list[Step]:
    steps = select(Step).where(Step.journey_id == journey.id)
    return list(session.exec(steps.order_by(col(Step.due_at), col(Step.position))))
