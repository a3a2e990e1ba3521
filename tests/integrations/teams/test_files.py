"""Files of cards: to be had by whoever was given their address, for a while, and by nobody else."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from integrations.teams.files import DOCUMENTS_LIVE, PICTURES_LIVE
from tests.integrations.teams.city import BASE, MONDAY, City
from tests.integrations.teams.test_contract import PNG
from tests.teamsland.reading import walk
from workbot import files
from workbot.cards import Attachment, Card, Image
from workbot.platforms import Outgoing

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


class Gallery:
    """Ada has been sent a picture, a drawing that Teams does not show, and a document."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.ada = city.hire("Ada Tremblay")
        with city.app.database.session() as session:
            self.key = picture = files.store(session, "chart.png", "image/png", PNG, now=MONDAY)
            drawing = files.store(session, "chart.svg", "image/svg+xml", SVG, now=MONDAY)
            document = files.store(session, "résultats.csv", "text/csv", b"a,b\n", now=MONDAY)
        self.card = Card(
            "Results", (Image(picture, "It rose"), Image(drawing, "Drawn"), Attachment(document, "résultats.csv"))
        )
        self.deliver("k")
        parts = list(walk(city.world.messages(self.ada)[-1].card()))
        self.pictures = [one["url"] for one in parts if one.get("type") == "Image"]
        (self.document,) = [one["url"] for one in parts if one.get("type") == "Action.OpenUrl"]

    def deliver(self, key: str) -> None:
        self.city.do(self.city.teams.deliver(Outgoing(key, f"{self.city.tenant.id}/{self.ada.id}", self.card, "en")))

    def fetch(self, url: str) -> tuple[int, str, bytes, str]:
        answer = self.city.request("GET", url.removeprefix(BASE))
        headers = answer.headers
        return answer.status_code, headers["content-type"], answer.content, headers.get("content-disposition", "")


@pytest.fixture
def gallery(city: City) -> Gallery:
    return Gallery(city)


def test_a_picture_is_shown_and_a_document_taken_away(gallery: Gallery) -> None:
    (picture,) = gallery.pictures

    assert gallery.fetch(picture) == (200, "image/png", PNG, "")
    status, kind, content, disposition = gallery.fetch(gallery.document)
    assert (status, content) == (200, b"a,b\n")
    assert kind.startswith("text/csv")
    assert disposition == "attachment; filename*=UTF-8''r%C3%A9sultats.csv"


def test_what_teams_does_not_show_is_said_in_words(gallery: Gallery) -> None:
    assert "Drawn" in gallery.city.world.reads(gallery.ada)[-1]


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url[:-1] + ("A" if url[-1] != "A" else "B"),
        lambda url: url.rpartition("/")[0] + "/x",
        lambda url: url.rpartition(".")[0],
        lambda url: url.rpartition("/")[0] + "/" + "W10" + url.rpartition("/")[2][3:],
        # As such addresses were made before.
        lambda url: f"{BASE}/teams/files/00000000-0000-4000-8000-000000000000/1800000000/{'0' * 32}",
        lambda url: url + "é",
    ],
)
def test_an_address_that_was_changed_leads_nowhere(gallery: Gallery, change: object) -> None:
    status, _, content, _ = gallery.fetch(change(gallery.pictures[0]))  # type: ignore[operator]

    assert status == 404
    assert PNG not in content


@pytest.mark.parametrize("lives", [PICTURES_LIVE, DOCUMENTS_LIVE])
def test_after_a_month_it_is_over_and_whoever_comes_later_is_told_in_both_languages(
    gallery: Gallery, lives: timedelta
) -> None:
    urls = [gallery.pictures[0], gallery.document]
    gallery.city.clock.move_to(MONDAY + timedelta(days=29))
    assert [gallery.fetch(url)[0] for url in urls] == [200, 200]

    gallery.city.clock.move_to(MONDAY + lives + timedelta(days=1))

    assert lives <= timedelta(days=30)
    for url in urls:
        status, _, content, _ = gallery.fetch(url)
        assert status == 410
        assert PNG not in content
        assert "Sign in to find it." in content.decode()
        assert "Connectez-vous pour le retrouver." in content.decode()


def test_a_card_that_is_drawn_after_that_says_in_words_what_its_picture_would_show(gallery: Gallery) -> None:
    gallery.city.clock.move_to(MONDAY + PICTURES_LIVE + timedelta(days=1))

    gallery.deliver("again")

    read = gallery.city.world.reads(gallery.ada)[-1]
    parts = list(walk(gallery.city.world.messages(gallery.ada)[-1].card()))
    assert "It rose" in read
    assert "résultats.csv" in read
    assert [one for one in parts if one.get("type") in ("Image", "Action.OpenUrl")] == []


def test_what_a_channel_is_shown_is_to_be_had_while_it_is_ours_and_nothing_that_only_some_may_have(city: City) -> None:
    bea = city.hire("Bea Novak", "agent:it")
    team = city.world.add_team(city.tenant, "Technology", [bea])
    channel = city.world.add_channel(team, "it")
    city.driver.add_to_team(team, bea)
    city.settle()
    with city.app.database.session() as session:
        free = files.store(session, "map.png", "image/png", PNG, now=MONDAY)
        bound = files.store(session, "chart.png", "image/png", PNG, now=MONDAY, subject="pulse-report:x")
    card = Card("Both", (Image(free, "A map"), Image(bound, "A chart")))
    city.do(city.teams.deliver(Outgoing("k", f"{city.tenant.id}/{channel.id}", card, "en")))

    (url,) = [one["url"] for one in walk(city.world.messages(channel)[-1].card()) if one.get("type") == "Image"]

    assert city.request("GET", url.removeprefix(BASE)).status_code == 200
    city.driver.change_team(team, bea, "channelDeleted", channel=channel)
    assert city.request("GET", url.removeprefix(BASE)).status_code == 410


def test_a_file_of_which_no_feature_says_who_may_have_it_is_nobodys(gallery: Gallery) -> None:
    city, person = gallery.city, gallery.city.person(gallery.ada)
    with city.app.database.session() as session:
        key = UUID(files.store(session, "x.png", "image/png", PNG, now=MONDAY, subject="unheard-of:1"))

    assert city.do(city.app.file_for(key, person.id)) is None
    assert city.do(city.app.file_for(UUID(gallery.key), person.id)) is not None


def test_a_card_that_is_drawn_again_the_same_day_is_the_same(gallery: Gallery) -> None:
    files_of, card = gallery.city.teams.posting.files.of, Card("x", (Image(gallery.key, "x"),))
    reader = f"{gallery.city.tenant.id}/{gallery.ada.id}"
    first = gallery.city.do(files_of(card, reader))

    gallery.city.clock.move_to(MONDAY + timedelta(hours=2))

    assert first.pictures
    assert gallery.city.do(files_of(card, reader)) == first
