"""Sessions: browsers in which somebody is signed in, from where, since when, and how they end."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete
from sqlmodel import Session, col, select

from workbot.people import SIGNED_OUT, Person
from workbot.storage.database import UtcDateTime
from workbot.storage.pubsub import publish
from workbot.web.signin.links import hashed
from workbot.web.signin.models import SignInLink, WebSession

SESSION_COOKIE = "workbot_session"
# A session ends after two weeks without a visit, and after three months in any case.
IDLE = timedelta(days=14)
LONGEST = timedelta(days=90)
SEEN_EVERY = timedelta(hours=1)

# Built once, since it is asked for every request.
LIVE = (
    select(WebSession, Person)
    .join(Person)
    .where(
        WebSession.token_hash == bindparam("token"),
        WebSession.expires_at > bindparam("now", type_=UtcDateTime()),
        WebSession.generation == Person.session_generation,
        col(Person.active),
    )
)
# What browsers and systems call themselves, the narrower name first: most claim to be several.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox|FxiOS": "Firefox",
    "CriOS|Chrome|Chromium": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS X|Macintosh": "macOS",
    "Linux": "Linux",
}


@dataclass(frozen=True, slots=True)
class Whence:
    """Where somebody signs in from: what their browser calls itself, and its address."""

    browser: str = ""
    client: str = ""


def browser_name(agent: str) -> str:
    """A browser as people know it, `Firefox, Windows`; empty when it says nothing that we know."""
    found = [
        next((name for sign, name in known.items() if re.search(sign, agent)), "") for known in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(name for name in found if name)


def live(session: Session, *, token: str, now: datetime) -> tuple[WebSession, Person] | None:
    """The session of a browser's cookie, with whose it is."""
    return session.exec(LIVE, params={"token": hashed(token), "now": now}).first()


def see(session: Session, *, token: str, now: datetime) -> None:
    """Note a visit, which keeps the session from ending."""
    found = live(session, token=token, now=now)
    if found is not None:
        seen, _person = found
        seen.seen_at, seen.expires_at = now, min(now + IDLE, seen.created_at + LONGEST)


def begin(session: Session, person: Person, whence: Whence, *, now: datetime) -> str:
    """Sign a person in; the token is for their browser's cookie."""
    token = secrets.token_urlsafe(32)
    over = col(WebSession.expires_at) <= now
    session.execute(delete(WebSession).where(col(WebSession.person_id) == person.id, over))
    session.add(
        WebSession(
            token_hash=hashed(token),
            person_id=person.id,
            created_at=now,
            seen_at=now,
            expires_at=now + IDLE,
            browser=whence.browser,
            client=whence.client,
            generation=person.session_generation,
        )
    )
    return token


def end(session: Session, *, token: str) -> None:
    """Sign a browser out."""
    session.execute(delete(WebSession).where(col(WebSession.token_hash) == hashed(token)))
    publish(session, SIGNED_OUT)


def end_one(session: Session, *, person_id: UUID, key: UUID) -> None:
    """End one of a person's sessions, if it is theirs."""
    session.execute(delete(WebSession).where(col(WebSession.id) == key, col(WebSession.person_id) == person_id))
    publish(session, SIGNED_OUT)


def end_all(session: Session, *, person_id: UUID) -> None:
    """Sign a person out wherever they are signed in, other programs' windows too; links under way are void."""
    session.get_one(Person, person_id).end_sessions()
    session.execute(delete(WebSession).where(col(WebSession.person_id) == person_id))
    session.execute(delete(SignInLink).where(col(SignInLink.person_id) == person_id, col(SignInLink.used_at).is_(None)))


def of(session: Session, *, person_id: UUID, now: datetime) -> Sequence[WebSession]:
    """A person's sessions, the one last seen first."""
    wanted = (
        select(WebSession)
        .join(Person)
        .where(
            WebSession.person_id == person_id,
            WebSession.expires_at > now,
            WebSession.generation == Person.session_generation,
        )
        .order_by(col(WebSession.seen_at).desc(), col(WebSession.created_at).desc())
    )
    return session.exec(wanted).all()
