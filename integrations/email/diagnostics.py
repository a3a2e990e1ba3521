"""What `doctor` says of mail: whether it goes, and what will stop it soon."""

from __future__ import annotations

from integrations.email.settings import MailSettings, Server
from workbot.i18n import N_, Language
from workbot.platforms import Diagnostic

# Where passwords end: https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/deprecation-of-basic-authentication-exchange-online
PASSWORDS_END = N_(
    "Exchange Online switches passwords for SMTP off at the end of December 2026. Let an app registration "
    "send instead: set WORKBOT_MAIL_TENANT_ID, WORKBOT_MAIL_CLIENT_ID and WORKBOT_MAIL_CLIENT_SECRET, and "
    "SMTP_URL=graph://{user}."
)
EXCHANGE_ONLINE = ("office365.com", "office365.us", "outlook.com")


def diagnostics(settings: MailSettings, reason: str, lang: Language) -> list[Diagnostic]:
    """`reason` is why mail cannot be sent now, or empty."""
    found = [Diagnostic(reason, "fail") if reason else Diagnostic(lang("Ready."))]
    target = settings.target
    if isinstance(target, Server) and target.password and is_exchange_online(target.host):
        found.append(Diagnostic(lang(PASSWORDS_END, user=target.user), "warning"))
    return found


def is_exchange_online(host: str) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in EXCHANGE_ONLINE)
