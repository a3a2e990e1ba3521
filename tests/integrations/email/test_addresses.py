"""Addresses with letters beyond ASCII: their domains are written as mail servers take them, on every way out."""

from __future__ import annotations

import asyncio
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from integrations.email.addresses import plain
from integrations.email.maildir import Maildir
from integrations.email.platform import Email
from integrations.email.settings import MailSettings
from tests.integrations.email.host import App
from workbot.cards import Card
from workbot.errors import DeliveryError, WorkbotError
from workbot.platforms import Limits, Outgoing


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("bot@montréal.example", "bot@xn--montral-fya.example"),
        ("bot@MONTRÉAL.example", "bot@xn--montral-fya.example"),
        ("bot@xn--montral-fya.example", "bot@xn--montral-fya.example"),
        ("bot@例え.example", "bot@xn--r8jz45g.example"),
        ("bot@straße.example", "bot@xn--strae-oqa.example"),
        ("Ada.Roy+tag@city.example", "Ada.Roy+tag@city.example"),
    ],
)
def test_a_domain_is_written_in_ascii(typed: str, written: str) -> None:
    assert plain(typed).addr_spec == written


@pytest.mark.parametrize(
    "typed",
    [
        "zoé@city.example",
        "a@b@city.example",
        "ada",
        "@city.example",
        "ada@",
        "a\n@city.example",
        "ada@é..ca",
        "",
    ],
)
def test_what_mail_servers_do_not_take_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="address"):
        plain(typed)


def test_mail_goes_from_and_to_such_domains(tmp_path: Path) -> None:
    settings = MailSettings.model_validate({"smtp_url": "smtp://mail", "mail_from": "Ville <bot@montréal.example>"})
    email = Email(App(), Maildir(tmp_path), settings.sender, Limits())  # type: ignore[arg-type]

    asyncio.run(email.deliver(Outgoing("k1", "ada@québec.example", Card("Bonjour"), "fr")))

    [file] = (tmp_path / "new").iterdir()
    content = file.read_bytes()
    message = message_from_bytes(content, policy=policy.default)
    assert content.isascii()
    assert message["From"] == "Ville <bot@xn--montral-fya.example>"
    assert message["To"] == "ada@xn--qubec-csa.example"
    assert message["Message-ID"].endswith("@xn--montral-fya.example>")


def test_a_sender_that_no_server_takes_is_refused_at_the_start() -> None:
    with pytest.raises(WorkbotError, match="WORKBOT_MAIL_FROM"):
        _ = MailSettings.model_validate({"smtp_url": "smtp://mail", "mail_from": "zoé@city.example"}).sender


def test_a_recipient_that_no_server_takes_is_refused_for_good(tmp_path: Path) -> None:
    settings = MailSettings.model_validate({"smtp_url": "smtp://mail", "mail_from": "bot@city.example"})
    email = Email(App(), Maildir(tmp_path), settings.sender, Limits())  # type: ignore[arg-type]

    with pytest.raises(DeliveryError) as caught:
        asyncio.run(email.deliver(Outgoing("k1", "zoé@city.example", Card("Bonjour"), "fr")))

    assert caught.value.permanent
