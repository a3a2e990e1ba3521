"""The workspaces in which we are at home: their tokens, kept fresh, and a client for each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic

import aiohttp
import structlog
from cachetools import TTLCache
from slack_sdk.oauth.installation_store import Installation

from integrations.slack.client import CALL_SECONDS, Client, text
from integrations.slack.errors import FOREIGN, is_broken, refusal, word
from integrations.slack.installations import claim_renewal, home_of, keep, note_broken, renew_seals_of, row_of, tenants
from integrations.slack.logs import quiet_logger
from integrations.slack.models import SlackWorkspace
from integrations.slack.settings import SlackSettings
from integrations.slack.token_cipher import TokenCipher
from workbot.errors import DeliveryError
from workbot.platforms import Host

# A token that ends within this is renewed; Slack's live twelve hours.
AHEAD = timedelta(hours=2)
# How long what is known of a workspace is believed, in seconds: another process may have heard better.
FRESH_SECONDS = 30.0
MOST_KNOWN = 1000
# How long Slack is left alone, in seconds, after it did not say whose our token is.
SPARED_SECONDS = 2.0
UPLOAD_SECONDS = 60

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace or Grid organisation as it is now; without a token there is no way into it."""

    tenant: str
    name: str
    url: str
    app: str
    bot_user: str
    bot_id: str
    scopes: frozenset[str]
    token: str
    broken: str = ""
    # Installed for all workspaces of an organisation, which are asked about one by one.
    is_enterprise: bool = False


