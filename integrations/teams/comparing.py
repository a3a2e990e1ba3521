"""Comparing lists: whose Teams accounts are whose of ours, by the directory of Microsoft."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from integrations.teams.channels import Channels
from integrations.teams.connector import Connector, Thing
from integrations.teams.graph import Expired, Graph, may_not
from integrations.teams.models import TeamsDirectory
from integrations.teams.names import NAME, address_of
from integrations.teams.reading import Where
from integrations.teams.refusals import ACCOUNT_CLOSED, FOREIGN, refusal
from integrations.teams.settings import TeamsSettings
from integrations.teams.tidying import tidy
from integrations.teams.trouble import Trouble
from workbot.errors import DeliveryError
from workbot.people import (
    Account,
    Known,
    Person,
    close_accounts,
    link_accounts,
    reopen_accounts,
)
from workbot.platforms import Host

EVERY = timedelta(hours=1)
LOOK_SECONDS = 60.0
ASK_SECONDS = 1.5
# So many people are linked in one transaction: others have to write meanwhile.
AT_ONCE = 500
# More accounts than this gone at once are more likely a mistake of the directory's, or of ours, than people who left.
MOST_GONE, MOST_GONE_SHARE = 25, 0.05

log = structlog.get_logger(__name__)


class Comparing:
    """Keeps what we know of tenants as it is there: every hour, and when Teams says that something changed."""

    def __init__(
        self, host: Host, settings: TeamsSettings, connector: Connector, graph: Graph, trouble: Trouble
    ) -> None:
        self.host = host
        self.settings = settings
        self.connector = connector
        self.graph = graph
        self.trouble = trouble
        self.channels = Channels(host, connector, trouble)

    async def run(self) -> None:
        while True:
            try:
                for tenant in sorted(self.settings.allowed):
                    now = self.host.clock.now()
                    if await self.host.database.run(partial(_claim, tenant=tenant, now=now)):
                        await self.host.database.run(partial(tidy, now=now))
                        await self.compare(tenant)
            except DeliveryError as error:
                log.warning("teams.cannot_compare", reason=error.reason)
            except Exception:
                log.exception("teams.compare_failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def compare(self, tenant: str) -> None:
        """Compare all there is of one tenant; raises DeliveryError when it cannot be asked."""
        channels = await self.channels.compare(tenant)
        linked = await self._people(tenant) if self.settings.compare and self.settings.asks_microsoft else 0
        log.info("teams.compared", tenant=tenant, linked=linked, channels=channels)

    async def link(self, where: Where) -> bool:
        """Ask Teams who somebody is that we do not know, and link them if we know them after all."""
        if not (where.user and where.account):
            return False
        try:
            async with asyncio.timeout(ASK_SECONDS):
                known = await self.connector.member(where.service_url, where.conversation, where.account)
        except (*FOREIGN, DeliveryError, TimeoutError) as error:
            log.info("teams.cannot_ask_who", reason=type(error).__name__)
            return False
        if str(known.get("aadObjectId") or "").lower() != where.user:
            return False
        if str(known.get("tenantId") or where.tenant).lower() != where.tenant:
            # Shared channels hold people of other organisations, whose addresses were written there by others.
            return False
        user = {
            "id": where.user,
            "mail": known.get("email"),
            "userPrincipalName": known.get("userPrincipalName"),
            "userType": "Guest" if known.get("userRole") in ("guest", "anonymous") else "Member",
        }
        return bool(await self._take_in(where.tenant, [user]))

    async def _people(self, tenant: str) -> int:
        """Read what has changed in the directory, or all of it where Graph has forgotten how far we were."""
        link = await self.host.database.read(partial(_link, tenant=tenant))
        try:
            return await self._read(tenant, link)
        except Expired:
            log.info("teams.reading_anew", tenant=tenant)
            return await self._read(tenant, "")
        except FOREIGN as error:
            if may_not(error):
                # The administrators did not let us; whoever speaks to us is asked about one by one.
                log.info("teams.may_not_compare", tenant=tenant)
                return 0
            raise refusal(error) from error

    async def _read(self, tenant: str, link: str) -> int:
        here, gone, onward = list[Thing](), list[str](), ""
        async for page, next_time in self.graph.changes(tenant, link):
            found, left = _sorted(page)
            onward = next_time
            here += found
            gone += left
        linked = await self._take_in(tenant, here)
        seen = {str(user["id"]).lower() for user in here}
        if not link:
            # The whole list: whoever has an account with us and is not in it has none there.
            gone += await self.host.database.read(partial(_missing, tenant=tenant, seen=seen))
        await self._let_go(tenant, sorted(set(gone) - seen))
        await self.host.database.run(partial(_remember, tenant=tenant, link=onward))
        return linked

    async def _take_in(self, tenant: str, users: Sequence[Mapping[str, Any]]) -> int:
        """Link who is here; how many were linked. All are given at once, as those may stand pages apart who have the
        same address, which is then nobody's."""
        listed = [_known(tenant, user) for user in users if not _is_guest(user)]
        times = Counter(known.email.lower() for known in listed)
        named = [known if times[known.email.lower()] == 1 else replace(known, email="") for known in listed]
        linked = 0
        for start in range(0, len(named), AT_ONCE):
            take = partial(
                _take, tenant=tenant, here=named[start : start + AT_ONCE], by_email=self.settings.link_by_email
            )
            linked += await self.host.database.run(take)
        return linked

    async def _let_go(self, tenant: str, gone: Sequence[str]) -> None:
        """Close the accounts of those who are gone, unless so many are that somebody is to look first."""
        ours, all_of_them = await self.host.database.read(partial(_ours, tenant=tenant, users=list(gone)))
        most = max(1, min(MOST_GONE, int(all_of_them * MOST_GONE_SHARE)))
        if len(ours) > most:
            log.warning("teams.too_many_gone", tenant=tenant, gone=len(ours), known=all_of_them)
            await self.trouble.too_many_gone(tenant, len(ours), all_of_them)
            return
        close = partial(
            close_accounts,
            platform=NAME,
            tenant=tenant,
            users=ours,
            reason=ACCOUNT_CLOSED,
            now=self.host.clock.now(),
        )
        for user, person in await self.host.database.run(close):
            await self.trouble.account_closed(person, tenant, user)


