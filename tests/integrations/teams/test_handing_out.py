"""Files of cards: to be had by whoever was given their address, for a while, and by nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.teams.handing_out import DOCUMENTS_LIVE, PICTURES_LIVE
from tests.integrations.teams.city import BASE, MONDAY, City
from tests.integrations.teams.test_contract import PNG
from tests.teamsland.reading import walk
from workbot import files
from workbot.cards import Attachment, Card, Image
from workbot.platforms import Parcel

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


class Gallery:
    """Ada has been sent a picture, a drawing that Teams does not show, and a document."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.ada = city.hire("Ada Tremblay")
        with city.house.database.session() as session:
            picture = files.store(session, "chart.png", "image/png", PNG, now=MONDAY)
            drawing = files.store(session, "chart.svg", "image/svg+xml", SVG, now=MONDAY)
            document = files.store(session, "résultats.csv", "text/csv", b"a,b\n", now=MONDAY)
        card = Card(
            "Results", (Image(picture, "It rose"), Image(drawing, "Drawn"), Attachment(document, "résultats.csv"))
        )
        city.do(city.teams.deliver(Parcel("k", f"{city.tenant.id}/{self.ada.id}", card, "en")))
        parts = list(walk(city.world.messages(self.ada)[-1].card()))
        self.pictures = [one["url"] for one in parts if one.get("type") == "Image"]
        (self.document,) = [one["url"] for one in parts if one.get("type") == "Action.OpenUrl"]

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
        lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
        lambda url: url.rpartition("/")[0] + "/x",
        lambda url: "/".join([*url.split("/")[:-2], str(int(url.split("/")[-2]) + 1), url.split("/")[-1]]),
        lambda url: url.replace(url.split("/")[-3], "00000000-0000-4000-8000-000000000000"),
        lambda url: url + "é",
    ],
)
def test_an_address_that_was_changed_leads_nowhere(gallery: Gallery, change: object) -> None:
    status, _, content, _ = gallery.fetch(change(gallery.pictures[0]))  # type: ignore[operator]

    assert status == 404
    assert PNG not in content


def test_after_half_a_year_it_is_over(gallery: Gallery) -> None:
    gallery.city.clock.move_to(MONDAY + PICTURES_LIVE + timedelta(days=1))

    status, _, content, _ = gallery.fetch(gallery.pictures[0])

    assert status == 410
    assert PNG not in content


def test_a_document_is_handed_out_for_a_month_and_whoever_comes_later_is_told_in_both_languages(
    gallery: Gallery,
) -> None:
    gallery.city.clock.move_to(MONDAY + DOCUMENTS_LIVE + timedelta(days=1))

    assert gallery.fetch(gallery.pictures[0])[0] == 200
    status, _, content, _ = gallery.fetch(gallery.document)

    assert status == 410
    assert "Sign in to find it." in content.decode()
    assert "Connectez-vous pour le retrouver." in content.decode()


def test_a_card_that_is_drawn_again_the_same_day_is_the_same(gallery: Gallery) -> None:
    files_of, card = gallery.city.teams.posting.files.of, Card("x", (Image(gallery.pictures[0].split("/")[-3], "x"),))
    first = gallery.city.do(files_of(card))

    gallery.city.clock.move_to(MONDAY + timedelta(hours=2))

    assert gallery.city.do(files_of(card)) == first
