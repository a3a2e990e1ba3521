"""What is defined here, in the console: where it comes from, whether it is on, and drafts that wait for somebody."""

from __future__ import annotations

from http import HTTPStatus
from uuid import uuid4

from sqlmodel import select

from tests.console.town import Town
from workbot import definitions, requests
from workbot.definitions import DefinitionVersion, Origin, State
from workbot.jobs import Job

IT = "/console/definitions/desks/it"
WEEKLY = "/console/definitions/surveys/weekly"


def changed(town: Town, origin: Origin, days: int) -> DefinitionVersion:
    """A version of the IT desk that closes after so many days."""
    with town.database.session() as session:
        desk, _version = definitions.current(session, requests.KIND, "it")
        other = desk.model_copy(update={"close_after_days": days})
        version = definitions.publish(
            session, requests.KIND, other, origin=origin, author=uuid4(), now=town.clock.now()
        )
        session.expunge(version)
    return version


def closes_after(town: Town) -> int:
    with town.database.session() as session:
        return definitions.current(session, requests.KIND, "it")[0].close_after_days


def test_definitions_are_listed_with_where_they_come_from(town: Town) -> None:
    changed(town, Origin.FILE, 7)

    page = town.visit(town.david).get("/console/definitions").text

    assert "Weekly pulse" in page
    assert "IT Service Desk" in page
    assert page.count("Your own") == 1


def test_every_version_of_a_definition_can_be_read(town: Town) -> None:
    changed(town, Origin.FILE, 7)
    admin = town.visit(town.david)

    assert "close_after_days: 7" in admin.get(IT).text
    assert "close_after_days: 5" in admin.get(f"{IT}?version=1").text
    assert admin.get("/console/definitions/desks/nothing").status_code == HTTPStatus.NOT_FOUND
    assert admin.get("/console/definitions/nothing/it").status_code == HTTPStatus.NOT_FOUND


def test_a_survey_that_is_off_is_not_launched_until_it_is_turned_on(town: Town) -> None:
    hr = town.visit(town.priya)
    off = hr.post(f"{WEEKLY}/turn", data={"off": "yes"})
    surveys = hr.get("/console/surveys").text
    refused = hr.post("/console/surveys/weekly/launch")

    on = hr.post(f"{WEEKLY}/turn", data={"on": "yes"})

    assert "It is off." in off.text
    assert 'href="/console/surveys/weekly/launch"' not in surveys
    assert f'href="{WEEKLY}"' in surveys
    assert "“weekly” is not turned on" in refused.text
    assert "It is on." in on.text
    assert 'href="/console/surveys/weekly/launch"' in hr.get("/console/surveys").text


def test_a_scheduled_survey_that_is_turned_on_is_to_open_by_itself(town: Town) -> None:
    hr = town.visit(town.priya)
    hr.post(f"{WEEKLY}/turn", data={"off": "yes"})

    hr.post(f"{WEEKLY}/turn", data={"on": "yes"})

    with town.database.session() as session:
        due = session.exec(select(Job).where(Job.kind == "pulse.launch")).all()
    assert "weekly" in [job.payload["survey"] for job in due]


def test_turning_a_desk_off_offers_it_to_nobody_and_leaves_its_requests(town: Town) -> None:
    reference = town.ask("it", "Laptop will not start")
    admin, agent = town.visit(town.david), town.visit(town.bea)

    admin.post(f"{IT}/turn", data={"off": "yes"})

    assert reference in agent.get("/console/requests").text
    with town.database.session() as session:
        assert "it" not in [desk.name for desk in requests.queries.desks(session)]


def test_a_draft_is_published_or_taken_back_by_a_button(town: Town) -> None:
    for button, after in (("discard", 9), ("publish", 8)):
        draft = changed(town, Origin.CONSOLE, 8)
        with town.database.session() as session:
            session.get_one(DefinitionVersion, draft.id).state = State.DRAFT
        changed(town, Origin.FILE, 9)
        admin = town.visit(town.david)
        before = admin.get(IT).text

        answer = admin.post(f"{IT}/draft", data={"version": str(draft.version), button: "yes"})

        assert f"The console’s version {draft.version} was set aside" in before
        assert "was set aside" not in answer.text
        assert closes_after(town) == after


def test_a_draft_that_there_is_not_is_refused(town: Town) -> None:
    answer = town.visit(town.david).post(f"{IT}/draft", data={"version": "1", "publish": "yes"})

    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "a draft no more" in answer.text
    assert town.visit(town.david).post(f"{IT}/draft", data={"version": "x"}).status_code == HTTPStatus.NOT_FOUND
