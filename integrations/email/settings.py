"""Where mail goes and whom it comes from, out of the environment."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from pydantic import Field, SecretStr

from workbot.errors import WorkbotError
from workbot.platforms import Limits
from workbot.settings import EnvironmentSettings

Tls = Literal["from the start", "require", "auto", "never"]
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Server:
    """An SMTP server, and how to be safe with it."""

    host: str
    port: int
    user: str
    password: str
    tls: Tls


@dataclass(frozen=True, slots=True)
class Folder:
    """A Maildir on this machine."""

    path: Path


class MailSettings(EnvironmentSettings):
    """Mail is off while SMTP_URL is empty.

    So many connections at once are what Exchange Online allows a mailbox, which takes 30 messages a minute besides
    (https://learn.microsoft.com/exchange/troubleshoot/send-emails/smtp-submission-improvements).
    """

    smtp_url: SecretStr = Field(SecretStr(""), validation_alias="SMTP_URL")
    mail_from: str = Field("", validation_alias="WORKBOT_MAIL_FROM")
    at_once: int = Field(3, validation_alias="WORKBOT_MAIL_AT_ONCE", ge=1)
    per_minute: int = Field(0, validation_alias="WORKBOT_MAIL_PER_MINUTE", ge=0)

    @property
    def target(self) -> Server | Folder | None:
        """Raises WorkbotError when SMTP_URL cannot be understood; its password is never shown."""
        url = self.smtp_url.get_secret_value().strip()
        if not url:
            return None
        parts = urlsplit(url)
        if parts.scheme == "maildir" and parts.path.strip("/"):
            return Folder(Path(unquote(parts.path)))
        if parts.scheme in ("smtp", "smtps") and parts.hostname:
            return _server(parts)
        raise WorkbotError(
            "SMTP_URL is not understood; write smtp://user:password@host:587, smtps://host or maildir:///folder."
        )

    @property
    def letters_at_once(self) -> int:
        """How many connections are kept for letters: who wants to sign in must not wait for a campaign."""
        return max(1, self.at_once // 3)

    @property
    def limits(self) -> Limits:
        """What the server is spared, by all processes together; a folder needs no sparing."""
        if isinstance(self.target, Folder):
            return Limits()
        return Limits(per_second=self.per_minute / 60, at_once=max(1, self.at_once - self.letters_at_once))

    @property
    def sender(self) -> Address:
        """Raises WorkbotError when WORKBOT_MAIL_FROM is missing or no address."""
        if not self.mail_from and isinstance(self.target, Folder):
            return Address("workbot", "workbot", "localhost")
        name, address = parseaddr(self.mail_from)
        try:
            return Address(name or "workbot", addr_spec=address)
        except (ValueError, IndexError) as error:
            raise WorkbotError(
                "WORKBOT_MAIL_FROM must be the address that mail comes from, such as workbot@city.example."
            ) from error


def _server(parts: SplitResult) -> Server:
    host = parts.hostname or ""
    try:
        port = parts.port or (465 if parts.scheme == "smtps" else 25)
    except ValueError as error:
        raise WorkbotError("SMTP_URL names a port that does not exist; ports go from 1 to 65535.") from error
    return Server(host, port, unquote(parts.username or ""), unquote(parts.password or ""), _tls(parts, host))


def _tls(parts: SplitResult, host: str) -> Tls:
    """How to encrypt: a password leaves this machine in the clear only where that is asked for in so many words."""
    asked = parse_qs(parts.query).get("starttls", [""])[0]
    match asked:
        case _ if parts.scheme == "smtps":
            return "from the start"
        case "require" | "auto" | "never":
            return asked
        case "":
            return "require" if parts.username and host not in LOOPBACK else "auto"
        case _:
            raise WorkbotError("SMTP_URL has starttls={asked}; write require, auto or never.", asked=asked)
