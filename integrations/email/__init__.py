"""E-mail: cards for those whom no chat reaches, and letters such as sign-in links.

SMTP_URL=smtp://user:password@mail.city.example:587   (STARTTLS; smtps:// speaks TLS from the start)
SMTP_URL=smtp://workbot%40city.example@smtp.office365.com:587   (no password: an app signs in, by XOAUTH2)
SMTP_URL=graph://workbot@city.example                 (no SMTP: that mailbox sends, by Microsoft Graph)
SMTP_URL=maildir:///var/lib/workbot/mail              (writes letters into a folder: for trying things)
WORKBOT_MAIL_FROM="Workbot <workbot@city.example>"
WORKBOT_MAIL_AT_ONCE=3          (connections, of all processes together)
WORKBOT_MAIL_PER_MINUTE=30      (without limit, unless told)
WORKBOT_MAIL_TENANT_ID, WORKBOT_MAIL_CLIENT_ID, WORKBOT_MAIL_CLIENT_SECRET, WORKBOT_MAIL_CLOUD   (of that app)
"""

from __future__ import annotations

import httpx

from integrations.email.credentials import Credentials
from integrations.email.graph import GraphMail
from integrations.email.maildir import Maildir
from integrations.email.platform import Email, Post
from integrations.email.settings import Folder, Mailbox, MailSettings, Server
from integrations.email.smtp import Smtp
from workbot.https import trusted
from workbot.platforms import Host

__all__ = ["build"]

# Less than the sender waits for a call.
ANSWER_SECONDS = 25


def build(host: Host) -> Email | None:
    """The platform, where mail is set up; raises WorkbotError where it is set up wrongly."""
    settings = MailSettings()
    target = settings.target
    if target is None:
        return None
    post = _post(settings, target)
    return Email(host, post, settings.sender, settings.limits, letters_at_once=settings.letters_at_once)


def _post(settings: MailSettings, target: Server | Mailbox | Folder) -> Post:
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
