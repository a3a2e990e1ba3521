"""Surveys, as people in Slack live them."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import SQLModel, select

from tests.integrations.slack.city import City
from tests.slackland.world import Thing
from workbot import pulse

TORONTO = ZoneInfo("America/Toronto")


class Survey:
    """Six people in Slack, one of them in French, and one of HR: all are asked the weekly survey."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.people = [city.hire(f"Person Number{number}", locale="fr" if number == 5 else "en") for number in range(6)]
        self.priya = city.hire("Priya Nair", "hr")
        city.compare()
        with city.app.database.session() as session:
            self.wave = pulse.launch(session, "weekly", zone=TORONTO, now=city.clock.now(), at_once=True)
        city.settle(timedelta(minutes=5))

    def hears(self, user: Thing) -> str:
        return "\n\n".join(self.city.world.reads(user["id"]))

    def answer(self, user: Thing, first: str, second: str) -> None:
        self.city.driver.press(user, first)
        self.city.driver.press(user, second)

    def close(self) -> None:
        with self.city.app.database.session() as session:
            pulse.close(session, session.merge(self.wave), now=self.city.clock.now())
        self.city.settle(timedelta(hours=20))


@pytest.fixture
def survey(city: City) -> Survey:
    return Survey(city)


def test_it_is_asked_and_answered_inside_one_message(survey: Survey) -> None:
    ada, world = survey.people[0], survey.city.world
    assert "How did your last week at work go?" in survey.hears(ada)

    survey.city.driver.press(ada, "4 · Rather well")
    assert "I had what I needed" in survey.hears(ada)
    survey.city.driver.press(ada, "4 · Agree")

    assert "What one thing would make your work easier?" in survey.hears(ada)
    assert len(world.messages(ada["id"])) == 1


def test_a_comment_is_written_in_a_modal_and_thanked_for_in_place(survey: Survey) -> None:
    ada, world, driver = survey.people[0], survey.city.world, survey.city.driver
    survey.answer(ada, "4 · Rather well", "4 · Agree")

    driver.press(ada, "Write a comment")
    driver.submit(ada, What_one_thing="A quieter room.")

    assert world.modal(ada["id"]) is None
    assert "Thank you! That is all." in survey.hears(ada)
    assert len(world.messages(ada["id"])) == 1


def test_a_comment_is_kept_with_the_ballots_and_nowhere_else(survey: Survey) -> None:
    ada, driver = survey.people[0], survey.city.driver
    survey.answer(ada, "4 · Rather well", "4 · Agree")
    driver.press(ada, "Write a comment")
    driver.submit(ada, What_one_thing="A quieter room.")

    with survey.city.app.database.session() as session:
        rows = {name: session.execute(select(table)).all() for name, table in SQLModel.metadata.tables.items()}
    assert {"kept_form", "taken_turn", "message"} <= {name for name, found in rows.items() if found}
    assert [name for name, found in rows.items() if "quieter" in str(found)] == ["ballot"]


def test_nothing_that_is_logged_holds_an_answer_or_a_comment(
    survey: Survey, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    ada, driver = survey.people[0], survey.city.driver
    survey.answer(ada, "4 · Rather well", "2 · Disagree")
    driver.press(ada, "Write a comment")
    driver.submit(ada, What_one_thing="A quieter room.")
    driver.open_home(ada)

    out = capsys.readouterr()
    said = caplog.text + out.out + out.err
    for answer in ("quieter", "Disagree", "Rather well", "pulse.answer"):
        assert answer not in said, next(line for line in said.splitlines() if answer in line)[:400]


def test_in_french_for_those_who_speak_it(survey: Survey) -> None:
    marie = survey.people[5]
    assert "Comment s’est passée votre dernière semaine de travail?" in survey.hears(marie)

    survey.city.driver.command(marie, "/pulse")

    assert any("Pouls de la semaine" in said for said in survey.city.world.whispered(marie["id"]))


def test_who_has_not_answered_is_reminded_once(survey: Survey) -> None:
    ada, bob = survey.people[:2]
    survey.answer(ada, "4 · Rather well", "4 · Agree")

    survey.city.settle(timedelta(days=3))

    assert "Reminder: Weekly pulse" in survey.hears(bob)
    assert "Reminder" not in survey.hears(ada)


def test_the_report_reaches_hr_with_its_chart_and_stands_on_their_home(survey: Survey) -> None:
    city, world = survey.city, survey.city.world
    labels = ("Very badly", "Rather badly", "So-so", "Rather well", "Very well")
    for number, person in enumerate(survey.people[:5]):
        survey.answer(person, f"{number + 1} · {labels[number]}", "4 · Agree" if number < 2 else "5 · Strongly agree")

    survey.close()

    report = world.messages(survey.priya["id"])[-1]
    (drawn,) = (block for block in report["blocks"] if block["type"] == "data_visualization")
    assert not [block for block in report["blocks"] if block["type"] == "image"]
    assert drawn["title"] == "How people answered"
    assert [[point["value"] for point in one["data"]] for one in drawn["chart"]["series"]] == [
        [20, 20, 20, 20, 20],
        [0, 0, 0, 40, 60],
    ]
    assert "Results: Weekly pulse" in survey.hears(survey.priya)
    city.driver.open_home(survey.priya)
    assert "Results: Weekly pulse" in world.home(survey.priya["id"])
    (chart,) = (block for block in world.homes[survey.priya["id"]]["blocks"] if block["type"] == "image")
    assert world.files[chart["slack_file"]["id"]]["content"].startswith(b"\x89PNG")
    assert chart["alt_text"]
    city.driver.open_home(survey.people[0])
    assert "Results" not in world.home(survey.people[0]["id"])


def test_home_shows_open_surveys_and_answers_them_in_a_modal(survey: Survey) -> None:
    ada, world, driver = survey.people[0], survey.city.world, survey.city.driver
    driver.open_home(ada)
    assert "Weekly pulse" in world.home(ada["id"])

    driver.press_at_home(ada, "Answer")
    driver.press_in_modal(ada, "4 · Rather well")

    assert "I had what I needed" in str(world.modal(ada["id"]))
