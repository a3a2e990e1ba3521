"""The meeting of both: one request and one survey, some of whose people are in Teams, others in Slack or on the web."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlmodel import select

from integrations.slack.platform import Slack
from integrations.slack.settings import SlackSettings
from tests.integrations.teams.city import City
from tests.slackland import driver as slack_driver
from tests.slackland import server as slack_server
from tests.slackland.world import Thing
from tests.slackland.world import World as SlackWorld
from tests.teamsland import server
from tests.teamsland.world import World
from workbot import pulse
from workbot.delivery import Message, State
from workbot.people import Person, Role, ensure_web_account
from workbot.storage.database import Database

SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
FILLED = {"What_kind": "Something is broken", "How_much": "I cannot work"}
TORONTO = ZoneInfo("America/Toronto")


class TwoPlatforms(City):
    """A city with a Teams and a Slack."""

    def __init__(self, database: Database, world: World, slack_world: SlackWorld) -> None:
        self.slack_world = slack_world
        self.workspace = slack_world.add_workspace()
        super().__init__(database, world)
        self.slack: Slack = self.app.platforms["slack"]  # type: ignore[assignment]
        self.slack_driver = slack_driver.Driver(slack_world, self.workspace, self._send_from_slack, SIGNING_SECRET)

    def hire_in_slack(self, name: str, *roles: str, locale: str = "en") -> Thing:
        """A person of ours who is in Slack alone; their user there."""
        person = self.hire_at_home(name, *roles, locale=locale)
        return self.slack_world.add_user(self.workspace, name, person.email)

    def hire_at_home(self, name: str, *roles: str, locale: str = "en") -> Person:
        """A person of ours who has the web alone."""
        email = name.lower().replace(" ", ".") + "@city.example"
        with self.app.database.session() as session:
            person = Person(email=email, name=name, timezone="America/Toronto", locale=locale)
            session.add(person)
            session.flush()
            ensure_web_account(session, person)
            session.add_all(Role(person_id=person.id, name=role) for role in roles)
        return person

    def compare_slack(self) -> None:
        async def compare() -> None:
            for workspace in await self.slack.workspaces.all():
                await self.slack.directory.compare(workspace)

        self.do(compare())
        self.settle()

    def settle(self, span: timedelta = timedelta()) -> None:
        super().settle(span)
        self.do(self.slack.inbound.background.close())

    def _builders(self) -> Any:
        settings = SlackSettings.model_validate(
            {"signing_secret": SIGNING_SECRET, "api_url": self.slack_world.api, "bot_token": self.workspace.token}
        )
        return super()._builders() | {"slack": lambda host: Slack(host, settings)}

    def _send_from_slack(self, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        answer = self._request("POST", path, headers=headers, content=body)
        self.do(self.slack.inbound.background.close())
        self.settle(timedelta(seconds=5))
        return answer


@pytest.fixture
def slack_world() -> Iterator[SlackWorld]:
    made = SlackWorld()
    with slack_server.running(made):
        made.limited = False
        yield made


@pytest.fixture
def both(database: Database, slack_world: SlackWorld) -> Iterator[TwoPlatforms]:
    world = World()
    with server.running(world):
        world.limited = False
        made = TwoPlatforms(database, world, slack_world)
        yield made
        made.close()


class Desk:
    """IT works in Slack and in Teams; Ada, who asks, is in Teams; Wei, an agent, has the web alone."""

    def __init__(self, city: TwoPlatforms) -> None:
        self.city = city
        self.ada = city.hire("Ada Tremblay")
        self.tia = city.hire("Tia Teams", "agent:it")
        self.bea = city.hire_in_slack("Bea Novak", "agent:it")
        self.wei = city.hire_at_home("Wei Zhang", "agent:it")
        self.in_slack = city.slack_world.add_channel(city.workspace, "it")
        self.team = city.world.add_team(city.tenant, "Technology", [self.tia])
        self.in_teams = city.world.add_channel(self.team, "it")
        city.driver.add_to_team(self.team, self.tia)
        city.compare_slack()

    def teams_channel(self) -> str:
        place, world = self.in_teams, self.city.world
        return "\n".join(one.reads() for one in place.messages if not one.is_deleted) if world else ""

    def slack_channel(self) -> str:
        world = self.city.slack_world
        roots = world.messages(self.in_slack)
        return "\n".join(words for root in roots for words in [*world.reads(self.in_slack, root["ts"])]) + "\n".join(
            world.reads(self.in_slack)
        )

    def ada_reads(self) -> str:
        return "\n".join(self.city.world.reads(self.ada))

    def page(self, person: Person) -> str:
        return self.city.on_the_web(person, "/console/requests/IT-1")

    def do_on_the_web(self, verb: str, **values: str) -> None:
        origin = {"Origin": "https://bot.city.example"}
        answer = self.city.request("POST", f"/console/requests/IT-1/{verb}", self.wei, data=values, headers=origin)
        assert answer.status_code in (200, 303), answer.text
        self.city.settle()


@pytest.fixture
def desk(both: TwoPlatforms) -> Desk:
    return Desk(both)


def test_opened_in_teams_worked_in_slack_and_followed_on_the_web(desk: Desk) -> None:
    city, ada = desk.city, desk.ada
    city.driver.say(ada, "request it Laptop will not start")
    city.driver.press(ada, "Open the form")
    city.driver.submit(ada, **FILLED)
    for shown in (desk.ada_reads(), desk.slack_channel(), desk.teams_channel(), desk.page(desk.wei)):
        assert "Laptop will not start" in shown

    city.slack_driver.press(desk.bea, "Take it", channel=desk.in_slack)
    for shown in (desk.ada_reads(), desk.slack_channel(), desk.teams_channel(), desk.page(desk.wei)):
        assert "Bea Novak" in shown

    root = city.slack_world.messages(desk.in_slack)[0]["ts"]
    city.slack_driver.say(desk.bea, "Does it beep?", channel=desk.in_slack, thread=root)
    card = next(one for one in city.world.messages(ada) if "IT-1 ·" in one.reads())
    city.driver.say(ada, "Twice.", answering=card)
    desk.do_on_the_web("reply", body="A new one is on its way.")
    for words in ("Does it beep?", "Twice.", "A new one is on its way."):
        for shown in (desk.slack_channel(), desk.teams_channel(), desk.page(desk.wei)):
            assert words in shown, words
    assert "Does it beep?" in desk.ada_reads()
    assert "A new one is on its way." in desk.ada_reads()

    city.slack_driver.press(desk.bea, "Resolve", channel=desk.in_slack)
    city.slack_driver.submit(desk.bea, What_was_done="A new battery.")
    for shown in (desk.ada_reads(), desk.slack_channel(), desk.teams_channel(), desk.page(desk.wei)):
        assert "Resolved" in shown
    city.driver.press(ada, "It works, thank you")
    for shown in (desk.ada_reads(), desk.slack_channel(), desk.teams_channel(), desk.page(desk.wei)):
        assert "Closed" in shown


def test_an_internal_note_is_read_by_agents_on_every_platform_and_by_nobody_else(desk: Desk) -> None:
    city, ada = desk.city, desk.ada
    city.driver.say(ada, "request it Laptop will not start")
    city.driver.press(ada, "Open the form")
    city.driver.submit(ada, **FILLED)

    city.slack_driver.press(desk.bea, "Internal note", channel=desk.in_slack)
    city.slack_driver.submit(desk.bea, Only_the_agents="She said so last time too.")
    city.driver.press(desk.tia, "Internal note", where=desk.in_teams)
    city.driver.submit(desk.tia, Only_the_agents="It is the old model.")

    person = city.person(ada)
    for words in ("She said so last time too.", "It is the old model."):
        for shown in (desk.slack_channel(), desk.teams_channel(), desk.page(desk.wei)):
            assert words in shown
        assert words not in desk.ada_reads()
        assert words not in city.on_the_web(person, "/chat")
        assert words not in desk.page(person)


def test_a_comment_stands_once_in_each_place(desk: Desk) -> None:
    city = desk.city
    city.driver.say(desk.ada, "request it Laptop will not start")
    city.driver.press(desk.ada, "Open the form")
    city.driver.submit(desk.ada, **FILLED)
    root = city.world.messages(desk.in_teams)[-1]

    city.driver.say(desk.tia, "Look under the desk.", channel=desk.in_teams, thread=root.id, mention=True)

    assert desk.teams_channel().count("Look under the desk.") == 1
    assert desk.slack_channel().count("Look under the desk.") == 1
    assert desk.ada_reads().count("Look under the desk.") == 1


def test_a_survey_goes_to_each_on_their_own_platform_once_and_its_report_counts_them_all(both: TwoPlatforms) -> None:
    city = both
    in_teams = [city.hire(f"Teams Number{number}") for number in range(4)]
    in_slack = [city.hire_in_slack(f"Slack Number{number}") for number in range(4)]
    at_home = city.hire_at_home("Wei Zhang")
    priya = city.hire("Priya Nair", "hr")
    city.compare_slack()
    with city.app.database.session() as session:
        wave = pulse.launch(session, "weekly", zone=TORONTO, now=city.clock.now(), at_once=True)
    city.settle(timedelta(minutes=5))

    question = "How did your last week at work go?"
    for user in in_teams:
        assert "\n".join(city.world.reads(user)).count(question) == 1
    for other in in_slack:
        assert "\n".join(city.slack_world.reads(other["id"])).count(question) == 1
    assert city.on_the_web(at_home, "/chat").count(question) >= 1
    for account in in_teams:
        assert question not in city.on_the_web(city.person(account), "/chat")
    with city.app.database.session() as session:
        asked = session.exec(select(Message.person_id).where(Message.state == State.SENT)).all()
    assert len({person for person in asked if person}) == 10

    for number, user in enumerate(in_teams):
        city.driver.press(user, f"{number + 2} · {('Rather badly', 'So-so', 'Rather well', 'Very well')[number]}")
        city.driver.press(user, "4 · Agree")
    for other in in_slack:
        city.slack_driver.press(other, "4 · Rather well")
        city.slack_driver.press(other, "5 · Strongly agree")
    with city.app.database.session() as session:
        pulse.close(session, session.merge(wave), now=city.clock.now())
    city.settle(timedelta(hours=20))

    reports = [words for words in city.world.reads(priya) if "Results: Weekly pulse" in words]
    assert len(reports) == 1
    assert re.search(r"\b8\b", reports[0]), reports[0]
