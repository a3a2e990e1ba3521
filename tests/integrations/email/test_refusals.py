"""Whose fault a refusal of a mail server is: the recipient's, the message's, ours, or nobody's for long."""

from __future__ import annotations

from itertools import product

import aiosmtplib
import pytest

from integrations.email.errors import refusal
from workbot.errors import DeliveryError

WHERE = "the mail server mail.city.example:587"


def refused(stage: str, answer: str) -> DeliveryError:
    """What an answer at a stage of the conversation means."""
    code, words = int(answer[:3]), answer[4:]
    errors = {
        "AUTH": aiosmtplib.SMTPAuthenticationError(code, words),
        "MAIL": aiosmtplib.SMTPSenderRefused(code, words, "bot@city.example"),
        "RCPT": aiosmtplib.SMTPRecipientsRefused([aiosmtplib.SMTPRecipientRefused(code, words, "ada@city.example")]),
        "DATA": aiosmtplib.SMTPDataError(code, words),
        "HELO": aiosmtplib.SMTPHeloError(code, words),
    }
    return refusal(errors[stage], WHERE, has_begun=stage == "DATA")


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        ("RCPT", "550 no such user"),
        ("RCPT", "550 5.1.1 The email account that you tried to reach does not exist"),
        ("RCPT", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
        ("RCPT", "550 Recipient address rejected: User unknown in virtual mailbox table"),
        ("RCPT", "550 5.2.1 The account that you tried to reach is disabled"),
        ("RCPT", "551 5.1.6 The mailbox has moved"),
        ("RCPT", "551 User not local; please try <ada@other.example>"),
        ("RCPT", "553 5.1.3 The recipient address is not a valid RFC-5321 address"),
        ("RCPT", "556 5.1.10 Recipient address has null MX"),
        ("RCPT", "556 Domain does not accept mail"),
        ("DATA", "550 5.1.1 User unknown"),
    ],
)
def test_an_address_takes_nothing_where_the_server_says_that_it_is_not_there(stage: str, answer: str) -> None:
    error = refused(stage, answer)

    assert (error.permanent, error.rejected, error.throttled, error.doubtful) == (True, False, False, False)


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        *product(("HELO", "MAIL", "RCPT", "DATA"), ("530 5.7.0 Authentication required", "535 5.7.8 Bad credentials")),
        ("AUTH", "535 5.7.139 Authentication unsuccessful, basic authentication is disabled"),
        ("AUTH", "534 5.7.9 Application-specific password required"),
        ("RCPT", "550 5.7.1 Unable to relay"),
        ("RCPT", "550 5.7.1 Service unavailable; client host [192.0.2.1] blocked using Spamhaus"),
        ("RCPT", "550 5.7.23 The message was rejected because of Sender Policy Framework violation"),
        ("RCPT", "550 5.7.501 Access denied, spam abuse detected"),
        ("RCPT", "550 Blocked: your address is on our list; no such service for unknown senders"),
        ("RCPT", "550 Requested action not taken: mailbox unavailable"),
        ("RCPT", "550"),
        ("RCPT", "553 5.7.1 Sender address rejected: not owned by user"),
        ("RCPT", "554 5.7.1 Relay access denied"),
        ("RCPT", "554 Transaction failed"),
        ("RCPT", "550 5.1.8 Access denied, bad outbound sender"),
        ("RCPT", "550 5.4.1 Recipient address rejected: Access denied"),
        ("RCPT", "552 5.2.2 Mailbox full"),
        ("RCPT", "552 Requested mail action aborted: exceeded storage allocation"),
        ("RCPT", "552 5.2.2 The mailbox size limit is exceeded"),
        ("RCPT", "450 4.2.1 They are receiving mail too quickly"),
        ("RCPT", "450 4.2.0 Greylisted"),
        ("RCPT", "599 5.9.9 Something new"),
        ("MAIL", "550 5.1.1 unknown"),
        ("MAIL", "553 no such sender"),
        ("DATA", "554 5.7.1 looks like spam"),
        ("DATA", "550 5.7.1 Message rejected due to content restrictions"),
        ("DATA", "550 unknown words in your message"),
        ("DATA", "554 5.6.0 Corrupt message content"),
        ("DATA", "452 4.3.1 Insufficient system storage"),
    ],
)
def test_what_is_about_us_or_only_for_now_is_tried_again(stage: str, answer: str) -> None:
    error = refused(stage, answer)

    assert (error.permanent, error.rejected, error.throttled) == (False, False, False)
    assert answer[:3] in error.reason


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        ("DATA", "552 5.3.4 Message size exceeds fixed limit"),
        ("MAIL", "552 5.3.4 Error: message file too big"),
        ("RCPT", "552 Message size exceeds fixed maximum message size"),
        ("DATA", "554 5.3.4 too large for the system"),
    ],
)
def test_a_message_that_is_too_large_is_not_tried_again_and_its_recipient_is_well(stage: str, answer: str) -> None:
    error = refused(stage, answer)

    assert (error.permanent, error.rejected) == (False, True)


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        *product(("HELO", "AUTH", "MAIL", "RCPT", "DATA"), ("421 4.7.0 Try again later",)),
        ("DATA", "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded"),
        ("MAIL", "451 4.7.500 Server busy. Please try again later"),
        ("RCPT", "452 4.5.3 Too many recipients"),
        ("RCPT", "450 4.7.1 Error: too many connections"),
        ("AUTH", "454 4.7.0 Too many login attempts, please try again later"),
    ],
)
def test_a_server_that_wants_less_makes_the_lane_wait(stage: str, answer: str) -> None:
    error = refused(stage, answer)

    assert (error.permanent, error.throttled) == (False, True)
