"""An app of the web platform and one small feature: what tests of the chat talk to, over real HTTP.

    with serving(app) as url: ...

`python -m tests.small_app DATABASE_URL` serves one until it is told to stop.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import uvicorn
from sqlmodel import Session, SQLModel
from starlette.applications import Starlette
from starlette.requests import Request

from integrations.web.platform import WebPlatform
from tests import sampler
from workbot import files
from workbot.cards import Card
from workbot.clock import Clock, SetClock
from workbot.delivery import tell, tell_channel
from workbot.delivery.sender import OutboxSender
from workbot.dispatch import Dispatch
from workbot.i18n import Language
from workbot.people import Person, Role, ensure_channel, ensure_web_account
from workbot.platforms import EmbedSession, File, Platform, ReplySink
from workbot.readiness import Readiness
from workbot.router import Router
from workbot.settings import Settings
from workbot.storage.database import Database
from workbot.turns import Reply, Turn
from workbot.web.application import application
from workbot.web.pages import Frame, Section
from workbot.web.signin import SESSION_COOKIE, SignIn

T = TypeVar("T")
MONDAY = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


class App:
    """The host that the web platform is built on, with real dispatch, sender and sign-in."""

    def __init__(self, database: Database, *, router: Router = sampler.ROUTER, clock: Clock | None = None) -> None:
        self.settings = Settings.model_validate({"secret_key": "s" * 32, "base_url": "http://127.0.0.1"})
        self.database = database
        self.clock = clock or SetClock(MONDAY)
        self.readiness = Readiness(database, self.clock)
        self.sign_in = SignIn(self.settings, database, self.clock)
        self.web = WebPlatform(self)
        self.platforms: dict[str, Platform] = {"web": self.web}
        self.sender = OutboxSender(database, self.platforms, self.clock)
        self.dispatch = Dispatch(database, router, self.clock, sign_in_url="/signin", locale="en")
        self.loop: asyncio.AbstractEventLoop | None = None

    async def receive(self, turn: Turn, *, then: ReplySink | None = None) -> Reply:
        return await self.dispatch.receive(turn, then=then)

    async def signed_in(self, request: Request) -> Person | None:
        return await self.sign_in.person_of(request)

    def embed_session(self, request: Request) -> EmbedSession | None:
        return None

    def frame_ancestors(self, path: str) -> str:
        return ""

    async def frame(self, person_id: UUID | None, path: str, lang: Language) -> Frame:
        if person_id is None:
            return Frame(path)
        person = await self.database.read(lambda session: session.get_one(Person, person_id))
        return Frame(path, person.name, (Section(lang("Chat"), "/chat"), Section(lang("My page"), "/chat/mine")))

    async def file(self, key: UUID) -> File | None:
        return await self.database.read(partial(files.fetch, key=key))

    async def file_for(self, key: UUID, reader: UUID) -> File | None:
        fetch = partial(files.fetch_for, router=self.dispatch.router, key=key, reader=reader, now=self.clock.now())
        return await self.database.read(fetch)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.loop = asyncio.get_running_loop()
        sender = asyncio.create_task(self.sender.run())
        yield
        sender.cancel()
        with suppress(asyncio.CancelledError):
            await sender
        await self.web.close()

    def asgi(self) -> Starlette:
        return application(self, [*self.sign_in.routes(), *self.web.routes()])

    # What tests do to an app from outside.

    def hire(self, name: str, *roles: str, locale: str = "en") -> Person:
        email = name.lower().replace(" ", ".") + "@city.example"
        with self.database.session() as session:
            person = Person(email=email, name=name, timezone="America/Toronto", locale=locale)
            session.add(person)
            session.flush()
            ensure_web_account(session, person)
            session.add_all(Role(person_id=person.id, name=role) for role in roles)
        return person

    def open_place(self, name: str, title: str, role: str) -> None:
        with self.database.session() as session:
            ensure_channel(session, name, title=title, role=role, locale="en")

    def tell(self, person: Person, card: Card, key: str, **more: Any) -> None:
        with self.database.session() as session:
            tell(session, person, card, key=key, now=self.clock.now(), **more)
        self.deliver()

    def tell_place(self, name: str, card: Card, key: str, **more: Any) -> None:
        with self.database.session() as session:
            tell_channel(session, name, lambda place: card, key=key, now=self.clock.now(), **more)
        self.deliver()

    def deliver(self) -> None:
        """Send what is queued now."""
        self.do(self._deliver())

    async def _deliver(self) -> None:
        while await self.sender.round():
            pass

    def cookie(self, person: Person) -> str:
        return self.do(self.sign_in.open_session(person.id))

    def cookies(self, person: Person) -> dict[str, str]:
        return {SESSION_COOKIE: self.cookie(person)}

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run async work: on the server's own loop while it serves."""
        if self.loop is None:
            return asyncio.run(work)
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)


@contextmanager
def serving(app: App) -> Iterator[str]:
    """A real server for an app, in a thread; yields its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app.asgi(), log_level="warning", timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        # In a thread there is no signal to tell open streams that the server stops.
        app.do(app.web.close())
        app.loop = None
        server.should_exit = True
        thread.join(10)
        listener.close()
        assert not thread.is_alive(), "the server did not stop"


def tables(session: Session) -> None:
    SQLModel.metadata.create_all(session.connection())


if __name__ == "__main__":
    stored = Database(sys.argv[1])
    stored.run_here(tables)
    alone = App(stored)
    ada = alone.hire("Ada Tremblay")
    print(alone.cookie(ada), flush=True)
    uvicorn.run(alone.asgi(), port=int(sys.argv[2]), log_level="warning")
