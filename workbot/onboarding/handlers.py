"""What people do on journeys: look, tick off, and for HR start one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlmodel import Session

from workbot import delivery
from workbot.cards import Card
from workbot.definitions import all_current
from workbot.errors import Invalid, Problem
from workbot.i18n import N_, language
from workbot.onboarding import service, telling, views
from workbot.onboarding.definitions import KIND
from workbot.onboarding.models import Journey, Step
from workbot.people import Person, by_email, holds, require
from workbot.router import Router
from workbot.turns import Ask, Command, Press, Replace, Reply, Say, Submission

ROUTER = Router()


@ROUTER.command(
    "onboarding",
    "intégration",
    "parcours",
    about=N_("See your journey, and what others need from you"),
    usage=N_("onboarding"),
    label=N_("My journey"),
)
def onboarding(session: Session, turn: Command, *, person: Person, now: datetime) -> Reply:
    lang, may_start = language(person.locale), holds(session, person, "hr")
    own = next((journey for journey in service.journeys_of(session, person) if journey.is_active), None)
    owed = [(telling.scene(session, journey), step) for journey, step in service.owed_by(session, person, now=now)]
    if own is None and not owed:
        return Say(views.none_yet(lang, may_start=may_start))
    cards = [views.way(telling.scene(session, own), lang)] if own else []
    cards += [views.owed(owed, lang)] if owed else []
    return Say(views.together(cards, lang, may_start=may_start))


@ROUTER.press("onboarding.done")
def done(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    return _tick(session, turn, person, now, service.complete)


@ROUTER.press("onboarding.undo")
def undo(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    return _tick(session, turn, person, now, service.undo)


@ROUTER.press("onboarding.new")
def new(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    require(session, person, "hr")
    return Ask(views.start_form(all_current(session, KIND), language(person.locale)))


@ROUTER.submission("onboarding.start")
def start(session: Session, turn: Submission, *, person: Person, now: datetime) -> Reply:
    require(session, person, "hr")
    name, hire, on, buddy = _filled(session, turn.values)
    journey = service.start(session, name, hire, on, buddy=buddy, now=now)
    return Say(views.started(telling.scene(session, journey), language(person.locale)))


def _tick(session: Session, turn: Press, person: Person, now: datetime, verb: Callable[..., Journey]) -> Reply:
    step = service.step_called(session, turn.value)
    journey = verb(session, step, person, now=now)
    shown = delivery.subject_of(session, turn.sender.platform, turn.message) if turn.message else ""
    lang = language(person.locale)
    if shown == journey.subject:
        return Replace(_card_here(session, journey, step, person))
    return Say(views.ticked(telling.scene(session, journey), step, lang))


def _card_here(session: Session, journey: Journey, step: Step, person: Person) -> Card:
    """The card that was pressed, as it stands now."""
    if step.place:
        return telling.place_card(session, journey, step.place, language(person.locale))
    return telling.card_for(session, journey, person)


def _filled(session: Session, values: Mapping[str, str]) -> tuple[str, Person, date, Person | None]:
    """The values of the start form; raises Invalid with what is wrong at each field."""
    problems: dict[str, Problem] = {}
    names = {definition.name for definition in all_current(session, KIND)}
    name, hire = values.get("journey", ""), by_email(session, values.get("person", ""))
    buddy_email = values.get("buddy", "").strip()
    buddy = by_email(session, buddy_email) if buddy_email else None
    try:
        on = date.fromisoformat(values.get("on", "").strip())
    except ValueError:
        on = date.min
        problems["on"] = Problem(N_("Write the day as 2026-11-23."))
    if name not in names:
        problems["journey"] = Problem(N_("Choose one of the list."))
    if hire is None:
        problems["person"] = Problem(N_("Nobody here has this address. Check it, or import the person first."))
    if buddy_email and buddy is None:
        problems["buddy"] = Problem(N_("Nobody here has this address. Check it, or import the person first."))
    if hire is not None and buddy is not None and hire.id == buddy.id:
        problems["buddy"] = Problem(N_("Nobody can be their own buddy."))
    if problems or hire is None:
        raise Invalid(problems)
    return name, hire, on, buddy
