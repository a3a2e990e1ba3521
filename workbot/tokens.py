"""Tokens for programs: what a bearer may do, until when, and when it last did. Of a token only its hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import JSON
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Field, Session, col, select
from starlette.requests import HTTPConnection

from workbot.clock import Clock
from workbot.errors import DatabaseAway, Gone, WorkbotError
from workbot.events import Subject, Verb, record
from workbot.storage.database import Database, Row, UtcDateTime

# /metrics, and the reasons of /readyz.
METRICS = "metrics"
SCOPES = (METRICS,)
# By this a token is known for one of ours wherever it turns up.
PREFIX = "workbot_"
LONGEST_NAME = 100
USED_EVERY = timedelta(minutes=5)
# For so long a token that was good is believed while the database cannot be asked: that is when figures are wanted.
BELIEVED = timedelta(minutes=10)
CREATED, REVOKED = Verb("tokens.create", "name"), Verb("tokens.revoke", "name")

log = structlog.get_logger(__name__)


class AccessToken(Row, table=True):
    """What a program shows to be let in, by its hash."""

    __tablename__ = "access_token"

    name: str = Field(unique=True)
    token_hash: str = Field(unique=True)
    scopes: list[str] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def last_moment(self) -> datetime | None:
        return self.expires_at - timedelta(microseconds=1) if self.expires_at else None

    def is_good(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


def create(
    session: Session, name: str, scopes: Collection[str], *, now: datetime, expires_at: datetime | None = None
) -> str:
    """Make a token and return it, this once; raises WorkbotError for a name that is taken or a scope that is none."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise WorkbotError("Give the token a name of at most {count} characters.", count=LONGEST_NAME)
    if not scopes or not set(scopes) <= set(SCOPES):
        raise WorkbotError("A token needs a scope, and there is: {scopes}.", scopes=", ".join(SCOPES))
    if expires_at is not None and expires_at <= now:
        raise WorkbotError("This day is over. Choose a later one.")
    if _named(session, name) is not None:
        raise WorkbotError("There is a token “{name}” already. Choose another name.", name=name)
    token = PREFIX + secrets.token_urlsafe(32)
    session.add(
        AccessToken(
            name=name, token_hash=_hashed(token), scopes=sorted(set(scopes)), created_at=now, expires_at=expires_at
        )
    )
    record(session, CREATED, Subject(f"token:{name}"), by=None, now=now, name=name)
    return token


def everyone(session: Session) -> Sequence[AccessToken]:
    """All tokens that were ever made, by name."""
    return session.exec(select(AccessToken).order_by(AccessToken.name)).all()


def revoke(session: Session, name: str, *, now: datetime) -> None:
    """Let a token in no more; raises Gone where there is none of that name."""
    found = _named(session, name.strip())
    if found is None:
        raise Gone("There is no token “{name}”.", name=name)
    found.revoked_at = found.revoked_at or now
    record(session, REVOKED, Subject(f"token:{found.name}"), by=None, now=now, name=found.name)


def bearer(request: HTTPConnection) -> str:
    """The token that a request bears, or nothing."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


class Bearers:
    """Says what whoever bears a token may do."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self._good: dict[str, tuple[datetime, frozenset[str]]] = {}

    async def may(self, request: HTTPConnection, scope: str) -> bool:
        """Whether a request bears a token that is good for this scope."""
        token = bearer(request)
        if not token.startswith(PREFIX):
            return False
        digest, now = _hashed(token), self.clock.now()
        try:
            found = await self.database.read(partial(_good, digest=digest, now=now))
        except (DatabaseAway, SQLAlchemyError) as error:
            log.warning("tokens.database", error=type(error).__name__)
            return self._was_good(digest, scope, now)
        self._good.pop(digest, None)
        if found is None or scope not in found.scopes:
            return False
        self._good[digest] = (now, frozenset(found.scopes))
        if found.used_at is None or now - found.used_at > USED_EVERY:
            await self._note_use(digest, now)
        return True

    def _was_good(self, digest: str, scope: str, now: datetime) -> bool:
        seen_at, scopes = self._good.get(digest, (now, frozenset[str]()))
        return scope in scopes and now - seen_at < BELIEVED

    async def _note_use(self, digest: str, now: datetime) -> None:
        try:
            await self.database.run(partial(_use, digest=digest, now=now))
        except (DatabaseAway, SQLAlchemyError) as error:
            # A database that cannot be written to keeps nobody from reading why.
            log.warning("tokens.database", error=type(error).__name__)


def _named(session: Session, name: str) -> AccessToken | None:
    return session.exec(select(AccessToken).where(AccessToken.name == name)).first()


def _good(session: Session, *, digest: str, now: datetime) -> AccessToken | None:
    found = session.exec(select(AccessToken).where(col(AccessToken.token_hash) == digest)).first()
    return found if found and found.is_good(now) else None


def _use(session: Session, *, digest: str, now: datetime) -> None:
    if found := _good(session, digest=digest, now=now):
        found.used_at = now


def _hashed(token: str) -> str:
    # Tokens are 256 random bits: a plain hash cannot be searched, and needs no salt.
    return hashlib.sha256(token.encode()).hexdigest()
