"""Mail without a password: an app's token for SMTP (XOAUTH2), or Microsoft Graph in the place of SMTP."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from integrations.email.credentials import AppRegistration, Credentials
from integrations.email.diagnostics import diagnostics
from integrations.email.graph import GraphMail
from integrations.email.platform import Email
from integrations.email.settings import Mailbox, MailSettings, Server
from integrations.email.smtp import Smtp
from tests.integrations.email.host import App
from tests.integrations.email.test_smtp import Postmaster, free_port, serving
from workbot.cards import Card, Text
from workbot.errors import DeliveryError, WorkbotError
from workbot.i18n import language
from workbot.platforms import Limits, Outgoing

APP = {"tenant_id": "t-1", "client_id": "app-1", "client_secret": "geheim"}
SENDER = "workbot@city.example"


class Microsoft:
    """Signs the app in and takes mail; what it is to answer otherwise can be said."""

    def __init__(self) -> None:
        self.asked: list[dict[str, list[str]]] = []
        self.mails: list[tuple[str, bytes]] = []
        self.permissions = ["Mail.Send"]
        self.withdrawn: set[str] = set()
        self.sign_in: Callable[[], httpx.Response] | None = None
        self.answer: Callable[[], httpx.Response] | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/oauth2/v2.0/token"):
            return self._token(request)
        token = request.headers["authorization"].removeprefix("Bearer ")
        if token in self.withdrawn:
            return httpx.Response(401, json={"error": {"code": "InvalidAuthenticationToken"}})
        if self.answer:
            return self.answer()
        assert request.headers["content-type"] == "text/plain"
        self.mails.append((request.url.path, b64decode(request.content, validate=True)))
        return httpx.Response(202)

    def _token(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(parse_qs(request.content.decode()))
        if self.sign_in:
            return self.sign_in()
        return httpx.Response(200, json={"access_token": self.token(), "expires_in": 3600})

    def token(self) -> str:
        claims = json.dumps({"roles": self.permissions, "number": len(self.asked)}).encode()
        return f"head.{urlsafe_b64encode(claims).decode().rstrip('=')}.seal"

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self))


@pytest.fixture
def microsoft() -> Microsoft:
    return Microsoft()


def settings(url: str, **app: str) -> MailSettings:
    return MailSettings.model_validate({"smtp_url": url, "mail_from": SENDER, **app})


def graph(microsoft: Microsoft) -> Email:
    known = settings(f"graph://{SENDER}", **APP)
    http = microsoft.client()
    mail = GraphMail(SENDER, known.cloud.graph, Credentials(known.app(known.cloud.graph), http), http)
    return Email(App(), mail, known.sender, Limits())  # type: ignore[arg-type]


def deliver(email: Email, words: str = "Ça va?") -> str:
    return asyncio.run(email.deliver(Outgoing("k1", "ada@city.example", Card("Bonjour", (Text(words),)), "fr")))


def refusal(email: Email) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        deliver(email)
    return caught.value


def test_a_mailbox_sends_by_graph_the_message_that_smtp_would_carry(microsoft: Microsoft) -> None:
    reference = deliver(graph(microsoft))

    [(path, content)] = microsoft.mails
    message = message_from_bytes(content, policy=policy.default)
    assert path == f"/v1.0/users/{SENDER}/sendMail"
    assert message["To"] == "ada@city.example"
    assert message["Message-ID"] == reference
    assert microsoft.asked[0]["scope"] == ["https://graph.microsoft.com/.default"]
    assert microsoft.asked[0]["client_secret"] == ["geheim"]


def test_a_token_is_asked_for_once_and_anew_when_it_was_withdrawn(microsoft: Microsoft) -> None:
    email = graph(microsoft)

    async def three() -> None:
        card = Card("Bonjour")
        for number in range(2):
            await email.deliver(Outgoing(f"k{number}", "ada@city.example", card, "fr"))
        assert len(microsoft.asked) == 1
        microsoft.withdrawn.add(microsoft.token())
        await email.deliver(Outgoing("k3", "ada@city.example", card, "fr"))

    asyncio.run(three())

    assert len(microsoft.asked) == 2
    assert len(microsoft.mails) == 3


@pytest.mark.parametrize(
    ("answer", "words", "flags"),
    [
        ((429, "ApplicationThrottled", {"retry-after": "7"}), "slower", {"throttled"}),
        ((400, "ErrorInvalidRecipients", {}), "address", {"permanent"}),
        ((403, "ErrorAccessDenied", {}), "Mail.Send", set()),
        ((404, "ErrorInvalidUser", {}), "mailbox does not exist", set()),
        ((413, "", {}), "size", {"rejected"}),
        ((503, "ErrorServerBusy", {}), "503", set()),
        ((504, "", {}), "504", {"doubtful"}),
        ((509, "", {}), "509", set()),
    ],
)
def test_what_graph_refuses_means_what_it_says(
    microsoft: Microsoft, answer: tuple[int, str, dict[str, str]], words: str, flags: set[str]
) -> None:
    status, code, headers = answer
    microsoft.answer = lambda: httpx.Response(status, json={"error": {"code": code}}, headers=headers)

    error = refusal(graph(microsoft))

    assert words in error.reason
    assert {flag for flag in ("permanent", "throttled", "doubtful", "rejected") if getattr(error, flag)} == flags
    if status == 429:
        assert error.retry_after is not None
        assert error.retry_after.total_seconds() == 7


def test_a_lost_answer_leaves_a_message_in_doubt_and_an_unreached_graph_does_not(microsoft: Microsoft) -> None:
    def fail_with(error: type[httpx.TransportError]) -> Callable[[], httpx.Response]:
        def fail() -> httpx.Response:
            raise error("no")

        return fail

    microsoft.answer = fail_with(httpx.ReadTimeout)
    assert refusal(graph(microsoft)).doubtful
    microsoft.answer = fail_with(httpx.ConnectError)
    assert not refusal(graph(microsoft)).doubtful


def test_a_refused_secret_is_named_and_not_shown(microsoft: Microsoft) -> None:
    told = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret geheim for app-1."}
    microsoft.sign_in = lambda: httpx.Response(401, json=told)

    reason = refusal(graph(microsoft)).reason

    assert "AADSTS7000215" in reason
    assert "WORKBOT_MAIL_CLIENT_SECRET" in reason
    assert "geheim" not in reason
    assert asyncio.run(graph(microsoft).check()) == reason


def test_doctor_says_which_permission_is_missing(microsoft: Microsoft) -> None:
    microsoft.permissions = ["User.Read.All"]

    assert "Mail.Send" in asyncio.run(graph(microsoft).check())
    assert microsoft.mails == []


class TokenPostmaster(Postmaster):
    """A server that takes tokens alone, as Exchange Online does: a refusal is a challenge first."""

    def __init__(self, right: Callable[[], str]) -> None:
        super().__init__()
        self.right = right
        self.signed_in: list[str] = []

    async def auth_XOAUTH2(self, server: SMTP, arguments: list[str]) -> AuthResult:
        user, token = b64decode(arguments[1]).decode().split("\x01")[:2]
        if (user, token) == (f"user={SENDER}", f"auth=Bearer {self.right()}"):
            self.signed_in.append(user)
            return AuthResult(success=True)
        await server.challenge_auth(b'{"status":"400"}')
        return AuthResult(success=False, handled=False)


@pytest.fixture
def token_server(microsoft: Microsoft) -> Iterator[Controller]:
    postmaster = TokenPostmaster(microsoft.token)
    yield from serving(Controller(postmaster, hostname="127.0.0.1", port=free_port(), auth_require_tls=False))


def by_smtp(microsoft: Microsoft, server: Controller) -> Email:
    known = settings(f"smtp://workbot%40city.example@127.0.0.1:{server.port}", **APP)
    assert isinstance(known.target, Server)
    assert known.target.takes_tokens
    app = known.app(known.cloud.outlook)
    return Email(App(), Smtp(known.target, Credentials(app, microsoft.client())), known.sender, known.limits)  # type: ignore[arg-type]


def test_a_server_is_given_a_token_in_place_of_a_password(microsoft: Microsoft, token_server: Controller) -> None:
    deliver(by_smtp(microsoft, token_server))

    assert token_server.handler.signed_in == [f"user={SENDER}"]
    [envelope] = token_server.handler.taken
    assert envelope.rcpt_tos == ["ada@city.example"]
    assert microsoft.asked[0]["scope"] == ["https://outlook.office365.com/.default"]


def test_a_token_that_a_server_does_not_take_is_asked_for_anew(microsoft: Microsoft, token_server: Controller) -> None:
    token_server.handler.right = lambda: "another"
    email = by_smtp(microsoft, token_server)

    async def two() -> None:
        for _ in range(2):
            with pytest.raises(DeliveryError) as caught:
                await email.deliver(Outgoing("k1", "ada@city.example", Card("Bonjour"), "fr"))
            assert not caught.value.permanent

    asyncio.run(two())

    assert len(microsoft.asked) == 2
    assert token_server.handler.taken == []


def test_a_mailbox_is_understood_in_every_cloud() -> None:
    assert settings(f"graph://{SENDER}", **APP).target == Mailbox(SENDER)
    known = settings(f"graph://{SENDER}", cloud_name="gcch", **APP)
    assert known.app(known.cloud.graph) == AppRegistration(
        "https://login.microsoftonline.us/t-1/oauth2/v2.0/token",
        "app-1",
        "geheim",
        "https://graph.microsoft.us/.default",
    )


@pytest.mark.parametrize("missing", APP)
@pytest.mark.parametrize("url", [f"graph://{SENDER}", "smtp://workbot%40city.example@smtp.office365.com:587"])
def test_who_signs_in_without_a_password_needs_an_app(url: str, missing: str) -> None:
    with pytest.raises(WorkbotError, match="WORKBOT_MAIL_TENANT_ID"):
        _ = settings(url, **{name: value for name, value in APP.items() if name != missing}).target


@pytest.mark.parametrize(
    ("url", "is_warned"),
    [
        ("smtp://workbot%40city.example:geheim@smtp.office365.com:587", True),
        ("smtp://workbot%40city.example:geheim@SMTP.Office365.com:587", True),
        ("smtp://workbot%40city.example@smtp.office365.com:587", False),
        ("smtp://workbot:geheim@mail.city.example:587", False),
        ("smtp://workbot:geheim@notoffice365.com:587", False),
        ("smtp://city-example.mail.protection.outlook.com", False),
    ],
)
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_doctor_warns_of_passwords_that_exchange_online_ends(url: str, is_warned: bool, locale: str) -> None:
    found: list[Any] = diagnostics(settings(url, **APP), "", language(locale))

    assert [diagnostic.verdict for diagnostic in found] == ["ok", *(["warning"] if is_warned else [])]
    assert "geheim" not in str(found)
