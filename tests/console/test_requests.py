"""Agents and their desk: what they see, what they do, and what nobody else sees."""

from __future__ import annotations

from http import HTTPStatus

import pytest
import structlog
from sqlmodel import select

from tests.console.town import MARKUP, Town
from workbot.delivery import Message
from workbot.people import Role


def test_an_agent_sees_what_waits_at_their_desk(town: Town) -> None:
    town.ask("it", "Laptop will not start")
    town.ask("hr", "About my pay")

    page = town.visit(town.bea).get("/console/requests").text

    assert "Laptop will not start" in page
    assert "3 hours" in page
    assert "About my pay" not in page


def test_another_desks_requests_are_not_there_at_all(town: Town) -> None:
    reference = town.ask("hr", "About my pay")
    agent = town.visit(town.bea)

    assert agent.get(f"/console/requests/{reference}").status_code == HTTPStatus.NOT_FOUND
    assert agent.get("/console/requests?desk=hr").status_code == HTTPStatus.FORBIDDEN
    assert agent.post(f"/console/requests/{reference}/take").status_code == HTTPStatus.NOT_FOUND
    assert town.request(reference).state == "open"


def test_who_asked_does_not_read_the_agents_notes_here(town: Town) -> None:
    reference = town.ask("it", "Laptop will not start")
    with town.database.session() as session:
        session.add(Role(person_id=town.mei.id, name="agent:facilities"))

    assert town.visit(town.mei).get(f"/console/requests/{reference}").status_code == HTTPStatus.NOT_FOUND


def test_an_agent_takes_answers_notes_and_resolves(town: Town) -> None:
    reference = town.ask("it", "Laptop will not start")
    agent = town.visit(town.bea)
    page = f"/console/requests/{reference}"

    assert "yours now" in agent.post(f"{page}/take").text
    assert "Have you charged it?" in agent.post(f"{page}/reply", {"body": "Have you charged it?"}).text
    assert "Internal note" in agent.post(f"{page}/note", {"body": "The third this month."}).text
    done = agent.post(f"{page}/resolve", {"body": "A new battery."}).text

    assert "The request is resolved" in done
    assert "A new battery." in done
    assert town.request(reference).state == "resolved"
    assert "is open again" in agent.post(f"{page}/reopen").text


def test_logs_name_the_change_that_a_message_came_from(town: Town) -> None:
    reference = town.ask("it", "Laptop will not start")
    with structlog.testing.capture_logs() as logs:
        town.visit(town.bea).post(f"/console/requests/{reference}/reply", {"body": "Have you charged it?"})

    (changed,) = [line for line in logs if line["event"] == "console.changed"]
    with town.database.session() as session:
        assert changed["trace"] in session.exec(select(Message.trace)).all()
    assert "charged" not in str(logs)


def test_a_note_is_marked_as_one(town: Town) -> None:
    reference = town.ask("it", "Laptop will not start")

    page = town.visit(town.bea).post(f"/console/requests/{reference}/note", {"body": "The third this month."}).text

    assert 'class="entry note"' in page
    assert "Bea Novak, for the agents only" in page


def test_a_request_is_handed_over_to_an_agent_of_the_desk(town: Town) -> None:
    omar = town.hire("Omar Haddad", "agent:it")
    reference = town.ask("it", "Laptop will not start")

    page = town.visit(town.bea).post(f"/console/requests/{reference}/hand-over", {"agent": str(omar.id)}).text

    assert "handed over" in page
    assert town.request(reference).assignee_id == omar.id


@pytest.mark.parametrize("agent", ["", "nobody", "00000000-0000-4000-8000-000000000000"])
def test_handing_over_to_nobody_is_refused_at_the_field(town: Town, agent: str) -> None:
    town.hire("Omar Haddad", "agent:it")
    reference = town.ask("it", "Laptop will not start")

    answer = town.visit(town.bea).post(f"/console/requests/{reference}/hand-over", {"agent": agent})

    assert answer.status_code == HTTPStatus.CONFLICT
    assert 'id="agent-error"' in answer.text
    assert town.request(reference).assignee_id is None


def test_an_empty_reply_is_refused_at_the_field(town: Town) -> None:
    reference = town.ask("it", "Laptop will not start")

    answer = town.visit(town.bea).post(f"/console/requests/{reference}/reply", {"body": "  "})

    assert answer.status_code == HTTPStatus.CONFLICT
    assert 'id="reply-error">Write something first.' in answer.text
    assert 'aria-describedby="reply-error reply-hint"' in answer.text


@pytest.mark.parametrize("verb", ["reply", "note", "resolve"])
def test_what_is_too_long_is_given_back_whole(town: Town, verb: str) -> None:
    reference = town.ask("it", "Laptop will not start")
    long = "Très long 🥶 " * 9000

    answer = town.visit(town.bea).post(f"/console/requests/{reference}/{verb}", {"body": long})

    assert answer.status_code == HTTPStatus.CONFLICT
    assert f'id="{verb}-error">At most 10000 characters' in answer.text
    assert long in answer.text


def test_a_verb_that_no_longer_fits_is_refused_kindly(town: Town) -> None:
    reference = town.ask("it", "Laptop will not start")
    agent = town.visit(town.bea)
    agent.post(f"/console/requests/{reference}/resolve")

    answer = agent.post(f"/console/requests/{reference}/resolve", {"body": "Once more."})

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "has changed since" in answer.text


def test_an_unknown_verb_does_nothing(town: Town) -> None:
    reference = town.ask("it", "Laptop will not start")

    assert town.visit(town.bea).post(f"/console/requests/{reference}/delete").status_code == HTTPStatus.NOT_FOUND


def test_hostile_words_are_shown_and_do_nothing(town: Town) -> None:
    reference = town.ask("it", MARKUP, description=MARKUP)
    agent = town.visit(town.bea)
    page = agent.post(f"/console/requests/{reference}/reply", {"body": MARKUP}).text

    for shown in (page, agent.get("/console/requests").text):
        assert "&lt;script&gt;" in shown
        assert "<script>alert" not in shown


def test_finished_requests_have_a_list_of_their_own(town: Town) -> None:
    reference = town.ask("it", "Laptop will not start")
    agent = town.visit(town.bea)
    agent.post(f"/console/requests/{reference}/resolve")

    assert "Laptop will not start" not in agent.get("/console/requests").text
    assert "Laptop will not start" in agent.get("/console/requests?show=done").text


def test_an_agent_of_two_desks_goes_from_one_to_the_other(town: Town) -> None:
    with town.database.session() as session:
        session.add(Role(person_id=town.bea.id, name="agent:hr"))
    town.ask("it", "Laptop will not start")
    agent = town.visit(town.bea)

    assert 'href="?desk=it"' in agent.get("/console/requests").text
    assert "Laptop will not start" in agent.get("/console/requests?desk=it").text
    assert "Laptop will not start" not in agent.get("/console/requests?desk=hr").text
