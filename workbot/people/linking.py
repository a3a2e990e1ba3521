"""Accounts and channels that a platform has: how they become those of our people and places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from workbot.people.models import Account, Person, Place
from workbot.people.service import HOME_PLATFORM, ended, reachable

T = TypeVar("T")
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Known:
    """An account as its platform lists it; `email` only where the platform has verified it."""

    user: str
    address: str
    email: str = ""


def link_accounts(
    session: Session, platform: str, tenant: str, listed: Sequence[Known], *, by_email: bool
) -> list[Account]:
    """Link a tenant's accounts to our people; returns those that are new or have another address.

    Whoever has an account keeps it. Next, it belongs to the person for whom a directory of ours names it; and
    `by_email`, to the one active person whose address it has verified, unless they have another there.
    """
    there = _there(session, platform, tenant, [known.user for known in listed])
    owners = _owners(session, platform, listed) if by_email else {}
    changed = []
    for known in listed:
        account = there.get(known.user)
        if account is None and (person_id := owners.pop(known.email.lower(), None)):
            account = Account(person_id=person_id, platform=platform, tenant="", user=known.user, address="")
        if account and (account.tenant, account.address) != (tenant, known.address):
            account.tenant, account.address = tenant, known.address
            session.add(account)
            changed.append(account)
    session.flush()
    return changed


def close_accounts(
    session: Session, platform: str, tenant: str, users: Sequence[str], reason: str, *, now: datetime
) -> list[tuple[str, Person]]:
    """Note that a platform has closed accounts; which just now, of people who are still with us."""
    closed = []
    for user, account in _there(session, platform, tenant, users).items():
        if account.unreachable:
            # What refused them for a while is over for good.
            account.retry_at = None
        else:
            ended(account, reason, now=now)
            person = session.get_one(Person, account.person_id)
            closed += [(user, person)] if person.active else []
        session.add(account)
    return closed


def reopen_accounts(session: Session, platform: str, tenant: str, users: Sequence[str]) -> None:
    """Note that accounts which could not be reached are there again."""
    for account in _there(session, platform, tenant, users).values():
        if account.unreachable:
            reachable(account)
            session.add(account)


def wanted_places(session: Session) -> list[Place]:
    """The places of the house, as they are at home."""
    return list(session.scalars(select(Place).where(col(Place.platform) == HOME_PLATFORM).order_by(col(Place.name))))


def link_place(session: Session, home: Place, platform: str, *, tenant: str, address: str) -> Place | None:
    """Make a platform's channel that of a place; None if it was before, or has one in another tenant."""
    found = session.scalars(select(Place).where(col(Place.name) == home.name, col(Place.platform) == platform)).first()
    if found and not found.closed and (found.tenant != tenant or found.address == address):
        return None
    place = found or Place(name=home.name, platform=platform, address="", role=home.role, locale=home.locale)
    place.title, place.role, place.locale, place.private = home.title, home.role, home.locale, home.private
    place.tenant, place.address, place.closed = tenant, address, ""
    session.add(place)
    session.flush()
    return place


def close_place(session: Session, platform: str, address: str, reason: str) -> Place | None:
    """Note that a platform's channel is closed to us; the place that it was, if it was open until now."""
    found = select(Place).where(col(Place.platform) == platform, col(Place.address) == address, col(Place.closed) == "")
    place = session.scalars(found).first()
    if place:
        place.closed = reason
        session.add(place)
    return place


def _there(session: Session, platform: str, tenant: str, users: Sequence[str]) -> dict[str, Account]:
    """The accounts of some users in a tenant, or named by a directory, which knows no tenants."""
    found: dict[str, Account] = {}
    wanted = select(Account).where(col(Account.platform) == platform, col(Account.tenant).in_((tenant, "")))
    for some in _in_parts(users):
        for account in session.scalars(wanted.where(col(Account.user).in_(some))):
            if account.tenant or account.user not in found:
                found[account.user] = account
    return found


def _owners(session: Session, platform: str, listed: Sequence[Known]) -> dict[str, UUID]:
    """Whose verified addresses are, where one account alone has them and its person has none on the platform."""
    times = Counter(known.email.lower() for known in listed if known.email)
    have = select(col(Account.person_id)).where(col(Account.platform) == platform)
    wanted = select(col(Person.email), col(Person.id)).where(col(Person.active), col(Person.id).not_in(have))
    found: dict[str, UUID] = {}
    for some in _in_parts([email for email, count in times.items() if count == 1]):
        found.update((email, key) for email, key in session.execute(wanted.where(col(Person.email).in_(some))))
    return found


def _in_parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
