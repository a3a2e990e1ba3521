"""Slack's own client, whose answers are what they ought to be or an error of Slack's."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

# How long a call may take that somebody waits for, in seconds.
CALL_SECONDS = 10
# What reading an answer raises that is none of the Web API's: a page of a proxy, a list, half a word.
UNREADABLE = (AttributeError, LookupError, ValueError)
# Slack's words for a method that is not there, or not for us.
NO_METHOD = ("deprecated_endpoint", "method_deprecated", "not_allowed_token_type", "unknown_method")
REFUSES_GET = (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED)

log = structlog.get_logger(__name__)


class Unreadable(SlackClientError):
    """An answer is not what Slack's documentation says that it is."""


class Client(AsyncWebClient):
    """Names the method in the log when it is the Web API, not what was asked of it, that is wrong."""

    async def api_call(self, api_method: str, **how: Any) -> AsyncSlackResponse:
        try:
            return await super().api_call(api_method, **how)
        except SlackApiError as error:
            if reason := _wrong(error):
                log.warning("slack.method_failed", method=api_method, reason=reason)
            if status_of(error) not in REFUSES_GET or how.get("http_verb") != "GET":
                raise
        except UNREADABLE as error:
            log.warning("slack.method_failed", method=api_method, reason=type(error).__name__)
            raise Unreadable(f"the answer of {api_method} cannot be read") from error
        # Slack takes every method as POST; what stands between us and it may take nothing else.
        return await self.api_call(api_method, http_verb="POST", data=how.get("params"))


def _wrong(error: SlackApiError) -> str:
    """What is wrong with the method itself; empty where only what was asked of it is refused."""
    status, said = status_of(error), data_of(error).get("error")
    if said in NO_METHOD:
        return str(said)
    if status == HTTPStatus.TOO_MANY_REQUESTS or (said and status < HTTPStatus.BAD_REQUEST):
        return ""
    return f"HTTP {status}"


def data_of(error: SlackApiError) -> dict[str, Any]:
    """What a refusal holds; nothing where it could not be read."""
    data = getattr(error.response, "data", None)
    return data if isinstance(data, dict) else {}


def status_of(error: SlackApiError) -> int:
    """The HTTP status of a refusal; of an answer that it could not read the library hands on aiohttp's own response."""
    status: int = getattr(error.response, "status_code", 0) or getattr(error.response, "status", 0)
    return status


def text(answer: AsyncSlackResponse, name: str) -> str:
    """A text that an answer must hold; raises Unreadable where it does not."""
    found: str = _of(answer, name, str)
    return found


def thing(answer: AsyncSlackResponse, name: str) -> dict[str, Any]:
    """An object that an answer must hold; raises Unreadable where it does not."""
    found: dict[str, Any] = _of(answer, name, dict)
    return found


def things(answer: AsyncSlackResponse, name: str) -> list[dict[str, Any]]:
    """A list of objects that an answer must hold; raises Unreadable where it does not."""
    found: list[dict[str, Any]] = _of(answer, name, list)
    if not all(isinstance(one, dict) and one.get("id") for one in found):
        raise Unreadable(f"the answer holds odd {name}")
    return found


def _of(answer: AsyncSlackResponse, name: str, kind: type) -> Any:
    found = answer.get(name)
    if not isinstance(found, kind):
        log.warning("slack.method_failed", method=str(answer.api_url).rpartition("/")[2], reason=f"no {name}")
        raise Unreadable(f"the answer holds no {name}")
    return found
