"""Comparing lists: whose accounts on a platform are whose of ours, and whose are strangers'."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import ColumnElement, or_, update
from sqlmodel import Session, col, select

from workbot.chat.cleanup import clean_up
from workbot.chat.models import DirectoryState
from workbot.errors import DeliveryError
from workbot.people import (
    Account,
    DirectoryAccount,
    LinkRule,
    Person,
    end_access,
    forget_claims,
    in_parts,
    link_accounts,
    note_claims,
    reopen_accounts,
    with_twins,
)
from workbot.platforms import Host
from workbot.storage.database import advisory_lock

EVERY = timedelta(hours=1)
# How soon a comparison is tried again that could not be made, whoever tries.
AGAIN = timedelta(minutes=5)
LOOK_SECONDS = 60.0
Lost = list[tuple[str, Person, str]]
# Tells of a person whose account of a tenant is theirs no more, with its id and why.
AccountClosed = Callable[[Person, str, str, str], Awaitable[None]]

log = structlog.get_logger(__name__)


class Comparison:
    """Has each tenant's directory compared every hour, by one process of all."""

    def __init__(self, host: Host, platform: str) -> None:
        self.host = host
        self.platform = platform

    async def run(self, look: Callable[[], Awaitable[None]]) -> None:
        """Look every minute whether something is late."""
        while True:
            try:
                await look()
            except DeliveryError as error:
                log.warning(f"{self.platform}.cannot_compare", reason=error.reason)
            except Exception:
                log.exception(f"{self.platform}.compare_failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def if_late(self, tenant: str, compare: Callable[[], Awaitable[None]]) -> None:
        """Compare a tenant if it is time to; one that fails is tried again soon, and holds up no other."""
        now = self.host.clock.now()
        if not await self.host.database.run(partial(_claim, platform=self.platform, tenant=tenant, now=now)):
            return
        done = False
        try:
            await self.host.database.run(partial(clean_up, now=now))
            await compare()
            done = True
        except DeliveryError as error:
            log.warning(f"{self.platform}.cannot_compare", tenant=tenant, reason=error.reason)
        finally:
            if not done:
                await self.host.database.run(partial(_give_back, platform=self.platform, tenant=tenant, now=now))

    async def link(self, tenant: str) -> str:
        """Where the platform says what has changed since the last time; empty where all is to be read."""
        return await self.host.database.read(partial(_link, platform=self.platform, tenant=tenant))

    async def remember(self, tenant: str, link: str) -> None:
        """Keep where the platform will say what has changed since now."""
        await self.host.database.run(partial(_remember, platform=self.platform, tenant=tenant, link=link))


class AccountLinks:
    """Takes in what a platform lists of its accounts, and tells of those that are lost."""

    def __init__(self, host: Host, platform: str, closed: AccountClosed) -> None:
        self.host = host
        self.platform = platform
        self.closed = closed

    async def take_in(
        self, tenant: str, listed: Iterable[DirectoryAccount], rule: LinkRule, *, alone: bool, organisation: str = ""
    ) -> int:
        """Link who is here, and make strangers of those who are not, or not of us; how many were linked.

        All are given at once, as those may stand pages apart who have the same address, which is then nobody's.
        `alone` says that there is no other tenant; `organisation` names this one to those whose address is elsewhere.
        """
        take = partial(
            _take,
            platform=self.platform,
            tenant=tenant,
            rule=rule,
            alone=alone,
            organisation=organisation,
            now=self.host.clock.now(),
        )
        linked = 0
        for some in in_parts(with_twins(list(listed))):
            count, lost = await self.host.database.run(partial(take, listed=some))
            linked += count
            await self._tell_of(tenant, lost)
        return linked

    async def end(self, tenant: str, reasons: Mapping[str, str]) -> None:
        """Make strangers of accounts, by why."""
        end = partial(end_access, platform=self.platform, tenant=tenant, reasons=reasons, now=self.host.clock.now())
        await self._tell_of(tenant, await self.host.database.run(end))

    async def missing(self, tenant: str, seen: set[str]) -> list[str]:
        """The accounts of a tenant that are open to us, and not among some."""
        return await self.host.database.read(partial(_missing, platform=self.platform, tenant=tenant, seen=seen))

    async def forget_claims(self, tenant: str, *, before: datetime) -> None:
        """Drop claims of accounts that were last seen before a list was read whole."""
        forget = partial(forget_claims, platform=self.platform, tenant=tenant, before=before)
        await self.host.database.run(forget)

    async def _tell_of(self, tenant: str, lost: Lost) -> None:
        for user, person, reason in lost:
            await self.closed(person, tenant, user, reason)


def _take(
    session: Session,
    *,
    platform: str,
    tenant: str,
    listed: Sequence[DirectoryAccount],
    rule: LinkRule,
    alone: bool,
    organisation: str,
    now: datetime,
) -> tuple[int, Lost]:
    strangers = {one.user: one.stranger for one in listed if one.stranger}
    lost = end_access(session, platform, tenant, strangers, now=now, unplaced=alone)
    linked = link_accounts(session, platform, tenant, listed, rule)
    reopen_accounts(session, platform, tenant, [one.user for one in listed if not one.stranger])
    note_claims(session, platform, tenant, listed, rule, organisation=organisation, now=now)
    return len(linked), lost


def _missing(session: Session, *, platform: str, tenant: str, seen: set[str]) -> list[str]:
    theirs = (Account.platform == platform, Account.tenant == tenant, col(Account.access_ended_at).is_(None))
    return sorted(user for user in session.exec(select(Account.user).where(*theirs)) if user not in seen)


def _claim(session: Session, *, platform: str, tenant: str, now: datetime) -> bool:
    """Whether it is time to compare a tenant, and this process's to do it."""
    # Two processes may see a tenant for the first time at the same moment.
    advisory_lock(session.connection(), f"directory {platform} {tenant}")
    if session.get(DirectoryState, (platform, tenant)) is None:
        session.add(DirectoryState(platform=platform, tenant=tenant))
        session.flush()
    late = or_(col(DirectoryState.compared_at).is_(None), col(DirectoryState.compared_at) < now - EVERY)
    return _set_compared(session, platform, tenant, late, now)


def _give_back(session: Session, *, platform: str, tenant: str, now: datetime) -> None:
    """Note that a tenant could not be compared: it is due again in a while, also for those who start meanwhile."""
    _set_compared(session, platform, tenant, col(DirectoryState.compared_at) == now, now - EVERY + AGAIN)


def _set_compared(session: Session, platform: str, tenant: str, still: ColumnElement[bool], at: datetime) -> bool:
    """Say when a tenant was compared, if that is `still` as it was; whether it is."""
    theirs = (col(DirectoryState.platform) == platform, col(DirectoryState.tenant) == tenant)
    done = session.execute(update(DirectoryState).where(*theirs, still).values(compared_at=at))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _link(session: Session, *, platform: str, tenant: str) -> str:
    found = session.get(DirectoryState, (platform, tenant))
    return found.link if found else ""


def _remember(session: Session, *, platform: str, tenant: str, link: str) -> None:
    found = session.get(DirectoryState, (platform, tenant)) or DirectoryState(platform=platform, tenant=tenant)
    found.link = link
    session.add(found)
