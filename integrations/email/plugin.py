"""What e-mail brings; nothing of it is read where it is not set up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbot.i18n import N_
from workbot.plugins import Plugin

if TYPE_CHECKING:
    from integrations.email.platform import Email
    from workbot.platforms import Host


def build(host: Host) -> Email | None:
    """The platform, where mail is set up; raises WorkbotError where it is set up wrongly."""
    from integrations.email.settings import MailSettings

    settings = MailSettings()
    target = settings.target
    if target is None:
        return None
    from integrations.email.platform import Email
    from integrations.email.transports import transport

    post = transport(settings, target)
    return Email(host, post, settings.sender, settings.limits, letters_at_once=settings.letters_at_once)


REASONS = {
    "this is not an e-mail address": N_("Their e-mail address cannot be right."),
    "mail servers do not take this address": N_("Their e-mail address cannot be right."),
    "the address was refused": N_("The mail server refuses their address."),
}
PLUGIN = Plugin(
    "email",
    N_("E-mail"),
    build,
    reasons=REASONS,
    missed=N_("Not set up, so nobody can be sent a link to sign in. Set SMTP_URL and WORKBOT_MAIL_FROM."),
    locales=Path(__file__).parent / "locales",
)
