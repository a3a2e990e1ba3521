"""The stage: an app of its own in a temporary folder, people to play in it, and paper that notes what they hear."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from sqlmodel import Session, select
from starlette.routing import BaseRoute

from workbot import definitions, migrate, requests
from workbot.app import App
from workbot.cards import Card
from workbot.clock import SetClock
from workbot.definitions import Kind
from workbot.i18n import Language
from workbot.people import HOME_PLATFORM, MAIL_PLATFORM, Channel, Person, Role, ensure_web_account
from workbot.people.calendar import open_default_calendar
from workbot.platforms import Host, Limits, Outgoing
from workbot.settings import Settings
from workbot.storage.database import Database

# Everything that a definition may say is over by then.
LONGEST = timedelta(days=800)
REACTION = timedelta(hours=1)
DOMAIN = "city.example"


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as it arrived: when, where in the world, to whom, by what, and whether it changed an earlier one."""

    at: datetime
    zone: str
    whom: str
    by_mail: bool
    changes: bool
    card: Card


@dataclass(frozen=True, slots=True)
class Play:
    """What was heard, in order, and what should be known besides."""

    heard: Sequence[Heard]
    notes: Sequence[str] = ()


class Paper:
    """A platform that writes down what it is to deliver."""

    limits = Limits()
    takes_once = True

    def __init__(self, name: str, host: Host, heard: list[Heard]) -> None:
        self.name = name
        self.host = host
        self.heard = heard

    def routes(self) -> Sequence[BaseRoute]:
        return ()

    async def deliver(self, outgoing: Outgoing) -> str:
        whom, zone = await self.host.database.read(partial(_listener, address=outgoing.address))
        self.heard.append(
            Heard(
                at=self.host.clock.now(),
                zone=zone or self.host.settings.timezone,
                whom=whom,
                by_mail=self.name == MAIL_PLATFORM,
                changes=bool(outgoing.reference),
                card=outgoing.card,
            )
        )
        return outgoing.reference or outgoing.key

    async def check(self) -> str:
        return ""

    async def close(self) -> None:
        return None


@dataclass
class Stage:
    """An app in which something is played."""

    app: App
    clock: SetClock
    lang: Language
    heard: list[Heard]

    def hire(self, session: Session, name: str, *roles: str, title: str = "", zone: str = "") -> Person:
        """Somebody to play a part; `title` says which."""
        person = Person(
            email=f"{name.lower().replace(' ', '.')}@{DOMAIN}",
            name=name,
            title=title,
            timezone=zone or self.app.settings.timezone,
            locale=self.lang.locale,
        )
        session.add(person)
        session.flush()
        session.add_all(Role(person_id=person.id, name=role) for role in roles)
        ensure_web_account(session, person)
        return person

    def open(self, session: Session, kind: Kind[Any]) -> None:
        """Publish what is played, and what every app has: a calendar, and the desks' channels."""
        now, settings = self.clock.now(), self.app.settings
        kinds: tuple[Kind[Any], ...] = (kind, requests.KIND)
        for one in kinds:
            for definition in definitions.read_all(one, settings.definitions).values():
                definitions.publish(session, one, definition, now=now)
        open_default_calendar(session, region=settings.holidays)
        requests.prepare(session, settings)

    async def play(self, react: Callable[[Session], None] | None) -> None:
        """Let time pass until nothing is due any more; people react an hour after they have heard."""
        end = self.clock.now() + LONGEST
        while (due := await self.app.next_due()) and due <= end:
            await self.app.run_until(self.clock, max(due, self.clock.now()))
            if react:
                await self.app.run_until(self.clock, self.clock.now() + REACTION)
                await self.app.database.run(react)
                await self.app.run_until_idle()

    def in_order(self) -> list[Heard]:
        """What was heard; at one moment many are told side by side, so then by name."""
        return sorted(self.heard, key=lambda one: (one.at, one.whom, one.by_mail))


@contextmanager
def stage(settings: Settings, lang: Language, at: datetime) -> Iterator[Stage]:
    """Set up an app that is gone afterwards."""
    with TemporaryDirectory(prefix="workbot-") as folder:
        url, clock, heard = f"sqlite:///{Path(folder) / 'stage.db'}", SetClock(at), list[Heard]()
        migrate.upgrade(url)
        here = settings.model_copy(
            update={"database_url": url, "secret_key": SecretStr("only-for-a-play"), "locale": lang.locale}
        )
        papers = {name: partial(Paper, name, heard=heard) for name in (HOME_PLATFORM, MAIL_PLATFORM)}
        app = App(here, clock=clock, database=Database(url), builders=papers)
        try:
            yield Stage(app, clock, lang, heard)
        finally:
            app.database.close()


def morning(settings: Settings, day: date) -> datetime:
    """Before anybody works on a day."""
    return datetime.combine(day, time(6), settings.zone)


def _listener(session: Session, *, address: str) -> tuple[str, str]:
    """Who reads at an address, and in which zone (empty for a channel)."""
    kind, _, name = address.partition(":")
    if kind == "place":
        return session.exec(select(Channel.title).where(Channel.name == name)).one(), ""
    known = Person.email == address if "@" in address else Person.id == UUID(name)
    person = session.exec(select(Person).where(known)).one()
    return f"{person.name} ({person.title})" if person.title else person.name, person.timezone
