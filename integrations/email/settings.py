"""Where mail goes and whom it comes from, out of the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from pydantic import Field, SecretStr

from integrations.email.addresses import plain
from integrations.email.credentials import AppRegistration
from workbot.errors import WorkbotError
from workbot.platforms import Limits
from workbot.settings import EnvironmentSettings

Tls = Literal["from the start", "require", "auto", "never"]
CloudName = Literal["public", "gcc", "gcch", "dod"]
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Cloud:
    """Where one of Microsoft's clouds signs apps in, and where its Graph and its SMTP are.

    https://learn.microsoft.com/graph/deployments
    """

    login: str
    graph: str
    outlook: str


PUBLIC = Cloud("https://login.microsoftonline.com", "https://graph.microsoft.com", "https://outlook.office365.com")
CLOUDS: dict[CloudName, Cloud] = {
    "public": PUBLIC,
    "gcc": PUBLIC,
    "gcch": Cloud("https://login.microsoftonline.us", "https://graph.microsoft.us", "https://outlook.office365.us"),
    "dod": Cloud(
        "https://login.microsoftonline.us", "https://dod-graph.microsoft.us", "https://outlook-dod.office365.us"
    ),
}


@dataclass(frozen=True, slots=True)
class Server:
    """An SMTP server, and how to be safe with it; a user without a password signs in with the app's token."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: Tls

    @property
    def takes_tokens(self) -> bool:
        return bool(self.user) and not self.password


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox that sends by Microsoft Graph."""

    address: str


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
    tenant_id: str = Field("", validation_alias="WORKBOT_MAIL_TENANT_ID")
    client_id: str = Field("", validation_alias="WORKBOT_MAIL_CLIENT_ID")
    client_secret: SecretStr = Field(SecretStr(""), validation_alias="WORKBOT_MAIL_CLIENT_SECRET")
    cloud_name: CloudName = Field("public", validation_alias="WORKBOT_MAIL_CLOUD")

    @property
    def target(self) -> Server | Mailbox | Folder | None:
        """Raises WorkbotError when SMTP_URL cannot be understood; its password is never shown."""
        url = self.smtp_url.get_secret_value().strip()
        if not url:
            return None
        try:
            parts = urlsplit(url)
        except ValueError:
            raise _not_understood() from None
        if parts.scheme == "maildir" and parts.path.strip("/"):
            return Folder(Path(unquote(parts.path)))
        if parts.scheme == "graph" and parts.username and parts.hostname:
            return Mailbox(self._needing_an_app(f"{unquote(parts.username)}@{parts.hostname}"))
        if parts.scheme in ("smtp", "smtps") and parts.hostname:
            server = _server(parts)
            if server.takes_tokens:
                self._needing_an_app(server.user)
            return server
        raise _not_understood()

    @property
    def cloud(self) -> Cloud:
        return CLOUDS[self.cloud_name]

    def app(self, resource: str) -> AppRegistration:
        """What asks for tokens to send by one of Microsoft's services."""
        token_url = f"{self.cloud.login}/{self.tenant_id}/oauth2/v2.0/token"
        return AppRegistration(token_url, self.client_id, self.client_secret.get_secret_value(), f"{resource}/.default")

    def _needing_an_app(self, user: str) -> str:
        """The user who signs in without a password, which only an app registration can."""
        if not (self.tenant_id and self.client_id and self.client_secret.get_secret_value()):
            raise WorkbotError(
                "SMTP_URL names {user} without a password. Add it, or set WORKBOT_MAIL_TENANT_ID, "
                "WORKBOT_MAIL_CLIENT_ID and WORKBOT_MAIL_CLIENT_SECRET of the app registration that may send.",
                user=user,
            )
        return user

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
            sender = plain(address)
            return Address(name or "workbot", sender.username, sender.domain)
        except ValueError as error:
            raise WorkbotError(
                "WORKBOT_MAIL_FROM must be the address that mail comes from, such as workbot@city.example."
            ) from error


def _not_understood() -> WorkbotError:
    return WorkbotError(
        "SMTP_URL is not understood; write smtp://user:password@host:587, smtps://host, graph://mailbox@city.example "
        "or maildir:///folder."
    )


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
