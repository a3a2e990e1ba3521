"""HR and managers follow journeys; HR start them and change them."""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus
from uuid import uuid4

import pytest

from tests.console.town import Town
from tests.small_app import MONDAY

FIRST_DAY = date(2026, 11, 16)


def test_the_board_shows_who_is_on_their_way_and_how_far(town: Town) -> None:
    town.set_out(town.mei, FIRST_DAY)

    page = town.visit(town.priya).get("/console/journeys").text

    assert "Mei Lin" in page
    assert "Day 7" in page
    assert "overdue" in page


def test_a_manager_sees_the_journeys_of_their_own_people_only(town: Town) -> None:
    theirs, other = town.set_out(town.mei, FIRST_DAY), town.set_out(town.bea, FIRST_DAY)
    manager = town.visit(town.james)

    board = manager.get("/console/journeys").text

    assert "Mei Lin" in board
    assert "Bea Novak" not in board
    assert manager.get(f"/console/journeys/{theirs}").status_code == HTTPStatus.OK
    assert manager.get(f"/console/journeys/{other}").status_code == HTTPStatus.NOT_FOUND


def test_a_manager_ticks_their_own_step_and_nobody_elses(town: Town) -> None:
    journey = town.set_out(town.mei, FIRST_DAY)
    manager, steps = town.visit(town.james), town.steps(journey)
    own = next(step for step in steps if step.who == "manager")
    hires = next(step for step in steps if step.who == "hire")

    allowed = manager.post(f"/console/journeys/{journey}/step", {"step": str(own.id)})
    refused = manager.post(f"/console/journeys/{journey}/step", {"step": str(hires.id)})

    assert "Done. Thank you." in allowed.text
    assert refused.status_code == HTTPStatus.NOT_FOUND
    assert [step.who for step in town.steps(journey) if step.done_at] == ["manager"]


@pytest.mark.parametrize("act", ["move", "people", "cancel"])
def test_a_manager_does_not_change_a_journey(town: Town, act: str) -> None:
    journey = town.set_out(town.mei, FIRST_DAY)

    answer = town.visit(town.james).post(f"/console/journeys/{journey}/{act}", {"on": "2026-12-01"})

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert town.journey(journey).key_date == FIRST_DAY
    assert town.journey(journey).is_active


def test_a_step_of_another_journey_is_not_ticked_through_this_one(town: Town) -> None:
    mine, other = town.set_out(town.mei, FIRST_DAY), town.set_out(town.bea, FIRST_DAY)
    step = town.steps(other)[0]

    answer = town.visit(town.priya).post(f"/console/journeys/{mine}/step", {"step": str(step.id)})

    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert not any(step.done_at for step in town.steps(other))


def test_a_ticked_step_can_be_opened_again(town: Town) -> None:
    journey = town.set_out(town.mei, FIRST_DAY)
    hr, step = town.visit(town.priya), {"step": str(town.steps(journey)[0].id)}

    hr.post(f"/console/journeys/{journey}/step", step)
    page = hr.post(f"/console/journeys/{journey}/step", step | {"undo": "yes"}).text

    assert "The step is open again." in page
    assert not any(step.done_at for step in town.steps(journey))


def test_hr_start_a_journey(town: Town) -> None:
    typed = {"journey": "new-hire", "person": "Mei.Lin@city.example", "on": "2026-12-01", "buddy": ""}

    page = town.visit(town.priya).post("/console/journeys/start", typed).text

    assert "The journey has started." in page
    assert [journey.key_date for journey in town.journeys()] == [date(2026, 12, 1)]


def test_a_start_with_mistakes_comes_back_with_each_at_its_field_and_everything_typed(town: Town) -> None:
    typed = {"journey": "offboarding", "person": "nobody@<b>x", "on": "2026-13-41", "buddy": "who?"}

    answer = town.visit(town.priya).post("/console/journeys/start", typed)

    assert answer.status_code == HTTPStatus.CONFLICT
    for field in ("person", "on", "buddy"):
        assert f'id="{field}-error"' in answer.text
        assert f'href="#{field}"' in answer.text
    for value in ("nobody@&lt;b&gt;x", "2026-13-41", "who?"):
        assert f'value="{value}"' in answer.text
    assert '<option value="offboarding" selected>' in answer.text
    assert town.journeys() == []


