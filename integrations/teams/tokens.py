"""Who calls: tokens of the Bot Connector and of people's tabs, checked with Microsoft's keys."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic, time
from typing import Any

import jwt
import structlog
from cachetools import TLRUCache

from integrations.teams.clouds import Cloud
from integrations.teams.sdk import JWT_LEEWAY_SECONDS, TokenValidator

# Microsoft changes its keys every few weeks, publishes new ones a day ahead, and withdraws one that was lost.
FRESH_SECONDS = 24 * 3600.0
FOR_GOOD = 1e12
# How often an unknown key makes us ask anew: whoever sends garbage decides nothing else.
CALM_SECONDS = 60.0
ASK_SECONDS = 5.0
LONGEST_TOKEN = 16_000
# The Bot Connector sends the same token along for most of an hour: it is not computed anew for each activity.
BELIEVED_SECONDS = 60.0
MOST_BELIEVED = 1000
# What comes of reading a token that is none.
ODD = (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError, RecursionError)

log = structlog.get_logger(__name__)


class Callers:
    """Checks the tokens that requests come with: signature, issuer, audience and time, by the SDK's own validator."""

    def __init__(self, cloud: Cloud, client_id: str) -> None:
        self.cloud = cloud
        self.client_id = client_id
        self._connector: Validator | None = None
        self._people: dict[str, Validator] = {}

    async def connector(self, authorization: str) -> Mapping[str, Any] | None:
        """What a token of the Bot Connector claims, or None when it is not one that is good for us."""
        if self._connector is None:
            self._connector = Validator(TokenValidator.for_service(self.client_id, cloud=self.cloud.environment))
        return await self._connector.claims(authorization)

    async def person(self, authorization: str, tenant: str, audience: str) -> Mapping[str, Any] | None:
        """What a token claims that Entra gave to somebody of a tenant for our tab."""
        if tenant not in self._people:
            entra = TokenValidator.for_entra(
                self.client_id,
                tenant,
                scope="access_as_user",
                application_id_uri=audience,
                cloud=self.cloud.environment,
            )
            self._people[tenant] = Validator(entra)
        return await self._people[tenant].claims(authorization)


class Validator:
    """One of the SDK's validators, with keys that are fetched beside the event loop."""

    def __init__(self, validator: TokenValidator) -> None:
        self.validator = validator
        self.keys = KeySet(validator.options.jwks_uri)
        # The SDK's own fetches keys in the middle of the event loop, for as long as thirty seconds.
        validator._jwks_client = self.keys
        self._believed: TLRUCache[str, Mapping[str, Any]] = TLRUCache(MOST_BELIEVED, _believed_until, monotonic)

    async def claims(self, authorization: str) -> Mapping[str, Any] | None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not 0 < len(token) <= LONGEST_TOKEN or not token.isascii():
            return None
        if known := self._believed.get(token):
            return known
        found = await self._checked(token)
        if found:
            self._believed[token] = found
        return found

    async def _checked(self, token: str) -> Mapping[str, Any] | None:
        try:
            await self.keys.know(str(jwt.get_unverified_header(token).get("kid") or ""))
            claims = await self.validator.validate_token(token)
        except ODD as error:
            log.info("teams.token_refused", reason=type(error).__name__)
            return None
        # A token that never ends is none of Microsoft's.
        return claims if isinstance(claims.get("exp"), int | float) else None


def _believed_until(_token: str, claims: Mapping[str, Any], now: float) -> float:
    """A token is taken for good for a moment, and no longer than it is."""
    left: float = claims["exp"] + JWT_LEEWAY_SECONDS - time()
    return now + min(BELIEVED_SECONDS, left)


class KeySet(jwt.PyJWKClient):
    """The keys that an issuer publishes, asked for once in a day and, for a key that is new, once in a minute."""

    def __init__(self, url: str) -> None:
        # Old keys are better than none while the issuer cannot be asked.
        super().__init__(url, lifespan=FOR_GOOD, timeout=ASK_SECONDS, cooldown_duration=0)
        self._asked_at = self._fetched_at = -FOR_GOOD
        self._one = asyncio.Lock()

    async def know(self, name: str) -> None:
        """Fetch the keys, unless this one is known, or they were asked for just now."""
        if self._knows(name):
            # Nobody waits for what is asked on account of strangers.
            return
        async with self._one:
            now = monotonic()
            if self._knows(name) or now - self._asked_at < CALM_SECONDS:
                return
            self._asked_at = now
            try:
                await asyncio.to_thread(super().fetch_data)
                self._fetched_at = now
            except (jwt.PyJWTError, ValueError, OSError) as error:
                log.warning("teams.no_keys", reason=type(error).__name__)

    def fetch_data(self) -> Any:
        """What is known already: whoever looks for a key has waited for `know`."""
        known = self.jwk_set_cache.get() if self.jwk_set_cache else None
        if known is None:
            raise jwt.PyJWKClientError("The keys are not known yet.")
        return known

    def _knows(self, name: str) -> bool:
        known = self.jwk_set_cache.get() if self.jwk_set_cache else None
        is_there = known is not None and any(key.key_id == name for key in known.keys)
        return is_there and monotonic() - self._fetched_at < FRESH_SECONDS
