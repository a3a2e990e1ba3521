"""Microsoft's SDK does nothing by itself: it reads no `.env`, nothing of the environment, and opens no door."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import ClassVar

import jwt
import pytest

from integrations.teams import botbuilder, sdk
from integrations.teams.names import MESSAGES
from tests.integrations.teams.city import City
from tests.teamsland import activities, tokens
from tests.teamsland.reading import Thing

FOREIGN = {
    "CLIENT_ID": "from-the-environment",
    "CLIENT_SECRET": "from-the-environment",
    "TENANT_ID": "from-the-environment",
    "CLOUD": "China",
    "SERVICE_URL": "https://evil.example",
    "MANAGED_IDENTITY_CLIENT_ID": "system",
    "MicrosoftAppId": "from-the-environment",
    "MicrosoftAppPassword": "from-the-environment",
    "MicrosoftAppTenantId": "from-the-environment",
}


def test_importing_it_reads_no_env_file_and_warns_of_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WORKBOT_LEAK=1\nCLIENT_ID=leak\n")
    program = (
        "import os, warnings; warnings.simplefilter('error'); import integrations.teams.platform; "
        "print(os.environ.get('WORKBOT_LEAK'), os.environ.get('CLIENT_ID'), os.environ.get('PYTHON_DOTENV_DISABLED'))"
    )

    root = Path(sdk.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.split() == ["None", "None", "None"], done.stderr


def test_nothing_is_taken_from_the_environment(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)

    ada = city.hire("Ada Tremblay")

    app = city.teams.inbound._app
    assert app is not None
    assert app.credentials is not None
    assert (app.credentials.client_id, app.credentials.tenant_id) == (city.world.app.client_id, city.tenant.id)
    assert app.cloud is city.teams.cloud.environment
    assert city.world.reads(ada)


def test_teams_is_not_even_imported_where_it_is_not_set_up() -> None:
    program = (
        "import sys, integrations.teams; print([name for name in sys.modules if 'microsoft' in name or 'botb' in name])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_one_way_to_the_app_is_through_the_door(city: City) -> None:
    city.hire("Ada Tremblay")

    assert list(city.teams.inbound.auth._handlers) == [MESSAGES]
    # The second says to whoever looks what the address is for.
    assert [(route.path, set(route.methods) - {"HEAD"}) for route in city.teams.inbound.routes()] == [  # type: ignore[attr-defined]
        (MESSAGES, {"POST"}),
        (MESSAGES, {"GET"}),
    ]


def test_no_token_of_a_persons_own_is_asked_for(city: City) -> None:
    ada = city.hire("Ada Tremblay")
    city.world.calls.clear()

    city.driver.say(ada, "help")

    assert {name for name, _ in city.world.calls} <= {"send", "keys"}


def test_keys_are_asked_for_once_and_for_a_new_one_no_more_than_once_in_a_while(city: City) -> None:
    ada = city.hire("Ada Tremblay")
    for _ in range(3):
        city.driver.say(ada, "help")
    assert len(city.world.called("keys")) == 1

    city.world.bot_framework_keys.insert(0, "newer")
    keys = city.teams.inbound.auth.callers._connector
    assert keys is not None
    keys.keys._asked_at -= 120
    before = len(city.world.messages(ada))
    city.driver.say(ada, "help")
    assert len(city.world.messages(ada)) == before + 2
    assert len(city.world.called("keys")) == 2


def test_nobody_with_a_known_key_waits_while_an_unknown_one_is_asked_for(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.driver.say(city.hire("Ada Tremblay"), "help")
    connector = city.teams.inbound.auth.callers._connector
    assert connector is not None
    connector.keys._asked_at -= 120
    is_over = threading.Event()
    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", lambda self: is_over.wait(10))

    async def both() -> None:
        asked = asyncio.create_task(connector.keys.know("of a stranger"))
        await asyncio.sleep(0.05)
        await asyncio.wait_for(connector.keys.know(tokens.BOT_FRAMEWORK), 2)
        assert not asked.done()
        is_over.set()
        await asked

    city.do(both())


def test_a_token_is_believed_for_a_moment_and_no_longer_than_it_is_good(city: City) -> None:
    ada = city.hire("Ada Tremblay")
    connector = city.teams.inbound.auth.callers._connector
    assert connector is not None
    connector._believed.clear()
    # It ended almost five minutes ago, which is as long as clocks may differ.
    sent = activities.message(city.world, city.driver.say(ada, "help"))
    city.driver.send_activity(sent | {"id": "late"}, exp=int(time.time()) - 295)

    now, left = time.monotonic(), list[int]()
    for seconds in (0, 6, 50, 60):
        connector._believed.expire(now + seconds)
        left.append(len(connector._believed))

    assert left == [2, 1, 1, 0]


class Recorder(botbuilder.ActivityHandler):
    """A handler that an organisation has already: it answers an invoke of its own, and stumbles over a word."""

    heard: ClassVar[list[str]] = []

    async def on_turn(self, turn_context: botbuilder.TurnContext) -> None:
        self.heard.append(turn_context.activity.type)
        await super().on_turn(turn_context)

    async def on_message_activity(self, turn_context: botbuilder.TurnContext) -> None:
        if turn_context.activity.text == "requests":
            raise RuntimeError("a bug of their own")

    async def on_invoke_activity(self, turn_context: botbuilder.TurnContext) -> Thing | None:
        if turn_context.activity.name == "ours/thing":
            from botbuilder.core import InvokeResponse

            return InvokeResponse(status=200, body={"ours": True})  # type: ignore[return-value]
        return await super().on_invoke_activity(turn_context)  # type: ignore[no-any-return]


@pytest.fixture
def plugged_in(monkeypatch: pytest.MonkeyPatch) -> type[Recorder]:
    Recorder.heard = []
    monkeypatch.setattr(botbuilder, "_plugged_in", lambda: [Recorder()])
    return Recorder


def test_an_organisations_own_handler_hears_everything_and_costs_nobody_an_answer(
    plugged_in: type[Recorder], city: City
) -> None:
    ada = city.hire("Ada Tremblay")

    city.driver.say(ada, "requests")

    assert {"installationUpdate", "conversationUpdate", "message"} <= set(plugged_in.heard)
    assert "Your requests" in city.world.reads(ada)[-1]


def test_what_an_organisations_own_handler_answers_is_answered_once(plugged_in: type[Recorder], city: City) -> None:
    ada = city.hire("Ada Tremblay")
    before = len(city.world.messages(ada))

    answer = city.driver._invoke("ours/thing", ada, city.world.personal(ada), {})

    assert answer.text == '{"ours":true}'
    assert len(city.world.messages(ada)) == before
