"""One request, one thread: some of its people in Slack, the others on the web."""

from __future__ import annotations

import re

import pytest
from sqlmodel import select

from tests.integrations.slack.city import City
from workbot.people import Person

FILLED = {"What_kind": "Something is broken", "How_much": "I cannot work"}


@pytest.fixture
def desk(city: City) -> City:
    """Ada is in Slack, and so is the desk's channel; Wei, an agent, and Tom have the web alone."""
    city.hire("Ada Tremblay")
    city.hire("Bea Novak", "agent:it")
    city.hire("Wei Zhang", "agent:it", in_slack=False)
    city.hire("Tom Driver", in_slack=False)
    city.world.add_channel(city.workspace, "it")
    city.compare()
    return city


def person(city: City, name: str) -> Person:
    with city.app.database.session() as session:
        return session.exec(select(Person).where(Person.name == name)).one()


def user(city: City, name: str) -> dict[str, str]:
    return next(one for one in city.world.users.values() if one["real_name"] == name)


def channel(city: City) -> str:
    return next(key for key, one in city.world.channels.items() if one.get("name") == "it")


def do(city: City, who: Person, verb: str, **values: str) -> None:
    """What an agent does on the request's page in the console."""
    answer = city.request(
        "POST", f"/console/requests/IT-1/{verb}", who, data=values, headers={"Origin": "https://bot.city.example"}
    )
    assert answer.status_code in (200, 303), answer.text
    city.settle()


def test_opened_in_slack_and_worked_on_the_web(desk: City) -> None:
    ada, wei = user(desk, "Ada Tremblay"), person(desk, "Wei Zhang")
    desk.driver.command(ada, "/request", "it Laptop will not start")
    desk.driver.submit(ada, **FILLED)
    assert "Laptop will not start" in desk.on_the_web(wei, "/chat/p/it")

    do(desk, wei, "take")
    assert "Agent: Wei Zhang" in "\n".join(desk.world.reads(ada["id"]))
    assert "Agent: Wei Zhang" in "\n".join(desk.world.reads(channel(desk)))

    do(desk, wei, "reply", body="Bring it to the second floor.")
    root = desk.world.messages(ada["id"])[0]["ts"]
    assert "Bring it to the second floor." in "\n".join(desk.world.reads(ada["id"], root))
    desk.driver.say(ada, "On my way.", thread=root)
    assert "On my way." in desk.on_the_web(wei, "/console/requests/IT-1")

    do(desk, wei, "resolve", body="A new battery.")
    desk.driver.press(ada, "It works, thank you")
    assert "Closed" in desk.on_the_web(wei, "/console/requests/IT-1")


def test_opened_on_the_web_and_worked_in_slack(desk: City) -> None:
    tom, bea = person(desk, "Tom Driver"), user(desk, "Bea Novak")
    say(desk, tom, "request it Gate 4 does not open")
    page = desk.on_the_web(tom, "/chat")
    assert page
    open_form(desk, tom)

    desk.driver.press(bea, "Take it", channel=channel(desk))
    assert "Bea Novak" in desk.on_the_web(tom, "/chat")
    root = desk.world.messages(channel(desk))[0]["ts"]
    desk.driver.say(bea, "Somebody is on the way.", channel=channel(desk), thread=root)

    assert "Somebody is on the way." in desk.on_the_web(tom, "/chat")
    assert "Somebody is on the way." in desk.on_the_web(person(desk, "Wei Zhang"), "/console/requests/IT-1")
    assert "\n".join(desk.world.reads(channel(desk), root)).count("Somebody is on the way.") == 1


def say(city: City, who: Person, text: str) -> None:
    nonce = re.search(r'name="nonce" value="([^"]+)"', city.on_the_web(who, "/chat"))
    assert nonce
    data = {"text": text, "nonce": nonce[1]}
    city.form = city.request("POST", "/chat/say", who, data=data, headers={"Origin": "https://bot.city.example"})  # type: ignore[attr-defined]


def open_form(city: City, who: Person) -> None:
    """Send the form that a typed line was answered with."""
    html = city.form.text  # type: ignore[attr-defined]
    sealed = re.search(r'name="form" value="([^"]+)"', html)
    assert sealed, html
    data = {"form": sealed[1], "f-title": "Gate 4 does not open", "f-kind": "broken", "f-urgency": "blocked"}
    answer = city.request("POST", "/chat/form", who, data=data, headers={"Origin": "https://bot.city.example"})
    assert answer.status_code == 303, answer.text
    city.settle()
