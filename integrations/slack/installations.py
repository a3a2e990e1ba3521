"""What is kept of workspaces: their rows, which is home, and whose turn it is to renew a token."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from integrations.slack.models import SlackWorkspace
from integrations.slack.token_cipher import TokenCipher

log = structlog.get_logger(__name__)


# How long whoever renews a token has for it, and others use the old one.
RENEWAL = timedelta(seconds=30)


def tenants(session: Session) -> list[str]:
    return list(session.exec(select(SlackWorkspace.tenant).where(SlackWorkspace.bot_token != "")))


def row_of(session: Session, *, tenant: str) -> SlackWorkspace | None:
    if tenant:
        return session.get(SlackWorkspace, tenant)
    rows = session.exec(select(SlackWorkspace).where(SlackWorkspace.bot_token != "").limit(2)).all()
    return rows[0] if len(rows) == 1 else None


def keep(session: Session, *, row: SlackWorkspace) -> None:
    """Keep an installation; the first one is home."""
    there = session.exec(select(SlackWorkspace)).all()
    known = next((one for one in there if one.tenant == row.tenant), None)
    if not any(one.is_home for one in there):
        others = [one for one in there if one.bot_token and one.tenant != row.tenant]
        # What was there before it was noted which is home: if it was the only one, it is.
        row.is_home = not others
        if len(others) == 1 and not (known and known.bot_token):
            others[0].is_home = True
    else:
        row.is_home = bool(known and known.is_home)
    session.merge(row)


def home_of(session: Session) -> str:
    rows = session.exec(select(SlackWorkspace).where(SlackWorkspace.bot_token != "")).all()
    home = session.exec(select(SlackWorkspace.tenant).where(SlackWorkspace.is_home)).first()
    return home or (rows[0].tenant if len(rows) == 1 else "")


def renew_seals_of(session: Session, *, cipher: TokenCipher) -> None:
    """A token that changes meanwhile is left as it is: whoever changes it closes it anew."""
    for row in session.exec(select(SlackWorkspace)).all():
        old = {"bot_token": row.bot_token, "refresh_token": row.refresh_token}
        new = {name: cipher.renewed(sealed) if sealed else "" for name, sealed in old.items()}
        if new != old:
            session.execute(update(SlackWorkspace).filter_by(tenant=row.tenant, **old).values(**new))


def claim_renewal(session: Session, *, row: SlackWorkspace, now: datetime) -> bool:
    """Whether it is this process's to renew the token that it has read: of several that want to, one may."""
    free = or_(col(SlackWorkspace.renewing_until).is_(None), col(SlackWorkspace.renewing_until) < now)
    claimed = session.execute(
        update(SlackWorkspace)
        .where(col(SlackWorkspace.tenant) == row.tenant, col(SlackWorkspace.bot_token) == row.bot_token, free)
        .values(renewing_until=now + RENEWAL)
    )
    return bool(claimed.rowcount)  # type: ignore[attr-defined]


def note_open(session: Session, *, tenant: str, name: str, url: str) -> None:
    """Note that a workspace lets us in: whatever was wrong is over."""
    known = session.get(SlackWorkspace, tenant) or SlackWorkspace(tenant=tenant)
    known.name, known.url, known.broken = name, url, ""
    session.add(known)


def note_broken(session: Session, *, tenant: str, reason: str, for_good: bool) -> bool:
    found = session.get(SlackWorkspace, tenant) or SlackWorkspace(tenant=tenant)
    if found.broken:
        return False
    found.broken = reason
    if for_good:
        found.bot_token = found.refresh_token = ""
    session.add(found)
    return True
