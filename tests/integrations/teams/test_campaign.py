"""Many messages at once to many people in Teams, which refuses whoever is faster than it allows."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from tests.integrations.teams.city import City
from workbot.cards import Card
from workbot.delivery import Message, State, tell
from workbot.people import Person

PEOPLE, EACH = 30, 8


def test_a_launch_keeps_within_teams_limits_and_in_order(city: City) -> None:
    users = [city.hire(f"Person Number{number}") for number in range(PEOPLE)]
    city.settle(timedelta(minutes=1))
    for user in users:
        city.world.personal(user).messages.clear()
    city.world.limited = True
    city.world.monotonic = lambda: city.clock.now().timestamp()
    with city.app.database.session() as session:
        for person in session.exec(select(Person)).all():
            for number in range(EACH):
                tell(session, person, Card(f"News {number}"), key=f"{person.id}:{number}", now=city.clock.now())

    for _ in range(200):
        city.settle(timedelta(seconds=0.1))

    in_order = [f"News {number}" for number in range(EACH)]
    assert all(city.world.reads(user) == in_order for user in users)
    with city.app.database.session() as session:
        campaign = select(Message).where(Message.key.contains(":"), Message.lane != "")  # type: ignore[attr-defined]
        told = [row for row in session.exec(campaign).all() if row.card["title"].startswith("News")]
    assert [row.state for row in told] == [State.SENT] * (PEOPLE * EACH)
    assert not [row.key for row in told if row.attempts > 1]