def test_nobody_is_sent_on_the_same_journey_twice(town: Town) -> None:
    town.set_out(town.mei, FIRST_DAY)
    typed = {"journey": "new-hire", "person": town.mei.email, "on": "2026-12-01"}

    answer = town.visit(town.priya).post("/console/journeys/start", typed)

    assert "is on this journey already" in answer.text
    assert len(town.journeys()) == 1


def test_a_persons_page_leads_to_the_form_with_their_address_in_it(town: Town) -> None:
    hr = town.visit(town.priya)

    link = f"/console/journeys/start?person={town.mei.email.replace('@', '%40')}"

    assert link in hr.get(f"/console/people/{town.mei.id}").text
    assert f'value="{town.mei.email}"' in hr.get(link).text


def test_a_journey_moves_and_its_open_steps_with_it(town: Town) -> None:
    journey = town.set_out(town.mei, FIRST_DAY)
    before = [step.due_at for step in town.steps(journey)]

    page = town.visit(town.priya).post(f"/console/journeys/{journey}/move", {"on": "2026-11-30"}).text

    assert "The date has moved" in page
    assert all(
        later - earlier >= timedelta(days=10)
        for later, earlier in zip((step.due_at for step in town.steps(journey)), before, strict=True)
    )


def test_a_date_that_is_none_is_refused_at_its_field(town: Town) -> None:
    journey = town.set_out(town.mei, FIRST_DAY)

    answer = town.visit(town.priya).post(f"/console/journeys/{journey}/move", {"on": "soon"})

    assert answer.status_code == HTTPStatus.CONFLICT
    assert 'id="on-error"' in answer.text
    assert 'value="soon"' in answer.text


def test_another_buddy_is_named_by_their_address(town: Town) -> None:
    journey = town.set_out(town.mei, FIRST_DAY)
    hr = town.visit(town.priya)

    wrong = hr.post(f"/console/journeys/{journey}/people", {"buddy": "nobody@city.example", "manager": ""})
    right = hr.post(f"/console/journeys/{journey}/people", {"buddy": town.bea.email, "manager": ""})

    assert 'id="buddy-error"' in wrong.text
    assert 'value="nobody@city.example"' in wrong.text
    assert "The change is made." in right.text
    assert town.journey(journey).buddy_id == town.bea.id


def test_nobody_is_their_own_buddy(town: Town) -> None:
    journey = town.set_out(town.mei, FIRST_DAY)

    answer = town.visit(town.priya).post(f"/console/journeys/{journey}/people", {"buddy": town.mei.email})

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Nobody can be their own buddy" in answer.text


def test_a_cancelled_journey_is_cancelled_once_and_takes_no_more_changes(town: Town) -> None:
    journey = town.set_out(town.mei, FIRST_DAY)
    hr = town.visit(town.priya)

    first, second = (hr.post(f"/console/journeys/{journey}/cancel") for _ in range(2))

    assert "The journey is cancelled" in first.text
    assert second.status_code == HTTPStatus.CONFLICT
    assert "Tick off" not in second.text
    assert "Mei Lin" in hr.get("/console/journeys?show=cancelled").text


def test_overdue_journeys_can_be_seen_alone(town: Town) -> None:
    town.set_out(town.mei, FIRST_DAY)
    town.set_out(town.bea, FIRST_DAY + timedelta(days=200))
    town.clock.move_to(MONDAY + timedelta(days=14))

    page = town.visit(town.priya).get("/console/journeys?show=overdue").text

    assert "Mei Lin" in page
    assert "Bea Novak" not in page


def test_a_journey_that_never_was_is_not_found(town: Town) -> None:
    hr = town.visit(town.priya)

    assert hr.get(f"/console/journeys/{uuid4()}").status_code == HTTPStatus.NOT_FOUND
    assert hr.post(f"/console/journeys/{uuid4()}/cancel").status_code == HTTPStatus.NOT_FOUND
