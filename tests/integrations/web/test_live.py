"""What is new comes to every open page by itself, from any process, and a broken line loses nothing."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session

from integrations.web.platform import deliver
from tests.integrations.web.reading import page
from tests.small_app import MONDAY, App, serving
from workbot.cards import Card
from workbot.people import Person, Role
from workbot.platforms import Outgoing
from workbot.storage.database import Database
from workbot.web.signin import SESSION_COOKIE

ROOT = Path(__file__).parent.parent.parent.parent


@dataclass(frozen=True)
class Event:
    id: str
    text: str


class Watch:
    """An open page's stream of news."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def next(self) -> Event:
        given: dict[str, list[str]] = {"id": [], "data": []}
        for line in self._lines:
            name, _, value = line.partition(": ")
            if not line and given["data"]:
                return Event(given["id"][0], page("\n".join(given["data"])).text)
            if name in given:
                given[name].append(value)
        raise AssertionError("the stream has ended")

    def ends(self) -> bool:
        return all(not line.startswith("data") for line in self._lines)


@dataclass
class Line:
    app: App
    url: str
    person: Person
    cookie: dict[str, str]

    def page(self, path: str = "/chat") -> str:
        return httpx.get(self.url + path, headers=self.cookie).raise_for_status().text

    def live(self, path: str = "/chat") -> str:
        """Where the page of a path listens."""
        return page(self.page(path)).all("div", id="log")[0].attributes["data-live"]


@pytest.fixture
def line(app: App, ada: Person) -> Iterator[Line]:
    with serving(app) as url:
        yield Line(app, url, ada, {"cookie": f"{SESSION_COOKIE}={app.cookie(ada)}"})


@pytest.fixture
def watch() -> Iterator[Callable[..., Watch]]:
    with httpx.Client(timeout=10) as client:
        opened = []

        def open_stream(line: Line, live: str, **headers: str) -> Watch:
            stream = client.stream("GET", line.url + live, headers=headers | line.cookie)
            response = stream.__enter__()
            opened.append(stream)
            assert response.headers["content-type"].startswith("text/event-stream")
            return Watch(response.iter_lines())

        yield open_stream
        for stream in opened:
            stream.__exit__(None, None, None)


Opens = Callable[..., Watch]


def test_a_new_message_arrives(line: Line, watch: Opens) -> None:
    news = watch(line, line.live())

    line.app.tell(line.person, Card("Good morning"), "one")

    assert "Good morning" in news.next().text


def test_a_changed_message_arrives_again(line: Line, watch: Opens) -> None:
    line.app.tell(line.person, Card("Open"), "one", subject="thing")
    news = watch(line, line.live())

    line.app.tell(line.person, Card("Resolved"), "two", subject="thing")

    assert "Resolved" in news.next().text


def test_what_another_process_writes_arrives_by_itself(line: Line, watch: Opens) -> None:
    news = watch(line, line.live())
    elsewhere = Database(line.app.database.url)

    outgoing = Outgoing(key="far", address=f"person:{line.person.id}", card=Card("From afar"), locale="en")
    elsewhere.run_here(lambda session: deliver(session, outgoing=outgoing, now=MONDAY))
    elsewhere.close()

    assert "From afar" in news.next().text


def test_a_line_that_broke_loses_nothing(line: Line, watch: Opens) -> None:
    live = line.live()
    news = watch(line, live)
    line.app.tell(line.person, Card("First"), "one")
    last = news.next().id
    line.app.tell(line.person, Card("Second"), "two")
    line.app.tell(line.person, Card("Third"), "three")

    again = watch(line, live, **{"last-event-id": last})

    assert "Second" in again.next().text
    assert "Third" in again.next().text


def test_what_was_said_between_page_and_stream_arrives(line: Line, watch: Opens) -> None:
    live = line.live()
    line.app.tell(line.person, Card("In between"), "one")

    assert "In between" in watch(line, live).next().text


def test_nobody_hears_what_is_for_another(line: Line, watch: Opens) -> None:
    bob = line.app.hire("Bob Lavoie")
    news = watch(line, line.live())

    line.app.tell(bob, Card("For Bob"), "bob")
    line.app.tell(line.person, Card("For Ada"), "ada")

    assert "For Ada" in news.next().text


def test_a_thread_hears_its_replies_and_its_head(line: Line, watch: Opens) -> None:
    line.app.tell(line.person, Card("IT-1", replies="Reply"), "one", subject="note:1")
    thread = page(line.page()).all("article")[0].all("a")[0].attributes["href"]
    news = watch(line, line.live(thread))

    line.app.tell(line.person, Card("Try again"), "two", thread="note:1")

    assert "Try again" in news.next().text
    assert "IT-1" in news.next().text


def test_who_leaves_a_channel_hears_no_more_of_it(line: Line, watch: Opens) -> None:
    app = line.app
    app.open_place("it", "IT desk", "agent:it")
    app.database.run_here(lambda session: session.add(Role(person_id=line.person.id, name="agent:it")))
    news = watch(line, line.live("/chat/p/it"))
    app.tell_place("it", Card("Before"), "before")
    assert "Before" in news.next().text

    app.database.run_here(lambda session: session.delete(session.get_one(Role, (line.person.id, "agent:it"))))
    app.tell_place("it", Card("After"), "after")

    assert news.ends()


def test_who_signs_out_hears_no_more(line: Line, watch: Opens) -> None:
    news = watch(line, line.live())

    httpx.post(line.url + "/signout", headers=line.cookie)
    line.app.tell(line.person, Card("Too late"), "late")

    assert news.ends()


def test_a_page_ends_at_once_where_one_signs_out_everywhere(line: Line, watch: Opens) -> None:
    elsewhere = {"cookie": f"{SESSION_COOKIE}={line.app.cookie(line.person)}"}
    news = watch(line, line.live())

    httpx.post(f"{line.url}/sessions", data={"session": "all"}, headers=elsewhere)

    assert news.ends()


def test_a_page_ends_at_once_when_its_person_leaves(line: Line, watch: Opens) -> None:
    news = watch(line, line.live())

    def leave(session: Session) -> None:
        session.get_one(Person, line.person.id).active = False

    line.app.do(line.app.database.run(leave))

    assert news.ends()


def test_a_strange_place_in_time_is_no_error(line: Line, watch: Opens) -> None:
    line.app.tell(line.person, Card("Hello"), "one")

    assert "Hello" in watch(line, "/chat/live?after=never", **{"last-event-id": "-1"}).next().text


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_server_with_open_pages_stops_at_once(tmp_path: Path, sign: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.small_app", f"sqlite:///{tmp_path}/workbot.db", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        cookies = {SESSION_COOKIE: server.stdout.readline().strip()}
        url = f"http://127.0.0.1:{port}"
        wait_for(url)
        with httpx.Client(cookies=cookies, timeout=20) as client, client.stream("GET", f"{url}/chat/live") as stream:
            assert next(stream.iter_lines())
            server.send_signal(sign)
            assert server.wait(8) in (0, -sign)


def wait_for(url: str) -> None:
    for _ in range(200):
        try:
            httpx.get(f"{url}/healthz")
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the server did not start")
