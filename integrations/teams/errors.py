"""What Teams' refusals mean for a message: try again, somewhere else, or tell someone.

https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability#status-codes-from-bot-conversational-apis
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx

from workbot.errors import DeliveryError
from workbot.i18n import N_

# Why an address is closed, as it is kept; `doctor` says it in the reader's language.
BLOCKED = N_("they have blocked or removed the app in Teams")
NOT_INSTALLED = N_("the app is not installed for them in Teams")
FORBIDDEN = N_("a Teams administrator has blocked the app")
UNKNOWN = N_("Teams does not know them")
NOTHING = N_("Teams takes nothing there")
REMOVED = N_("the app was removed in Teams")
ACCOUNT_CLOSED = N_("the account was closed in Entra")
DISABLED = N_("the account may not sign in, says Entra")
GUEST = N_("the account is a guest’s, says Entra")
# The words that say that an address takes no messages, and will not tomorrow. A status alone says no such thing: it is
# also what somebody gets who asks in the wrong region, or a proxy answers.
CLOSED = {
    "BotDisabledByAdmin": FORBIDDEN,
    "BotNotInConversationRoster": NOT_INSTALLED,
    "ConversationBlockedByUser": BLOCKED,
    "ForbiddenOperationException": NOT_INSTALLED,
    "MemberNotFoundInConversation": UNKNOWN,
    "MessageWritesBlocked": BLOCKED,
    "UserNotFound": UNKNOWN,
}
# Those that say it of a channel or a team: a person's conversation can be begun anew.
CHANNEL_CLOSED = CLOSED | dict.fromkeys(("ConversationNotFound", "NotEnoughPermissions", "NotFound"), NOTHING)
# What Teams says beside a general word of somebody whom it cannot find.
NOBODY = re.compile("pairwise id|invalid user identity", re.IGNORECASE)
# The message is what cannot be taken.
REJECTED = {"MessageSizeTooBig"}
# Where somebody is reached may have changed: they were moved to another region, or their conversation was.
MOVED = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
ELSEWHERE = re.compile(r"region|\bgeo\b", re.IGNORECASE)
# Teams asks for these to be tried again; what was asked was not done, or may be done twice without harm.
AGAIN = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT)
A_MOMENT = timedelta(seconds=5)
FOREIGN = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError)
# Trouble before a byte of the request was sent.
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.]{1,60}")


def word(error: BaseException) -> str:
    """Teams' own word for what is wrong, or the kind of the error."""
    if isinstance(error, httpx.HTTPStatusError):
        return _word(error.response)
    return type(error).__name__


def refusal(error: BaseException, *, channel: bool = False) -> DeliveryError:
    """What an error of a call means for the message that it carried, to a person or a channel."""
    if not isinstance(error, httpx.HTTPStatusError):
        doubtful = not isinstance(error, UNSENT)
        return DeliveryError(f"Teams could not be reached ({type(error).__name__})", doubtful=doubtful)
    answer, said = error.response, _word(error.response)
    status = answer.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return DeliveryError("Teams takes no more just now", retry_after=retry_after(answer) or A_MOMENT)
    if is_closed(error, channel=channel):
        return DeliveryError(reason(error), permanent=True)
    if said in REJECTED or status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return DeliveryError(f"Teams takes no message of this size ({said})", rejected=True)
    if status in (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE) or status in AGAIN:
        wait = retry_after(answer)
        return DeliveryError(f"Teams is not well ({said})", retry_after=wait) if wait else DeliveryError(said)
    return DeliveryError(f"Teams refuses this ({said})", doubtful=status >= HTTPStatus.INTERNAL_SERVER_ERROR)


def is_closed(error: BaseException, *, channel: bool = False) -> bool:
    """Whether Teams says that an address takes nothing any more: gone, blocked, or without the app."""
    if not isinstance(error, httpx.HTTPStatusError):
        return False
    return _word(error.response) in (CHANNEL_CLOSED if channel else CLOSED) or _is_nobody(error.response)


def has_moved(error: BaseException) -> bool:
    """Whether somebody may be reached elsewhere: refused where we believed them, by words that do not close them."""
    if not isinstance(error, httpx.HTTPStatusError) or is_closed(error):
        return False
    return error.response.status_code in MOVED or bool(ELSEWHERE.search(_message(error.response)))


def is_futile(error: BaseException) -> bool:
    """Whether the same call would be refused again a moment later: it is to what was asked that Teams says no."""
    if not isinstance(error, httpx.HTTPStatusError):
        return False
    status = error.response.status_code
    return error.response.is_client_error and status not in (HTTPStatus.TOO_MANY_REQUESTS, *AGAIN)


def is_broken(error: BaseException) -> bool:
    """Whether it is we whom Microsoft does not know any more, rather than the message."""
    return isinstance(error, httpx.HTTPStatusError) and error.response.status_code == HTTPStatus.UNAUTHORIZED


class LockedOut(DeliveryError):
    """Microsoft does not let the app itself in: nobody can be written to until someone sees to it."""


def locked_out(answer: httpx.Response) -> LockedOut:
    """What it means that Entra gives us no token."""
    said = re.search(r"AADSTS\d+", str(_data(answer).get("error_description", "")))
    return LockedOut(f"Microsoft does not let the app sign in ({said.group() if said else _word(answer)})")


def reason(error: BaseException) -> str:
    """Why an address is closed, in words that an administrator can act on."""
    return f"{CHANNEL_CLOSED.get(word(error), UNKNOWN)} ({word(error)})"


def retry_after(answer: httpx.Response) -> timedelta | None:
    """How long a service asks to be left alone: in seconds, or until a date."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal() and len(value) < 6:
        return timedelta(seconds=int(value))
    try:
        return max(timedelta(), parsedate_to_datetime(value) - datetime.now(UTC))
    except (TypeError, ValueError):
        return None


def _word(answer: httpx.Response) -> str:
    """The code in an answer's body, wherever it stands, if it is a word."""
    told, error = _told(answer), _data(answer).get("error")
    # Of those who block us, Teams tells in JSON within the message.
    within = re.search(r'"subCode"\s*:\s*"(\w+)"', _message(answer))
    said = within.group(1) if within else str(told.get("code") or (error if isinstance(error, str) else ""))
    return said if WORD.fullmatch(said) else f"HTTP {answer.status_code}"


def _is_nobody(answer: httpx.Response) -> bool:
    """Whether Teams says that it knows nobody of this id."""
    return answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR and bool(NOBODY.search(_message(answer)))


def _message(answer: httpx.Response) -> str:
    return str(_told(answer).get("message") or "")


def _told(answer: httpx.Response) -> Mapping[str, Any]:
    """What an answer says of what is wrong, wherever it stands."""
    data = _data(answer)
    error = data.get("error")
    return error if isinstance(error, Mapping) else data


def _data(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        data = answer.json()
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
