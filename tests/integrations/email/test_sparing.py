"""A mail server is spared: no more connections at once than it takes, however many processes send."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from email.headerregistry import Address

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from integrations.email.platform import Email
from integrations.email.settings import Server
from integrations.email.smtp import Smtp
from tests.integrations.email.host import App
from tests.integrations.email.test_smtp import free_port
from tests.talk import hire
from workbot import delivery
from workbot.cards import Card
from workbot.clock import SystemClock
from workbot.delivery.sender import OutboxSender
from workbot.platforms import Limits, Mail
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")

AT_ONCE = 3
LETTERS = 30


class Narrow:
    """Takes three messages at once, as Exchange Online does, and takes its time; refuses the fourth."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.refused = 0
        self.now = self.most = 0

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: object
    ) -> str:
        if self.now == AT_ONCE:
            self.refused += 1
            return "432 4.3.2 Concurrent connections limit exceeded"
        self.now += 1
        self.most = max(self.most, self.now)
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(0.02)
        self.now -= 1
        self.taken += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture
def narrow() -> Iterator[tuple[Narrow, int]]:
    server = Narrow()
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield server, controller.port
    controller.stop()


def email(port: int) -> Email:
    post = Smtp(Server("127.0.0.1", port, "", "", "never"))
    sender = Address("Bot", addr_spec="bot@city.example")
    return Email(App(), post, sender, Limits(at_once=AT_ONCE), letters_at_once=AT_ONCE)  # type: ignore[arg-type]


def test_letters_wait_for_one_another(narrow: tuple[Narrow, int]) -> None:
    server, port = narrow

    async def send() -> None:
        mail = email(port)
        await asyncio.gather(*(mail.post(Mail(f"n{n}@city.example", Card("Hello"), "en")) for n in range(LETTERS)))

    asyncio.run(send())

    assert (len(server.taken), server.most, server.refused) == (LETTERS, AT_ONCE, 0)


def test_two_processes_together_keep_to_what_a_server_takes_at_once(
    database: Database, narrow: tuple[Narrow, int]
) -> None:
    server, port = narrow
    with database.session() as session:
        people = [hire(session, f"Person N{number}") for number in range(LETTERS)]
        for person in people:
            delivery.tell(session, person, Card("Hello"), key=person.name, platform="email", now=datetime.now(UTC))

    async def send() -> None:
        mail = email(port)
        senders = [OutboxSender(database, {"email": mail}, SystemClock()) for _ in range(2)]
        running = [asyncio.create_task(sender.run()) for sender in senders]
        async with asyncio.timeout(20):
            while len(server.taken) < LETTERS:  # noqa: ASYNC110  # the server is in a thread of its own
                await asyncio.sleep(0.02)
        await asyncio.gather(*(sender.shutdown() for sender in senders))
        await asyncio.gather(*running)

    asyncio.run(send())

    assert sorted(server.taken) == sorted(person.email for person in people)
    assert (server.most, server.refused) == (AT_ONCE, 0)
