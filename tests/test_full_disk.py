"""A disk that fills up under an app of its own: words stay in the box, readyz says why, and it goes on by itself."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import browser
from tests.browser import Look
from tests.terminal import Terminal
from tests.test_serve import Served

chromium, look = browser.chromium, browser.look
PEOPLE = "email,name,locale\nada@city.example,Ada Tremblay,en\namelie@city.example,Amélie Roy,fr\n"
WORDS = "The printer on floor 3 is on fire.\nAll of it."
PATIENCE = 60_000


class Disk:
    """A small disk with the app's database on it, that can be filled to the last byte and emptied again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.filler = folder / "filler"
        self.database = folder / "workbot.db"

    def fill(self) -> None:
        # What the journal holds already would be room.
        with sqlite3.connect(self.database, timeout=60) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        with self.filler.open("ab", buffering=0) as file:
            for size in (65536, 4096, 1):
                self._write(file, b"\0" * size)

    def _write(self, file: object, block: bytes) -> None:
        try:
            while file.write(block):  # type: ignore[attr-defined]
                pass
        except OSError:
            return

    def free(self) -> None:
        self.filler.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk here")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Site:
    """`workbot serve` on that disk, and people who are signed in to it."""

    def __init__(self, disk: Disk, terminal: Terminal, browsing: Look) -> None:
        self.disk, self.terminal, self.look = disk, terminal, browsing
        self.served = Served(terminal.folder, DATABASE_URL=f"sqlite:///{disk.database}")
        terminal.set(WORKBOT_PORT=self.served.port)

    def enter(self, email: str, **more: object) -> Page:
        page = self.look(self.terminal.does("sign-in-link", email).strip(), **more)
        page.set_default_timeout(PATIENCE)
        page.locator("main button").click()
        expect(page.locator("#text")).to_be_visible()
        return page

    def ready(self) -> tuple[int, str]:
        answer = self.served.get("/readyz")
        return answer.status_code, answer.text

    def until_ready(self) -> None:
        gives_up_at = time.monotonic() + PATIENCE / 1000
        while self.ready()[0] != 200:
            assert time.monotonic() < gives_up_at, self.ready()
            time.sleep(0.2)


@pytest.fixture
def site(disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, look: Look) -> Iterator[Site]:
    terminal = Terminal(tmp_path, monkeypatch)
    terminal.set(DATABASE_URL=f"sqlite:///{disk.database}")
    terminal.write("people.csv", PEOPLE)
    terminal.does("people", "import", "people.csv")
    site = Site(disk, terminal, look)
    yield site
    # That the server could not take something is what is tested here.
    look.complaints[:] = [said for said in look.complaints if "503" not in said]
    _status, said = site.served.stop()
    assert "Traceback" not in said


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
@pytest.mark.parametrize("email", ["ada@city.example", "amelie@city.example"])
def test_words_stay_in_the_box_while_the_disk_is_full_and_go_when_it_is_not(
    site: Site, scripts: bool, email: str
) -> None:
    send, sentence = {
        "ada@city.example": ("Send", "cannot save anything at the moment"),
        "amelie@city.example": ("nvoyer", "ne peux rien enregistrer pour le moment"),
    }[email]
    page = site.enter(email, scripts=scripts)
    site.disk.fill()

    page.locator("#text").fill(WORDS)
    page.get_by_role("button", name=send).click()

    expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#text")).to_have_value(WORDS)
    status, reasons = site.ready()
    assert status == 503
    assert "disk is full" in reasons

    # As soon as there is room, whatever readyz still says of the turn before; and what was saved makes it ready.
    site.disk.free()
    page.get_by_role("button", name=send if scripts else "en").last.click()

    expect(page.locator(".own .bubble").first).to_contain_text("floor 3 is on fire", timeout=PATIENCE)
    expect(page.locator("article").last).not_to_contain_text(sentence)
    site.until_ready()


def test_reading_goes_on_meanwhile(site: Site) -> None:
    page = site.enter("ada@city.example")
    page.locator("#text").fill("help")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("article")).to_have_count(2)

    site.disk.fill()
    page.reload()

    expect(page.locator("article")).to_have_count(2)
    site.disk.free()


def test_whoever_asks_for_a_link_meanwhile_keeps_the_address_in_the_box(site: Site, tmp_path: Path) -> None:
    site.served.stop()
    mail = {"SMTP_URL": f"maildir://{tmp_path / 'mail'}", "WORKBOT_MAIL_FROM": "workbot@city.example"}
    site.served = Served(site.terminal.folder, DATABASE_URL=f"sqlite:///{site.disk.database}", **mail)
    page = site.look(f"http://127.0.0.1:{site.served.port}/signin")
    page.set_default_timeout(PATIENCE)
    site.disk.fill()

    page.locator("#email").fill("ada@city.example")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.locator("h1")).to_have_text("This cannot be done at the moment", timeout=PATIENCE)
    expect(page.locator("#email")).to_have_value("ada@city.example")

    site.disk.free()
    site.until_ready()
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("h1")).to_have_text("Look in your mailbox")
