"""What a mail server's refusals mean for a message: about its recipient, about itself, about us, or only for now.

Codes: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.3, and behind them those of
https://www.rfc-editor.org/rfc/rfc3463 (such as 5.1.1), which say what the others leave open.
"""

from __future__ import annotations

import re
import ssl

import aiosmtplib

from workbot.errors import DeliveryError

# Too many connections, or too much in too short a time.
TOO_FAST = (421, 432)
SLOWER = re.compile(r"too (many|fast|quickly)|rate limit|throttl|slow down|server busy", re.IGNORECASE)
# It is we who may not send: a password, or none (RFC 4954).
NOT_LET_IN = (454, 530, 534, 535, 538)
ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# Of all that is said for good, only this is about the address: it does not exist, has moved away or takes no mail.
NO_SUCH_ADDRESS = re.compile(r"5\.1\.(1|2|3|6|10)|5\.2\.1")
# Codes that are about the address where nothing behind them says otherwise (RFC 5321, RFC 7504).
ABOUT_ADDRESS = (550, 551, 553, 556)
UNKNOWN = re.compile(
    r"no such|unknown|not exist|n.t exist|not found|no mailbox|invalid (recipient|mailbox|address|user)|no longer"
    r"|(mailbox|account|user|recipient|address) (is )?(disabled|inactive|invalid)|not local|not accept (e-?)?mail",
    re.IGNORECASE,
)
# Words of a policy: they are about us, whatever the code says.
POLICY = re.compile(
    r"spam|block|black ?list|deny|denied|relay|policy|reputation|authenti|dmarc|spf|dkim|not allowed|not permitted"
    r"|prohibited|sender",
    re.IGNORECASE,
)
TOO_LARGE = re.compile(
    r"5\.3\.4|5\.2\.3|too (big|large)|message size|^(?=.*size).*exceed", re.IGNORECASE | re.MULTILINE
)
FULL = re.compile(r"5\.2\.2|quota|full|storage|mailbox", re.IGNORECASE)


def refusal(error: Exception, where: str, *, has_begun: bool = False) -> DeliveryError:
    """What an error of the mail server means for the message. Trouble of our own set-up is not the recipient's."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        # There is one recipient.
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _answered(error, where, has_begun=has_begun)
    match error:
        case TimeoutError():
            return DeliveryError(f"{where} did not answer in time", doubtful=has_begun)
        case ssl.SSLError():
            words = f"{where} could not be trusted: {error.reason or error}; check its certificate"
            return DeliveryError(words, doubtful=has_begun)
        case aiosmtplib.SMTPServerDisconnected():
            return DeliveryError(f"{where} broke off the connection", doubtful=has_begun)
        case _:
            return DeliveryError(f"{where} cannot be used: {error}; check SMTP_URL", doubtful=has_begun)


def _answered(error: aiosmtplib.SMTPResponseException, where: str, *, has_begun: bool) -> DeliveryError:
    said = _said(error)
    if error.code in TOO_FAST or _is_too_fast(error):
        return DeliveryError(f"{where} asks us to go slower: {said}", throttled=True)
    if error.code in NOT_LET_IN or isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return DeliveryError(f"{where} refused our user name or password; check SMTP_URL ({said})")
    if _is_too_large(error):
        return DeliveryError(f"{where} takes no message of this size: {said}", rejected=True)
    match error:
        case aiosmtplib.SMTPSenderRefused():
            return DeliveryError(f"{where} refused our address; check WORKBOT_MAIL_FROM ({said})")
        case aiosmtplib.SMTPRecipientRefused():
            return DeliveryError(f"the address was refused: {said}", permanent=_is_about_address(error))
        case aiosmtplib.SMTPDataError():
            permanent = _is_about_address(error) and bool(ENHANCED.search(said))
            return DeliveryError(f"{where} refused the message: {said}", permanent=permanent)
        case _:
            return DeliveryError(f"{where} refused: {said}", doubtful=has_begun)


def _is_about_address(error: aiosmtplib.SMTPResponseException) -> bool:
    """Whether the server says that it takes nothing for this address, and will not tomorrow."""
    if error.code < 500:
        return False
    if enhanced := ENHANCED.search(error.message):
        return bool(NO_SUCH_ADDRESS.fullmatch(enhanced.group()))
    words = error.message
    return error.code in ABOUT_ADDRESS and bool(UNKNOWN.search(words)) and not POLICY.search(words)


def _is_too_fast(error: aiosmtplib.SMTPResponseException) -> bool:
    """Whether we send too much, rather than that somebody gets too much from whomever (x.2.x)."""
    enhanced = ENHANCED.search(error.message)
    return error.code < 500 and bool(SLOWER.search(error.message)) and not (enhanced and enhanced.group(2) == "2")


def _is_too_large(error: aiosmtplib.SMTPResponseException) -> bool:
    return error.code >= 500 and bool(TOO_LARGE.search(error.message)) and not FULL.search(error.message)


def _said(error: aiosmtplib.SMTPResponseException) -> str:
    """The server's code and its words, on one line."""
    return f"{error.code} {' '.join(error.message.split())[:200]}"
