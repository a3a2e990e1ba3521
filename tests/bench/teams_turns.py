"""A typed line that stores something, over real HTTP, against a bare app of the Teams SDK that does nothing.

Ours checks the token, the tenant and where it is to be answered, notes where the person was heard, finds them, and
stores the turn and an outbox row in one durable transaction before it answers. The floor is the SDK's own `App` with
its own check of the token and a handler that does nothing, served alike. Workers send what is queued: no sender runs
beside.
"""

from __future__ import annotations

import json
import os
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from sqlmodel import Session
from starlette.applications import Starlette

import migrations.models
from integrations.teams import sdk
from integrations.teams.clouds import PUBLIC, Cloud
from integrations.teams.platform import Teams
from integrations.teams.settings import TeamsSettings
from tests.bench.measure import compare, report
from tests.bench.serving import Lines, lines, served
from tests.small_app import App, tables
from tests.teamsland import activities, server, tokens
from tests.teamsland.world import World
from workbot import log
from workbot.clock import SystemClock
from workbot.people import Account, Person
from workbot.storage import gc_tuning
from workbot.storage.database import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CALLS = 40
MANY = 32
TABLES = migrations.models
HEAD = "POST /api/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


class Typist:
    """Somebody who types the same line again and again."""

    def __init__(self, lines: Lines, world: World) -> None:
        self.lines = lines
        self.world = world
        self.person = next(iter(world.people.values()))
        sent = world.post(world.personal(self.person), {"type": "message", "text": "note"}, author=self.person)
        self.activity = activities.message(world, sent)
        claims = tokens.for_the_bot(world.app.client_id, str(self.activity["serviceUrl"]))
        self.head = f"{HEAD}Authorization: Bearer {tokens.signed(claims, tokens.BOT_FRAMEWORK)}\r\n"

    async def type(self, number: int) -> None:
        made = self.activity | {"id": f"{number}.{os.urandom(4).hex()}", "text": f"note {number} {os.urandom(4).hex()}"}
        await self.lines.post(self.head, json.dumps(made).encode())


async def run(url: str, name: str) -> None:
    """Serve both, measure with one connection and with many, and print the results."""
    world = World()
    with server.running(world):
        tenant = world.add_tenant()
        person = world.add_person(tenant, "Ada Roy", "ada@city.example")
        furnish(Database(url), tenant.id, person.id)
        known = {"DATABASE_URL": url, "WORLD": world.base, "CLIENT": world.app.client_id, "TENANT": tenant.id}
        async with AsyncExitStack() as serving:
            port = await serving.enter_async_context(served("tests.bench.teams_turns:app", known))
            bare = await serving.enter_async_context(served("tests.bench.teams_turns:bare", known))
            for at_once in (1, MANY):
                ours, its = Typist(await lines(port, at_once), world), Typist(await lines(bare, at_once), world)
                sides = ("a line that stores a message", ours.type), ("a bare SDK handler", its.type)
                measured = await compare(*sides, calls=CALLS * at_once, at_once=at_once)
                people = "one connection" if at_once == 1 else f"{at_once} connections"
                print(report(f"A durable typed line on {name}, {people}, against the bare Teams SDK", *measured))


def furnish(database: Database, tenant: str, user: str) -> None:
    """One tenant, and one person in it."""

    def fill(session: Session) -> None:
        person = Person(email="ada@city.example", name="Ada Roy", timezone="UTC", locale="en")
        session.add(person)
        session.flush()
        address = f"{tenant}/{user}"
        session.add(Account(person_id=person.id, platform="teams", tenant=tenant, user=user, address=address))

    database.run_here(tables)
    database.run_here(fill)
    database.close()


def app() -> Starlette:
    """Teams' door to an app of one small feature."""
    log.configure(as_json=True)
    app = App(Database(os.environ["DATABASE_URL"]), clock=SystemClock())
    known = {"client_id": os.environ["CLIENT"], "client_secret": "none", "tenant_id": os.environ["TENANT"]}
    gc_tuning.freeze_startup()
    return Starlette(routes=Teams(app, TeamsSettings.model_validate(known), cloud()).routes())


def bare() -> FastAPI:
    """As little as the SDK can do."""

    @asynccontextmanager
    async def lifespan(served: FastAPI) -> AsyncIterator[None]:
        await teams.initialize()
        yield

    from microsoft_teams.apps import FastAPIAdapter

    made = FastAPI(lifespan=lifespan)
    teams = sdk.App(
        client_id=os.environ["CLIENT"],
        client_secret="none",
        tenant_id=os.environ["TENANT"],
        cloud=cloud().environment,
        fetch_user_token=False,
        http_server_adapter=FastAPIAdapter(app=made),
    )

    @teams.on_message
    async def _heard(ctx: Any) -> None:
        return None

    return made


def cloud() -> Cloud:
    """The cloud of the Teams that the bench runs beside."""
    base = os.environ["WORLD"]
    metadata = f"{base}/botframework/v1/.well-known/openidconfiguration"
    environment = replace(PUBLIC.environment, login_endpoint=f"{base}/login", openid_metadata_url=metadata)
    return replace(PUBLIC, environment=environment, service_url=f"{base}/teams", origins=frozenset({base}))
