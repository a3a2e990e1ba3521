"""A small house around the console: the real routes on a real database, and someone signed in by a header."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlmodel import Session
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from tests.visitor import Visitor
from workbot.clock import SetClock
from workbot.console import console_routes, sections
from workbot.db import Database
from workbot.i18n import Language
from workbot.pages import STATIC, Frame
from workbot.people import Person
from workbot.platforms import File
from workbot.settings import Settings
from workbot.turns import Reply, Turn
from workbot.web import Careful

WHO = "x-person"


class SmallHouse:
    """The host of the console; whoever the header names is signed in."""

    def __init__(self, database: Database, at: datetime) -> None:
        self.database = database
        self.settings = Settings()
        self.clock = SetClock(at)

    async def receive(self, turn: Turn) -> Reply:
        raise AssertionError("the console takes no turns")

    async def signed_in(self, request: Request) -> UUID | None:
        named = request.headers.get(WHO) or request.cookies.get(WHO)
        return UUID(named) if named else None

    async def frame(self, person_id: UUID | None, path: str, lang: Language) -> Frame:
        return await self.database.read(partial(_frame, person_id=person_id, path=path, lang=lang))

    async def file(self, key: UUID) -> File | None:
        return None

    def app(self) -> Starlette:
        static = Mount("/static", StaticFiles(directory=STATIC))
        return Starlette(routes=[static, *console_routes(self)], middleware=[Middleware(Careful)])


def _frame(session: Session, *, person_id: UUID | None, path: str, lang: Language) -> Frame:
    person = session.get_one(Person, person_id)
    return Frame(path, person.name, sections(session, person, lang))


def browsing(house: SmallHouse, person: Person | None) -> Visitor:
    """A browser without scripts in which a person is signed in, or nobody."""
    who = {WHO: str(person.id)} if person else {}
    return Visitor(house.app(), "http://bot.example", **who)
