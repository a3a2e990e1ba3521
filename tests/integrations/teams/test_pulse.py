"""Surveys, as people in Teams live them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from integrations.web.conversations import may_have
from tests.integrations.teams.city import BASE, City
from tests.teamsland.reading import walk
from tests.teamsland.things import Person as User
from workbot import pulse
from workbot.chat.models import KeptForm, LongValue
from workbot.delivery import Message
from workbot.files import StoredFile
from workbot.people import Account, Person, Role, ensure_web_account
from workbot.processed_turns import ProcessedTurn
from workbot.pulse.models import Participation

TORONTO = ZoneInfo("America/Toronto")


class Survey:
    """Six people in Teams, one of them in French, and one of HR: all are asked the weekly survey."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.people = [city.hire(f"Person Number{number}", locale="fr" if number == 5 else "en") for number in range(6)]
        self.priya = city.hire("Priya Nair", "hr")
        with city.app.database.session() as session:
            self.wave = pulse.launch(session, "weekly", zone=TORONTO, now=city.clock.now(), at_once=True)
        city.settle(timedelta(minutes=5))

    def hears(self, user: User) -> str:
        return "\n\n".join(self.city.world.reads(user))

    def answer(self, user: User, first: str, second: str) -> None:
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
    before = len(world.messages(ada))

    survey.city.driver.press(ada, "4 · Rather well")
    assert "I had what I needed" in survey.hears(ada)
    survey.city.driver.press(ada, "4 · Agree")

    assert "What one thing would make your work easier?" in survey.hears(ada)
    assert len(world.messages(ada)) == before


def test_what_was_answered_stays_when_the_conversation_is_opened_again(survey: Survey) -> None:
    ada, world = survey.people[0], survey.city.world

    survey.city.driver.press(ada, "4 · Rather well")

    # What Teams shows to who pressed it lasts for as long as they look at it; the message itself has changed too.
    message = world.messages(ada)[-1]
    assert "I had what I needed" in message.reads()
    assert "How did your last week" not in message.reads()


def test_a_comment_is_written_in_a_dialog_and_thanked_for_in_place(survey: Survey) -> None:
    ada, world, driver = survey.people[0], survey.city.world, survey.city.driver
    survey.answer(ada, "4 · Rather well", "4 · Agree")
    before = len(world.messages(ada))

    driver.press(ada, "Write a comment")
    driver.submit(ada, What_one_thing="A quieter room.")

    assert world.screen(ada).dialog is None
    assert "Thank you! That is all." in survey.hears(ada)
    assert len(world.messages(ada)) == before


def test_nothing_that_we_keep_of_teams_holds_a_comment(survey: Survey) -> None:
    ada, driver = survey.people[0], survey.city.driver
    survey.answer(ada, "4 · Rather well", "4 · Agree")
    driver.press(ada, "Write a comment")
    driver.submit(ada, What_one_thing="A quieter room.")

    with survey.city.app.database.session() as session:
        rows = [row for table in (KeptForm, LongValue, ProcessedTurn, Message) for row in session.exec(select(table))]
        assert rows
        assert "quieter" not in "".join(str(row.model_dump()) for row in rows)


