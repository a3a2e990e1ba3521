"""Checks that reach out: the database, its clock, mail and every platform."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import func, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, select

from workbot import definitions, features, migrate, plugins
from workbot.app import App
from workbot.clock import SystemClock
from workbot.doctor.findings import Finding, Said, Verdict, fail, failed, looked_at, ok, warning
from workbot.errors import WorkbotError
from workbot.i18n import Language
from workbot.platforms import Diagnosable
from workbot.plugins import Plugin
from workbot.settings import Settings, keys
from workbot.storage.database import Database
from workbot.storage.engines import is_pooled as pooled
from workbot.storage.engines import parsed

# A step that comes up a few seconds early harms nobody; leases and sign-in links are kept by the minute.
WORRYING = timedelta(seconds=5)
HARMFUL = timedelta(seconds=60)
# Without them PostgreSQL confirms what a crash can still take away:
# https://www.postgresql.org/docs/current/non-durability.html
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


def reach(settings: Settings, lang: Language) -> list[Finding]:
    """What the database and the platforms answer."""
    stored = looked_at(lang("database"), lang, partial(_database, settings))
    met = looked_at(lang("platforms"), lang, partial(_each_platform, settings))
    return [*stored, *met]


def _each_platform(settings: Settings, _subject: str, lang: Language) -> Iterator[Finding]:
    yield from asyncio.run(_platforms(settings, lang))


def _database(settings: Settings, subject: str, lang: Language) -> Iterator[Finding]:
    url = parsed(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        yield Finding(subject, *ok(lang("None yet; the first start makes one in {file}.", file=url.database)))
        return
    database = Database(settings.database, settings.listening_url)
    try:
        skew = database.run_here(_skew)
        yield Finding(subject, *ok(url.render_as_string(hide_password=True)))
        yield Finding(lang("migrations"), *_migrations(database, lang))
        if database.run_here(migrate.revision) == migrate.head():
            yield Finding(lang("turned on"), *turned_on(database.run_here(_names_on), lang))
        yield Finding(lang("clock"), *clock(skew, lang))
        if not database.embedded:
            yield Finding(lang("durability"), *durability(database.run_here(_switched_off_for_speed), lang))
            yield Finding(lang("changes"), *changes(database.run_here(_is_read_only), lang))
            yield Finding(lang("other processes"), *asyncio.run(_hearing(database, lang)))
    except DatabaseError as error:
        reason = next(iter(str(error.orig).strip().splitlines()), type(error).__name__)
        words = lang(
            "The database cannot be used: {reason}. Check DATABASE_URL, and that the server runs.", reason=reason
        )
        yield Finding(subject, *fail(words))
    finally:
        database.close()


def _skew(session: Session) -> timedelta:
    """How far the database's clock is ahead of ours."""
    theirs = session.exec(select(func.now())).one()
    return _aware(theirs) - SystemClock().now()


def _aware(moment: datetime) -> datetime:
    # SQLite answers in UTC and does not say so.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _migrations(database: Database, lang: Language) -> Said:
    here, head = database.run_here(migrate.revision) or "0", migrate.head()
    if here == head:
        return ok(lang("Up to date, at {revision}.", revision=head))
    if database.embedded:
        return warning(lang("At {here}, short of {head}; the next start brings it up to date.", here=here, head=head))
    return fail(lang("At {here}, short of {head}; run `workbot migrate`.", here=here, head=head))


def _names_on(session: Session) -> list[str]:
    on = [(kind, definitions.names_on(session, kind)) for kind in features.KINDS]
    return [f"{kind.folder}/{name}" for kind, names in on for name in sorted(names)]


def turned_on(names: Sequence[str], lang: Language) -> Said:
    """What begins by itself, and what people are offered."""
    if names:
        return ok(", ".join(names))
    command = "workbot definitions enable desks it"
    return warning(
        lang("Nothing yet: people are offered no desk, journey or survey. Try `{command}`.", command=command)
    )


def clock(skew: timedelta, lang: Language) -> Said:
    """How far the database’s clock is from ours, judged."""
    seconds = lang.decimal(abs(skew.total_seconds()))
    if abs(skew) < WORRYING:
        return ok(lang("The same as the database’s, to {seconds} seconds.", seconds=lang.decimal(5)))
    words = lang(
        "{seconds} seconds from the database’s. Let both machines keep time by the network (NTP).", seconds=seconds
    )
    return fail(words) if abs(skew) >= HARMFUL else warning(words)


def _switched_off_for_speed(session: Session) -> list[str]:
    """The settings that PostgreSQL needs in order to keep what it has confirmed, and does not have."""
    return [name for name in DURABLE if session.execute(text(f"SHOW {name}")).scalar_one() == "off"]


def durability(switched_off: Sequence[str], lang: Language) -> Said:
    """Whether a crash of PostgreSQL loses nothing that it has confirmed, judged."""
    if not switched_off:
        return ok(lang("What is confirmed to people survives a crash of the database."))
    names = ", ".join(switched_off)
    return fail(
        lang("PostgreSQL runs with {names} switched off: what it confirms, a crash may lose. Switch on.", names=names)
    )


def _is_read_only(session: Session) -> bool:
    return bool(session.execute(text("SHOW transaction_read_only")).scalar_one() == "on")


def changes(is_read_only: bool, lang: Language) -> Said:
    """Whether a server takes changes, judged."""
    if not is_read_only:
        return ok(lang("It takes them."))
    return fail(
        lang("PostgreSQL takes none: it is a standby, or was told so. Name the server that does in DATABASE_URL.")
    )


async def _hearing(database: Database, lang: Language) -> Said:
    """Whether what one process announces is heard by another, and what is in the way."""
    listening = asyncio.create_task(database.pubsub.listen(database.listening_url))
    try:
        hears = await database.pubsub.hears(database.announce_now)
    finally:
        listening.cancel()
    is_pooled = database.run_here(lambda session: pooled(session.connection()))
    if not hears:
        return fail(
            lang(
                "What one process announces is not heard by the others, so that messages go out late. "
                "Set DATABASE_LISTEN_URL to the address of PostgreSQL itself, past any pooler."
            )
        )
    return ok(lang("Heard, past the pooler.") if is_pooled else lang("Heard."))


async def _platforms(settings: Settings, lang: Language) -> list[Finding]:
    # Platforms are built as in the app, but on a key and a database that leave nothing behind.
    key = settings.secret_key if keys(settings.secret_key.get_secret_value()) else SecretStr("x" * 32)
    host = App(settings.model_copy(update={"secret_key": key}), database=Database("sqlite://"), builders={})
    try:
        said = [(name, await _platform(plugin, host, lang)) for name, plugin in plugins.installed().items()]
        return [Finding(name, *one) for name, several in said for one in several]
    finally:
        host.database.close()


async def _platform(plugin: Plugin, host: App, lang: Language) -> list[Said]:
    try:
        return await _looked_at(plugin, host, lang)
    except WorkbotError as error:
        return [fail(lang(error.message, **error.values))]
    except Exception as error:  # noqa: BLE001  # what nobody thought of is said as well
        return [fail(failed(error, lang))]


async def _looked_at(plugin: Plugin, host: App, lang: Language) -> list[Said]:
    platform = plugin.build(host)
    if platform is None:
        return [warning(lang(plugin.missed)) if plugin.missed else ok(lang("Not set up."))]
    try:
        if isinstance(platform, Diagnosable):
            return [(Verdict(diagnostic.verdict), diagnostic.words) for diagnostic in await platform.diagnose(lang)]
        reason = await platform.check()
    finally:
        await platform.close()
    return [fail(reason) if reason else ok(lang("Ready."))]
