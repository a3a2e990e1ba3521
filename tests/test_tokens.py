"""Tokens of programs: printed once, kept as a hash, good for what they were made for and until they end."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from tests.small_app import App, tables
from tests.terminal import Terminal
from workbot import tokens
from workbot.errors import DatabaseAway
from workbot.settings import Settings
from workbot.storage.database import Database
from workbot.tokens import AccessToken

MONDAY = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
BASE = "https://bot.city.example"


class Watched(App):
    """An app with a public address, and somebody who watches it from elsewhere or from the same machine."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.settings = Settings.model_validate({"secret_key": "s" * 32, "base_url": BASE})

    async def metrics(self) -> list[Any]:
        return []

    def ask(self, path: str, *, client: str = "203.0.113.7", base: str = BASE, **headers: str) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.asgi(), client=(client, 5000))
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            async with httpx.AsyncClient(transport=transport, base_url=base, headers=named) as browser:
                return await browser.get(path)

        return asyncio.run(asked())

    def token(self, name: str = "prometheus", **more: Any) -> str:
        return self.database.run_here(lambda s: tokens.create(s, name, ["metrics"], now=self.clock.now(), **more))

    def stored(self, name: str = "prometheus") -> AccessToken:
        with self.database.session() as session:
            return session.exec(select(AccessToken).where(AccessToken.name == name)).one()


@pytest.fixture
def app(database: Database) -> Watched:
    database.run_here(tables)
    return Watched(database)


