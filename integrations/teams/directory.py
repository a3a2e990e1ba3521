"""Comparing lists: whose Teams accounts are whose of ours, by the directory of Microsoft."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from sqlmodel import Session, col, select

from integrations.teams.alerts import Alerts
from integrations.teams.channels import Channels
from integrations.teams.connector import Connector, Thing
from integrations.teams.errors import ACCOUNT_CLOSED, DISABLED, FOREIGN, GUEST, refusal
from integrations.teams.graph import Expired, Graph, may_not
from integrations.teams.names import NAME, address_of
from integrations.teams.parsing import Where
from integrations.teams.settings import TeamsSettings
from workbot.chat.directory import AccountLinks, Comparison
from workbot.errors import DeliveryError
from workbot.people import Account, DirectoryAccount, LinkRule, Person
from workbot.platforms import Host
from workbot.texts import clean

ASK_SECONDS = 1.5
# More accounts than this gone at once are more likely a mistake of the directory's, or of ours, than people who left.
MOST_GONE, MOST_GONE_SHARE = 25, 0.05

log = structlog.get_logger(__name__)


class DirectorySync:
    """Keeps what we know of tenants as it is there: every hour, and when Teams says that something changed."""

    def __init__(self, host: Host, settings: TeamsSettings, connector: Connector, graph: Graph, alerts: Alerts) -> None:
        self.host = host
        self.settings = settings
        self.connector = connector
        self.graph = graph
        self.alerts = alerts
        self.channels = Channels(host, connector, alerts)
        self.comparison = Comparison(host, NAME)
        self.links = AccountLinks(host, NAME, alerts.account_closed)

    async def run(self) -> None:
        await self.comparison.run(self.look)

    async def look(self) -> None:
        """Compare the tenants for which it is time."""
        for tenant in sorted(self.settings.allowed):
            await self.comparison.if_late(tenant, partial(self.compare, tenant))

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
            "displayName": known.get("name"),
            "mail": known.get("email"),
            "userPrincipalName": known.get("userPrincipalName"),
            "userType": "Guest" if known.get("userRole") in ("guest", "anonymous") else "Member",
        }
        linked = bool(await self._take_in(where.tenant, [user]))
        if not linked:
            await self.host.ask_owner(where.sender)
        return linked

    async def _people(self, tenant: str) -> int:
        """Read what has changed in the directory, or all of it where Graph has forgotten how far we were."""
        try:
            return await self._read(tenant, await self.comparison.link(tenant))
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
        began, said, onward = self.host.clock.now(), list[Thing](), ""
        async for page, next_time in self.graph.changes(tenant, link):
            onward = next_time
            said += page
        here = [user for user in said if "@removed" not in user]
        linked = await self._take_in(tenant, here)
        seen = {_key(user) for user in here}
        gone = {_key(user) for user in said} - seen
        if not link:
            # The whole list: whoever has an account with us and is not in it has none there.
            await self.links.forget_claims(tenant, before=began)
            gone |= set(await self.links.missing(tenant, seen))
        if await self._let_go(tenant, sorted(gone)):
            # Else all is read anew, until the administrators have looked.
            await self.comparison.remember(tenant, onward)
        return linked

    async def _take_in(self, tenant: str, users: Sequence[Mapping[str, Any]]) -> int:
        """Link who is here, and make strangers of guests and of who may not sign in; how many were linked."""
        rule = self.rule(tenant)
        return await self.links.take_in(
            tenant,
            [_known(tenant, user) for user in users],
            rule,
            alone=len(self.settings.allowed) == 1,
            organisation="" if rule.is_home else tenant,
        )

    def rule(self, tenant: str) -> LinkRule:
        """How accounts of a tenant are linked: by their addresses in our own only."""
        domains = self.settings.mail_domains.get(tenant, frozenset())
        return LinkRule(tenant == self.settings.tenant_id.lower(), self.settings.link_by_email, domains)

    async def _let_go(self, tenant: str, gone: Sequence[str]) -> bool:
        """Make strangers of those who are gone; False where so many are that somebody is to look first."""
        ours, count, all_of_them = await self.host.database.read(partial(_ours, tenant=tenant, users=gone))
        most = max(1, min(MOST_GONE, int(all_of_them * MOST_GONE_SHARE)))
        if count > most:
            log.warning("teams.too_many_gone", tenant=tenant, gone=count, known=all_of_them)
            await self.alerts.too_many_gone(tenant, count, all_of_them)
            return False
        await self.links.end(tenant, dict.fromkeys(ours, ACCOUNT_CLOSED))
        return True


def _stranger(user: Mapping[str, Any]) -> str:
    """Why nobody may act by an account; of some the kind is not told, and their name for signing in is."""
    if user.get("accountEnabled") is False:
        return DISABLED
    is_guest = user.get("userType") == "Guest" or "#EXT#" in str(user.get("userPrincipalName") or "").upper()
    return GUEST if is_guest else ""


def _key(user: Mapping[str, Any]) -> str:
    return str(user["id"]).lower()


def _known(tenant: str, user: Mapping[str, Any]) -> DirectoryAccount:
    """An account as Entra has it: administrators write the addresses there, nobody for themselves."""
    key, email = _key(user), str(user.get("mail") or user.get("userPrincipalName") or "")
    name = clean(str(user.get("displayName") or ""))
    return DirectoryAccount(key, address_of(tenant, key), email, name=name, stranger=_stranger(user))


def _ours(session: Session, *, tenant: str, users: Sequence[str]) -> tuple[list[str], int, int]:
    """Which of some users have an account with us, how many of those are still with us, and how many are at all."""
    wanted = (
        select(Account.user, Person.active)
        .join(Person)
        .where(Account.platform == NAME, Account.tenant == tenant, col(Account.access_ended_at).is_(None))
    )
    known: dict[str, bool] = dict(session.exec(wanted).all())
    ours = [user for user in users if user in known]
    return ours, sum(known[user] for user in ours), sum(known.values())
