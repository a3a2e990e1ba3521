"""A question in other words, or with its labels turned round, is another question: nothing compares the two."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session

from tests.pulse.conftest import MONDAY, publish, team
from tests.pulse.test_report import closed, everywhere
from workbot import definitions, pulse
from workbot.i18n import language
from workbot.people import Person
from workbot.pulse import SurveyDefinition, report_charts, report_of, report_text
from workbot.pulse.wording import changed_since, same_in

ENGLISH = language("en")
POINTS = [{"en": word, "fr": word} for word in ("Never", "Seldom", "Sometimes", "Often", "Always")]
CALM = {"en": "I can work “calmly” – most of the time…", "fr": "Je peux travailler « calmement »?"}


def weekly(session: Session, **changes: dict[str, Any]) -> SurveyDefinition:
    """The weekly survey with some of its questions changed, published."""
    survey, _version = definitions.current(session, pulse.KIND, "weekly")
    content = survey.model_dump()
    content["questions"] = [one | changes.get(one["id"], {}) for one in content["questions"]]
    changed = SurveyDefinition.model_validate(content)
    definitions.publish(session, pulse.KIND, changed, now=MONDAY)
    return changed


@pytest.fixture
def roads(session: Session) -> list[Person]:
    publish(session)
    return team(session, "City/Roads", *"ABCDEFGH")


def answers(people: list[Person], week: str, other: str) -> list[tuple[Person, dict[str, str]]]:
    """What everyone answers, but for one; the second question always in the same way."""
    given = [week, *[other] * (len(people) - 1)]
    return [
        (p, {"week": value, "means": str(1 + n % 5)}) for n, (p, value) in enumerate(zip(people, given, strict=True))
    ]


def test_a_question_turned_round_is_not_compared(session: Session, roads: list[Person]) -> None:
    weekly(session, week={"points": POINTS})
    closed(session, *answers(roads, "4", "5"))
    turned = {"text": {"en": "How badly did your week go?", "fr": "Votre semaine a-t-elle été mauvaise?"}}
    weekly(session, week=turned | {"points": POINTS[::-1]})
    last = closed(session, *answers(roads, "2", "1"), weeks=1)

    report = report_of(session, last, ENGLISH)

    week, means = report.results[:2]
    assert (week.change, week.is_reworded) == (None, True)
    assert (means.change, means.is_reworded) == (0.0, False)
    assert [sorted(point.scores) for point in report.trend] == [["means"], ["means", "week"]]
    assert "not compared" in report_text.figure(week, report, ENGLISH)
    (chart,) = report_charts.trends(report)
    assert "your week" not in chart.alt
    assert not any("since last time" in said.replace("unchanged", "") for said in everywhere(session, last).values())


@pytest.mark.parametrize(
    "change",
    [
        {"text": {"en": "How did your week go?", "fr": "Comment s’est passée votre dernière semaine de travail?"}},
        {"text": {"en": "How did your last week at work go?", "fr": "Et votre semaine?"}},
        {"points": [*POINTS[:4], {"en": "Nearly always", "fr": "Toujours"}]},
        {"points": POINTS[::-1]},
        {"points": (), "low": POINTS[0], "high": POINTS[4]},
        {"points": [{"en": face, "fr": face} for face in "😡🙁😐🙂😀"]},
    ],
)
def test_another_wording_scale_or_direction_is_another_question(
    session: Session, roads: list[Person], change: dict[str, Any]
) -> None:
    before = weekly(session, week={"points": POINTS})
    after = weekly(session, week=change)

    assert [one.id for one in changed_since(before, after)] == ["week"]
    assert same_in(after, before) == {"means"}


def test_faces_that_change_places_are_another_scale(session: Session, roads: list[Person]) -> None:
    faces = [{"en": face, "fr": face} for face in "😡🙁😐🙂😀"]

    before, after = weekly(session, week={"points": faces}), weekly(session, week={"points": faces[::-1]})

    assert same_in(after, before) == {"means"}


@pytest.mark.parametrize(
    "text",
    [
        {"en": 'I can work "calmly" - most of the time...', "fr": "Je peux travailler “calmement”\u202f?"},
        {"en": "I  can work\u00a0“calmly” —\n most of the time…", "fr": "Je peux travailler «\u00a0calmement\u00a0» ?"},
        {"en": "I can work “calmly”\u200b – Most of the time…", "fr": 'Je peux travailler "calmement"?'},
    ],
)
def test_what_only_a_typesetter_sees_makes_no_other_question(
    session: Session, roads: list[Person], text: dict[str, str]
) -> None:
    before, after = weekly(session, week={"text": CALM}), weekly(session, week={"text": text})

    assert changed_since(before, after) == ()
    assert same_in(after, before) == {"week", "means"}


def test_a_question_that_came_back_is_compared_with_when_it_was_asked_so_before(
    session: Session, roads: list[Person]
) -> None:
    weekly(session, week={"points": POINTS})
    closed(session, *answers(roads, "4", "5"))
    weekly(session, week={"points": POINTS[::-1]})
    closed(session, *answers(roads, "2", "1"), weeks=1)
    weekly(session, week={"points": POINTS})
    last = closed(session, *answers(roads, "4", "5"), weeks=2)

    report = report_of(session, last, ENGLISH)

    assert ["week" in point.scores for point in report.trend] == [True, False, True]
    assert report.results[0].is_reworded
    assert report.results[0].change is None


def test_an_identifier_that_was_another_kind_of_question_is_not_compared(session: Session, roads: list[Person]) -> None:
    options = [{"id": "yes", "text": POINTS[0]}, {"id": "no", "text": POINTS[1]}]
    choice = {"kind": "choice", "id": "week", "text": CALM, "options": options}
    survey, _version = definitions.current(session, pulse.KIND, "weekly")
    content = survey.model_dump()
    other = SurveyDefinition.model_validate(content | {"questions": [choice, *content["questions"][1:]]})

    assert [one.id for one in changed_since(other, survey)] == ["week"]
