"""SMTP_URL and WORKBOT_MAIL_FROM: what is understood, what is safe by itself, what is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.email.plugin import build
from integrations.email.settings import Folder, MailSettings, Server
from workbot.errors import WorkbotError
from workbot.platforms import Limits


def settings(url: str, sender: str = "workbot@city.example") -> MailSettings:
    return MailSettings(smtp_url=url, mail_from=sender)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.city.example", Server("mail.city.example", 25, "", "", "auto")),
        ("smtp://mail.city.example:587?starttls=require", Server("mail.city.example", 587, "", "", "require")),
        ("smtps://ada:p%40ss@mail.city.example", Server("mail.city.example", 465, "ada", "p@ss", "from the start")),
        ("smtp://ada:secret@mail.city.example", Server("mail.city.example", 25, "ada", "secret", "require")),
        ("smtp://ada:secret@localhost", Server("localhost", 25, "ada", "secret", "auto")),
        ("smtp://ada:secret@relay?starttls=never", Server("relay", 25, "ada", "secret", "never")),
    ],
)
def test_a_server_is_understood_and_a_password_encrypted_unless_told_otherwise(url: str, server: Server) -> None:
    assert settings(url).target == server


def test_a_folder_is_understood() -> None:
    assert settings("maildir:///var/my%20mail").target == Folder(Path("/var/my mail"))


def test_mail_is_off_without_an_address() -> None:
    assert settings("").target is None


def test_there_is_no_platform_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMTP_URL", raising=False)

    assert build(None) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    ["mail.city.example", "http://x", "smtp://", "maildir://", "smtp://u:geheim@h:99999", "smtp://h?starttls=yes"],
)
def test_what_cannot_be_understood_is_refused_without_showing_the_password(url: str) -> None:
    with pytest.raises(WorkbotError, match="SMTP_URL") as caught:
        _ = settings(url).target

    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("sender", ["", "nobody", "a@b@c", "Workbot <>"])
def test_a_server_needs_an_address_to_send_from(sender: str) -> None:
    with pytest.raises(WorkbotError, match="WORKBOT_MAIL_FROM"):
        _ = settings("smtp://mail", sender).sender


def test_the_sender_may_have_a_name() -> None:
    assert str(settings("smtp://mail", "City Bot <bot@city.example>").sender) == "City Bot <bot@city.example>"


def test_a_server_is_spared_as_exchange_online_wants_it_and_a_folder_is_not() -> None:
    assert settings("smtp://mail").limits == Limits(at_once=2), "the third connection is kept for letters"
    assert settings("maildir:///var/mail").limits == Limits()


def test_how_much_a_server_is_spared_can_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBOT_MAIL_AT_ONCE", "20")
    monkeypatch.setenv("WORKBOT_MAIL_PER_MINUTE", "30")

    assert settings("smtp://mail").limits == Limits(per_second=0.5, at_once=14)
    assert settings("smtp://mail").letters_at_once == 6


@pytest.mark.parametrize("name", ["WORKBOT_MAIL_AT_ONCE", "WORKBOT_MAIL_PER_MINUTE"])
def test_what_is_no_number_of_mails_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "-1")

    with pytest.raises(WorkbotError, match=name):
        settings("smtp://mail")
