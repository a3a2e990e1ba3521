"""Asking for links: no flood for anybody, no lock for anybody, and the same answer whoever is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from tests.signin.door import Door, link_in
from tests.talk import hire
from workbot.errors import DeliveryError
from workbot.people import Person
from workbot.platforms import Mail
from workbot.settings import Settings
from workbot.storage.database import Database
from workbot.web.signin import letters, links

DATABASES = ("sqlite", "postgresql")
STRANGER, OWN = "198.51.100.7", "203.0.113.9"


@pytest.fixture
def bob(database: Database) -> Person:
    with database.session() as session:
        return hire(session, "Bob Roy")


def ask(door: Door, email: str, *, client: str, times: int = 1) -> httpx.Response:
    for _ in range(times):
        answer = door.browser(client=client).post("/signin", data={"email": email})
    return answer


# Strangers


def test_a_stranger_uses_up_nobody_elses_links(door: Door, ada: Person) -> None:
    ask(door, ada.email, client=STRANGER, times=40)
    door.post.letters.clear()

    ask(door, ada.email, client=OWN)

    assert [letter.to for letter in door.post.letters] == [ada.email]
    assert door.browser().post(door.link()).text == str(ada.id)


def test_nor_does_one_behind_the_same_address(door: Door, ada: Person) -> None:
    """Many have one address: there always is a letter in the mailbox whose link still works for a while."""
    for _ in range(8):
        ask(door, ada.email, client=STRANGER, times=7)
        assert door.browser().get(door.link()).status_code == 200
        door.clock.at += timedelta(minutes=5)

        ask(door, ada.email, client=STRANGER)
        assert door.browser().get(door.link()).status_code == 200


def test_nor_do_many_strangers_from_everywhere(door: Door, ada: Person) -> None:
    for number in range(60):
        ask(door, ada.email, client=f"198.51.100.{number}")

    ask(door, ada.email, client=OWN)

    assert door.browser().get(door.link()).status_code == 200
    assert len(door.post.letters) <= links.LINKS_BY_ALL


def test_what_strangers_ask_for_ends_no_link_that_was_sent(door: Door, ada: Person) -> None:
    mine = door.letter_to(ada.email)

    ask(door, ada.email, client=STRANGER, times=20)

    assert door.browser().post(mine).text == str(ada.id)


def test_a_mailbox_is_flooded_by_nobody(door: Door, ada: Person) -> None:
    for minute in range(60):
        for number in range(4):
            ask(door, ada.email, client=f"198.51.{minute}.{number}")
        door.clock.at += timedelta(minutes=1)

    # A burst, then one whenever the newest is no longer fresh.
    assert len(door.post.letters) <= links.LINKS_BY_ALL + 12


# Clients


def test_a_client_that_asks_for_many_addresses_is_stopped(door: Door, ada: Person, bob: Person) -> None:
    statuses = [ask(door, f"nobody{number}@city.example", client=STRANGER).status_code for number in range(60)]
    too_much = ask(door, bob.email, client=STRANGER)

    assert statuses == [200] * 60
    assert too_much.status_code == 429
    assert int(too_much.headers["retry-after"]) > 0
    assert "wait a few minutes" in too_much.text
    assert door.post.letters == []


def test_others_and_later_days_are_not_concerned(door: Door, ada: Person) -> None:
    ask(door, "nobody@city.example", client=STRANGER, times=61)

    assert ask(door, ada.email, client=OWN).status_code == 200
    door.clock.at += timedelta(minutes=11)
    assert ask(door, ada.email, client=STRANGER).status_code == 200
    assert len(door.post.letters) == 2


def test_known_and_unknown_addresses_count_alike(door: Door, ada: Person) -> None:
    known = [ask(door, ada.email, client=STRANGER).status_code for _ in range(62)]
    unknown = [ask(door, "nobody@city.example", client=OWN).status_code for _ in range(62)]

    assert known == unknown == [200] * 60 + [429] * 2


def test_an_ipv6_network_is_one_client(door: Door, ada: Person) -> None:
    for number in range(60):
        ask(door, "nobody@city.example", client=f"2001:db8:1:2::{number:x}")

    assert ask(door, ada.email, client="2001:db8:1:2:ffff::1").status_code == 429
    assert ask(door, ada.email, client="2001:db8:1:3::1").status_code == 200


def test_a_proxy_of_ours_is_believed_about_whom_it_passes_on(door: Door, ada: Person) -> None:
    def passed_on(*hops: str, client: str = "127.0.0.1") -> int:
        browser = door.browser(client=client, **{"x-forwarded-for": ", ".join(hops)})
        return browser.post("/signin", data={"email": "nobody@city.example"}).status_code

    for number in range(60):
        # What a client claims further away does not make it another.
        assert passed_on(f"10.0.0.{number}", STRANGER) == 200

    assert passed_on(STRANGER) == passed_on("192.0.2.1", STRANGER) == 429
    assert passed_on(STRANGER, OWN) == 200
    # Nobody else is believed.
    assert passed_on(OWN, client=STRANGER) == 429


def test_a_whole_organisation_behind_one_address_is_let_in_where_the_settings_say_so(door: Door, ada: Person) -> None:
    door.sign_in.settings = door.sign_in.asking.settings = Settings.model_validate(
        {"base_url": door.base_url, "secret_key": "s" * 32, "links_per_client": 500}
    )

    assert ask(door, "nobody@city.example", client=STRANGER, times=100).status_code == 200


def test_in_total_there_is_an_end_too(door: Door, ada: Person, bob: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "LINKS_IN_ALL", 3)

    for number in range(4):
        ask(door, ada.email, client=f"198.51.100.{number}")
    ask(door, bob.email, client=OWN)
    assert [letter.to for letter in door.post.letters] == [ada.email] * 3

    door.clock.at += timedelta(minutes=10)
    ask(door, bob.email, client=OWN)
    assert door.post.letters[-1].to == bob.email


# Letters that wait


class SlowPost:
    """A mail server that takes a letter when it is let, one at a time."""

    letters_at_once = 1

    def __init__(self) -> None:
        self.letters: list[Mail] = []
        self.refusals: Iterator[bool] = iter(())
        self.has_one = asyncio.Event()
        self.may_go_on = asyncio.Event()

    async def post(self, letter: Mail) -> None:
        self.has_one.set()
        await self.may_go_on.wait()
        if next(self.refusals, False):
            raise DeliveryError("not so fast", throttled=True)
        self.letters.append(letter)


async def asked(door: Door, post: SlowPost, *emails: str) -> None:
    """All ask, one after the other, while the first letter is being sent."""
    door.sign_in.mailer = post
    transport = httpx.ASGITransport(door.app)
    async with httpx.AsyncClient(transport=transport, base_url=door.base_url) as browser:
        tasks = [asyncio.create_task(browser.post("/signin", data={"email": emails[0]}))]
        await post.has_one.wait()
        for number, email in enumerate(emails[1:]):
            data = {"email": email, "next": f"/chat?number={number}"}
            tasks.append(asyncio.create_task(browser.post("/signin", data=data)))
            await asyncio.sleep(0.2)
        post.may_go_on.set()
        await asyncio.gather(*tasks)


def test_of_letters_that_wait_for_one_person_the_newest_goes_in_the_place_of_the_first(
    door: Door, ada: Person, bob: Person
) -> None:
    post = SlowPost()

    asyncio.run(asked(door, post, "bob.roy@city.example", ada.email, bob.email, ada.email, ada.email))

    assert [letter.to for letter in post.letters] == [bob.email, ada.email, bob.email]
    assert "number%3D3" in link_in(post.letters[1])


def test_what_was_refused_for_a_while_goes_later_as_the_newest(
    door: Door, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "PAUSES", (0.0, 0.0, 0.0))
    post = SlowPost()
    post.refusals = iter([True, True])

    asyncio.run(asked(door, post, ada.email, ada.email))

    (sent,) = post.letters
    assert "number%3D0" in link_in(sent)


def test_a_letter_that_never_went_counts_for_nothing(door: Door, ada: Person) -> None:
    door.post.refusals = [DeliveryError("no such user", permanent=True) for _ in range(7)]

    ask(door, ada.email, client=OWN, times=8)

    assert len(door.post.letters) == 1


@pytest.mark.parametrize(("locale", "words"), [("en", "in a quarter of an hour"), ("fr", "dans un quart d’heure")])
def test_where_no_letter_goes_out_any_more_nobody_waits_for_one_for_ever(
    door: Door, ada: Person, monkeypatch: pytest.MonkeyPatch, locale: str, words: str
) -> None:
    monkeypatch.setattr(links, "LINKS_IN_ALL", 0)
    browser = door.browser(**{"accept-language": locale})

    known, unknown = (browser.post("/signin", {"email": email}) for email in (ada.email, "nobody@city.example"))

    assert door.post.letters == []
    assert known.text == unknown.text
    assert words in known.text
    assert "on its way" not in known.text
    assert "en route" not in known.text
