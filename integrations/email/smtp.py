"""An SMTP server: one connection per message, so that a bad one spoils no other."""

from __future__ import annotations

import asyncio
import ssl
import time
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponse

from integrations.email.credentials import Credentials
from integrations.email.errors import refusal
from integrations.email.settings import Server
from workbot.errors import DeliveryError

ANSWER_SECONDS = 15
FAREWELL_SECONDS = 2
# Nearly as long as the sender waits. Whoever looks into messages before taking them may need most of it, and to try
# again sooner would be to send twice (RFC 5321, section 4.5.3.2.6).
MESSAGE_SECONDS = 25
CHECK_SECONDS = 60


class Client(aiosmtplib.SMTP):
    """Knows whether it came to the message itself: from then on, an answer that is lost leaves it in doubt."""

    has_begun = False

    async def data(self, message: str | bytes, /, **_patience: Any) -> SMTPResponse:
        """Wait for as long as the message as a whole may take."""
        self.has_begun = True
        return await super().data(message, timeout=MESSAGE_SECONDS)


class Smtp:
    """Posts messages to a server."""

    # A server that took a message before the connection broke does not recognise it when it comes again.
    takes_once = False

    def __init__(self, server: Server, credentials: Credentials | None = None) -> None:
        """`credentials` are what the server is given where it takes no password."""
        self.server = server
        self.credentials = credentials
        self._checked: tuple[float, str] | None = None

    async def send(self, message: EmailMessage, to: str) -> None:
        client = self._client()
        try:
            async with asyncio.timeout(MESSAGE_SECONDS):
                await self._open(client)
                await client.sendmail(message["From"].addresses[0].addr_spec, [to], message.as_bytes(policy=SMTP))
        except (SMTPException, OSError) as error:
            self._look_at_token(error)
            raise self._refusal(error, has_begun=client.has_begun) from error
        finally:
            await _leave(client)

    async def check(self) -> str:
        """Why mail cannot be sent now; asked of the server once a minute at most."""
        now = time.monotonic()
        if self._checked is None or now - self._checked[0] > CHECK_SECONDS:
            self._checked = (now, await self._ask())
        return self._checked[1]

    async def _ask(self) -> str:
        client = self._client()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._open(client)
                await client.noop()
        except DeliveryError as error:
            return error.reason
        except (SMTPException, OSError) as error:
            self._look_at_token(error)
            return self._refusal(error).reason
        finally:
            await _leave(client)
        return ""

    def _client(self) -> Client:
        return Client(
            hostname=self.server.host,
            port=self.server.port,
            timeout=ANSWER_SECONDS,
            use_tls=self.server.tls == "from the start",
            start_tls={"require": True, "never": False}.get(self.server.tls),
            tls_context=ssl.create_default_context(),
        )

    async def _open(self, client: aiosmtplib.SMTP) -> None:
        # Asked for before a connection is: it may take a while.
        token = await self.credentials.token() if self.credentials else ""
        await client.connect()
        if token:
            await client.auth_xoauth2(self.server.user, token)
        elif self.server.user:
            await client.login(self.server.user, self.server.password)

    def _look_at_token(self, error: Exception) -> None:
        """A token that was not taken is asked for anew: it may have been withdrawn before it ended."""
        if self.credentials and isinstance(error, aiosmtplib.SMTPAuthenticationError):
            self.credentials.forget()

    async def close(self) -> None:
        if self.credentials:
            await self.credentials.close()

    def _refusal(self, error: Exception, *, has_begun: bool = False) -> DeliveryError:
        where = f"the mail server {self.server.host}:{self.server.port}"
        return refusal(error, where, has_begun=has_begun)


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Say goodbye; whatever becomes of that, a message that was taken has been taken."""
    with suppress(SMTPException, OSError):
        if client.is_connected:
            await client.quit(timeout=FAREWELL_SECONDS)
    client.close()
