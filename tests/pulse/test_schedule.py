"""What time brings: waves by local date, people in their own morning, one reminder, one close."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from tests.pulse.conftest import MONDAY, SUNDAY, ZONE, answer, publish, team
from tests.talk import Talk, hire
from workbot import pulse
from workbot.cards import plain_text
from workbot.delivery import Campaign, Message, State, campaigns
from workbot.errors import WorkbotError
from workbot.jobs import Job
from workbot.people import DayOff, Leave, Person
from workbot.pulse import Participation, Wave, notices
from workbot.pulse.definitions import Schedule
from workbot.settings import Settings
from workbot.storage.database import Database

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def start(talk: Talk) -> None:
    """What every start of the app does."""
    settings = Settings(timezone="America/Toronto")
    talk.database.run_here(lambda session: pulse.prepare(session, settings, now=talk.clock.now()))


def waves(database: Database) -> list[Wave]:
    return database.run_here(lambda session: list(session.exec(select(Wave).order_by(Wave.number))))


def received(talk: Talk, person: Person) -> list[datetime]:
    """When messages about surveys reached a person, in their zone."""

    def read(session: Session) -> list[datetime]:
        rows = session.exec(select(Message).where(Message.person_id == person.id, Message.state == State.SENT))
        return [row.sent_at for row in rows if row.sent_at and row.subject.startswith("pulse")]

    return talk.database.run_here(read)


def test_a_weekly_wave_opens_on_monday_at_nine_and_closes_on_friday_at_five(
    talk: Talk, ada: Person, database: Database
) -> None:
    start(talk)

    talk.wait(WEEK - DAY)

    (wave,) = waves(database)
    assert received(talk, ada)[0] == datetime(2026, 11, 23, 14, tzinfo=UTC)
    assert wave.closed_at == datetime(2026, 11, 27, 22, tzinfo=UTC)


def test_everyone_is_asked_in_their_own_morning(talk: Talk, ada: Person, database: Database) -> None:
    with database.session() as session:
        vera = hire(session, "Vera West", timezone="America/Vancouver")
        sam = hire(session, "Sam East", timezone="America/St_Johns")
    start(talk)

    talk.wait(1 * DAY + 12 * HOUR)

    assert received(talk, sam) == [datetime(2026, 11, 23, 12, 30, tzinfo=UTC)]
    assert received(talk, ada) == [datetime(2026, 11, 23, 14, tzinfo=UTC)]
    assert received(talk, vera) == [datetime(2026, 11, 23, 17, tzinfo=UTC)]


@pytest.mark.parametrize("first", [datetime(2026, 3, 1, 17, tzinfo=UTC), datetime(2026, 10, 25, 16, tzinfo=UTC)])
def test_a_clock_change_neither_skips_nor_doubles_a_wave(
    talk: Talk, ada: Person, database: Database, first: datetime
) -> None:
    talk.clock.at = first
    start(talk)

    talk.wait(3 * WEEK)

    days = [wave.first_day for wave in waves(database)]
    assert days == [first.date() + DAY + WEEK * number for number in range(3)]
    assert {wave.opens_at.astimezone(ZONE).hour for wave in waves(database)} == {9}


def test_starting_again_and_again_writes_nothing_twice(talk: Talk, ada: Person, database: Database) -> None:
    for _ in range(14):
        start(talk)
        start(talk)
        talk.wait(DAY)

    assert [wave.number for wave in waves(database)] == [1, 2]
    assert len(received(talk, ada)) >= 4


def test_after_an_outage_only_the_newest_wave_is_launched(talk: Talk, ada: Person, database: Database) -> None:
    start(talk)
    talk.clock.at = SUNDAY + 2 * WEEK + 2 * DAY

    start(talk)
    talk.wait(WEEK)

    assert [wave.first_day for wave in waves(database)] == [date(2026, 12, 7), date(2026, 12, 14)]


def test_a_wave_found_after_its_time_is_left_out(talk: Talk, ada: Person, database: Database) -> None:
    start(talk)
    talk.clock.at = SUNDAY + 6 * DAY

    talk.wait(HOUR)

    assert waves(database) == []


def test_a_scheduled_wave_waits_for_one_that_is_still_open(talk: Talk, ada: Person, database: Database) -> None:
    start(talk)
    with database.session() as session:
        pulse.launch(session, "weekly", zone=ZONE, now=SUNDAY, at_once=True)

    talk.wait(2 * DAY)

    assert [wave.number for wave in waves(database)] == [1]


def test_a_second_wave_cannot_be_launched_beside_an_open_one(session: Session) -> None:
    publish(session)
    team(session, "City/Roads", "Ada")
    pulse.launch(session, "weekly", zone=ZONE, now=MONDAY, at_once=True)

    with pytest.raises(WorkbotError, match="open already"):
        pulse.launch(session, "weekly", zone=ZONE, now=MONDAY, at_once=True)


def test_at_once_asks_whatever_the_hour(talk: Talk, ada: Person, database: Database) -> None:
    with database.session() as session:
        pulse.launch(session, "weekly", zone=ZONE, now=SUNDAY, at_once=True)

    talk.wait()

    assert received(talk, ada) == [SUNDAY]


def test_who_has_not_answered_is_reminded_once_in_a_message_of_its_own(
    talk: Talk, ada: Person, database: Database
) -> None:
    with database.session() as session:
        bob = team(session, "City/Roads", "Bob")[0]
    start(talk)
    talk.wait(DAY)
    talk.press(bob, "4 · Rather well")
    talk.replies.clear()

    talk.wait(3 * DAY)

    assert received(talk, ada) == [MONDAY, MONDAY + 2 * DAY]
    assert [card.title for card in talk.cards(ada)] == ["Weekly pulse", "Reminder: Weekly pulse"]
    assert len(received(talk, bob)) == 1


def test_answering_in_the_reminder_mends_the_first_message(talk: Talk, ada: Person) -> None:
    start(talk)
    talk.wait(3 * DAY)
    for label in ("4 · Rather well", "4 · Agree", "Skip"):
        talk.press(ada, label)
    talk.replies.clear()

    assert all("Thank you!" in plain_text(card) for card in talk.cards(ada))


def test_a_person_on_leave_is_asked_when_they_are_back(talk: Talk, ada: Person, database: Database) -> None:
    with database.session() as session:
        session.add(Leave(person_id=ada.id, first_day=date(2026, 11, 20), last_day=date(2026, 11, 25)))
    start(talk)

    talk.wait(4 * DAY + 5 * HOUR)

    assert received(talk, ada) == [datetime(2026, 11, 26, 14, tzinfo=UTC)]


def test_a_person_away_all_the_while_is_not_counted_in(talk: Talk, ada: Person, database: Database) -> None:
    with database.session() as session:
        team(session, "City/Roads", "Bob")
        session.add(Leave(person_id=ada.id, first_day=date(2026, 11, 1), last_day=date(2026, 12, 24)))
    start(talk)

    talk.wait(2 * DAY)

    with database.session() as session:
        assert ada.id not in session.exec(select(Participation.person_id)).all()


def test_who_leaves_during_the_wave_hears_no_more(talk: Talk, ada: Person, database: Database) -> None:
    start(talk)
    talk.wait(2 * DAY)
    with database.session() as session:
        person = session.get_one(Person, ada.id)
        person.active = False

    talk.wait(4 * DAY)

    assert len(received(talk, ada)) == 1


def test_on_a_holiday_the_question_waits_for_the_next_working_day(talk: Talk, ada: Person, database: Database) -> None:
    with database.session() as session:
        session.add(DayOff(day=date(2026, 11, 23), name="Founders’ Day"))
    start(talk)

    talk.wait(2 * DAY + HOUR)

    assert received(talk, ada) == [datetime(2026, 11, 24, 14, tzinfo=UTC)]


def test_membership_is_frozen_at_the_launch(talk: Talk, ada: Person, database: Database) -> None:
    start(talk)
    talk.wait(2 * DAY)
    with database.session() as session:
        newcomer = team(session, "City/Roads", "Nora")[0]
        moved = session.get_one(Person, ada.id)
        moved.department_id = None

    talk.wait(DAY)

    assert received(talk, newcomer) == []
    with database.session() as session:
        assert session.exec(select(Participation.segment)).one() == "City/Roads"


def test_many_people_are_asked_in_batches_each_once(
    talk: Talk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "BATCH", 7)
    with database.session() as session:
        people = [hire(session, f"P{number} Crew") for number in range(30)]
        pulse.launch(session, "weekly", zone=ZONE, now=MONDAY, at_once=True)
    # Whoever follows the launch sees all of it from the first moment on.
    assert followed(database) == 30
    with database.session() as session:
        session.get_one(Person, people[0].id).active = False
    talk.clock.at = MONDAY

    talk.wait()

    assert [len(talk.cards(person)) for person in people] == [0, *[1] * 29]
    assert followed(database) == 29
    with database.session() as session:
        asked = session.exec(select(Job).where(Job.kind == "pulse.ask", Job.state == "done")).all()
    assert len(asked) == 5


def followed(database: Database) -> int:
    """Of how many messages the only campaign is said to be."""
    with database.session() as session:
        campaign = session.exec(select(Campaign)).one()
        return campaigns.funnel(session, campaign, {}, now=MONDAY).all


def test_closing_early_reports_once_and_the_scheduled_close_does_nothing(
    talk: Talk, ada: Person, hana: Person, database: Database
) -> None:
    start(talk)
    talk.wait(2 * DAY)
    with database.session() as session:
        pulse.close(session, pulse.wave_numbered(session, "weekly"), now=talk.clock.now())
    talk.wait(4 * DAY)

    assert len([card for card in talk.cards(hana) if card.title.startswith("Résultats")]) == 1
    with database.session() as session, pytest.raises(WorkbotError, match="already closed"):
        pulse.close(session, pulse.wave_numbered(session, "weekly"), now=talk.clock.now())


def test_under_k_the_report_says_so_and_shows_nothing(
    talk: Talk, ada: Person, hana: Person, database: Database
) -> None:
    start(talk)
    talk.wait(2 * DAY)
    with database.session() as session:
        answer(session, pulse.wave_numbered(session, "weekly"), session.get_one(Person, ada.id), week="1", means="5")

    talk.wait(4 * DAY)

    (card,) = (card for card in talk.cards(hana) if card.title.startswith("Résultats"))
    assert "Moins de 5 personnes ont répondu" in plain_text(card)
    assert [element.kind for element in card.body] == ["text", "buttons"]


def test_hr_hears_in_chat_and_by_mail_in_their_language(talk: Talk, hana: Person, database: Database) -> None:
    with database.session() as session:
        crew = team(session, "City/Roads", *"ABCDEFG")
        wave = pulse.launch(session, "weekly", zone=ZONE, now=MONDAY, at_once=True)
        for number, person in enumerate(crew):
            answer(session, wave, person, week=str(1 + number % 5), means="4" if number else "2", better="Sel")
    talk.clock.at = MONDAY

    talk.wait(5 * DAY)

    card = talk.cards(hana)[-1]
    assert card.title == "Résultats\u00a0: Pouls de la semaine, n° 1"
    assert [element.kind for element in card.body] == ["text", "facts", "image", "buttons"]
    (mail,) = talk.mail.cards(hana.email)
    assert [element.kind for element in mail.body] == ["text", "facts", "image", "attachment", "buttons"]
    assert "Comment s’est passée" in plain_text(card)


def test_the_last_day_stands_in_for_a_day_that_a_month_lacks() -> None:
    monthly = Schedule(every="month", day=31)

    assert monthly.next_after(date(2027, 1, 31)) == date(2027, 2, 28)
    assert monthly.next_after(date(2027, 2, 28)) == date(2027, 3, 31)


def test_a_week_is_a_week() -> None:
    weekly = Schedule(every="week", weekday="monday")

    assert weekly.next_after(date(2026, 11, 23)) == date(2026, 11, 30)