def test_nothing_that_is_logged_holds_an_answer_or_a_comment(
    survey: Survey, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    ada, driver = survey.people[0], survey.city.driver
    survey.answer(ada, "4 · Rather well", "2 · Disagree")
    driver.press(ada, "Write a comment")
    driver.submit(ada, What_one_thing="A quieter room.")

    out = capsys.readouterr()
    said = caplog.text + out.out + out.err
    for answer in ("quieter", "Disagree", "Rather well", "pulse.answer"):
        assert answer not in said, next(line for line in said.splitlines() if answer in line)[:400]


def test_a_survey_that_was_passed_on_is_answered_by_nobody_for_another(survey: Survey) -> None:
    city, world = survey.city, survey.city.world
    ada, bob = survey.people[:2]
    eve = city.hire("Eve Later")
    asked = world.messages(ada)[-1]
    action = next(one for one in walk(asked.card()) if one.get("title") == "4 · Rather well")

    for reader in (eve, bob):
        city.driver.press_in(reader, world.post(world.personal(reader), asked.activity), action, {})

    assert "That did not work" in world.screen(eve).notices[-1]
    with city.app.database.session() as session:
        answered = select(Person.name).join(Participation).where(Participation.answered)
        assert list(session.exec(answered)) == [bob.name]


def test_in_french_for_those_who_speak_it(survey: Survey) -> None:
    marie = survey.people[5]
    assert "Comment s’est passée votre dernière semaine de travail?" in survey.hears(marie)

    survey.city.driver.say(marie, "SONDAGE")

    assert "Pouls de la semaine" in survey.hears(marie)


def test_who_has_not_answered_is_reminded_once(survey: Survey) -> None:
    ada, bob = survey.people[:2]
    survey.answer(ada, "4 · Rather well", "4 · Agree")

    survey.city.settle(timedelta(days=3))

    assert survey.hears(bob).count("Reminder: Weekly pulse") == 1
    assert "Reminder" not in survey.hears(ada)


def report(survey: Survey) -> str:
    """The address of the chart in the report that HR has been sent."""
    labels = ("Very badly", "Rather badly", "So-so", "Rather well", "Very well")
    for number, person in enumerate(survey.people[:5]):
        survey.answer(person, f"{number + 1} · {labels[number]}", "4 · Agree" if number < 2 else "5 · Strongly agree")
    survey.close()
    card = survey.city.world.messages(survey.priya)[-1].card()
    picture = next(one for one in walk(card) if one.get("type") == "Image")
    assert picture["altText"]
    return str(picture["url"]).removeprefix(BASE)


def test_the_report_reaches_hr_with_its_chart(survey: Survey) -> None:
    answer = survey.city.request("GET", report(survey))

    assert answer.content.startswith(b"\x89PNG")
    assert answer.headers["cache-control"] == "no-store"
    assert "Results: Weekly pulse" in survey.hears(survey.priya)
    assert "Results" not in survey.hears(survey.people[0])


def loses_role(session: Session, priya: Person) -> None:
    session.delete(session.exec(select(Role).where(Role.person_id == priya.id)).one())


def leaves(session: Session, priya: Person) -> None:
    priya.active = False


def changes_account(session: Session, priya: Person) -> None:
    accounts = select(Account).where(Account.person_id == priya.id, Account.platform == "teams")
    session.delete(session.exec(accounts).one())


@pytest.mark.parametrize("happens", [loses_role, leaves, changes_account])
def test_a_chart_is_gone_with_its_readers_access(survey: Survey, happens: Callable[[Session, Person], None]) -> None:
    city, url = survey.city, report(survey)
    other = city.hire("Omar Haddad", "hr")

    with city.app.database.session() as session:
        happens(session, session.merge(city.person(survey.priya)))

    answer = city.request("GET", url)
    assert answer.status_code == 410
    assert b"PNG" not in answer.content
    assert city.person(other).active


def test_who_is_excluded_from_a_waves_readers_has_no_chart_of_it(survey: Survey) -> None:
    city, url = survey.city, report(survey)

    with city.app.database.session() as session:
        session.merge(survey.wave).readers = "auditor"

    assert city.request("GET", url).status_code == 410


def test_a_chart_lives_for_a_month_at_most(survey: Survey) -> None:
    city, url = survey.city, report(survey)
    made = city.clock.now()

    city.clock.move_to(made + timedelta(days=29))
    assert city.request("GET", url).status_code == 200
    city.clock.move_to(made + timedelta(days=31))
    assert city.request("GET", url).status_code == 410


def test_one_who_may_not_read_a_wave_any_more_has_its_files_in_the_web_chat_neither(survey: Survey) -> None:
    city = survey.city
    with city.app.database.session() as session:
        omar = Person(email="omar@city.example", name="Omar Haddad", timezone="America/Toronto", locale="en")
        session.add(omar)
        session.flush()
        ensure_web_account(session, omar)
        session.add(Role(person_id=omar.id, name="hr"))
    report(survey)
    with city.app.database.session() as session:
        charts = session.exec(select(StoredFile).where(StoredFile.media_type == "image/png")).all()
        (key,) = [chart.id for chart in charts if may_have(session, omar, str(chart.id))]
    assert city.request("GET", f"/chat/files/{key}", omar).status_code == 200

    with city.app.database.session() as session:
        loses_role(session, session.merge(omar))

    answer = city.request("GET", f"/chat/files/{key}", omar)
    assert answer.status_code != 200
    assert b"PNG" not in answer.content
