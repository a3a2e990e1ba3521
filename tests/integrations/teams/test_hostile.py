"""Requests that Teams did not send, and activities that are not as Teams describes them: no handler hears of them."""

from __future__ import annotations

import base64
import gzip
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlmodel import func, select

from integrations.teams.models import TeamsConversation
from tests.integrations.teams.city import City
from tests.teamsland import activities, tokens
from tests.teamsland.reading import Thing
from workbot.cards import Card
from workbot.dispatch import TURNS
from workbot.errors import DeliveryError
from workbot.platforms import Outgoing
from workbot.processed_turns import ProcessedTurn

Claims = Callable[[Thing], Thing]


class Wire:
    """What a stranger can send to the address that Teams calls."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.ada = city.hire("Ada Tremblay")
        self.place = city.world.personal(self.ada)
        sent = city.world.post(self.place, {"type": "message", "text": "help"}, author=self.ada)
        self.activity = activities.message(city.world, sent)
        self.before = self.heard()
        city.world.calls.clear()

    @property
    def claims(self) -> Thing:
        return tokens.for_the_bot(self.city.world.app.client_id, str(self.activity["serviceUrl"]))

    def send(self, activity: Any, token: str | None) -> int:
        return self.raw(json.dumps(activity).encode(), token)

    def raw(self, body: bytes, token: str | None, **headers: str) -> int:
        known = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        return self.city.driver.raw(body, known | headers).status_code

    def signed(self, activity: Any, **claims: Any) -> int:
        return self.send(activity, tokens.signed(self.claims | claims, tokens.BOT_FRAMEWORK))

    def heard(self) -> float:
        """How many turns there were in all, whatever became of them."""
        samples = (sample for metric in TURNS.collect() for sample in metric.samples)
        return sum(sample.value for sample in samples if sample.name == "workbot_turns_total")

    def is_untouched(self) -> bool:
        """Whether nothing was heard, and nothing said but for the asking of keys."""
        said = [name for name, _ in self.city.world.calls if name not in ("keys", "openid")]
        return self.heard() == self.before and said == []


@pytest.fixture
def wire(city: City) -> Wire:
    return Wire(city)


NOW = int(time.time())
OTHER_TENANT = "11111111-2222-3333-4444-555555555555"
# What is wrong with a token, and what is answered.
CLAIMS: dict[str, Thing] = {
    "another issuer": {"iss": "https://api.botframework.us"},
    "an issuer that begins alike": {"iss": "https://api.botframework.com.evil.example"},
    "an issuer with a slash": {"iss": "https://api.botframework.com/"},
    "no issuer": {"iss": None},
    "entra as issuer": {"iss": f"https://sts.windows.net/{OTHER_TENANT}/"},
    "another audience": {"aud": "00000000-aaaa-bbbb-cccc-dddddddddddd"},
    "no audience": {"aud": None},
    "an empty audience": {"aud": ""},
    "an audience of many, none ours": {"aud": ["a", "b"]},
    "ended long ago": {"exp": NOW - 86_400},
    "ended six minutes ago": {"exp": NOW - 360},
    "no end": {"exp": None},
    "an end that is a word": {"exp": "tomorrow"},
    "good tomorrow": {"nbf": NOW + 86_400},
    "good in ten minutes": {"nbf": NOW + 600},
    "made tomorrow": {"iat": NOW + 86_400},
    "no service url": {"serviceurl": None},
    "an empty service url": {"serviceurl": ""},
    "another service url": {"serviceurl": "https://smba.trafficmanager.net/amer/"},
    "a service url that is a list": {"serviceurl": ["https://smba.trafficmanager.net/amer/"]},
    "the claim in other letters": {"serviceurl": None, "serviceUrl": "http://127.0.0.1/"},
}


@pytest.mark.parametrize("wrong", CLAIMS)
def test_a_token_with_another_claim_is_refused(wire: Wire, wrong: str) -> None:
    claims = {name: value for name, value in (wire.claims | CLAIMS[wrong]).items() if value is not None}

    status = wire.send(wire.activity, tokens.signed(claims, tokens.BOT_FRAMEWORK))

    assert status in (401, 403)
    assert wire.is_untouched()


def symmetric(wire: Wire) -> str:
    """A token that is signed with our public key as if it were a secret (the confusion of RS256 with HS256)."""
    secret = json.dumps(tokens.key_document(tokens.BOT_FRAMEWORK)["keys"][0]).encode()
    head = {"alg": "HS256", "typ": "JWT", "kid": tokens.BOT_FRAMEWORK}
    said = ".".join(_encoded(json.dumps(part).encode()) for part in (head, wire.claims))
    return f"{said}.{_encoded(hmac.digest(secret, said.encode(), 'sha256'))}"


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def other_payload(wire: Wire) -> str:
    """The signature of one token under the claims of another."""
    mine = tokens.signed(wire.claims | {"aud": "x"}, tokens.BOT_FRAMEWORK).split(".")
    theirs = tokens.signed(wire.claims, tokens.BOT_FRAMEWORK).split(".")
    return ".".join([mine[0], theirs[1], mine[2]])


FORGED: dict[str, Callable[[Wire], str | None]] = {
    "none at all": lambda wire: None,
    "an empty one": lambda wire: " ",
    "a word": lambda wire: "abc",
    "two dots": lambda wire: "..",
    "three words": lambda wire: "a.b.c",
    "signs that are no letters": lambda wire: "%FF%FE.{}.[]",
    "a megabyte": lambda wire: "a" * 1_000_000,
    "json without signing": lambda wire: json.dumps(wire.claims),
    "nobody signed": lambda wire: tokens.unsigned(wire.claims),
    "nobody signed, in capitals": lambda wire: tokens.unsigned(wire.claims).replace("none", "NONE"),
    "a key of ours in the wrong way": symmetric,
    "another key under its name": lambda wire: tokens.signed(
        wire.claims, "stranger", headers={"kid": tokens.BOT_FRAMEWORK}
    ),
    "another key under its own name": lambda wire: tokens.signed(wire.claims, "stranger"),
    "entra's key": lambda wire: tokens.signed(wire.claims, tokens.ENTRA),
    "no name of a key": lambda wire: tokens.signed(wire.claims, tokens.BOT_FRAMEWORK, headers={"kid": ""}),
    "a name that is a path": lambda wire: tokens.signed(
        wire.claims, tokens.BOT_FRAMEWORK, headers={"kid": "../../etc/passwd"}
    ),
    "a key that it brings along": lambda wire: tokens.signed(
        wire.claims, "stranger", headers={"jwk": tokens.key_document("stranger")["keys"][0]}
    ),
    "keys at an address of its own": lambda wire: tokens.signed(
        wire.claims, "stranger", headers={"jku": "https://evil.example/keys"}
    ),
    "the signature of another": other_payload,
    "a signature cut off": lambda wire: tokens.signed(wire.claims, tokens.BOT_FRAMEWORK)[:-40],
    "no signature": lambda wire: tokens.signed(wire.claims, tokens.BOT_FRAMEWORK).rpartition(".")[0] + ".",
}


@pytest.mark.parametrize("what", FORGED)
def test_what_is_no_token_of_teams_is_refused(wire: Wire, what: str) -> None:
    assert wire.send(wire.activity, FORGED[what](wire)) == 401
    assert wire.is_untouched()


@pytest.mark.parametrize(
    "header",
    ["Basic {token}", "{token}", "Token {token}", "Bearer", "Bearer  {token}", "Bearer {token} {token}"],
)
def test_a_token_that_comes_in_another_way_is_refused(wire: Wire, header: str) -> None:
    token = tokens.signed(wire.claims, tokens.BOT_FRAMEWORK)
    body = json.dumps(wire.activity).encode()

    answer = wire.city.driver.raw(
        body, {"Content-Type": "application/json", "Authorization": header.format(token=token)}
    )

    assert answer.status_code == 401
    assert wire.is_untouched()


def test_a_token_is_good_for_no_other_service_and_no_body_without_one(wire: Wire) -> None:
    without = {name: value for name, value in wire.activity.items() if name != "serviceUrl"}

    assert wire.signed(without) == 403
    assert wire.signed(wire.activity | {"serviceUrl": ""}) == 403
    assert wire.signed(wire.activity | {"serviceUrl": None}) == 403
    assert wire.signed(wire.activity | {"serviceUrl": ["x"]}) == 403
    assert wire.signed(wire.activity | {"serviceUrl": f"{wire.city.world.base}/emea/"}) == 401
    assert wire.is_untouched()


@pytest.mark.parametrize(
    "named",
    [
        {"conversation": {"id": "a:1", "conversationType": "personal", "tenantId": OTHER_TENANT}, "channelData": {}},
        {"channelData": {"tenant": {"id": OTHER_TENANT}}},
        {"conversation": {"id": "a:1", "conversationType": "personal"}, "channelData": {}},
        {"conversation": None, "channelData": None},
        {"conversation": {"id": "a:1"}, "channelData": {"tenant": OTHER_TENANT}},
        {"from": {"id": "29:x", "aadObjectId": "x", "tenantId": OTHER_TENANT}},
        {"channelId": "webchat"},
        {"channelId": None},
    ],
)
def test_another_tenant_or_channel_is_refused(wire: Wire, named: Thing) -> None:
    assert wire.signed(wire.activity | named) == 403
    assert wire.is_untouched()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"null", 400),
        (b"[]", 400),
        (b'"message"', 400),
        (b"\xff\xfe\x00", 400),
        (b'{"type": "message", "n": NaN}', 400),
        (b'{"type": "message", "n": Infinity}', 400),
        (b'{"type": 7}', 400),
        (b'{"id": "1"}', 400),
        (b"[" * 100_000 + b"]" * 100_000, 400),
        (b'{"type":"message","value":' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}", 400),
        (b'{"type": "message", "n": ' + b"9" * 10_000 + b"}", 400),
        (b'{"type": "message", "text": "' + b"x" * 5_000_000 + b'"}', 413),
    ],
    ids=lambda given: str(given)[:24] if isinstance(given, bytes) else str(given),
)
def test_a_body_that_is_no_activity_is_refused(wire: Wire, body: bytes, status: int) -> None:
    token = tokens.signed(wire.claims, tokens.BOT_FRAMEWORK)

    assert wire.raw(body, token) == status
    assert wire.is_untouched()


def test_a_body_that_is_packed_or_says_two_things_is_taken_for_what_is_checked(wire: Wire) -> None:
    token, body = tokens.signed(wire.claims, tokens.BOT_FRAMEWORK), json.dumps(wire.activity).encode()
    other = json.dumps(
        {"serviceUrl": "https://evil.example/", "channelData": {"tenant": {"id": OTHER_TENANT}}}
    ).encode()

    assert wire.raw(gzip.compress(body), token, **{"Content-Encoding": "gzip"}) == 400
    # Of a name that comes twice the last is meant, by the check as by all who read on.
    assert wire.raw(body[:-1] + b"," + other[1:], token) == 401
    assert wire.is_untouched()


def test_of_five_megabytes_no_more_is_read_than_it_takes_to_see_that_they_are_too_many(wire: Wire) -> None:
    read = 0

    async def parts() -> Any:
        nonlocal read
        for _ in range(50):
            read += 100_000
            yield b"x" * 100_000

    async def send(token: str) -> int:
        transport = httpx.ASGITransport(wire.city.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="https://bot.city.example") as client:
            headers = {"Authorization": f"Bearer {token}"}
            return (await client.post("/api/messages", content=parts(), headers=headers)).status_code

    assert wire.city.do(send("none")) == 401
    assert read == 0
    assert wire.city.do(send(tokens.signed(wire.claims, tokens.BOT_FRAMEWORK))) == 413
    assert read <= 1_200_000


# Addresses that want to pass for one of Teams'. Each comes with a token that names it too: somebody at Microsoft may
# host a bot channel of their own.
HOSTILE = [
    "https://evil.example/",
    "https://smba.trafficmanager.net.evil.example/amer/",
    "https://evil.trafficmanager.net/amer/",
    "https://smba-trafficmanager.net/amer/",
    "https://smba.trafficmanager.net@evil.example/amer/",
    "https://evil.example@smba.trafficmanager.net/amer/",
    "https://user:pass@smba.trafficmanager.net/amer/",
    "https://smba.trafficmanager.net:8443/amer/",
    "https://smba.trafficmanager.net:80/amer/",
    "http://smba.trafficmanager.net/amer/",
    "https://smba.trafficmanager.net\\@evil.example/",
    "https://evil.example\\smba.trafficmanager.net/",
    "https://smba.trafficmanager.net%2f@evil.example/",
    "https://smba.trafficmanager.net%00.evil.example/",
    "https://smba.trafficmanager.net#@evil.example/",
    "https://smba.trafficmanager.net?@evil.example/",
    "https://smba.trafficmanager.net?next=https://evil.example",
    "https://smba.trafficmanager.net/amer/#evil",
    "https://smba.trafficmanager.net/../../evil",
    "https://smba.trafficmanager.net//evil.example/",
    "https://smba.trafficmanager.net/%2e%2e/evil",
    "https:///smba.trafficmanager.net/amer/",
    "https:smba.trafficmanager.net/amer/",
    "//smba.trafficmanager.net/amer/",
    "smba.trafficmanager.net/amer/",
    "ftp://smba.trafficmanager.net/amer/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/plain,hello",
    "gopher://smba.trafficmanager.net/",
    "https://ѕmba.trafficmanager.net/amer/",
    "https://smba。trafficmanager。net/amer/",
    "https://xn--mba-5cd.trafficmanager.net/amer/",
    "https://smba.trafficmanager.net./amer/",
    "https://.smba.trafficmanager.net/amer/",
    "https://smba..trafficmanager.net/amer/",
    "https://smba.trafficmanager.net:443:80/amer/",
    "https://smba.trafficmanager.net:99999/amer/",
    "https://smba.trafficmanager.net:x/amer/",
    "https://[::1]/amer/",
    "https://[::ffff:127.0.0.1]/amer/",
    "https://127.0.0.1/amer/",
    "https://2130706433/amer/",
    "https://0x7f000001/amer/",
    "https://169.254.169.254/latest/meta-data/",
    "http://localhost:8080/metrics",
    "https://metadata.google.internal/",
    "https://smba.trafficmanager.net\n.evil.example/",
    "https://smba.trafficmanager.net\t/amer/",
    " https://smba.trafficmanager.net/amer/",
    "https://smba.trafficmanager.net /amer/",
    "https://[smba.trafficmanager.net/amer/",
    "https://webchat.botframework.com/",
    "https://directline.botframework.com/",
    "https://smba.infra.gcc.teams.microsoft.com.evil.example/",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_service_url_gets_no_byte(wire: Wire, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []

    async def refuse(self: httpx.AsyncClient, request: httpx.Request, **_: Any) -> httpx.Response:
        sent.append(str(request.url))
        raise httpx.ConnectError("nothing goes out here")

    monkeypatch.setattr(wire.city.teams.connector.http, "send", refuse.__get__(wire.city.teams.connector.http))

    assert wire.signed(wire.activity | {"serviceUrl": url}, serviceurl=url) == 403
    wire.city.settle()

    assert sent == []
    assert wire.is_untouched()


def test_there_are_fifty_hostile_addresses_and_sixty_refusals() -> None:
    assert len(HOSTILE) >= 50
    assert len(CLAIMS) + len(FORGED) + 6 + 8 + 14 >= 60


def test_an_address_that_was_stored_is_looked_at_again_before_anything_is_sent(wire: Wire) -> None:

    with wire.city.app.database.session() as session:
        row = session.get(TeamsConversation, (wire.city.tenant.id, wire.ada.id))
        assert row
        row.service_url = "https://evil.example"
    wire.city.teams.conversations._noted.clear()

    outgoing = Outgoing("k", f"{wire.city.tenant.id}/{wire.ada.id}", Card("Hello"), "en")
    with pytest.raises(DeliveryError) as refused:
        wire.city.do(wire.city.teams.deliver(outgoing))

    # It is said of what we have stored, not of the person: the next thing they do puts it right.
    assert not refused.value.permanent
    assert wire.is_untouched()


def test_the_record_of_turns_holds_none_of_what_was_refused(wire: Wire) -> None:
    wire.signed(wire.activity, aud="another")

    with wire.city.app.database.session() as session:
        assert session.exec(select(func.count()).select_from(ProcessedTurn)).one() == 1
