"""A slash command that stores something, over real HTTP, against a bare Bolt app that only acknowledges.

Ours checks the signature, finds the workspace and the person, and stores the turn and an outbox row in one durable
transaction before it answers. The floor is Bolt's own `AsyncApp` with the same signature check and a listener that
does nothing but `ack()`, served alike. Workers send what is queued: no sender runs beside.
"""

from __future__ import annotations

import os
import time
from contextlib import AsyncExitStack
from urllib.parse import urlencode

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import migrations.models
from integrations.slack.models import SlackWorkspace
from integrations.slack.platform import Slack
from integrations.slack.settings import SlackSettings
from integrations.slack.token_cipher import TokenCipher
from tests.bench.measure import compare, report
from tests.bench.serving import Lines, lines, served
from tests.slackland.driver import signature
from tests.small_app import App, tables
from workbot import log
from workbot.clock import SystemClock
from workbot.people import Account, Person
from workbot.storage import gc_tuning
from workbot.storage.database import Database

CALLS = 40
MANY = 32
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAM, USER = "T00000001", "U00000001"
TABLES = migrations.models
HEAD = "POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"


class Typist:
    """Somebody who types the same command again and again."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines

    async def type(self, number: int) -> None:
        body = urlencode(
            {
                "command": "/workbot",
                "text": f"note {number}",
                "team_id": TEAM,
                "user_id": USER,
                "channel_id": "D00000001",
                "trigger_id": f"{time.time_ns()}.{number}",
                "is_enterprise_install": "false",
                "response_url": "http://127.0.0.1/",
            }
        ).encode()
        signed = signature(SECRET, body, int(time.time()))
        await self.lines.post(HEAD + "".join(f"{name}: {value}\r\n" for name, value in signed.items()), body)


async def run(url: str, name: str) -> None:
    """Serve both, measure with one connection and with many, and print the results."""
    furnish(Database(url))
    async with AsyncExitStack() as serving:
        port = await serving.enter_async_context(served("tests.bench.slack_turns:app", {"DATABASE_URL": url}))
        bare = await serving.enter_async_context(served("tests.bench.slack_turns:bare", {}))
        for at_once in (1, MANY):
            ours, its = Typist(await lines(port, at_once)), Typist(await lines(bare, at_once))
            sides = ("a command that stores a message", ours.type), ("a bare Bolt listener", its.type)
            measured = await compare(*sides, calls=CALLS * at_once, at_once=at_once)
            people = "one connection" if at_once == 1 else f"{at_once} connections"
            print(report(f"A durable slash command on {name}, {people}, against bare Bolt", *measured))


def furnish(database: Database) -> None:
    """One workspace, and one person in it."""

    def fill(session: Session) -> None:
        person = Person(email="ada@city.example", name="Ada Roy", timezone="UTC", locale="en")
        session.add(person)
        session.flush()
        session.add(Account(person_id=person.id, platform="slack", tenant=TEAM, user=USER, address=f"{TEAM}/{USER}"))
        session.add(SlackWorkspace(tenant=TEAM, name="City", bot_token=TokenCipher("s" * 32).close("xoxb-1")))

    database.run_here(tables)
    database.run_here(fill)
    database.close()


def app() -> Starlette:
    """Slack's door to an app of one small feature."""
    log.configure(as_json=True)
    app = App(Database(os.environ["DATABASE_URL"]), clock=SystemClock())
    known = {"signing_secret": SECRET, "client_id": "1.2", "client_secret": "shh", "api_url": "http://127.0.0.1:9/api/"}
    gc_tuning.freeze_startup()
    return Starlette(routes=Slack(app, SlackSettings.model_validate(known)).routes())


def bare() -> Starlette:
    """As little as Bolt can do."""

    async def authorize(**_context: object) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token="xoxb-1", bot_user_id="U2", bot_id="B1")

    bolt = AsyncApp(signing_secret=SECRET, process_before_response=True, authorize=authorize)

    @bolt.command("/workbot")
    async def _workbot(ack: object) -> None:
        await ack()  # type: ignore[operator]

    handler = AsyncSlackRequestHandler(bolt)

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    return Starlette(routes=[Route("/slack/events", events, methods=["POST"])])
