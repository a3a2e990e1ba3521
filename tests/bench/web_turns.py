"""Words written under a request in the web chat, over real HTTP, against handlers that store nothing.

Ours signs the person in, stores the turn, the comment, the outbox row for the desk, the words and the reply in one
durable transaction and renders the page's parts; alone, and with many people writing at once, whose commits are
shared. One floor is a bare Starlette handler that reads the same form. The other is our own page, signed in and
rendered, whose turns nobody takes: what is between that and ours is the price of durability.
"""

from __future__ import annotations

import shutil
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from sqlmodel import Session, select

from tests import templates
from tests.bench.measure import compare, report
from tests.bench.serving import Lines, lines, served
from workbot import log, migrate
from workbot.app import App
from workbot.cards import Card
from workbot.delivery import Message
from workbot.people import Person, ensure_web_account
from workbot.platforms import ReplySink
from workbot.settings import Settings
from workbot.storage import gc_tuning
from workbot.storage.database import Database
from workbot.turns import Reply, Say, Sender, Submission, Turn
from workbot.web.signin import SESSION_COOKIE

CALLS = 40
MANY = 32


class Writer:
    """Somebody who writes under a message again and again, over one of some connections."""

    def __init__(self, lines: Lines, cookie: str, thread: str) -> None:
        self.lines = lines
        self.thread = thread
        # What was said before under the same name would only be answered again.
        self.name = uuid4().hex
        self.head = (
            f"POST /chat/say HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {SESSION_COOKIE}={cookie}\r\nHX-Request: true\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
        )

    async def say(self, number: int) -> None:
        words = {
            "nonce": f"{self.name}-{number}",
            "place": "",
            "thread": self.thread,
            "text": f"It beeps {number} times",
        }
        await self.lines.post(self.head, urlencode(words).encode())


async def run(folder: Path) -> None:
    """Serve both, measure, and print the results."""
    cookie, thread = await _furnish(folder / "web.db")
    shutil.copy(folder / "web.db", folder / "still.db")
    async with AsyncExitStack() as serving:
        port = await serving.enter_async_context(served("tests.bench.web_turns:app", _environment(folder / "web.db")))
        storing_nothing = served("tests.bench.web_turns:storing_nothing", _environment(folder / "still.db"))
        still = await serving.enter_async_context(storing_nothing)
        bare = await serving.enter_async_context(served("tests.bench.bare:app"))
        floors = {"a bare Starlette handler": bare, "our page, whose turns nobody takes": still}
        for at_once in (1, MANY):
            people = "one person" if at_once == 1 else f"{at_once} connections"
            for name, floor in floors.items():
                ours = Writer(await lines(port, at_once), cookie, thread)
                its = Writer(await lines(floor, at_once), cookie, thread)
                sides = ("a comment in the web chat", ours.say), (name, its.say)
                measured = await compare(*sides, calls=CALLS * at_once, at_once=at_once)
                print(report(f"A durable web turn on SQLite, {people}, against {name}", *measured))


def _environment(file: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{file}",
        "WORKBOT_SECRET_KEY": "k" * 40,
        "WORKBOT_BASE_URL": "http://127.0.0.1",
        # One person writes more here than anybody may.
        "WORKBOT_TURNS_PER_MINUTE": "0",
    }


async def _furnish(file: Path) -> tuple[str, str]:
    """Somebody signed in who has opened a request; their cookie, and the message under which they write."""
    settings = Settings.model_validate(_environment(file))
    migrate.upgrade(settings.database)
    app = App(settings, database=Database(settings.database))
    await templates.prepare(app)
    person = Person(email="ada@city.example", name="Ada Roy", timezone="UTC", locale="en")

    def hire(session: Session) -> None:
        session.add(person)
        session.flush()
        ensure_web_account(session, person)

    def thread(session: Session) -> str:
        return session.exec(select(Message.reference).where(Message.recipient == f"person:{person.id}")).one()

    app.database.run_here(hire)
    values = {"title": "Laptop", "kind": "broken", "urgency": "blocked", "description": "It beeps"}
    sender = Sender(platform="web", user=str(person.id))
    await app.receive(Submission(sender=sender, id="opened", action="requests.open", values=values, state="it"))
    await app.run_until_idle()
    found = await app.sign_in.open_session(person.id), app.database.run_here(thread)
    app.database.close()
    return found


def app() -> object:
    """The whole app, as `workbot serve` runs it where workers send what it queues."""
    return _served(_without_sender())


def storing_nothing() -> object:
    """The whole app, except that nobody takes a turn: each has the same reply."""
    app = _without_sender()

    async def receive(turn: Turn, *, then: ReplySink | None = None) -> Reply:
        return Say(Card("Noted."))

    app.receive = receive  # type: ignore[method-assign]
    return _served(app)


def _served(app: App) -> object:
    made = app.asgi()
    gc_tuning.freeze_startup()
    return made


def _without_sender() -> App:
    log.configure(as_json=True)
    app = App(Settings())

    async def rest() -> None:
        return None

    app.sender.run = rest  # type: ignore[method-assign]
    return app
