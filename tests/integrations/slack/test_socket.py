"""Socket Mode: the same turns over a connection that we open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integrations.slack.city import City
from tests.slackland import server
from tests.slackland.server import Server
from tests.slackland.world import World
from workbot.storage.database import Database


@pytest.fixture
def slack() -> Iterator[Server]:
    world = World()
    world.limited = False
    with server.running(world) as running:
        yield running


def test_a_command_over_the_socket_is_answered_there(database: Database, slack: Server) -> None:
    city = City(database, slack.world, signing_secret="", app_token="xapp-1-A1-1-x")
    ada = city.hire("Ada Tremblay")
    city.compare()
    payload = {
        "command": "/workbot",
        "text": "help",
        "team_id": city.workspace.id,
        "user_id": ada["id"],
        "channel_id": "C1",
        "trigger_id": "1.1",
        "response_url": "",
    }

    async def until(there: list[Any]) -> None:
        # They are filled by the server, in a thread of its own.
        for _ in range(1000):
            if there:
                return
            await asyncio.sleep(0.02)

    async def over_the_socket() -> None:
        connection = asyncio.create_task(city.slack.inbound._listen("xapp-1-A1-1-x"))
        await until(slack.sockets)
        envelope = {"envelope_id": "e1", "type": "slash_commands", "accepts_response_payload": True, "payload": payload}
        asyncio.run_coroutine_threadsafe(slack.sockets[0].send_str(json.dumps(envelope)), slack.loop)
        await until(slack.acknowledged)
        connection.cancel()
        await asyncio.gather(connection, return_exceptions=True)

    city.do(asyncio.wait_for(over_the_socket(), 20))
    city.close()

    (answer,) = slack.acknowledged
    assert answer["envelope_id"] == "e1"
    assert "What I can do" in json.dumps(answer["payload"])


def test_a_connection_that_slack_closes_is_opened_again_and_nothing_is_missed(
    database: Database, slack: Server
) -> None:
    city = City(database, slack.world, signing_secret="", app_token="xapp-1-A1-1-x")
    ada = city.hire("Ada Tremblay")
    city.compare()
    said = {"type": "message", "channel": city.driver.direct(ada), "channel_type": "im", "user": ada["id"]}
    event = said | {"ts": slack.world.ts(), "text": "help"}
    payload = {"type": "event_callback", "team_id": city.workspace.id, "event_id": "Ev1", "event": event}
    envelope = {"envelope_id": "e2", "type": "events_api", "accepts_response_payload": False, "payload": payload}

    async def until(there: Callable[[], object]) -> None:
        for _ in range(1000):
            if there():
                return
            await asyncio.sleep(0.02)

    async def over_two_sockets() -> None:
        connection = asyncio.create_task(city.slack.inbound._listen("xapp-1-A1-1-x"))
        await until(lambda: slack.sockets)
        asyncio.run_coroutine_threadsafe(slack.sockets[0].close(), slack.loop).result(5)
        await until(lambda: not slack.sockets)
        await until(lambda: slack.sockets)
        for _ in range(2):
            asyncio.run_coroutine_threadsafe(slack.sockets[0].send_str(json.dumps(envelope)), slack.loop)
        await until(lambda: len(slack.acknowledged) == 2)
        connection.cancel()
        await asyncio.gather(connection, return_exceptions=True)
        await city.slack.inbound.background.close()

    city.do(asyncio.wait_for(over_two_sockets(), 40))
    city.close()

    assert [answer["envelope_id"] for answer in slack.acknowledged] == ["e2", "e2"]
    assert ["What I can do" in read for read in slack.world.reads(ada["id"])] == [True]


def test_without_a_signing_secret_nothing_comes_in_by_http(database: Database, slack: Server) -> None:
    city = City(database, slack.world, signing_secret="", app_token="xapp-1-A1-1-x")
    ada = city.hire("Ada Tremblay")

    city.driver.secret = ""
    assert city.driver.command(ada, "/pulse").status_code == 401
    city.close()
