"""The composition root: settings → database → platforms → features → an app that runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from markupsafe import Markup
from prometheus_client import Metric
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute

from workbot import features, files, jobs, plugins, processed_turns
from workbot.cards import Card
from workbot.clock import Clock, MovableClock, SystemClock
from workbot.console import console_routes, sections
from workbot.delivery import metrics, tell
from workbot.delivery.sender import OutboxSender
from workbot.dispatch import Dispatch
from workbot.errors import DatabaseAway
from workbot.i18n import Language, language
from workbot.jobs import Scheduler
from workbot.people import Person, people_with_role, person_of
from workbot.platforms import Builder, Embeddable, EmbedSession, File, HasBackgroundWork, Mailer, Platform, ReplySink
from workbot.profile import ask_owner
from workbot.readiness import Readiness
from workbot.settings import Settings
from workbot.storage.database import Database
from workbot.turns import Reply, Sender, Turn
from workbot.web.application import application, watch
from workbot.web.pages import Frame, Section
from workbot.web.signin import SignIn

# How often a database that was not ready is tried again.
PATIENCE_SECONDS = 2.0
TIDY_SECONDS = 3600.0
A_WHILE = timedelta(minutes=1)

log = structlog.get_logger(__name__)

# What stands above every page: the demo's clock and personas.
Banner = Callable[[str, Language], Awaitable[Markup]]


class App:
    """Everything that runs, put together. Each part may be given; what is not is made from the settings."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        database: Database | None = None,
        builders: Mapping[str, Builder] | None = None,
        banner: Banner | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.database = database or Database(settings.database, settings.listening_url)
        self.readiness = Readiness(self.database, self.clock)
        self.banner = banner
        self.sign_in = SignIn(settings, self.database, self.clock)
        self.platforms: dict[str, Platform] = self._build(_installed() if builders is None else builders)
        self.sender = OutboxSender(self.database, self.platforms, self.clock)
        self.dispatch = Dispatch(
            self.database,
            features.router(),
            self.clock,
            sign_in_url=f"{settings.url}/signin",
            locale=settings.locale,
            secrets=settings.secrets,
        )
        self.scheduler = Scheduler(self.database, features.jobs(), self.clock)

    def _build(self, builders: Mapping[str, Builder]) -> dict[str, Platform]:
        built = [builder(self) for builder in builders.values()]
        return {platform.name: platform for platform in built if platform is not None}

    async def receive(self, turn: Turn, *, then: ReplySink | None = None) -> Reply:
        return await self.dispatch.receive(turn, then=then)

    def opens_form(self, action: str) -> bool:
        return self.dispatch.router.opens_form(action)

    async def alert(self, role: str, card: Callable[[Language], Card], *, key: str) -> None:
        await self.database.run(partial(_alert, role=role, card=card, key=key, now=self.clock.now()))

    async def ask_owner(self, sender: Sender) -> None:
        await self.database.run(partial(ask_owner, sender=sender, now=self.clock.now()))

    async def signed_in(self, request: Request) -> Person | None:
        person, embed_session = await self.sign_in.person_of(request), self.embed_session(request)
        if person or embed_session is None or embed_session.sender is None:
            return person
        person = await self.database.read(partial(person_of, sender=embed_session.sender))
        return person if person and person.session_generation == embed_session.generation else None

    def embed_session(self, request: Request) -> EmbedSession | None:
        """A session of the browser's own comes first: others may leave theirs behind in it."""
        if self.sign_in.cookie in request.cookies:
            return None
        showing = (one for one in self._embeddable() if one.embeds(request.url.path))
        return next((embed_session for one in showing if (embed_session := one.embed_session(request))), None)

    def frame_ancestors(self, path: str) -> str:
        """Who may show a page within their own, as a Content-Security-Policy names sources."""
        return " ".join(one.frame_ancestors for one in self._embeddable() if one.embeds(path))

    def _embeddable(self) -> list[Embeddable]:
        return [platform for platform in self.platforms.values() if isinstance(platform, Embeddable)]

    async def frame(self, person_id: UUID | None, path: str, lang: Language) -> Frame:
        """Who looks at a page and where they can go from it."""
        banner = await self.banner(path, lang) if self.banner else Markup()
        if person_id is None:
            return Frame(path, banner=banner)
        return await self.database.read(partial(_frame, person_id=person_id, path=path, lang=lang, banner=banner))

    async def file(self, key: UUID) -> File | None:
        return await self.database.read(partial(files.fetch, key=key))

    async def file_for(self, key: UUID, reader: UUID) -> File | None:
        fetch = partial(files.fetch_for, router=self.dispatch.router, key=key, reader=reader, now=self.clock.now())
        return await self.database.read(fetch)

    @property
    def mailer(self) -> Mailer | None:
        """What can post a letter at once, where mail is set up."""
        return next((found for found in self.platforms.values() if hasattr(found, "post")), None)  # type: ignore[return-value]

    async def prepare(self) -> None:
        """Publish definitions and write what they schedule; safe to do at every start."""
        now = self.clock.now()
        await self.database.run(lambda session: features.prepare(session, self.settings, now=now))

    async def run_until_idle(self) -> None:
        """Do all that is due now: jobs, then messages, until nothing is left."""
        while await self.scheduler.tick() or await self.sender.round():
            pass

    async def next_due(self) -> datetime | None:
        """When something is next to be done."""
        moments = [await self.database.read(jobs.next_due), await self.sender.next_due()]
        return min((moment for moment in moments if moment), default=None)

    async def run_until(self, clock: MovableClock, until: datetime) -> None:
        """Let time pass on a clock that can be moved, stopping wherever something is due."""
        while True:
            await self.run_until_idle()
            due = await self.next_due()
            if due is None or due > until or clock.now() >= until:
                break
            # What is due and still there waits for something else, such as a message under way.
            clock.move_to(due if due > clock.now() else min(until, clock.now() + A_WHILE))
        if clock.now() < until:
            clock.move_to(until)
        await self.run_until_idle()

    async def metrics(self) -> Iterable[Metric]:
        """How the outbox and the clock stand, for Prometheus."""
        return await self.database.read(partial(_figures, now=self.clock.now(), database=self.database), once=True)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the clock and the sender going for as long as this is entered.

        A database that is away or not migrated holds up neither: `readyz` says so, and work begins when it is there.
        """
        work = asyncio.create_task(self._work(prepared=await self._can_prepare()), name="work")
        try:
            yield
        finally:
            self.scheduler.stop()
            await self.sender.shutdown()
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            for platform in self.platforms.values():
                await platform.close()

    async def _work(self, *, prepared: bool) -> None:
        while not prepared:
            await asyncio.sleep(PATIENCE_SECONDS)
            prepared = await self._can_prepare()
        self.scheduler.start()
        async with asyncio.TaskGroup() as work:
            for name, run in self._parts():
                work.create_task(_keep_going(name, run), name=name)

    def _parts(self) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        """What goes on for as long as we run."""
        yield "sender", self.sender.run
        yield "tidy", self._tidy
        for platform in self.platforms.values():
            if isinstance(platform, HasBackgroundWork):
                yield f"platform-{platform.name}", platform.run
        if not self.database.embedded:
            yield "pubsub", self.database.listen

    async def _tidy(self) -> None:
        """Throw away what nobody needs any more. Every process does: doing it twice changes nothing."""
        while True:
            await self.database.run(partial(processed_turns.forget, now=self.clock.now()))
            await asyncio.sleep(TIDY_SECONDS)

    async def _can_prepare(self) -> bool:
        try:
            await self.prepare()
        except DatabaseAway as error:
            log.warning("app.waits", reason=error.reason)
            return False
        except (OperationalError, ProgrammingError) as error:
            log.warning("app.waits", reason=type(error.orig).__name__)
            return False
        return True

    def asgi(self) -> Starlette:
        """The one web application."""
        self.sign_in.mailer, self.sign_in.framing = self.mailer, self.frame
        return application(self, [*self.sign_in.routes(), *console_routes(self), *self._platform_routes()])

    def watched(self) -> Starlette:
        """Health and figures alone, for a process without pages."""
        return watch(self)

    def _platform_routes(self) -> list[BaseRoute]:
        return [route for platform in self.platforms.values() for route in platform.routes()]


def _installed() -> dict[str, Builder]:
    return {name: plugin.build for name, plugin in plugins.installed().items()}


async def _keep_going(name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Do a part of our work until it ends by itself; one that fails is begun again, for nobody else would do it."""
    while True:
        try:
            await run()
        except DatabaseAway as error:
            log.warning("app.waits", part=name, reason=error.reason)
        except Exception:
            log.exception("app.part_failed", part=name)
        else:
            return
        await asyncio.sleep(PATIENCE_SECONDS)


def _alert(session: Session, *, role: str, card: Callable[[Language], Card], key: str, now: datetime) -> None:
    """Where nobody holds the role, the administrators are told."""
    for person in people_with_role(session, role, now=now) or people_with_role(session, "admin", now=now):
        tell(session, person, card(language(person.locale)), key=f"{key}:{person.id}", now=now)


def _figures(session: Session, *, now: datetime, database: Database) -> Iterable[Metric]:
    db_now = database.now(session)
    return [*metrics.metrics(session, now=now, db_now=db_now), *jobs.metrics(session, now=now)]


def _frame(session: Session, *, person_id: UUID, path: str, lang: Language, banner: Markup) -> Frame:
    person = session.get_one(Person, person_id)
    own = (Section(lang("Chat"), "/chat"), Section(lang("My page"), "/chat/mine"))
    return Frame(path, person.name, (*own, *sections(session, person, lang)), banner)
