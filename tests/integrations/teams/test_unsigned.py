"""Teams without tokens, for tools that play Teams on this machine: nobody else is heard, and Microsoft is asked
nothing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from integrations.teams import botbuilder
from integrations.teams.auth import is_forwarded
from integrations.teams.clouds import PUBLIC
from integrations.teams.models import TeamsConversation
from integrations.teams.plugin import build
from tests.integrations.teams.city import MONDAY, City
from tests.teamsland import activities
from tests.teamsland.reading import Thing
from workbot.cards import Card
from workbot.errors import DeliveryError, WorkbotError
from workbot.i18n import language
from workbot.platforms import Outgoing

HERE = "http://127.0.0.1:8080"


class Playground:
    """Ada writes to us in a tool that plays Teams, and neither sends tokens nor takes any."""

    def __init__(self, city: City) -> None:
        self.city = city
        city.teams.settings.allow_unsigned = True
        city.world.takes_unsigned = True
        self.ada = city.hire("Ada Tremblay", has_app=False)
        self.ada.has_app = True
        self.before = list(city.world.calls)

    def send(self, text: str = "help", headers: dict[str, str] | None = None, **other: Any) -> httpx.Response:
        sent = self.city.world.post(self.city.world.personal(self.ada), {"text": text}, author=self.ada)
        made = activities.message(self.city.world, sent) | other
        answer = self.city.request("POST", "/api/messages", json=made, headers=headers or {})
        self.city.do(self.city.teams.inbound.background.close())
        self.city.settle()
        return answer

    def asked_for_tokens(self) -> list[Thing]:
        return self.city.world.called("token")


@pytest.fixture
def playground(city: City) -> Playground:
    return Playground(city)


@pytest.mark.parametrize("secret", ["", "dummy"])
def test_a_line_without_a_token_is_answered_without_one(playground: Playground, secret: str) -> None:
    playground.city.teams.settings.client_secret = SecretStr(secret)

    assert playground.send().status_code == 200

    assert "What I can do" in playground.city.world.reads(playground.ada)[-1]
    assert playground.asked_for_tokens() == []
    assert playground.city.world.authorizations == {""}


@pytest.mark.parametrize(
    "header",
    [
        "Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Anything",
        "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "CF-Ray", "CDN-Loop", "X-Original-Host",
        "X-Envoy-External-Address", "Fastly-Client-IP", "X-Azure-FDID", "Ngrok-Auth-User-Email", "x-FORWARDED-for",
        # Of a page in a browser, whichever of the two it is.
        "Origin", "Sec-Fetch-Site",
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", ["", "127.0.0.1"])
def test_what_came_by_another_machine_or_a_page_is_refused(playground: Playground, header: str, value: str) -> None:
    answer = playground.send(headers={header: value})

    assert answer.status_code in (401, 403)
    assert playground.city.world.calls == playground.before


def test_what_a_tool_sends_by_itself_is_not_taken_for_forwarded() -> None:
    sent = {"Host": "127.0.0.1", "User-Agent": "x", "Accept": "*/*", "Connection": "close", "X-MS-Conversation-Id": "1"}

    assert not is_forwarded(httpx.Headers(sent))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    [
        "https://smba.trafficmanager.net/amer/", "https://evil.example/", "http://10.0.0.7:3978/",
        "http://127.0.0.1.evil.example/", "http://localhost@evil.example/", "http://169.254.169.254/",
    ],
)  # fmt: skip
def test_no_address_but_one_of_this_machine_is_answered(playground: Playground, url: str) -> None:
    """Microsoft's own would get a token, and whoever sends without one may name it."""
    assert playground.send(serviceUrl=url).status_code == 403
    assert playground.city.world.calls == playground.before
    assert playground.asked_for_tokens() == []


def test_nobody_at_microsoft_is_written_to(playground: Playground) -> None:
    """Not even at an address that was noted while tokens were asked for."""
    city = playground.city
    with city.app.database.session() as session:
        conversation = TeamsConversation(
            tenant=city.tenant.id,
            target=playground.ada.id,
            conversation="a:1",
            service_url=PUBLIC.service_url,
            heard_at=MONDAY,
        )
        session.merge(conversation)

    with pytest.raises(DeliveryError, match="not one of Teams"):
        city.do(city.teams.deliver(Outgoing("k", f"{city.tenant.id}/{playground.ada.id}", Card("Hello"), "en")))

    assert playground.asked_for_tokens() == []


def test_the_directory_is_not_asked_and_doctor_says_what_that_means(playground: Playground) -> None:
    city = playground.city
    city.teams.settings.compare = city.teams.settings.install = True
    city.world.calls.clear()

    city.compare()
    diagnostics = city.do(city.teams.diagnose(language("en")))

    assert {name for name, _ in city.world.calls} & {"token", "users", "delta", "catalog", "openid"} == set()
    assert [diagnostic.verdict for diagnostic in diagnostics] == ["warning"]
    assert "TEAMS_ALLOW_UNSIGNED" in diagnostics[0].words
    assert city.do(city.teams.check()) == ""


def test_an_organisations_own_handler_gets_no_token_either(playground: Playground) -> None:
    trusting = botbuilder.PreauthenticatedAuth(playground.city.teams.settings, sends=True)
    factory = trusting.create_connector_factory(trusting._identity)
    client: Any = playground.city.do(factory.create(playground.city.world.base, "https://api.botframework.com"))

    assert not client.config.credentials.microsoft_app_id
    assert client.config.credentials.signed_session().headers.get("Authorization") is None


@pytest.mark.parametrize(
    ("bound", "url"),
    [
        ("127.0.0.1", "https://bot.city.example"),
        ("127.0.0.1", "http://10.1.2.3:8080"),
        ("127.0.0.1", "http://127.0.0.1.evil.example"),
        ("127.0.0.1", "http://localhost.evil.example:8080"),
        ("0.0.0.0", HERE),
        ("::", "http://localhost:8080"),
    ],
)
def test_it_does_not_start_where_others_reach_it(
    city: City, monkeypatch: pytest.MonkeyPatch, bound: str, url: str
) -> None:
    _set(monkeypatch)
    city.app.settings.base_url, city.app.settings.host = url, bound

    with pytest.raises(WorkbotError, match="WORKBOT_BASE_URL"):
        build(city.app)


@pytest.mark.parametrize("url", [HERE, "http://localhost:3000", "http://[::1]:8080"])
def test_on_this_machine_it_does(city: City, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    _set(monkeypatch)
    city.app.settings.base_url = url

    assert build(city.app) is not None


def _set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("CLIENT_ID", "c"), ("TENANT_ID", "t"), ("ALLOW_UNSIGNED", "true")):
        monkeypatch.setenv(f"TEAMS_{name}", value)


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_whoever_looks_whether_anybody_is_there_is_answered(city: City, method: str) -> None:
    answer = city.request(method, "/api/messages")

    assert answer.status_code == 200
    if method == "GET":
        assert "Write to workbot in Teams." in answer.text
        assert "Écrivez à workbot dans Teams." in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_nothing_else_is_done_there(city: City, method: str) -> None:
    answer = city.request(method, "/api/messages")

    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]
