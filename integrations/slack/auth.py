"""Who calls: Slack's signature on what it sends, and the token with which that is answered."""

from __future__ import annotations

import re
from typing import Any

import structlog
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request

from integrations.slack.settings import SlackSettings
from integrations.slack.workspaces import Workspaces, tenant_of
from workbot.errors import DeliveryError, WorkbotError

WHOLE_SECONDS = re.compile("[0-9]{1,11}")

log = structlog.get_logger(__name__)


class Signatures:
    """Slack's signatures, by the secret that we share; without one, nothing is Slack's."""

    def __init__(self, settings: SlackSettings) -> None:
        secret = settings.signing_secret.get_secret_value()
        self._verifier = SignatureVerifier(secret) if secret else None

    def are_on(self, request: Request, body: bytes) -> bool:
        """Whether Slack signed it: HMAC-SHA256 of version, timestamp and raw body, no more than five minutes old or
        ahead."""
        timestamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        if self._verifier is None or not WHOLE_SECONDS.fullmatch(timestamp) or not signature.isascii():
            return False
        try:
            return self._verifier.is_valid(body, timestamp, signature)
        except UnicodeDecodeError:
            return False


class Authorize(AsyncAuthorize):
    """Says whose token a request is answered with, out of what is stored: Slack is not asked each time."""

    def __init__(self, workspaces: Workspaces) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.workspaces = workspaces

    async def __call__(self, *, context: Any, enterprise_id: Any, team_id: Any, user_id: Any, **_more: Any) -> Any:
        tenant = tenant_of(enterprise_id, team_id, context.is_enterprise_install)
        try:
            found = await self.workspaces.find(tenant)
        except (DeliveryError, WorkbotError) as error:
            log.warning("slack.cannot_authorise", reason=str(error))
            found = None
        if found is None:
            log.warning("slack.unknown_workspace", workspace=tenant)
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=found.bot_user,
            bot_id=found.bot_id,
            bot_token=found.token or "xoxb-none",
        )