def _sorted(page: Sequence[Thing]) -> tuple[list[Thing], list[str]]:
    """Who is here, and the ids of who is gone: deleted, or not let in any more."""
    here, gone = [], []
    for user in page:
        is_gone = "@removed" in user or user.get("accountEnabled") is False
        if is_gone:
            gone.append(str(user["id"]).lower())
        else:
            here.append(user)
    return here, gone


def _is_guest(user: Mapping[str, Any]) -> bool:
    """Whether an account is another organisation's: of some the kind is not told, and their name for signing in is."""
    return user.get("userType") == "Guest" or "#EXT#" in str(user.get("userPrincipalName") or "").upper()


def _known(tenant: str, user: Mapping[str, Any]) -> Known:
    """An account as Entra has it: administrators write the addresses there, nobody for themselves."""
    key = str(user["id"]).lower()
    return Known(key, address_of(tenant, key), str(user.get("mail") or user.get("userPrincipalName") or ""))


def _take(session: Session, *, tenant: str, here: list[Known], by_email: bool) -> int:
    linked = link_accounts(session, NAME, tenant, here, by_email=by_email)
    reopen_accounts(session, NAME, tenant, [known.user for known in here])
    return len(linked)


def _missing(session: Session, *, tenant: str, seen: set[str]) -> list[str]:
    known = session.exec(select(Account.user).where(Account.platform == NAME, Account.tenant == tenant))
    return [user for user in known if user not in seen]


def _ours(session: Session, *, tenant: str, users: list[str]) -> tuple[list[str], int]:
    """Which of some users have an open account with us, and how many accounts are open at all."""
    wanted = (
        select(Account.user)
        .join(Person)
        .where(Account.platform == NAME, Account.tenant == tenant, Account.unreachable == "", col(Person.active))
    )
    known = set(session.exec(wanted))
    return [user for user in users if user in known], len(known)


def _link(session: Session, *, tenant: str) -> str:
    found = session.get(TeamsDirectory, tenant)
    return found.link if found else ""


def _remember(session: Session, *, tenant: str, link: str) -> None:
    found = session.get(TeamsDirectory, tenant) or TeamsDirectory(tenant=tenant)
    found.link = link
    session.add(found)


def _claim(session: Session, *, tenant: str, now: datetime) -> bool:
    """Whether it is time to compare a tenant, and this process's to do it."""
    if session.get(TeamsDirectory, tenant) is None:
        session.add(TeamsDirectory(tenant=tenant))
        session.flush()
    late = or_(col(TeamsDirectory.compared_at).is_(None), col(TeamsDirectory.compared_at) < now - EVERY)
    claimed = session.execute(
        update(TeamsDirectory).where(col(TeamsDirectory.tenant) == tenant, late).values(compared_at=now)
    )
    return bool(claimed.rowcount)  # type: ignore[attr-defined]