class Workspaces:
    """Every workspace that has us; one of them only, where we were given its token."""

    def __init__(self, host: Host, settings: SlackSettings) -> None:
        self.host = host
        self.settings = settings
        self.cipher = TokenCipher(host.settings.secrets)
        self._known: TTLCache[str, Workspace] = TTLCache(MOST_KNOWN, FRESH_SECONDS)
        self._session: aiohttp.ClientSession | None = None
        self._only: Workspace | None = None
        self._unheard: tuple[DeliveryError | None, float] = None, 0.0
        self._asking: asyncio.Task[None] | None = None
        self._ask_after = 0.0
        self._one = asyncio.Lock()

    def client(self, token: str = "") -> Client:
        """A client on the connections that all share. It tries nothing twice: that is the sender's."""
        if self._session is None or self._session.closed:
            # What a server says of itself in cookies is of no use to us.
            patience = aiohttp.ClientTimeout(UPLOAD_SECONDS, sock_connect=CALL_SECONDS)
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=patience)
        return Client(
            token=token or None,
            base_url=self.settings.api,
            session=self._session,
            timeout=CALL_SECONDS,
            retry_handlers=[],
            logger=quiet_logger(),
        )

    async def into(self, tenant: str) -> Client:
        """A client for a workspace; raises DeliveryError when we are not at home there."""
        found = await self.find(tenant)
        if found is None:
            raise DeliveryError("no workspace of this id has installed the app")
        if found.broken or not found.token:
            raise DeliveryError(found.broken or "the app was removed from this workspace")
        return self.client(found.token)

    async def find(self, tenant: str = "") -> Workspace | None:
        """A workspace by its id; without one, the only one there is."""
        if known := self._known.get(tenant):
            return known
        found = await (self._stored(tenant) if self.settings.is_shared else self._own(tenant))
        if found is None:
            self._known.pop(tenant, None)
            return None
        if not found.broken:
            self._remember(found, tenant)
        return found

    async def home(self) -> str:
        """The workspace whose people are ours by their addresses; empty where that is ambiguous.

        It is the one that the settings name, or the first one.
        """
        if named := self.settings.home_workspace:
            return named
        if not self.settings.is_shared:
            only = await self.find()
            return only.tenant if only else ""
        return await self.host.database.read(home_of)

    async def all(self) -> list[Workspace]:
        if not self.settings.is_shared:
            own = await self.find()
            return [own] if own else []
        found = [await self.find(tenant) for tenant in await self.host.database.read(tenants)]
        return [workspace for workspace in found if workspace]

    async def is_only(self) -> bool:
        """Whether there is one workspace only: then whoever is named by an id is of that one."""
        return not self.settings.is_shared or len(await self.host.database.read(tenants)) == 1

    def _remember(self, found: Workspace, *names: str) -> None:
        for name in {*names, found.tenant}:
            self._known[name] = found

    async def save(self, installation: Installation) -> str:
        """Keep an installation; returns its tenant."""
        row = SlackWorkspace(
            tenant=tenant_of(installation.enterprise_id, installation.team_id, installation.is_enterprise_install),
            name=(installation.enterprise_name if installation.is_enterprise_install else installation.team_name) or "",
            url=installation.enterprise_url or await self._url(installation.bot_token or ""),
            is_enterprise=bool(installation.is_enterprise_install),
            app=installation.app_id or "",
            bot_user=installation.bot_user_id or "",
            bot_id=installation.bot_id or "",
            scopes=",".join(installation.bot_scopes or []),
            bot_token=self.cipher.close(installation.bot_token or ""),
            refresh_token=self.cipher.close(installation.bot_refresh_token or ""),
            expires_at=_moment(installation.bot_token_expires_at),
        )
        await self.host.database.run(partial(keep, row=row))
        self._known.clear()
        return row.tenant

    async def broke(self, tenant: str, reason: str, *, for_good: bool = False) -> bool:
        """Note that a workspace does not take us any more; whether that is news. `for_good` forgets its tokens."""
        note = partial(note_broken, tenant=tenant, reason=reason, for_good=for_good)
        is_news = await self.host.database.run(note)
        if self._only:
            self._only = replace(self._only, broken=reason)
        self._known.clear()
        return is_news

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        if self._session is not None:
            await self._session.close()

    async def _url(self, token: str) -> str:
        """The address of the workspace of a token: messages there are linked with it. Slack's answer has it not."""
        try:
            answer = await self.client(token).auth_test()
        except FOREIGN as error:
            log.warning("slack.cannot_ask", reason=word(error))
            return ""
        return str(answer.get("url") or "")

    async def _own(self, tenant: str) -> Workspace | None:
        """The one workspace whose token we were given: it says itself which it is.

        It is asked anew now and then, beside what goes on: nobody who waits for an answer waits for that.
        """
        if self._only is None:
            async with self._one:
                self._only = self._only or await self._first()
        elif self._is_late() and (self._asking is None or self._asking.done()):
            self._ask_after = monotonic() + FRESH_SECONDS
            self._asking = asyncio.create_task(self._ask_again(), name="slack-asks")
        return self._only if tenant in ("", self._only.tenant) else None

    def _is_late(self) -> bool:
        """Whether Slack is to be asked again; where it has locked us out, as soon as somebody wants to know."""
        return monotonic() >= self._ask_after or bool(self._only and self._only.broken)

    async def _first(self) -> Workspace:
        """Whose our token is; where Slack did not say so a moment ago, it is not asked for each who waits."""
        error, spared_until = self._unheard
        if error and monotonic() < spared_until:
            raise error
        try:
            found = await self._ask()
        except DeliveryError as refused:
            self._unheard = refused, monotonic() + SPARED_SECONDS
            raise
        self._ask_after = monotonic() + FRESH_SECONDS
        return found

    async def _ask_again(self) -> None:
        try:
            self._only = await self._ask()
        except DeliveryError as error:
            log.warning("slack.cannot_ask", method="auth.test", reason=error.reason)
        else:
            # What is known is renewed, not thrown away: or each who comes would ask once more.
            self._known.clear()
            if not self._only.broken:
                self._remember(self._only, "")

    async def _ask(self) -> Workspace:
        """What Slack says of our token; raises DeliveryError when it says nothing."""
        token = self.settings.bot_token.get_secret_value()
        try:
            async with asyncio.timeout(CALL_SECONDS):
                answer = await self.client(token).auth_test()
            text(answer, "user_id")
        except FOREIGN as error:
            if self._only and is_broken(error):
                return replace(self._only, broken=word(error))
            raise refusal(error) from error
        # On an organisation's own token the organisation is the tenant.
        tenant = tenant_of(
            answer.get("enterprise_id"), answer.get("team_id"), bool(answer.get("is_enterprise_install"))
        )
        scopes = str({name.lower(): value for name, value in answer.headers.items()}.get("x-oauth-scopes", ""))
        return Workspace(
            tenant=tenant,
            name=str(answer.get("team") or ""),
            url=str(answer.get("url") or ""),
            app=str(answer.get("app_id") or ""),
            bot_user=str(answer.get("user_id") or ""),
            bot_id=str(answer.get("bot_id") or ""),
            scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
            token=token,
            is_enterprise=bool(answer.get("is_enterprise_install")),
        )

    async def renew_seals(self) -> None:
        """Have every stored token under the first of our secrets, so that those before it can be taken away."""
        if self.settings.is_shared:
            await self.host.database.run(partial(renew_seals_of, cipher=self.cipher))

    async def _stored(self, tenant: str) -> Workspace | None:
        row = await self.host.database.read(partial(row_of, tenant=tenant))
        if row and row.refresh_token and row.expires_at and row.expires_at - AHEAD < self.host.clock.now():
            row = await self._renewed(row)
        return self._opened(row) if row else None

    def _opened(self, row: SlackWorkspace) -> Workspace:
        return Workspace(
            tenant=row.tenant,
            name=row.name,
            url=row.url,
            app=row.app,
            bot_user=row.bot_user,
            bot_id=row.bot_id,
            scopes=frozenset(row.scopes.split(",")),
            token=self.cipher.open(row.bot_token),
            broken=row.broken,
            is_enterprise=row.is_enterprise,
        )

    async def _renewed(self, row: SlackWorkspace) -> SlackWorkspace:
        """The row with a token that lasts. One of all processes renews it; the old one is good until it ends."""
        now = self.host.clock.now()
        if not await self.host.database.run(partial(claim_renewal, row=row, now=now)):
            return await self._others_renewal(row, now)
        try:
            answer = await self.client().oauth_v2_access(
                client_id=self.settings.client_id,
                client_secret=self.settings.client_secret.get_secret_value(),
                grant_type="refresh_token",
                refresh_token=self.cipher.open(row.refresh_token),
            )
        except FOREIGN as error:
            log.warning("slack.token_not_renewed", workspace=row.tenant, reason=word(error))
            return row
        row.bot_token = self.cipher.close(str(answer["access_token"]))
        row.refresh_token = self.cipher.close(str(answer["refresh_token"]))
        row.expires_at, row.renewing_until = now + timedelta(seconds=int(answer["expires_in"])), None
        renewed = row.model_copy()
        await self.host.database.run(lambda session: session.merge(row) and None)
        return renewed

    async def _others_renewal(self, row: SlackWorkspace, now: datetime) -> SlackWorkspace:
        """What another is renewing: as it is while it lasts, else as it will be."""
        if row.expires_at and row.expires_at > now:
            return row
        for _ in range(20):
            await asyncio.sleep(0.25)
            newer = await self.host.database.read(partial(row_of, tenant=row.tenant))
            if newer and newer.bot_token != row.bot_token:
                return newer
        return row


def tenant_of(enterprise: str | None, team: str | None, is_enterprise_install: bool | None) -> str:
    """How a workspace is named with us; an organisation that installed for all of its own, by itself."""
    return (enterprise if is_enterprise_install and enterprise else team or enterprise) or ""


def _moment(epoch: float | None) -> datetime | None:
    return datetime.fromtimestamp(epoch, UTC) if epoch else None
