"""The ballot box on both databases."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlmodel import Session, select

from tests.pulse.conftest import MONDAY, ZONE, answer, publish, team
from workbot import pulse
from workbot.errors import WorkbotError
from workbot.people import Person
from workbot.pulse import Ballot, Wave, ballots
from workbot.pulse.service import Participant, participant, question_of

DATABASES = ("sqlite", "postgresql")


@pytest.fixture
def crew(session: Session) -> list[Person]:
    publish(session)
    return team(session, "City/Roads", *"ABCDE")


@pytest.fixture
def wave(session: Session, crew: list[Person]) -> Wave:
    return pulse.launch(session, "weekly", zone=ZONE, now=MONDAY, at_once=True)


def sitting(session: Session, wave: Wave, person: Person) -> Participant:
    return participant(session, wave.id, person, now=MONDAY)


def test_a_second_response_replaces_the_first(session: Session, wave: Wave, crew: list[Person]) -> None:
    answer(session, wave, crew[0], week="2")
    answer(session, wave, crew[0], week="4")

    assert [ballot.value for ballot in session.exec(select(Ballot))] == ["4"]


def test_the_counts_of_a_closed_wave_are_by_segment_and_question(
    session: Session, wave: Wave, crew: list[Person]
) -> None:
    for person, value in zip(crew, "11235", strict=True):
        answer(session, wave, person, week=value)
    pulse.close(session, wave, now=MONDAY)

    (tally,) = ballots.tally(session, wave, ["week", "means"])

    assert (tally.segment, tally.question) == ("City/Roads", "week")
    assert tally.values == Counter({"1": 2, "2": 1, "3": 1, "5": 1})


def test_a_closed_wave_takes_no_answers(session: Session, wave: Wave, crew: list[Person]) -> None:
    place = sitting(session, wave, crew[0])
    pulse.close(session, wave, now=MONDAY)

    with pytest.raises(WorkbotError, match="has closed"):
        ballots.cast(session, wave, place.participation, "week", "4")
    with pytest.raises(WorkbotError, match="has closed"):
        ballots.erase(session, wave, place.participation, "week")
    assert session.exec(select(Ballot)).all() == []


def test_it_says_which_questions_are_answered_and_not_what(session: Session, wave: Wave, crew: list[Person]) -> None:
    answer(session, wave, crew[0], week="2", better="Salt")

    assert ballots.answered(session, sitting(session, wave, crew[0]).participation) == {"week", "better"}
    assert ballots.answered(session, sitting(session, wave, crew[1]).participation) == set()


def test_a_ballot_has_no_time_and_nothing_of_a_platform() -> None:
    assert set(Ballot.model_fields) == {"id", "invitation_id", "question", "value"}


def test_what_was_written_can_be_read_whole(session: Session, wave: Wave, crew: list[Person]) -> None:
    words = "שלום 🧂 {x} ' \" \\ \n<b>"
    answer(session, wave, crew[0], better=words)
    pulse.close(session, wave, now=MONDAY)

    assert ballots.comments(session, wave, question_of(sitting_survey(session, wave), "better").id) == [words]


def sitting_survey(session: Session, wave: Wave) -> pulse.SurveyDefinition:
    return pulse.service.definition_of(session, wave)
