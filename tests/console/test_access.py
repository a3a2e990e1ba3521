"""Who may open which page: every route of the console against every role, refused unless named here."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from tests.console.town import Town
from workbot.console import PAGES, console_routes
from workbot.people import Person

ROLES = ("hr", "admin", "it agent", "hr agent", "manager", "auditor", "staff")
HR, PEOPLE, AGENTS = {"hr"}, {"hr", "admin"}, {"it agent", "hr agent"}
FOLLOWERS = {"hr", "manager"}
ANYONE_WITH_A_PART = {*HR, *PEOPLE, *AGENTS, "manager"}
# What the app answers to those who may come: a page, the way on after a change, or a kind refusal of the act.
LET_IN = {HTTPStatus.OK, HTTPStatus.SEE_OTHER, HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND}

OPEN_TO: dict[tuple[str, str], set[str]] = {
    ("GET", "/console"): ANYONE_WITH_A_PART,
    ("GET", "/console/surveys"): HR,
    ("GET", "/console/surveys/{name}/launch"): HR,
    ("POST", "/console/surveys/{name}/launch"): HR,
    ("GET", "/console/surveys/{name}/{number:int}"): HR,
    ("GET", "/console/surveys/{name}/{number:int}/report.{format}"): HR,
    ("GET", "/console/surveys/{name}/{number:int}/close"): HR,
    ("POST", "/console/surveys/{name}/{number:int}/close"): HR,
    ("GET", "/console/journeys"): FOLLOWERS,
    ("GET", "/console/journeys/start"): HR,
    ("POST", "/console/journeys/start"): HR,
    ("GET", "/console/journeys/{id:uuid}"): FOLLOWERS,
    ("POST", "/console/journeys/{id:uuid}/step"): FOLLOWERS,
    ("POST", "/console/journeys/{id:uuid}/move"): HR,
    ("POST", "/console/journeys/{id:uuid}/people"): HR,
    ("POST", "/console/journeys/{id:uuid}/cancel"): HR,
    ("GET", "/console/requests"): AGENTS,
    ("GET", "/console/requests/{reference}"): AGENTS,
    ("POST", "/console/requests/{reference}/{verb}"): AGENTS,
    ("GET", "/console/people"): PEOPLE,
    ("GET", "/console/people/{id:uuid}"): PEOPLE,
    ("GET", "/console/campaigns"): PEOPLE,
    ("POST", "/console/campaigns/{key:path}/retry"): PEOPLE,
    ("POST", "/console/campaigns/messages/{id:int}/{verb}"): PEOPLE,
    ("GET", "/console/definitions"): PEOPLE,
    ("GET", "/console/definitions/{kind}/{name}"): PEOPLE,
    ("POST", "/console/definitions/{kind}/{name}/turn"): PEOPLE,
    ("POST", "/console/definitions/{kind}/{name}/draft"): PEOPLE,
    ("GET", "/console/{rest:path}"): ANYONE_WITH_A_PART,
    ("POST", "/console/{rest:path}"): ANYONE_WITH_A_PART,
}


def test_every_page_of_the_console_is_named_here_with_who_may_open_it() -> None:
    assert {(page.method, page.path) for page in PAGES} == set(OPEN_TO)


def test_the_console_serves_its_table_and_nothing_else(town: Town) -> None:
    assert [route.path for route in console_routes(town)] == [page.path for page in PAGES]  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_its_own_pages_and_no_other(town: Town, role: str) -> None:
    number, reference = town.closed_wave(3, 4), town.ask("it", "Laptop will not start")
    visitor = town.visit(_person(town, role))

    for (method, path), roles in OPEN_TO.items():
        address = _address(path, town, number, reference)
        status = visitor.request(method, address, follow_redirects=False).status_code
        if role in roles:
            assert status in LET_IN, (method, address, status)
        else:
            assert status == HTTPStatus.FORBIDDEN, (method, address, status)


@pytest.mark.parametrize(("method", "path"), OPEN_TO)
def test_nobody_gets_in_without_signing_in(town: Town, method: str, path: str) -> None:
    address = _address(path, town, 1, "IT-1")

    answer = town.visit(None).request(method, address, follow_redirects=False)

    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.headers["location"].startswith("/signin?next=%2Fconsole")


def test_signing_in_leads_back_to_the_page_that_was_asked_for(town: Town) -> None:
    answer = town.visit(None).get("/console/people?q=ada%20l&page=2", follow_redirects=False)

    assert answer.headers["location"] == "/signin?next=%2Fconsole%2Fpeople%3Fq%3Dada%2520l%26page%3D2"


def test_somebody_who_has_left_is_nobody(town: Town) -> None:
    visitor = town.visit(town.priya)
    with town.database.session() as session:
        session.get_one(Person, town.priya.id).active = False

    answer = visitor.get("/console", follow_redirects=False)

    assert answer.status_code == HTTPStatus.SEE_OTHER


def test_a_refusal_is_a_kind_page_in_the_viewers_language(town: Town) -> None:
    answer = town.visit(town.etienne).get("/console/surveys")

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "Cette page ne vous est pas ouverte" in answer.text
    assert '<html lang="fr">' in answer.text


def test_the_way_to_a_section_is_shown_to_those_who_may_go_there(town: Town) -> None:
    assert "/console/requests" in town.visit(town.bea).get("/console").text
    assert "/console/requests" not in town.visit(town.priya).get("/console").text


def test_a_form_of_another_site_changes_nothing(town: Town) -> None:
    reference = town.ask("it", "Laptop will not start")
    visitor = town.visit(town.bea)

    answer = visitor.post(f"/console/requests/{reference}/take", headers={"origin": "https://elsewhere.example"})

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert town.request(reference).state == "open"


def test_an_unknown_page_of_the_console_says_so(town: Town) -> None:
    answer = town.visit(town.priya).get("/console/nowhere/at/all")

    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "no such page" in answer.text


def _person(town: Town, role: str) -> Person:
    return {
        "hr": town.priya,
        "admin": town.david,
        "it agent": town.bea,
        "hr agent": town.etienne,
        "manager": town.james,
        "auditor": town.audrey,
        "staff": town.mei,
    }[role]


def _address(path: str, town: Town, number: int, reference: str) -> str:
    known = {
        "{name}": "weekly",
        "{number:int}": str(number),
        "{format}": "csv",
        "{reference}": reference,
        "{verb}": "take",
        "{key:path}": "pulse:weekly/1",
        "{id:int}": "1",
        "{id:uuid}": str(town.mei.id),
        "{kind}": "surveys",
        "{rest:path}": "nowhere",
    }
    for part, value in known.items():
        path = path.replace(part, value)
    return path
