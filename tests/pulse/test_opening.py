"""A scheduled day opens its wave, or is passed over and said so; the next one comes whatever happened."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from tests.pulse.conftest import SUNDAY, ZONE, publish, team
from tests.talk import Talk, hire
from workbot import definitions, pulse
from workbot.cards import plain_text
from workbot.definitions import DefinitionVersion
from workbot.jobs import Job
from workbot.people import Person
from workbot.pulse import Participation, SurveyDefinition, Wave, launching
from workbot.settings import Settings
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
NOON_ON_FRIDAY = SUNDAY + 5 * DAY


def survey(name: str = "today", **more: Any) -> SurveyDefinition:
    """One question on Fridays, open from nine to five."""
    question = {
        "id": "mood",
        "kind": "scale",
        "text": {"en": "How is today?", "fr": "Comment va la journée?"},
        "low": {"en": "Badly", "fr": "Mal"},
        "high": {"en": "Well", "fr": "Bien"},
    }
    known = {
        "name": name,
        "title": {"en": "Today", "fr": "Aujourd’hui"},
        "intro": {"en": "One question.", "fr": "Une question."},
        "mode": "confidential",
        "schedule": {"every": "week", "weekday": "friday", "at": "09:00"},
        "open_for": {"days": 0, "until": "17:00"},
        "questions": [question],
    }
    return SurveyDefinition.model_validate(known | more)


def start(talk: Talk, *surveys: SurveyDefinition, timezone: str = "America/Toronto") -> None:
    """Publish surveys in place of the shipped, and do what every start of the app does."""

    def begin(session: Session) -> None:
        for version in session.exec(select(DefinitionVersion)):
            session.delete(version)
        session.flush()
        for one in surveys:
            definitions.publish(session, pulse.KIND, one, now=talk.clock.now())
        pulse.prepare(session, Settings(timezone=timezone), now=talk.clock.now())

    talk.database.run_here(begin)


def waves(database: Database) -> list[Wave]:
    return database.run_here(lambda session: list(session.exec(select(Wave).order_by(Wave.opens_at))))


def failures(database: Database) -> list[Job]:
    return database.run_here(lambda session: list(session.exec(select(Job).where(Job.attempts > 0))))


def not_opened(talk: Talk, person: Person) -> list[str]:
    cards = talk.chat.cards(f"chat:{person.email}")
    return [plain_text(card) for card in cards if card.title.startswith(("Not opened", "Non ouvert"))]


NEWCOMERS = {"audience": {"started": {"at_most_days": 30}}}
WEEKLY: dict[str, Any] = {
    "schedule": {"every": "week", "weekday": "monday", "at": "09:00"},
    "open_for": {"days": 3, "until": "17:00"},
}


def test_an_empty_audience_is_passed_over_and_the_next_week_opens(talk: Talk, hana: Person, database: Database) -> None:
    start(talk, survey(**WEEKLY, **NEWCOMERS))
    talk.wait(3 * DAY)
    with database.session() as session:
        team(session, "City/Roads", "Nora", started_on=date(2026, 11, 25))

    talk.wait(5 * WEEK)

    assert [wave.first_day for wave in waves(database)] == [date(2026, 11, 30) + WEEK * n for n in range(4)]
    assert failures(database) == []
    # The first Monday, and the one after her thirty days.
    assert [text.splitlines()[0] for text in not_opened(talk, hana)] == ["Non ouvert\u00a0: Aujourd’hui"] * 2


def test_what_was_passed_over_is_said_once_with_why_and_what_comes_next(
    talk: Talk, hana: Person, database: Database
) -> None:
    with database.session() as session:
        session.get_one(Person, hana.id).locale = "en"
    start(talk, survey(**WEEKLY, audience={"departments": ["City/Moon"]}))
    talk.wait(6 * DAY)
    start(talk, survey(**WEEKLY, audience={"departments": ["City/Moon"]}))
    talk.wait(DAY - HOUR)

    (said,) = not_opened(talk, hana)
    assert "It was due on Monday, November 23" in said
    assert "Nobody belongs to the audience of “today”." in said
    assert "The next one is due on Monday, November 30." in said


@pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyError("missing"), OSError("no disk")])
def test_whatever_a_launch_raises_the_next_wave_opens(
    talk: Talk, ada: Person, database: Database, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    start(talk, survey(**WEEKLY))
    with monkeypatch.context() as breaking:
        breaking.setattr(launching, "_schedule", broken)
        talk.wait(2 * DAY)
    assert waves(database) == []

    talk.wait(WEEK)

    assert [wave.first_day for wave in waves(database)] == [date(2026, 11, 30)]


def test_one_survey_that_cannot_be_read_holds_up_no_other_and_comes_back(
    talk: Talk, ada: Person, database: Database
) -> None:
    start(talk, survey("broken", **WEEKLY), survey(**WEEKLY))
    kept = spoil(database, "broken")
    talk.wait(2 * DAY)
    assert [wave.survey for wave in waves(database)] == ["today"]

    mend(database, kept)
    talk.wait(WEEK)

    assert {wave.survey for wave in waves(database) if wave.first_day == date(2026, 11, 30)} == {"broken", "today"}


def spoil(database: Database, name: str) -> DefinitionVersion:
    """Make what was published of a survey unreadable; what it was."""
    with database.session() as session:
        version = session.exec(select(DefinitionVersion).where(DefinitionVersion.name == name)).one()
        kept = DefinitionVersion.model_validate(version.model_dump())
        version.content = {"name": name, "was": "something else"}
    definitions.versions.PARSED.clear()
    return kept


def mend(database: Database, kept: DefinitionVersion) -> None:
    with database.session() as session:
        session.get_one(DefinitionVersion, kept.id).content = kept.content
    definitions.versions.PARSED.clear()


def test_a_survey_that_is_gone_opens_no_more_and_fails_nothing(talk: Talk, ada: Person, database: Database) -> None:
    start(talk, survey(**WEEKLY))
    start(talk, survey("other", **WEEKLY))

    talk.wait(2 * DAY)

    assert [wave.survey for wave in waves(database)] == ["other"]
    assert failures(database) == []


def test_a_survey_of_one_day_opens_every_week_on_time(talk: Talk, ada: Person, database: Database) -> None:
    start(talk, survey())

    talk.wait(3 * WEEK)

    assert [wave.opens_at for wave in waves(database)] == [
        datetime(2026, 11, 27, 14, tzinfo=UTC) + WEEK * number for number in range(3)
    ]
    assert len(talk.chat.cards(f"chat:{ada.email}")) == 3


def test_a_survey_of_one_hour_opens_too(talk: Talk, ada: Person, database: Database) -> None:
    start(talk, survey(open_for={"days": 0, "until": "10:00"}))

    talk.wait(6 * DAY)

    assert [wave.closes_at for wave in waves(database)] == [datetime(2026, 11, 27, 15, tzinfo=UTC)]


@pytest.mark.parametrize(("late", "opens"), [(2 * HOUR, True), (4 * HOUR, True), (5 * HOUR, False), (9 * HOUR, False)])
def test_a_wave_opens_late_while_half_of_its_time_is_left(
    talk: Talk, ada: Person, hana: Person, database: Database, late: timedelta, opens: bool
) -> None:
    start(talk, survey())
    talk.clock.at = datetime(2026, 11, 27, 14, tzinfo=UTC) + late

    talk.wait()

    assert bool(waves(database)) is opens
    talk.wait(3 * DAY)
    assert len(not_opened(talk, hana)) == (not opens)


def test_a_wave_that_waits_for_one_that_is_open_is_said_to_do_so(talk: Talk, hana: Person, database: Database) -> None:
    start(talk, survey(**WEEKLY))
    with database.session() as session:
        pulse.launch(session, "today", zone=ZONE, now=SUNDAY, at_once=True)

    talk.wait(2 * DAY)

    assert len(waves(database)) == 1
    (said,) = not_opened(talk, hana)
    assert "est déjà ouvert" in said


def test_whose_morning_comes_after_the_close_is_asked_at_the_opening_or_not_counted(
    talk: Talk, database: Database
) -> None:
    with database.session() as session:
        kiri = hire(session, "Kiri Auckland", timezone="Pacific/Auckland")
        # Friday from nine to five in Auckland is Thursday there, from three in the afternoon on.
        tara = hire(session, "Tara Toronto")
        lena = hire(session, "Lena London", timezone="Europe/London")
    start(talk, survey(), timezone="Pacific/Auckland")

    talk.wait(6 * DAY)

    with database.session() as session:
        counted = set(session.exec(select(Participation.person_id)))
    assert counted == {kiri.id, tara.id}
    assert [len(talk.chat.cards(f"chat:{person.email}")) for person in (kiri, tara, lena)] == [1, 1, 0]


@pytest.mark.parametrize(
    ("first", "opens"),
    [
        # At half past two on the day that has no such time, and on the day that has it twice.
        (datetime(2026, 3, 1, 17, tzinfo=UTC), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        (datetime(2026, 10, 26, 17, tzinfo=UTC), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_a_survey_of_one_day_opens_on_the_days_of_the_clock_change(
    talk: Talk, database: Database, first: datetime, opens: datetime
) -> None:
    with database.session() as session:
        hire(session, "Ada Roy")
    talk.clock.at = first
    at = {datetime(2026, 3, 8, 7, 30, tzinfo=UTC): "02:30"}.get(opens, "01:30")
    start(talk, survey(schedule={"every": "week", "weekday": "sunday", "at": at}))

    talk.wait(opens - first)

    assert [wave.opens_at for wave in waves(database)] == [opens]


def test_what_was_published_before_a_rule_is_still_read(session: Session) -> None:
    publish(session)
    never = survey().model_dump(mode="json") | {"open_for": {"days": 0, "until": "08:00"}}
    row = DefinitionVersion(kind="surveys", name="today", version=1, digest="", content=never, published_at=SUNDAY)
    session.add(row)
    session.flush()

    assert definitions.as_published(session, pulse.KIND, row.id).open_for.until == "08:00"
    assert len(definitions.all_current(session, pulse.KIND)) == 3
