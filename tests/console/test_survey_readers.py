"""Who reads a survey is promised at its launch: its readers see every page, file and figure of it, others none."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from sqlmodel import Session, select

from tests.console.town import Town
from workbot import definitions, pulse
from workbot.cards import Card, plain_text
from workbot.delivery import Message
from workbot.i18n import language
from workbot.people import Person
from workbot.pulse import Wave, report_of, reporting, views
from workbot.pulse.handlers import results_on_own_page
from workbot.pulse.service import Participant, open_waves
from workbot.turns import HomeOpened, Sender

ENOUGH = (2, 3, 3, 4, 4, 5, 5)
WORDS = "The third floor is too loud"
FORMATS = ("csv", "html", "pdf", "png", "xlsx")
PAGE = "/console/surveys/weekly/1"


def promise_to(town: Town, *roles: str, mode: str = "identified") -> None:
    """Publish the weekly survey with other readers."""
    with town.database.session() as session:
        survey, _version = definitions.current(session, pulse.KIND, "weekly")
        content = survey.model_dump() | {"mode": mode, "report": {"roles": roles, "mail": True}}
        changed = pulse.SurveyDefinition.model_validate(content)
        definitions.publish(session, pulse.KIND, changed, now=town.clock.now())


@pytest.fixture
def closed(town: Town) -> Town:
    """A closed wave of a survey that was promised to auditors alone, with names."""
    promise_to(town, "auditor")
    town.closed_wave(*ENOUGH, comment=WORDS)
    return town


def test_its_readers_read_it_and_whoever_launches_it_does_not(closed: Town) -> None:
    auditor, hr, admin = (closed.visit(person) for person in (closed.audrey, closed.priya, closed.david))

    page = auditor.get(PAGE)

    assert page.status_code == HTTPStatus.OK
    assert WORDS in page.text
    assert closed.mei.name in page.text
    for other in (hr, admin):
        refused = other.get(PAGE)
        assert refused.status_code == HTTPStatus.FORBIDDEN
        assert WORDS not in refused.text


@pytest.mark.parametrize("ending", FORMATS)
def test_every_file_of_it_is_for_its_readers_alone(closed: Town, ending: str) -> None:
    address = f"{PAGE}/report.{ending}"

    statuses = [closed.visit(who).get(address).status_code for who in (closed.audrey, closed.priya, closed.bea)]

    assert statuses == [HTTPStatus.OK, HTTPStatus.FORBIDDEN, HTTPStatus.FORBIDDEN]


def test_the_lists_show_others_nothing_of_it(closed: Town) -> None:
    for address in ("/console/surveys", "/console", "/console/campaigns"):
        page = closed.visit(closed.priya).get(address).text
        assert f'href="{PAGE}"' not in page, address
        assert "100%" not in page, address
        assert "7 of 7" not in page, address

    assert "100%" in closed.visit(closed.audrey).get("/console/surveys").text
    assert f'href="{PAGE}"' in closed.visit(closed.audrey).get("/console").text


def test_whoever_launches_may_launch_follow_and_close_without_reading(town: Town) -> None:
    promise_to(town, "auditor")
    hr = town.visit(town.priya)

    launched = hr.post("/console/surveys/weekly/launch", {"at_once": "yes"})
    assert (launched.status_code, launched.url.path) == (HTTPStatus.OK, "/console/surveys")
    town.answer(1, *ENOUGH)
    assert f'href="{PAGE}/close"' in hr.get("/console/surveys").text
    asked = hr.get(f"{PAGE}/close")
    assert asked.status_code == HTTPStatus.OK
    assert "7 of" not in asked.text
    done = hr.post(f"{PAGE}/close")

    assert (done.status_code, done.url.path) == (HTTPStatus.OK, "/console/surveys")
    assert "Its results go to those they were promised to" in done.text
    again = hr.post(f"{PAGE}/close")
    assert again.status_code == HTTPStatus.CONFLICT
    assert "already closed" in again.text


def test_a_reader_may_neither_launch_nor_close(town: Town) -> None:
    promise_to(town, "auditor")
    town.launch()
    auditor = town.visit(town.audrey)

    assert "/close" not in auditor.get(PAGE).text
    assert "/launch" not in auditor.get("/console/surveys").text
    for address in (f"{PAGE}/close", "/console/surveys/weekly/launch"):
        assert auditor.get(address).status_code == HTTPStatus.FORBIDDEN
        assert auditor.post(address).status_code == HTTPStatus.FORBIDDEN


def test_who_is_no_reader_of_anything_has_no_way_there(town: Town) -> None:
    town.closed_wave(*ENOUGH)

    for address in ("/console", "/console/surveys", PAGE):
        assert town.visit(town.audrey).get(address).status_code == HTTPStatus.FORBIDDEN
    with town.database.session() as session:
        session.get_one(Person, town.priya.id).active = False
    assert town.visit(town.priya).get(PAGE, follow_redirects=False).status_code == HTTPStatus.SEE_OTHER


def test_readers_stay_those_of_the_launch_whatever_the_definition_says_later(closed: Town) -> None:
    promise_to(closed, "hr", "agent:it")
    number = closed.closed_wave(*ENOUGH)

    def may_read(wave: int) -> list[bool]:
        people = (closed.audrey, closed.priya, closed.bea)
        address = f"/console/surveys/weekly/{wave}"
        return [closed.visit(who).get(address).status_code == HTTPStatus.OK for who in people]

    assert may_read(1) == [True, False, False]
    assert may_read(number) == [False, True, True]


@pytest.mark.parametrize(("before", "now", "shown"), [("auditor", "hr", 1), ("hr", "hr", 2), ("hr auditor", "hr", 2)])
def test_the_trend_holds_no_wave_that_one_of_its_readers_may_not_read(
    town: Town, before: str, now: str, shown: int
) -> None:
    promise_to(town, *before.split(), mode="confidential")
    town.closed_wave(2, 2, 2, 2, 3, 2, 3)
    promise_to(town, *now.split(), mode="confidential")
    number = town.closed_wave(*ENOUGH)

    with town.database.session() as session:
        report = report_of(session, pulse.wave_numbered(session, "weekly", number), language("en"))

    assert len(report.trend) == shown
    assert ("since last time" in town.visit(town.priya).get(f"/console/surveys/weekly/{number}").text) is (shown > 1)


def test_the_report_goes_to_its_readers_alone(closed: Town) -> None:
    with closed.database.session() as session:
        reporting.tell(session, _wave(session), now=closed.clock.now())

    with closed.database.session() as session:
        told = session.exec(select(Message).where(Message.key.startswith("pulse.report"))).all()  # type: ignore[attr-defined]
        assert {message.person_id for message in told} == {closed.audrey.id}
        assert len(told) == 2
        own = {who.name: _results(session, who, closed) for who in _two(closed)}
    assert [len(cards) for cards in own.values()] == [1, 0]


def _results(session: Session, person: Person, town: Town) -> tuple[Card, ...]:
    """What of results stands on somebody's own page."""
    turn = HomeOpened(sender=Sender("web", str(person.id)), id="o", surface="web")
    return results_on_own_page(session, turn, person=person, now=town.clock.now()).cards  # type: ignore[union-attr]


