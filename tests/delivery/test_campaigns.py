"""When a campaign will be done: at the pace of its lanes, behind what goes first, and from its first message on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from tests.talk import Recorder, hire
from workbot.cards import Card
from workbot.delivery import Campaign, Message, begin_campaign, campaign_is_told, campaigns, tell
from workbot.delivery.campaigns import Funnel
from workbot.delivery.models import Priority, RateState
from workbot.people import Person
from workbot.platforms import Limits
from workbot.storage.database import Database, flush_deferred

DATABASES = ("sqlite", "postgresql")
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)


class Desk:
    """A campaign to one person on a platform that takes two messages a second."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.ada: Person = hire(session, "Ada Roy")
        self.chat = Recorder()
        self.chat.limits = Limits(per_second=2)
        self.begin("news")

    def begin(self, key: str, *, expected: int = 0) -> None:
        begin_campaign(self.session, key, {"en": key}, expected=expected, now=NOW)
        self.session.flush()

    def queue(
        self, count: int, *, campaign: str = "news", lane: str = "chat", priority: int = Priority.CAMPAIGN,
        due: datetime = NOW,
    ) -> None:  # fmt: skip
        for _ in range(count):
            key = f"m{len(self.session.exec(select(Message.id)).all())}"
            tell(self.session, self.ada, Card("News"), key=key, campaign=campaign, priority=priority, due=due, now=NOW)
            flush_deferred(self.session)
            self.session.exec(select(Message).where(Message.key == key)).one().lane = lane

    def pace(self, **known: object) -> None:
        usual = {"lane": "chat", "post_at": NOW, "update_at": NOW, "changed_at": NOW}
        self.session.add(RateState.model_validate(usual | known))

    def funnel(self, key: str = "news") -> Funnel:
        self.session.flush()
        campaign = self.session.get_one(Campaign, key)
        self.session.refresh(campaign)
        return campaigns.funnel(self.session, campaign, {"chat": self.chat}, now=NOW)

    def seconds_left(self, key: str = "news") -> float:
        done_at = self.funnel(key).done_at
        assert done_at
        return (done_at - NOW).total_seconds()


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(session)


def test_it_takes_as_long_as_its_lane_needs(desk: Desk) -> None:
    desk.pace()
    desk.queue(100)

    assert desk.seconds_left() == pytest.approx(50)


def test_a_lane_that_was_slowed_takes_longer_and_one_that_rests_begins_later(desk: Desk) -> None:
    desk.pace(slowness=2.0, paused_until=NOW + timedelta(minutes=1))
    desk.queue(100)

    assert desk.seconds_left() == pytest.approx(60 + 100)


def test_what_goes_first_is_counted_and_what_comes_after_is_not(desk: Desk) -> None:
    desk.pace()
    desk.queue(10, campaign="", priority=Priority.ANSWER)
    desk.queue(20)
    desk.queue(30, campaign="", due=NOW + timedelta(hours=1))

    assert desk.seconds_left() == pytest.approx((10 + 20) / 2)


def test_what_is_due_later_goes_when_it_is_due(desk: Desk) -> None:
    desk.pace()
    desk.queue(3, due=NOW + timedelta(hours=2))

    assert desk.seconds_left() == pytest.approx(2 * 3600)


def test_what_has_no_lane_yet_goes_where_the_rest_goes(desk: Desk) -> None:
    desk.pace()
    desk.queue(10)
    desk.queue(90, lane="")

    assert desk.seconds_left() == pytest.approx(50)


def test_before_any_has_found_its_lane_nothing_is_promised(desk: Desk) -> None:
    desk.queue(10, lane="")

    assert desk.funnel().done_at is None


def test_what_is_still_to_be_queued_is_counted_from_the_start(desk: Desk) -> None:
    desk.begin("large", expected=100)
    desk.pace()
    desk.queue(10, campaign="large")

    funnel = desk.funnel("large")

    assert (funnel.all, funnel.queued) == (100, 100)
    assert desk.seconds_left("large") == pytest.approx(50)


def test_when_all_is_told_only_what_was_queued_counts(desk: Desk) -> None:
    """Somebody left between the launch and their turn."""
    desk.begin("large", expected=100)
    desk.pace()
    desk.queue(99, campaign="large")
    campaign_is_told(desk.session, "large")

    assert desk.funnel("large").all == 99


def test_a_moment_in_which_nothing_waits_does_not_end_a_campaign_that_goes_on(desk: Desk) -> None:
    desk.begin("large", expected=11)
    desk.pace()
    desk.queue(1, campaign="large")
    desk.session.flush()
    for message in desk.session.exec(select(Message).where(col(Message.campaign) == "large")):
        message.state = "sent"

    assert desk.funnel("large").queued == 10
    assert desk.seconds_left("large") == pytest.approx(5)


def test_a_campaign_of_which_nothing_waits_is_done(database: Database) -> None:
    with database.session() as session:
        desk = Desk(session)
        assert desk.funnel().done_at is None
        assert desk.funnel().all == 0
