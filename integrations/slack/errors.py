"""What Slack's refusals mean for a message: try again, somewhere else, or tell someone."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from integrations.slack.client import data_of, status_of
from workbot.errors import DeliveryError

# A person takes no messages, and will not tomorrow. What is not said here may be over in a while: it is tried again.
CLOSED = {"cannot_dm_bot", "user_disabled", "user_not_found", "user_not_visible"}
# A channel takes none: said of a person, their conversation has to be looked up anew.
NOT_IN = {"channel_not_found", "is_archived", "not_in_channel"}
CHANNEL_CLOSED = CLOSED | NOT_IN | {"restricted_action_read_only_channel"}
# This message is what cannot be taken.
REJECTED = {
    "attachment_payload_limit_exceeded",
    "cannot_reply_to_message",
    "invalid_attachments",
    "invalid_blocks",
    "invalid_blocks_format",
    "metadata_too_large",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "too_many_attachments",
}
TOO_FAST = {"message_limit_exceeded", "rate_limited", "ratelimited"}
# The workspace takes nothing from us until someone sees to it.
BROKEN = {
    "access_denied",
    "account_inactive",
    "app_uninstalled",
    "invalid_auth",
    "not_authed",
    "org_login_required",
    "team_access_not_granted",
    "token_expired",
    "token_revoked",
}
# Slack itself stumbled: what was asked may have been done.
STUMBLED = {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"}
NOT_THERE = {"message_not_found", "cant_update_message", "edit_window_closed"}
SECONDS = re.compile(r"\d{1,6}(\.\d+)?")
FOREIGN = (SlackClientError, aiohttp.ClientError, asyncio.TimeoutError, json.JSONDecodeError, ConnectionError)


class SendAgain(Exception):
    """What Slack sent could not be taken now: not thanked for it, Slack sends it again."""


def word(error: BaseException) -> str:
    """Slack's own word for what is wrong, or the kind of the error."""
    if isinstance(error, SlackApiError):
        return str(data_of(error).get("error") or f"HTTP {status_of(error)}")
    return type(error).__name__


def refusal(error: BaseException, *, channel: bool = False) -> DeliveryError:
    """What an error of a call means for the message that it carried, to a person or a channel."""
    if not isinstance(error, SlackApiError):
        # A connection that was never made carried nothing.
        doubtful = not isinstance(error, aiohttp.ClientConnectorError)
        return DeliveryError(f"Slack could not be reached ({type(error).__name__})", doubtful=doubtful)
    said, status = word(error), status_of(error)
    if status == 429 or said in TOO_FAST:
        return DeliveryError(said, throttled=True, retry_after=_retry_after(error))
    if said in (CHANNEL_CLOSED if channel else CLOSED):
        return DeliveryError(said, permanent=True)
    if said in REJECTED:
        return DeliveryError(said, rejected=True)
    # An answer that cannot be read says nothing of what was done, unless its status says that nothing was.
    is_unread = status < 400 and not data_of(error)
    return DeliveryError(said, doubtful=status >= 500 or said in STUMBLED or is_unread)


def is_broken(error: BaseException) -> bool:
    """Whether the workspace, not the message, is what is wrong."""
    return isinstance(error, SlackApiError) and word(error) in BROKEN


def is_passing(error: BaseException) -> bool:
    """Whether the same call may well succeed in a while."""
    meant = refusal(error)
    return not isinstance(error, SlackApiError) or meant.doubtful or meant.throttled


def _retry_after(error: SlackApiError) -> timedelta | None:
    headers = {name.lower(): value for name, value in dict(error.response.headers).items()}
    value = str(headers.get("retry-after", "")).strip()
    return timedelta(seconds=float(value)) if SECONDS.fullmatch(value) else None
