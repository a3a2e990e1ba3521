"""A real SMTP server on this machine: what it takes, and every way in which it may refuse."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations.email import smtp
from integrations.email.platform import Email
from integrations.email.settings import MailSettings, Server
from integrations.email.smtp import Smtp
from tests.integrations.email.host import NOON, App
from workbot.cards import Card, Text
from workbot.errors import DeliveryError
from workbot.platforms import Mail, Outgoing

CARD = Card("Bonjour à tous", (Text("Ça va?"),))


class Postmaster:
    """Takes messages, unless told to answer a command otherwise; `answers` is by command and content."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.encrypted: list[bool] = []
        self.answers: dict[str, str] = {}

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if refusal := self.answers.get("MAIL"):
            return refusal
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if refusal := self.answers.get(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        match self.answers.get("DATA"):
            case "silence":
                await asyncio.sleep(5)
            case "reset":
                assert server.transport is not None
                server.transport.abort()
            case "a while":
                await asyncio.sleep(0.6)
            case str(refusal):
                return refusal
        self.taken.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if "QUIT" in self.answers:
            assert server.transport is not None
            server.transport.abort()
        return "221 Bye"


@pytest.fixture
def postmaster() -> Postmaster:
    return Postmaster()


@pytest.fixture
def plain(postmaster: Postmaster) -> Iterator[Controller]:
    yield from serving(Controller(postmaster, hostname="127.0.0.1", port=free_port()))


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    return self_signed(tmp_path)


@pytest.fixture
def starttls(postmaster: Postmaster, certificate: tuple[Path, Path]) -> Iterator[Controller]:
    """A server that speaks STARTTLS with a certificate of its own making, and wants a password."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    yield from serving(
        Controller(
            postmaster,
            hostname="127.0.0.1",
            port=free_port(),
            tls_context=context,
            require_starttls=True,
            authenticator=lambda server, session, envelope, mechanism, data: AuthResult(
                success=data.login == b"workbot" and data.password == b"right", handled=False
            ),
        )
    )


def serving(controller: Controller) -> Iterator[Controller]:
    controller.start()
    yield controller
    if not controller.loop.is_closed():
        controller.stop()


def email(server: Controller | int, query: str = "", user: str = "") -> Email:
    port = server if isinstance(server, int) else server.port
    settings = MailSettings(smtp_url=f"smtp://{user}127.0.0.1:{port}{query}", mail_from="bot@city.example")  # type: ignore[arg-type]
    target = settings.target
    assert isinstance(target, Server)
    return Email(App(), Smtp(target), settings.sender, settings.limits)  # type: ignore[arg-type]


def deliver(platform: Email, address: str = "ada@city.example") -> str:
    return asyncio.run(platform.deliver(Outgoing("k1", address, CARD, "fr")))


def refusal(platform: Email, address: str = "ada@city.example") -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        deliver(platform, address)
    return caught.value


def test_a_card_arrives(plain: Controller, postmaster: Postmaster) -> None:
    reference = deliver(email(plain))

    (envelope,) = postmaster.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("bot@city.example", ["ada@city.example"])
    assert isinstance(envelope.content, bytes)
    assert reference.encode() in envelope.content
    assert envelope.content.isascii(), "a server need not know 8BITMIME"


def test_a_letter_arrives(plain: Controller, postmaster: Postmaster) -> None:
    asyncio.run(email(plain).post(Mail("ada@city.example", Card("Hello"), "en")))

    assert [envelope.rcpt_tos for envelope in postmaster.taken] == [["ada@city.example"]]


def test_a_server_does_not_know_a_message_again(plain: Controller) -> None:
    assert not email(plain).takes_once


@pytest.mark.parametrize(
    ("answers", "permanent", "reason"),
    [
        ({"ada@city.example": "550 no such user"}, True, "the address was refused: 550 no such user"),
        ({"ada@city.example": "450 try later"}, False, "the address was refused: 450 try later"),
        ({"DATA": "554 looks like spam"}, False, "refused the message: 554 looks like spam"),
        ({"DATA": "452 disk full"}, False, "refused the message: 452 disk full"),
        ({"MAIL": "550 who are you"}, False, "check WORKBOT_MAIL_FROM (550 who are you)"),
        ({"MAIL": "432 4.3.2 sender thread limit"}, False, "asks us to go slower: 432 4.3.2 sender thread limit"),
    ],
)
def test_a_refusal_is_final_only_where_it_is_about_the_recipient(
    plain: Controller, postmaster: Postmaster, answers: dict[str, str], permanent: bool, reason: str
) -> None:
    postmaster.answers = answers

    error = refusal(email(plain))

    assert (error.permanent, reason in error.reason) == (permanent, True), error.reason
    assert not error.doubtful
    assert postmaster.taken == []


@pytest.mark.parametrize(
    ("answers", "throttled"),
    [
        ({"MAIL": "432 4.3.2 sender thread limit exceeded"}, True),
        ({"ada@city.example": "421 4.7.0 too many recipients for now"}, True),
        ({"DATA": "421 4.3.2 too much at once"}, True),
        ({"DATA": "452 disk full"}, False),
    ],
)
def test_a_server_that_asks_us_to_go_slower_is_heard(
    plain: Controller, postmaster: Postmaster, answers: dict[str, str], throttled: bool
) -> None:
    postmaster.answers = answers

    assert refusal(email(plain)).throttled == throttled


def test_a_server_that_has_too_many_connections_is_heard() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        error = asyncio.run(_against(listener, b"421 4.7.0 too many connections\r\n"))

    assert error.throttled


def test_starttls_is_used_and_the_password_given(
    starttls: Controller, postmaster: Postmaster, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))

    deliver(email(starttls, "?starttls=require", "workbot:right@"))

    assert postmaster.encrypted == [True]


def test_a_wrong_password_is_our_trouble_and_is_told_plainly(
    starttls: Controller, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))

    error = refusal(email(starttls, "?starttls=require", "workbot:wrong@"))

    assert not error.permanent
    assert "refused our user name or password; check SMTP_URL" in error.reason
    assert "wrong" not in error.reason


@pytest.mark.parametrize("query", ["?starttls=require", "?starttls=auto"])
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    starttls: Controller, postmaster: Postmaster, query: str
) -> None:
    error = refusal(email(starttls, query))

    assert not error.permanent
    assert "could not be trusted" in error.reason
    assert postmaster.taken == []


def test_nothing_is_sent_in_the_clear_where_encryption_is_required(plain: Controller, postmaster: Postmaster) -> None:
    error = refusal(email(plain, "?starttls=require"))

    assert not error.permanent
    assert "STARTTLS" in error.reason
    assert postmaster.taken == []


def test_a_server_that_is_not_there_can_be_tried_again() -> None:
    error = refusal(email(free_port()))

    assert not error.permanent
    assert "cannot be used" in error.reason


@pytest.mark.parametrize("greeting", [b"", b"220 hello\r\n", b"not smtp at all\r\n"])
def test_a_connection_that_breaks_can_be_tried_again(greeting: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        error = asyncio.run(_against(listener, greeting))

    assert not error.permanent


def test_a_server_that_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        error = refusal(email(listener.getsockname()[1]))

    assert not error.permanent
    assert not error.doubtful
    assert "did not answer in time" in error.reason


@pytest.mark.parametrize(("answer", "reason"), [("silence", "did not answer in time"), ("reset", "broke off")])
def test_a_message_whose_answer_is_lost_is_in_doubt(
    plain: Controller, postmaster: Postmaster, monkeypatch: pytest.MonkeyPatch, answer: str, reason: str
) -> None:
    monkeypatch.setattr(smtp, "MESSAGE_SECONDS", 0.5)
    postmaster.answers = {"DATA": answer}

    error = refusal(email(plain))

    assert error.doubtful
    assert reason in error.reason


def test_a_server_may_look_into_a_message_for_longer_than_it_takes_to_answer(
    plain: Controller, postmaster: Postmaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.3)
    postmaster.answers = {"DATA": "a while"}

    assert deliver(email(plain))


def test_a_message_that_was_taken_stays_taken_when_the_farewell_fails(
    plain: Controller, postmaster: Postmaster
) -> None:
    postmaster.answers = {"QUIT": "reset"}

    deliver(email(plain))

    assert len(postmaster.taken) == 1


def test_the_check_asks_the_server_and_remembers_for_a_minute(plain: Controller) -> None:
    platform = email(plain)
    assert asyncio.run(platform.check()) == ""

    plain.stop()

    assert asyncio.run(platform.check()) == ""
    assert "cannot be used" in asyncio.run(email(plain).check())


async def _against(listener: socket.socket, greeting: bytes) -> DeliveryError:
    """What comes of a server that says a line at most and resets the connection."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()
        writer.transport.abort()

    async with await asyncio.start_server(answer, sock=listener) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(DeliveryError) as caught:
            await email(port).deliver(Outgoing("k1", "ada@city.example", CARD, "en"))
        return caught.value


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine that only those trust who are told to."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.city.example")])
    today = datetime.now(NOON.tzinfo)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"
