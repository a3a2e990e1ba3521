"""Microsoft Graph in place of a server: a mailbox of the organisation sends, without SMTP and without a password.

https://learn.microsoft.com/graph/api/user-sendmail, in its MIME form: the very message that SMTP would carry.
"""

from __future__ import annotations

import time
from base64 import b64encode
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from http import HTTPStatus
from urllib.parse import quote

import httpx

from integrations.email.credentials import Credentials, may
from workbot.errors import DeliveryError

PERMISSION = "Mail.Send"
CHECK_SECONDS = 60
# Codes that are about the recipient: https://learn.microsoft.com/exchange/client-developer/web-service-reference/responsecode
ABOUT_ADDRESS = ("ErrorInvalidRecipients", "ErrorRecipientNotFound")
ABOUT_US = {
    HTTPStatus.FORBIDDEN.value: f"the app may not send for the mailbox; grant it {PERMISSION}, for this mailbox",
    HTTPStatus.NOT_FOUND.value: "the mailbox does not exist; check SMTP_URL",
}


class GraphMail:
    """Hands messages to Graph, each by a call of its own."""

    # Exchange does not recognise a message that comes again.
    takes_once = False

    def __init__(self, mailbox: str, api: str, credentials: Credentials, http: httpx.AsyncClient) -> None:
        self.mailbox = mailbox
        self.api = api
        self.credentials = credentials
        self.http = http
        self._checked: tuple[float, str] | None = None

    async def send(self, message: EmailMessage, to: str) -> None:
        """Raise DeliveryError when the message is not taken; `to` stands in the message."""
        content = b64encode(message.as_bytes(policy=SMTP))
        answer = await self._post(content)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            # Withdrawn before it ended: nothing was done.
            self.credentials.forget()
            answer = await self._post(content)
        if not answer.is_success:
            raise refusal(answer)

    async def check(self) -> str:
        """Why mail cannot be sent now; asked of Microsoft once a minute at most."""
        now = time.monotonic()
        if self._checked is None or now - self._checked[0] > CHECK_SECONDS:
            self._checked = (now, await self._look())
        return self._checked[1]

    async def close(self) -> None:
        await self.credentials.close()
        await self.http.aclose()

    async def _look(self) -> str:
        try:
            token = await self.credentials.token()
        except DeliveryError as error:
            return error.reason
        return "" if may(token, PERMISSION) else f"Graph: {ABOUT_US[HTTPStatus.FORBIDDEN]}"

    async def _post(self, content: bytes) -> httpx.Response:
        token = await self.credentials.token()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/plain"}
        url = f"{self.api}/v1.0/users/{quote(self.mailbox)}/sendMail"
        try:
            return await self.http.post(url, content=content, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise DeliveryError(f"Graph cannot be reached ({type(error).__name__})") from error
        except httpx.HTTPError as error:
            # It may have been taken: the answer was lost.
            raise DeliveryError(f"Graph did not answer ({type(error).__name__})", doubtful=True) from error


def refusal(answer: httpx.Response) -> DeliveryError:
    """What Graph's refusal means for the message."""
    code, status = _code(answer), answer.status_code
    said = f"{status} {code}".strip()
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return DeliveryError(f"Graph asks us to go slower ({said})", throttled=True, retry_after=_retry_after(answer))
    if code in ABOUT_ADDRESS:
        return DeliveryError(f"the address was refused ({said})", permanent=True)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or code == "ErrorMessageSizeExceeded":
        return DeliveryError(f"Graph takes no message of this size ({said})", rejected=True)
    if status in ABOUT_US:
        return DeliveryError(f"Graph: {ABOUT_US[status]} ({said})")
    # Behind these somebody may have taken it all the same.
    doubtful = status in (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)
    return DeliveryError(f"Graph refused ({said})", doubtful=doubtful)


def _retry_after(answer: httpx.Response) -> timedelta | None:
    seconds = answer.headers.get("retry-after", "")
    return timedelta(seconds=int(seconds)) if seconds.isascii() and seconds.isdigit() and len(seconds) < 6 else None


def _code(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"]["code"])[:60]
    except (KeyError, TypeError, ValueError):
        return ""
