"""“Is this account yours?”: asked of whoever has the address that an account elsewhere bears."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from workbot import delivery
from workbot.delivery.models import Priority
from workbot.errors import Gone
from workbot.i18n import language
from workbot.people import Person, confirm_claim, open_claim, refuse_claim
from workbot.people.claims import CLAIM_LIVES
from workbot.profile import views
from workbot.router import Router
from workbot.turns import Press, Replace, Reply, Sender

ROUTER = Router()


def ask_owner(session: Session, sender: Sender, *, now: datetime) -> None:
    """Ask the person whose address an account bears whether it is theirs: once, until the question is too old."""
    claim = open_claim(session, sender)
    if claim is None or (claim.asked_at and claim.asked_at >= now - CLAIM_LIVES):
        return
    claim.asked_at = now
    session.add(claim)
    person = session.get_one(Person, claim.person_id)
    card = views.claim_card(claim, language(person.locale))
    key = f"account-claim:{claim.id}:{now.isoformat()}"
    delivery.tell(session, person, card, key=key, now=now, expires=now + CLAIM_LIVES, priority=Priority.ANSWER)


@ROUTER.on(Press, "profile.claim_confirm")
def confirm(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    claim = confirm_claim(session, person, _id(turn.value), now=now)
    return Replace(views.claim_confirmed(claim, language(person.locale)))


@ROUTER.on(Press, "profile.claim_refuse")
def refuse(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    claim = refuse_claim(session, person, _id(turn.value), now=now)
    return Replace(views.claim_refused(claim, language(person.locale)))


def _id(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise Gone("This is no longer available. Type “help” to see what I can do.") from error
