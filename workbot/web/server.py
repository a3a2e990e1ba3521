"""The server in front of the application: it waits for nobody for ever, nor believes whom they speak for."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

# Whoever has connected says within so long what they want; a page's browser needs a small part of it.
HEAD_SECONDS = 15.0
# How long a page that is open keeps the server from stopping.
FAREWELL_SECONDS = 5


class Punctual(H11Protocol):
    """Hangs up on whoever takes too long to say what they want (slow senders hold a connection each, for nothing).

    How long a body may take is asked where it is read (`guards.measured`).
    """

    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_a_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._expect_a_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._expect_a_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def _expect_a_head(self) -> None:
        """Begin to wait for what is asked, unless that is known or waited for already."""
        if not self._is_waiting() or self.transport.is_closing():
            self._expect_nothing()
        elif self._due is None:
            self._due = self.loop.call_later(HEAD_SECONDS, self._hang_up)

    def _is_waiting(self) -> bool:
        """Whether the other side has the word: for a head, or for the rest of a body that nobody asks for any more."""
        is_answered = self.cycle is not None and self.cycle.response_complete
        return self.conn.their_state is h11.IDLE or (is_answered and self.conn.their_state is h11.SEND_BODY)

    def _expect_nothing(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _hang_up(self) -> None:
        self._due = None
        if not self.transport.is_closing():
            self.transport.close()


def configured(app: ASGIApp, **more: Any) -> uvicorn.Config:
    """How every process of ours serves: its logs are our own, and whom a proxy speaks for is asked in `clients`."""
    return uvicorn.Config(
        app,
        http=Punctual,
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=FAREWELL_SECONDS,
        **more,
    )
