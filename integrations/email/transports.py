"""What carries mail: an SMTP server, a mailbox of Microsoft's, or a folder."""

from __future__ import annotations

import httpx

from integrations.email.credentials import Credentials
from integrations.email.graph import GraphMail
from integrations.email.maildir import Maildir
from integrations.email.platform import Post
from integrations.email.settings import Folder, Mailbox, MailSettings, Server
from integrations.email.smtp import Smtp
from workbot.https import trusted

# Less than the sender waits for a call.
ANSWER_SECONDS = 25


def transport(settings: MailSettings, target: Server | Mailbox | Folder) -> Post:
    """The way to where the settings send mail."""
    match target:
        case Folder():
            return Maildir(target.path)
        case Mailbox():
            http = _client()
            credentials = Credentials(settings.app(settings.cloud.graph), http)
            return GraphMail(target.address, settings.cloud.graph, credentials, http)
        case Server():
            takes_tokens = target.takes_tokens
            return Smtp(target, Credentials(settings.app(settings.cloud.outlook), _client()) if takes_tokens else None)


def _client() -> httpx.AsyncClient:
    # No redirects: a token goes to the address that we wrote, and to no other.
    return httpx.AsyncClient(verify=trusted(), timeout=ANSWER_SECONDS, follow_redirects=False)
