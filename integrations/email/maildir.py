"""A folder instead of a server: each message a file, as mail programs read it (Maildir)."""

from __future__ import annotations

import asyncio
import os
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from uuid import uuid4

from workbot.errors import DeliveryError


class Maildir:
    """Writes whole files under a name of the message's own, so that the same message lands once."""

    takes_once = True

    def __init__(self, path: Path) -> None:
        self.path = path

    async def send(self, message: EmailMessage, to: str) -> None:
        try:
            await asyncio.to_thread(self._write, message)
        except OSError as error:
            raise DeliveryError(f"cannot write to {self.path}: {error.strerror}") from error

    async def check(self) -> str:
        try:
            await asyncio.to_thread(self._prepare)
        except OSError as error:
            return f"cannot write to {self.path}: {error.strerror}; make the folder or correct SMTP_URL"
        return ""

    async def close(self) -> None:
        return None

    def _write(self, message: EmailMessage) -> None:
        self._prepare()
        name = message["Message-ID"].strip("<>").partition("@")[0]
        # A mail program moves what it has read to `cur`, with flags at the end of its name.
        if any((self.path / "cur").glob(f"{name}*")):
            return
        fresh = self.path / "tmp" / uuid4().hex
        fresh.write_bytes(message.as_bytes(policy=SMTP))
        os.replace(fresh, self.path / "new" / name)

    def _prepare(self) -> None:
        for part in ("tmp", "new", "cur"):
            (self.path / part).mkdir(parents=True, exist_ok=True)
        if not os.access(self.path / "tmp", os.W_OK):
            raise PermissionError(13, "Permission denied")
