"""What people do with journeys: see theirs, tick what is done, and for HR start one."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from workbot import delivery
from workbot.cards import Card
from workbot.definitions import all_offered
from workbot.errors import WorkbotError
from workbot.i18n import N_, Language, language
from workbot.onboarding import forms, queries, service, views
from workbot.onboarding.assignment import missing
from workbot.onboarding.kind import KIND
from workbot.onboarding.models import Step
from workbot.people import Person, channel_of, channels_named, has_role, require
from workbot.router import Router
from workbot.turns import Ask, Command, HomeOpened, Page, Press, Replace, Reply, Say, Submission

ROUTER = Router()


@ROUTER.command(
    "onboarding",
    "intégration",
    "parcours",
    about=N_("See your journey, and what you can do for others’"),
    usage=N_("onboarding"),
    label=N_("My journey"),
)
def onboarding(session: Session, turn: Command, *, person: Person, now: datetime) -> Reply:
    return Say(_everything(session, person, now))


@ROUTER.on(HomeOpened, order=20)
def on_own_page(session: Session, turn: HomeOpened, *, person: Person, now: datetime) -> Page | None:
    mine = queries.mine(session, person, now=now)
    is_hr = has_role(session, person, "hr")
    something = mine.own or mine.owed or is_hr
    return Page((views.everything(mine, language(person.locale), is_hr=is_hr, now=now),)) if something else None


@ROUTER.on(Press, "onboarding.mine")
def mine(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    return Say(_everything(session, person, now))


@ROUTER.on(Press, "onboarding.done")
def done(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    step = service.step_called(session, turn.value, person)
    service.complete(session, step, person, now=now)
    return _where_it_was_pressed(session, turn, step, person, now)


@ROUTER.on(Press, "onboarding.undo")
def undo(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    step = service.step_called(session, turn.value, person)
    service.undo(session, step, person, now=now)
    return _where_it_was_pressed(session, turn, step, person, now)


@ROUTER.on(Press, "onboarding.form", opens_form=True)
def form(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    require(session, person, "hr")
    offered = all_offered(session, KIND)
    if not offered:
        raise WorkbotError("No journey is turned on yet. The console’s definitions say which there are.")
    return Ask(forms.start_form(offered, language(person.locale)))


@ROUTER.on(Submission, "onboarding.start")
def start(session: Session, turn: Submission, *, person: Person, now: datetime) -> Reply:
    require(session, person, "hr")
    lang = language(person.locale)
    wish = forms.draft(session, turn.values, lang, today=now.astimezone(ZoneInfo(person.timezone)).date())
    journey = service.start(session, wish.name, wish.person, wish.on, buddy=wish.buddy, by=person.id, now=now)
    view = queries.journey_view(session, journey)
    return Say(views.started(view, missing(session, journey, list(view.steps), now=now), language(person.locale)))


def _everything(session: Session, person: Person, now: datetime) -> Card:
    mine = queries.mine(session, person, now=now)
    return views.everything(mine, language(person.locale), is_hr=has_role(session, person, "hr"), now=now)


def _where_it_was_pressed(session: Session, turn: Press, step: Step, person: Person, now: datetime) -> Reply:
    """The same card again, as it is now: a checklist, or all that is the person's."""
    journey = service.journey_of(session, step.journey_id)
    subject = delivery.subject_of(session, turn.sender.platform, turn.message) if turn.message else ""
    if (turn.channel and step.desk) or subject == journey.card_subject(step.carrier):
        lang = _language_there(session, turn, step, person)
        return Replace(views.checklist(queries.journey_view(session, journey), step.carrier, lang, now=now))
    card = _everything(session, person, now)
    # What is one person's own is not put up in a channel.
    return Say(card) if turn.channel else Replace(card)


def _language_there(session: Session, turn: Press, step: Step, person: Person) -> Language:
    """A channel's card keeps the channel's language, whoever presses it."""
    there = channels_named(session, channel_of(session, step.desk)) if step.desk else []
    channel = next((channel for channel in there if channel.address == turn.channel), None)
    return language(channel.locale if channel else person.locale)
