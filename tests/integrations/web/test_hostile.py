"""What a hostile browser sends: refused in plain words, and never an error of ours."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from itsdangerous import URLSafeSerializer
from sqlmodel import select

from integrations.web.models import ChatMessage
from tests.integrations.web.conftest import visit
from tests.integrations.web.reading import button, form_to, messages
from tests.integrations.web.test_chat import say
from tests.sampler import CHART
from tests.small_app import MONDAY, App
from tests.visitor import Visitor
from workbot import files
from workbot.cards import Button, Buttons, Card, Image
from workbot.people import Person

DATABASES = ("sqlite", "postgresql")


def test_what_no_database_can_store_is_left_out(visitor: Visitor) -> None:
    assert "before after" in messages(say(visitor, "before\0 after"))[0]


@pytest.mark.parametrize(
    "path", ["/chat/p/%00", "/chat/p/x%00y", "/chat/t/%00", "/chat/files/%00", "/chat/p/%F0%9F%A6%86"]
)
def test_a_page_of_an_impossible_name_is_not_there(visitor: Visitor, path: str) -> None:
    assert visitor.get(path).status_code == 404


@pytest.mark.parametrize("name", ["place", "thread"])
def test_words_for_an_impossible_place_are_refused(visitor: Visitor, name: str) -> None:
    sent = form_to(visitor.get("/chat").text, "/chat/say") | {"text": "help", name: "\0"}

    assert visitor.post("/chat/say", sent).status_code == 404


@pytest.mark.parametrize("pressed", ["[" * 100_000, '["\\ud800", "\\u0000"]', '{"a": 1, "b": 2}', "null", "[1, {}]"])
def test_a_button_that_is_no_button_is_refused_kindly(visitor: Visitor, pressed: str) -> None:
    say(visitor, "everything")
    sent = button(visitor.get("/chat").text, "Take it") | {"press": pressed}

    after = visitor.post("/chat/press", sent)

    assert after.status_code == 200
    assert "This has changed since" in messages(after.text)[-1]


@pytest.mark.parametrize("path", ["/chat/say", "/chat/press", "/chat/form", "/language"])
def test_nothing_can_be_uploaded(visitor: Visitor, app: App, path: str) -> None:
    uploaded = visitor.request("POST", path, files={"text": ("words.txt", b"x" * 1000)}, data={"nonce": "n"})

    assert uploaded.status_code == 400
    with app.database.session() as session:
        assert session.exec(select(ChatMessage)).all() == []


def test_a_form_of_an_older_version_is_to_be_opened_again(visitor: Visitor, app: App) -> None:
    sealed = URLSafeSerializer(app.settings.secret, salt="workbot.chat.form").dumps({"form": {"of": "old"}})

    refused = visitor.post("/chat/form", {"form": str(sealed)})

    assert refused.status_code == 400
    assert "Please open it again" in refused.text


def test_a_file_stays_in_no_browser(visitor: Visitor, app: App, ada: Person) -> None:
    with app.database.session() as session:
        key = files.store(session, "chart.svg", "image/svg+xml", CHART, now=MONDAY)
    app.tell(ada, Card("Results", (Image(key, "A chart"),)), "results")

    given = visitor.get(f"/chat/files/{key}").headers

    assert given["cache-control"] == "no-store"
    assert given["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert given["x-content-type-options"] == "nosniff"


def test_a_press_sent_twice_at_the_same_moment_is_one_press(visitor: Visitor, app: App, ada: Person) -> None:
    app.tell(ada, Card("Pick", (Buttons((Button("High", "sample.priority", "high"),)),)), "pick")
    pressed = button(visitor.get("/chat").text, "High")
    clients = [visit(app, ada) for _ in range(6)]
    gate = Barrier(len(clients))

    def press(client: Visitor) -> int:
        gate.wait()
        return client.post("/chat/press", pressed).status_code

    with ThreadPoolExecutor(len(clients)) as threads:
        statuses = list(threads.map(press, clients))

    said = messages(visitor.get("/chat").text)
    assert statuses == [200] * 6
    assert sum("Priority high" in one for one in said) == 1
    assert not any("went wrong" in one for one in said)
