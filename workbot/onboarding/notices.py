"""Who hears of what: one checklist per journey and carrier, and a short message when something is new on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlmodel import Session, select

from workbot import delivery
from workbot.cards import Card
from workbot.definitions import as_published
from workbot.delivery.models import Message, Priority, State
from workbot.i18n import Language, language
from workbot.onboarding import planning, views
from workbot.onboarding.assignment import carrier_of, cast
from workbot.onboarding.kind import KIND
from workbot.onboarding.models import Journey, Standing, Step
from workbot.onboarding.queries import JourneyView, journey_view, steps_of
from workbot.onboarding.steps import DESK
from workbot.people import Person, channel_of, people_with_role

View = Callable[[Language], Card]

# Whose journey it is, and that somebody leaves, is for those who carry it.
DISCLOSURES: delivery.Disclosures = {
    "journey": delivery.Disclosure(lambda lang: lang("About a journey"), shows_recipient=True)
}


def bring_up_to_date(
    session: Session, journey: Journey, *, besides: Collection[str] = (), by: Person | None = None, now: datetime
) -> None:
    """Tell what has come up, and bring the cards of `besides` up to date wherever they stand.

    `by` is whose doing it is: their own card changes under their eyes, everyone else's in their hours.
    """
    journey.revision += 1
    session.add(journey)
    new = _newly_due(session, journey, now) if journey.is_running else {}
    session.flush()
    here = journey_view(session, journey)
    for carrier in sorted({*new, *besides} - {""}):
        _card(session, here, carrier, by, now)
    for carrier in sorted(new):
        if _has_card(session, journey, carrier):
            _news(session, here, carrier, new[carrier], now)


def remind(session: Session, journey: Journey, *, now: datetime) -> None:
    """One message to each carrier about all that is overdue and was not reminded of."""
    late: dict[str, list[Step]] = defaultdict(list)
    here = journey_view(session, journey)
    for step in here.steps:
        if step.told and not step.reminded and step.standing(now) == Standing.OVERDUE:
            step.reminded = True
            session.add(step)
            late[step.carrier].append(step)
    for carrier, steps in sorted(late.items()):
        _card(session, here, carrier, None, now)
        key = f"{journey.card_subject(carrier)}:reminder:{journey.revision}"
        _tell(session, carrier, partial(views.reminder, here, steps), key=key, now=now)


def completed(session: Session, journey: Journey, *, now: datetime) -> None:
    """Congratulate who has come to the end, and let their manager know; once, whatever is ticked again."""
    session.flush()
    here = journey_view(session, journey)
    key = f"{journey.subject}:completed"
    _tell(session, here.hire_key, partial(views.congratulation, here), key=f"{key}:hire", now=now)
    manager = carrier_of(session, journey, "manager", now=now)
    if manager is not None and manager.id != here.hire.id:
        _tell(session, str(manager.id), partial(views.ended, here), key=f"{key}:manager", now=now)


def take_back(session: Session, journey: Journey) -> set[str]:
    """Take back what nobody has received yet; returns who has a card, and what others were told is to be told again."""
    delivery.withdraw_all(session, keys=f"{journey.subject}:")
    steps = steps_of(session, journey)
    landed = {carrier for carrier in {step.carrier for step in steps} - {""} if _has_card(session, journey, carrier)}
    for step in steps:
        if step.done_at is None and step.carrier not in landed:
            step.told = step.reminded = False
            session.add(step)
    return landed


def moved(session: Session, journey: Journey, landed: Collection[str], *, now: datetime) -> None:
    """Let whoever is concerned know of a journey's new day: those who have a card, the manager and the buddy."""
    session.flush()
    here = journey_view(session, journey)
    beside = (carrier_of(session, journey, who, now=now) for who in ("manager", "buddy"))
    for carrier in sorted({*landed, *(str(person.id) for person in beside if person)}):
        key = f"{journey.card_subject(carrier)}:moved:{journey.revision}"
        _tell(session, carrier, partial(views.moved, here, carrier), key=key, now=now)


def tell_hr(
    session: Session, journey: Journey, view: Callable[[JourneyView, Language], Card], *, now: datetime, once: str = ""
) -> None:
    """Tell HR what they have to decide; `once` names what is not said again, else each change of a journey is."""
    session.flush()
    here = journey_view(session, journey)
    # Apart from the journey's other messages, which may be taken back.
    key = f"hr-about:{journey.id}:{once or f'{view.__name__}:{journey.revision}'}"
    for person in people_with_role(session, "hr", now=now):
        card = view(here, language(person.locale))
        delivery.tell(session, person, card, key=f"{key}:{person.id}", now=now, working_hours=True)


def _newly_due(session: Session, journey: Journey, now: datetime) -> dict[str, list[Step]]:
    """Mark what has come up as told, by carrier; whoever has left meanwhile is stood in for."""
    found: dict[str, list[Step]] = defaultdict(list)
    wanted, time = as_published(session, KIND, journey.definition_id).by_id(), planning.time_of(session, journey)
    for step in steps_of(session, journey):
        if step.done_at is None and not step.told and step.due_at <= now:
            cast(session, journey, step, now=now)
            # Without anyone to tell it stays untold, until there is.
            if step.carrier:
                planning.told_now(session, journey, step, wanted[step.step], time, now=now)
                found[step.carrier].append(step)
    return found


def _card(session: Session, here: JourneyView, carrier: str, by: Person | None, now: datetime) -> None:
    subject = here.journey.card_subject(carrier)
    _tell(
        session,
        carrier,
        partial(views.checklist, here, carrier, now=now),
        key=f"{subject}:{here.journey.revision}",
        subject=subject,
        at_once=by is not None and str(by.id) == carrier,
        now=now,
    )


def _has_card(session: Session, journey: Journey, carrier: str) -> bool:
    """Whether a checklist has landed: what changes in place is not noticed by anyone."""
    landed = select(Message.id).where(Message.subject == journey.card_subject(carrier), Message.state == State.SENT)
    return session.exec(landed).first() is not None


def _news(session: Session, here: JourneyView, carrier: str, steps: Sequence[Step], now: datetime) -> None:
    key = f"{here.journey.card_subject(carrier)}:news:{here.journey.revision}"
    _tell(session, carrier, partial(views.news, here, steps), key=key, now=now)


def _tell(
    session: Session, carrier: str, view: View, *, key: str, now: datetime, subject: str = "", at_once: bool = False
) -> None:
    """Say something to a carrier: to a person in their working hours, or in the channel of a desk."""
    if carrier.startswith(DESK):
        channel = channel_of(session, carrier.removeprefix(DESK))
        delivery.tell_channel(session, channel, lambda at: view(language(at.locale)), key=key, now=now, subject=subject)
        return
    person = session.get_one(Person, UUID(carrier))
    delivery.tell(
        session,
        person,
        view(language(person.locale)),
        key=key,
        now=now,
        subject=subject,
        working_hours=not at_once,
        priority=Priority.ANSWER if at_once else Priority.NOTICE,
    )
