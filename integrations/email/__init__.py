"""E-mail: cards for those whom no chat reaches, and letters such as sign-in links.

SMTP_URL=smtp://user:password@mail.city.example:587   (STARTTLS; smtps:// speaks TLS from the start)
SMTP_URL=maildir:///var/lib/workbot/mail              (writes letters into a folder: for trying things)
WORKBOT_MAIL_FROM="Workbot <workbot@city.example>"
WORKBOT_MAIL_AT_ONCE=3          (connections, of all processes together)
WORKBOT_MAIL_PER_MINUTE=30      (without limit, unless told)
"""

from __future__ import annotations

from integrations.email.maildir import Maildir
from integrations.email.platform import Email, Post
from integrations.email.settings import Folder, MailSettings
from integrations.email.smtp import Smtp
from workbot.platforms import Host

__all__ = ["build"]


def build(host: Host) -> Email | None:
    """The platform, where mail is set up."""
    settings = MailSettings()
    target = settings.target
    if target is None:
        return None
    post: Post = Maildir(target.path) if isinstance(target, Folder) else Smtp(target)
    return Email(host, post, settings.sender, settings.limits, letters_at_once=settings.letters_at_once)
