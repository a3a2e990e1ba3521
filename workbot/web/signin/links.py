"""Links that sign somebody in once: who may have another, making them and using them up.

Nobody can ask somebody else's links away: however often one was asked for, a person whose newest link is no longer
fresh gets another, and whoever asked for it, it is they who have it in their mailbox.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, func, select, update

from workbot.errors import TooMuch
from workbot.people import Person
from workbot.storage.database import advisory_lock
from workbot.web.signin.models import SignInAsk, SignInLink

LINK_LIVES = timedelta(minutes=10)
# A link that was sent so lately is as good as another one.
FRESH = LINK_LIVES / 2
# To one address in an hour, while there is a fresh one: when one client asks, and when several do.
LINKS_BY_CLIENT = 5
LINKS_BY_ALL = 15
# To all addresses in as long as a link lives: what mail servers take, and no flood.
LINKS_IN_ALL = 600
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def hashed(token: str) -> str:
    # Tokens are 256 random bits: a plain hash cannot be searched, and needs no salt.
    return hashlib.sha256(token.encode()).hexdigest()


def note_ask(session: Session, client: str, *, most: int, now: datetime) -> None:
    """Count that a client asks for a link, for whichever address; raises TooMuch when it has asked too often."""
    advisory_lock(session.connection(), f"asking for links by {client}")
    since = now - LINK_LIVES
    session.execute(delete(SignInAsk).where(col(SignInAsk.at) <= since))
    asked = select(func.count()).where(SignInAsk.client == client)
    if session.exec(asked).one() >= most:
        raise TooMuch(
            "Many links have been asked for from where you are. Please wait a few minutes, then ask again.",
            after=LINK_LIVES / 2,
        )
    session.add(SignInAsk(client=client, at=now))


def make(session: Session, person: Person, now: datetime, *, client: str = "") -> str:
    """The token of a new link."""
    token = secrets.token_urlsafe(32)
    old = (col(SignInLink.person_id) == person.id, col(SignInLink.made_at) < now - DAY)
    session.execute(delete(SignInLink).where(*old))
    session.add(
        SignInLink(
            token_hash=hashed(token), person_id=person.id, made_at=now, expires_at=now + LINK_LIVES, client=client
        )
    )
    return token


def may_have_another(session: Session, person: Person, client: str, now: datetime) -> bool:
    """Whether a letter is to go to a person when a client asks for one."""
    lately = select(func.count()).where(SignInLink.made_at > now - LINK_LIVES)
    if session.exec(lately).one() >= LINKS_IN_ALL:
        return False
    made = session.exec(select(SignInLink).where(SignInLink.person_id == person.id, SignInLink.made_at > now - HOUR))
    links = made.all()
    if not any(link.used_at is None and link.made_at > now - FRESH for link in links):
        return True
    return len(links) < LINKS_BY_ALL and sum(link.client == client for link in links) < LINKS_BY_CLIENT


def drop(session: Session, token: str) -> None:
    """Forget a link that has not reached anybody."""
    session.execute(delete(SignInLink).where(col(SignInLink.token_hash) == hashed(token)))


def invited(session: Session, token: str, now: datetime) -> Person | None:
    """Whom a link would sign in now."""
    return session.exec(
        select(Person)
        .join(SignInLink)
        .where(
            SignInLink.token_hash == hashed(token),
            col(SignInLink.used_at).is_(None),
            SignInLink.expires_at > now,
            col(Person.active),
        )
    ).first()


def use(session: Session, token: str, now: datetime) -> Person | None:
    """Use a link up, for whom it was made; None when it cannot be."""
    usable = (
        col(SignInLink.token_hash) == hashed(token),
        col(SignInLink.used_at).is_(None),
        col(SignInLink.expires_at) > now,
    )
    used = update(SignInLink).where(*usable).values(used_at=now).returning(col(SignInLink.person_id))
    person_id = session.execute(used).scalar_one_or_none()
    person = session.get(Person, person_id) if person_id else None
    return person if person and person.active else None