def test_a_reader_who_is_one_no_more_reads_it_nowhere(closed: Town) -> None:
    with closed.database.session() as session:
        reporting.tell(session, _wave(session), now=closed.clock.now())
    closed.take_from(closed.audrey, "auditor")

    with closed.database.session() as session:
        assert _results(session, closed.audrey, closed) == ()
    assert closed.visit(closed.audrey).get(PAGE).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        (("auditor",), "the auditors will see what you answered"),
        (("agent:payroll", "hr"), "the agents of the desk “payroll” and the HR department will see"),
    ],
)
def test_people_read_who_reads_it(town: Town, roles: tuple[str, ...], said: str) -> None:
    promise_to(town, *roles)
    town.launch()

    with town.database.session() as session:
        (participant,) = open_waves(session, session.get_one(Person, town.mei.id), now=town.clock.now())
        assert said in plain_text(views.invitation(participant, language("en")))
        assert said.split(" will")[0] in plain_text(views.thanks(_changed(session, participant), language("en")))


def _changed(session: Session, participant: Participant) -> Participant:
    """The same seat after the definition was published with other readers."""
    survey = pulse.SurveyDefinition.model_validate(participant.survey.model_dump() | {"report": {"roles": ("admin",)}})
    return Participant(participant.wave, survey, participant.participation)


def _wave(session: Session) -> Wave:
    return pulse.wave_numbered(session, "weekly", 1)


def _two(town: Town) -> tuple[Person, Person]:
    return town.audrey, town.priya
