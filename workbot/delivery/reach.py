"""Whom platforms refuse: remembered with the account, tried again after a while, and told of where they are many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlmodel import Session, col, func, select

from workbot import plugins
from workbot.cards import Card, Text
from workbot.delivery.service import tell
from workbot.i18n import Language, language
from workbot.people import Account, people_with_role
from workbot.people.service import reachable, unreachable

# So many within a day, and so large a part of a platform's accounts, are no coincidence.
MANY, MANY_OF_ALL = 5, 0.02
A_DAY = timedelta(days=1)

log = structlog.get_logger(__name__)


def refuses(account: Account, reason: str, *, now: datetime) -> None:
    """Remember that a platform takes nothing for somebody; their next message after a while tries again."""
    log.warning("account.unreachable", account=str(account.id), platform=account.platform, reason=reason)
    unreachable(account, reason, now=now)


def takes_again(session: Session, accounts: Sequence[UUID]) -> None:
    """Remember that accounts which were refused are reached again."""
    for account in session.exec(select(Account).where(col(Account.id).in_(accounts), Account.unreachable != "")):
        log.info("account.reachable", account=str(account.id), platform=account.platform)
        reachable(account)
        session.add(account)


def tell_of_many(session: Session, platform: str, *, now: datetime) -> None:
    """Tell the administrators, once a day, when a platform has begun to refuse many."""
    session.flush()
    here = select(func.count()).select_from(Account).where(Account.platform == platform)
    lately = (Account.unreachable != "", col(Account.unreachable_since) > now - A_DAY)
    refused, known = session.exec(here.where(*lately)).one(), session.exec(here).one()
    if refused < max(MANY, known * MANY_OF_ALL):
        return
    log.warning("delivery.many_unreachable", platform=platform, refused=refused, known=known)
    reason = _commonest(session, platform, since=now - A_DAY)
    for person in people_with_role(session, "admin", now=now):
        lang = language(person.locale)
        card = _many(lang, plugins.label(platform, lang), refused, known, reason)
        tell(session, person, card, key=f"delivery.unreachable:{platform}:{now:%Y-%m-%d}:{person.id}", now=now)


def _commonest(session: Session, platform: str, *, since: datetime) -> str:
    reason = col(Account.unreachable)
    found = select(reason).where(Account.platform == platform, reason != "", col(Account.unreachable_since) > since)
    return session.exec(found.group_by(reason).order_by(func.count().desc()).limit(1)).first() or ""


def _many(lang: Language, platform: str, refused: int, known: int, reason: str) -> Card:
    said, bracket, code = reason.partition(" (")
    text = lang(
        "{platform} has refused {refused} of the {known} people whom I know there within a day, most of them for this "
        "reason: {reason}. What I have for them reaches them in other ways, and I try each of them there again after a "
        "while. If that is wrong, look at the app’s settings in {platform}; “workbot doctor” names them.",
        platform=platform,
        refused=lang.number(refused),
        known=lang.number(known),
        reason=f"{lang(said)}{bracket}{code}",
    )
    return Card(
        lang("Many people cannot be reached in {platform} any more", platform=platform), (Text(text),), tone="bad"
    )
