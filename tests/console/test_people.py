"""Looking people and definitions up, and how the app is doing."""

from __future__ import annotations

from http import HTTPStatus
from uuid import uuid4

import pytest

from tests.console.town import MARKUP, Town
from workbot.delivery import Message
from workbot.jobs import Job
from workbot.people import Account, Person, Role


@pytest.mark.parametrize("query", ["mei", "LIN", "mei.lin@city", "lin mei", "Records", "Clerk records"])
def test_people_are_found_by_any_of_their_words(town: Town, query: str) -> None:
    with town.database.session() as session:
        session.get_one(Person, town.mei.id).title = "Clerk"
    town.settle_in("Records", town.mei)

    page = town.visit(town.david).get("/console/people", params={"q": query}).text

    assert "Mei Lin" in page
    assert "Bea Novak" not in page


@pytest.mark.parametrize("query", ["%", "_", "mei%lin", "'; drop table person; --"])
def test_a_search_takes_every_character_as_itself(town: Town, query: str) -> None:
    page = town.visit(town.david).get("/console/people", params={"q": query}).text

    assert "Nobody matches" in page


def test_a_long_list_comes_in_pages(town: Town) -> None:
    town.crowd(30)
    admin = town.visit(town.david)

    first, second = admin.get("/console/people?q=lee").text, admin.get("/console/people?q=lee&page=2").text

    assert "1 to 25 of 30" in first
    assert "26 to 30 of 30" in second
    assert "Person029 Lee" in second
    assert "Person029 Lee" not in first


@pytest.mark.parametrize("page", ["0", "-1", "99", "many", "9" * 40])
def test_a_page_that_is_not_there_is_the_nearest(town: Town, page: str) -> None:
    answer = town.visit(town.david).get("/console/people", params={"page": page})

    assert answer.status_code == HTTPStatus.OK
    assert "1 to 7 of 7" in answer.text


def test_those_who_have_left_are_found_apart(town: Town) -> None:
    with town.database.session() as session:
        session.get_one(Person, town.mei.id).active = False
    admin = town.visit(town.david)

    assert "Mei Lin" not in admin.get("/console/people").text
    assert "Mei Lin" in admin.get("/console/people?left=yes").text


def test_a_person_is_shown_with_manager_roles_and_accounts(town: Town) -> None:
    with town.database.session() as session:
        session.add(Role(person_id=town.mei.id, name="agent:it"))
        session.add(
            Account(person_id=town.mei.id, platform="email", user="mei", address="mei", unreachable="no such mailbox")
        )

    page = town.visit(town.david).get(f"/console/people/{town.mei.id}").text

    assert "James Whitaker" in page
    assert "Agent of the desk “it”" in page
    assert "no such mailbox" in page
    assert "Mei Lin" in town.visit(town.david).get(f"/console/people/{town.james.id}").text


def test_a_persons_page_says_nothing_of_surveys(town: Town) -> None:
    before = town.visit(town.priya).get(f"/console/people/{town.mei.id}").text
    town.closed_wave(1, 2, 3, 4, 5, 4, 3)
    after = town.visit(town.priya).get(f"/console/people/{town.mei.id}").text

    assert after == before


def test_somebody_we_do_not_know_is_not_found(town: Town) -> None:
    assert town.visit(town.david).get(f"/console/people/{uuid4()}").status_code == HTTPStatus.NOT_FOUND


def test_a_name_is_shown_as_it_is_written(town: Town) -> None:
    with town.database.session() as session:
        session.get_one(Person, town.mei.id).name = MARKUP

    page = town.visit(town.david).get("/console/people").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_an_admin_sees_what_did_not_arrive_and_why(town: Town) -> None:
    with town.database.session() as session:
        for number in range(3):
            session.add(
                Message(
                    key=f"m{number}",
                    recipient="person:x",
                    card={"title": "A private matter"},
                    locale="en",
                    created_at=town.clock.now(),
                    due_at=town.clock.now(),
                    state="failed",
                    reason="550 mailbox full",
                    platform="email",
                )
            )
        session.add(Job(key="j", kind="pulse.ask", due_at=town.clock.now(), state="failed", reason="ValueError('no')"))

    page = town.visit(town.david).get("/console").text

    assert "550 mailbox full" in page
    assert "pulse.ask" in page
    assert "A private matter" not in page


def test_only_an_admin_sees_how_workbot_is_doing(town: Town) -> None:
    assert "How the house is doing" in town.visit(town.david).get("/console").text
    assert "How the house is doing" not in town.visit(town.priya).get("/console").text
