"""Accounts that a platform has: how they become those of our people, and when they are theirs no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from workbot.people.models import Account, Person
from workbot.people.service import ended, reachable

T = TypeVar("T")
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class DirectoryAccount:
    """An account as its platform lists it.

    `email` stands only where the platform has verified it, `unverified` where it has not. `stranger` says why nobody
    may act by it: it is a guest's, another organisation's, or disabled. `is_twin` says that others have its address.
    """

    user: str
    address: str
    email: str = ""
    unverified: str = ""
    name: str = ""
    stranger: str = ""
    is_twin: bool = False


@dataclass(frozen=True, slots=True)
class LinkRule:
    """What makes an account of a tenant one of our people's, besides that a directory of ours names its id.

    At home that is its verified address, if we go by addresses at all (`by_email`). Elsewhere others say who has which
    address: one of `domains` makes it theirs only once the person has confirmed it to us.
    """

    is_home: bool
    by_email: bool
    domains: frozenset[str] = frozenset()

    @property
    def is_enough(self) -> bool:
        """Whether an address alone links an account."""
        return self.is_home and self.by_email

    def may_ask(self, email: str) -> bool:
        """Whether the person of an address may be asked to confirm an account."""
        _name, at, domain = email.rpartition("@")
        return self.by_email and not self.is_home and bool(at) and domain.lower() in self.domains


def link_accounts(
    session: Session, platform: str, tenant: str, listed: Sequence[DirectoryAccount], rule: LinkRule
) -> list[Account]:
    """Link a tenant's accounts to our people; returns those that are new or have another address.

    Whoever has an account keeps it. Next, it belongs to the person for whom a directory of ours names it; and, where
    the rule says so, to the one active person whose address it has verified, unless they have another there. One whose
    access had ended is linked anew by the same rules.
    """
    members = [known for known in listed if not known.stranger]
    there = accounts_there(session, platform, tenant, [known.user for known in members])
    owners = _owners(session, platform, members) if rule.is_enough else {}
    changed = []
    for known in members:
        account = there.get(known.user)
        if account is None or (account.access_ended_at and not account.listed):
            person_id = owners.pop(known.email.lower(), None)
            account = _account_of(account, person_id, platform, known.user) if person_id else None
        if account and _is_new(account, tenant, known.address):
            account.tenant, account.address, account.access_ended_at = tenant, known.address, None
            reachable(account)
            session.add(account)
            changed.append(account)
    session.flush()
    return changed


def end_access(
    session: Session, platform: str, tenant: str, reasons: Mapping[str, str], *, now: datetime, unplaced: bool = False
) -> list[tuple[str, Person, str]]:
    """Make strangers of accounts, by why; which just now, of people who are still with us.

    `unplaced` says that an account which a directory named, and of which no tenant is known, can be of this one only.
    """
    lost = []
    for user, account in accounts_there(session, platform, tenant, list(reasons)).items():
        if account.access_ended_at or not (account.tenant or unplaced):
            continue
        account.tenant, account.access_ended_at = tenant, now
        ended(account, reasons[user], now=now)
        session.add(account)
        person = session.get_one(Person, account.person_id)
        lost += [(user, person, reasons[user])] if person.active else []
    session.flush()
    return lost


def close_accounts(
    session: Session, platform: str, tenant: str, users: Sequence[str], reason: str, *, now: datetime
) -> list[tuple[str, Person]]:
    """Note that accounts take nothing from us; which just now, of people who are still with us."""
    closed = []
    for user, account in accounts_there(session, platform, tenant, users).items():
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
    """Note that accounts which could not be reached are there again; those of strangers stay what they are."""
    for account in accounts_there(session, platform, tenant, users).values():
        if account.unreachable and account.access_ended_at is None:
            reachable(account)
            session.add(account)


def accounts_there(session: Session, platform: str, tenant: str, users: Sequence[str]) -> dict[str, Account]:
    """The accounts of some users in a tenant, or named by a directory, which knows no tenants."""
    found: dict[str, Account] = {}
    wanted = select(Account).where(col(Account.platform) == platform, col(Account.tenant).in_((tenant, "")))
    for some in in_parts(users):
        for account in session.scalars(wanted.where(col(Account.user).in_(some))):
            if account.tenant or account.user not in found:
                found[account.user] = account
    return found


def people_without(session: Session, platform: str, emails: Sequence[str]) -> dict[str, UUID]:
    """The active people of some addresses who have no account of their own on a platform."""
    theirs = (col(Account.platform) == platform, col(Account.access_ended_at).is_(None))
    have = select(col(Account.person_id)).where(*theirs)
    wanted = select(col(Person.email), col(Person.id)).where(col(Person.active), col(Person.id).not_in(have))
    found: dict[str, UUID] = {}
    for some in in_parts(emails):
        found.update((email, key) for email, key in session.execute(wanted.where(col(Person.email).in_(some))))
    return found


def with_twins(listed: Sequence[DirectoryAccount]) -> list[DirectoryAccount]:
    """A whole list in which those are marked who have the same address: it is then nobody's, on whatever pages they
    stand."""
    times = Counter(known.email.lower() for known in listed if known.email and not known.stranger)
    return [replace(one, is_twin=one.is_twin or times[one.email.lower()] > 1) for one in listed]


def in_parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]


def _owners(session: Session, platform: str, listed: Sequence[DirectoryAccount]) -> dict[str, UUID]:
    """Whose verified addresses are, where one account alone has them and its person has none on the platform."""
    alone = [known.email.lower() for known in with_twins(listed) if known.email and not known.is_twin]
    return people_without(session, platform, alone)


def _account_of(former: Account | None, person_id: UUID, platform: str, user: str) -> Account:
    """A new account, or one whose access had ended: whose it is now may be another."""
    account = former or Account(person_id=person_id, platform=platform, tenant="", user=user, address="")
    account.person_id = person_id
    return account


def _is_new(account: Account, tenant: str, address: str) -> bool:
    return (account.tenant, account.address) != (tenant, address) or account.access_ended_at is not None