@pytest.fixture
def terminal(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    terminal = Terminal(tmp_path, monkeypatch)
    terminal.set(DATABASE_URL=f"sqlite:///{tmp_path / 'workbot.db'}")
    return terminal


# Who may see figures and reasons


@pytest.mark.parametrize(("client", "base"), [("127.0.0.1", "http://127.0.0.1:8080"), ("::1", "http://[::1]:8080")])
def test_this_machine_reads_figures_and_reasons(app: Watched, client: str, base: str) -> None:
    assert app.ask("/metrics", client=client, base=base).status_code == 200
    assert "reasons" in app.ask("/readyz", client=client, base=base).json()


@pytest.mark.parametrize(
    ("client", "base", "headers"),
    [
        ("203.0.113.7", BASE, {}),
        ("203.0.113.7", BASE, {"x_forwarded_for": "127.0.0.1"}),
        ("127.0.0.1", BASE, {"x_forwarded_for": "127.0.0.1"}),
        ("127.0.0.1", "http://127.0.0.1", {"x_forwarded_for": "203.0.113.7"}),
        ("127.0.0.1", "http://127.0.0.1", {"forwarded": "for=127.0.0.1"}),
        ("127.0.0.1", "http://127.0.0.1", {"x_real_ip": "127.0.0.1"}),
        ("127.0.0.1", BASE, {}),
        ("203.0.113.7", "http://localhost", {}),
        ("203.0.113.7", BASE, {"authorization": "Bearer workbot_guessed"}),
        ("203.0.113.7", BASE, {"authorization": "Bearer "}),
        ("203.0.113.7", BASE, {"authorization": "Basic d29ya2JvdDp4"}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_nobody_else_does_whatever_they_claim(app: Watched, client: str, base: str, headers: dict[str, str]) -> None:
    figures = app.ask("/metrics", client=client, base=base, **headers)
    ready = app.ask("/readyz", client=client, base=base, **headers)

    assert (figures.status_code, figures.headers["www-authenticate"]) == (401, "Bearer")
    assert "workbot_turns_total" not in figures.text
    assert set(ready.json()) == {"ready"}
    assert ready.status_code == 503


def test_a_token_of_the_scope_reads_both_from_anywhere(app: Watched) -> None:
    bears = {"authorization": f"Bearer {app.token()}"}

    assert "workbot_turns_total" in app.ask("/metrics", **bears).text
    assert app.ask("/readyz", **bears).json()["reasons"]


def test_a_token_of_another_scope_does_not(app: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "SCOPES", ("metrics", "scim"))
    token = app.database.run_here(lambda s: tokens.create(s, "entra", ["scim"], now=MONDAY))

    assert app.ask("/metrics", authorization=f"Bearer {token}").status_code == 401


def test_a_token_is_good_until_it_ends(app: Watched) -> None:
    bears = {"authorization": f"Bearer {app.token(expires_at=MONDAY + timedelta(days=1))}"}

    assert app.ask("/metrics", **bears).status_code == 200
    app.clock.at += timedelta(days=1)
    assert app.ask("/metrics", **bears).status_code == 401


def test_a_revoked_token_lets_nobody_in(app: Watched) -> None:
    bears = {"authorization": f"Bearer {app.token()}"}
    app.ask("/metrics", **bears)

    app.database.run_here(lambda session: tokens.revoke(session, "prometheus", now=MONDAY))

    assert app.ask("/metrics", **bears).status_code == 401
    assert app.stored().revoked_at == MONDAY


def test_when_a_token_was_last_used_is_known(app: Watched) -> None:
    bears = {"authorization": f"Bearer {app.token()}"}
    assert app.stored().used_at is None

    app.ask("/metrics", **bears)
    assert app.stored().used_at == MONDAY

    app.clock.at += timedelta(hours=1)
    app.ask("/metrics", **bears)
    assert app.stored().used_at == MONDAY + timedelta(hours=1)


def test_the_token_itself_is_stored_nowhere(app: Watched) -> None:
    token = app.token()

    assert token not in repr(app.stored())
    assert token.removeprefix("workbot_") not in repr(app.stored())


def test_figures_are_told_to_whom_they_were_told_before_while_the_database_is_away(
    app: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any, **__: Any) -> None:
        raise DatabaseAway("not reachable")

    bears, served = {"authorization": f"Bearer {app.token()}"}, app.asgi()
    monkeypatch.setattr(app, "asgi", lambda: served)
    app.ask("/metrics", **bears)
    monkeypatch.setattr(app.database, "read", away)

    assert app.ask("/metrics", **bears).status_code == 200
    assert app.ask("/metrics", authorization="Bearer workbot_guessed").status_code == 401
    app.clock.at += timedelta(hours=1)
    assert app.ask("/metrics", **bears).status_code == 401


# At the command line


def test_a_token_is_printed_once_as_the_last_word(terminal: Terminal) -> None:
    result = terminal.run("token", "create", "prometheus", "--scope", "metrics")

    assert result.exit_code == 0
    token = result.output.split()[-1]
    assert result.stdout.strip() == token
    assert len(token) > 40
    assert token not in terminal.does("token", "list")


def test_tokens_are_listed_with_all_that_is_known_of_them(terminal: Terminal) -> None:
    assert "There are no tokens." in terminal.does("token", "list")
    terminal.does("token", "create", "prometheus", "--scope", "metrics", "--until", "2099-12-31")
    terminal.does("token", "create", "grafana", "--scope", "metrics")
    terminal.does("token", "revoke", "grafana")

    listed = {line.split()[0]: line for line in terminal.does("token", "list").splitlines()}

    assert {"metrics", "never", "valid"} <= set(listed["prometheus"].split())
    assert "2099-12-31" in listed["prometheus"]
    assert {"revoked"} <= set(listed["grafana"].split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["create", "prometheus", "--scope", "metrics"], "There is a token “prometheus” already."),
        (["create", "other", "--scope", "everything"], "A token needs a scope, and there is: metrics."),
        (["create", " ", "--scope", "metrics"], "Give the token a name"),
        (["create", "a\nb", "--scope", "metrics"], "Give the token a name"),
        (["create", "n" * 101, "--scope", "metrics"], "Give the token a name"),
        (["create", "late", "--scope", "metrics", "--until", "2020-01-01"], "This day is over."),
        (["revoke", "nobody"], "There is no token “nobody”."),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else "",
)
def test_what_cannot_be_made_is_refused_in_a_sentence(terminal: Terminal, words: list[str], said: str) -> None:
    terminal.does("token", "create", "prometheus", "--scope", "metrics")

    assert said in terminal.fails("token", *words)


def test_a_token_without_a_scope_is_bad_usage(terminal: Terminal) -> None:
    assert terminal.run("token", "create", "prometheus").exit_code == 2
