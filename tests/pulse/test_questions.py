"""What each kind of question takes for an answer, and what answers to it come to."""

from __future__ import annotations

from collections import Counter
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from workbot.cards import Button, Buttons, Select
from workbot.charts import Axis
from workbot.definitions import Texts
from workbot.errors import Gone, Invalid
from workbot.i18n import language
from workbot.pulse import SurveyDefinition, privacy
from workbot.pulse.questions import AnyQuestion, Asking, Counted, Question, Rated
from workbot.pulse.questions.choice import Choice
from workbot.pulse.questions.comment import Comment
from workbot.pulse.questions.scale import Scale

ENGLISH, FRENCH = language("en"), language("fr")
ASKING = Asking("wave:q", "confidential", is_answered=False)
KINDS: tuple[type[Question], ...] = get_args(get_args(AnyQuestion)[0])


def texts(said: str) -> dict[str, str]:
    return {"en": said, "fr": f"{said} (fr)"}


def labels(points: list[Any], low: Any, high: Any) -> dict[str, Any]:
    return {"points": points, "low": low, "high": high}


POINTS = [texts(number) for number in "12345"]
OPTIONS = [{"id": name, "text": texts(name)} for name in "abcdef"]


class Height(Rated):
    """From minus two to two, with nothing to call them: no kind of the product's."""

    numbers = (-2, -1, 0, 1, 2)
    best = 1

    def name_of(self, value: str) -> Texts | None:
        return None


class Worry(Height):
    """The fewer the better."""

    numbers = (10, 5, 0)


SCALE = Scale(kind="scale", id="q", text=texts("How?"), low=texts("Bad"), high=texts("Good"))
CHOICE = Choice.model_validate({"kind": "choice", "id": "q", "text": texts("Which?"), "options": OPTIONS})
COMMENT = Comment(kind="comment", id="q", text=texts("Why?"))
HEIGHT, WORRY = Height(id="q", text=texts("How high?")), Worry(id="q", text=texts("How worried?"))


@pytest.mark.parametrize("question", [SCALE, CHOICE, HEIGHT, WORRY])
def test_its_own_answers_are_taken_and_no_others(question: Counted) -> None:
    assert [question.checked(value) for value in question.values] == list(question.values)
    for other in ("", "0.5", "6", "zz", " 1", "١"):
        with pytest.raises(Gone):
            question.checked(other)


@pytest.mark.parametrize("question", [SCALE, CHOICE, HEIGHT])
def test_what_is_pressed_has_no_form(question: Counted) -> None:
    with pytest.raises(Gone):
        question.form(ASKING, ENGLISH)
    with pytest.raises(Gone):
        question.typed({"comment": "words"})


@pytest.mark.parametrize("value", ["", " \n", "x" * 3001])
def test_a_comment_of_nothing_or_without_end_comes_back(value: str) -> None:
    with pytest.raises(Invalid):
        COMMENT.checked(value)


def test_few_answers_are_buttons_and_many_are_a_list_with_the_way_on_beneath() -> None:
    onward = Asking("wave:q", "confidential", is_answered=False, onward=(Button("Skip", "pulse.skip", "wave:q"),))

    scale, choice = SCALE.ways(onward, ENGLISH), CHOICE.ways(onward, ENGLISH)

    assert isinstance(scale[0], Buttons)
    assert [button.label for button in scale[0].buttons] == ["1 · Bad", "2", "3", "4", "5 · Good"]
    assert scale[0].buttons[0].hint == "1 of 5"
    assert isinstance(choice[0], Select)
    assert [option.value for option in choice[0].options] == [f"wave:q:{n}" for n in "abcdef"]
    assert scale[1:] == (Buttons(onward.onward, "How?"),)
    assert choice[1:] == (Buttons(onward.onward, "Which?"),)


def test_a_scale_comes_to_its_mean_and_its_best_two() -> None:
    result = SCALE.result(Counter({"1": 1, "4": 2, "5": 1}), ENGLISH)

    assert result.score is not None
    assert (result.score.value, result.score.favourable) == (3.5, 0.75)
    assert [share.count for share in result.shares] == [1, 0, 0, 2, 1]
    assert result.said == "mean 3.5, 75% favourable"
    assert result.score.measure.about == "Mean from 1 to 5, and the share of favourable answers (4 or 5)"


def test_a_choice_comes_to_shares_and_no_number() -> None:
    result = CHOICE.result(Counter({"a": 1, "c": 3}), ENGLISH)

    assert result.score is None
    assert result.said.startswith("a (25%), b (0%), c (75%)")


def test_the_ends_of_a_scale_and_which_is_the_good_one_are_its_own() -> None:
    high = HEIGHT.score(Counter({"-2": 1, "2": 3}), HEIGHT.measure(ENGLISH))
    low = WORRY.score(Counter({"10": 1, "0": 3}), WORRY.measure(FRENCH))

    assert (high.value, high.favourable, high.measure.axis.place(high.value)) == (1, 0.75, 0.75)
    assert (low.value, low.favourable, low.measure.axis.place(low.value)) == (2.5, 0.75, 0.75)
    assert high.measure.about == "Mean from -2 to 2, and the share of favourable answers (2)"
    assert low.measure.points == ("10", "5", "0")


@pytest.mark.parametrize(
    ("axis", "value", "half"),
    [
        (Axis(1, 5), 1, (1, 3)),
        (Axis(1, 5), 2, (1, 3)),
        (Axis(1, 5), 3, (3, 5)),
        (Axis(1, 5), 5, (3, 5)),
        (Axis(0, 10), 4, (0, 5)),
        (Axis(1, 4), 2, (1, 3)),
        (Axis(10, 0), 9, (5, 10)),
        (Axis(-100, 100), -1, (-100, 0)),
    ],
)
def test_where_all_gave_one_answer_the_half_around_it_is_told(axis: Axis, value: float, half: tuple[int, int]) -> None:
    assert privacy.half(axis, value) == half


@pytest.mark.parametrize("question", [SCALE, CHOICE, COMMENT, HEIGHT, WORRY])
def test_made_up_answers_are_answers(question: Question) -> None:
    given = {question.example(mood / 10, number) for mood in range(11) for number in range(11)}

    assert [question.checked(value) for value in given if value] == [value for value in given if value]
    assert len(given) == (len(question.values) if isinstance(question, Counted) else 1)


def test_no_two_kinds_are_called_alike() -> None:
    names = [get_args(kind.model_fields["kind"].annotation)[0] for kind in KINDS]

    assert len(names) == len(set(names)) >= 3


def test_a_survey_of_before_is_read_as_it_was_and_written_as_it_was() -> None:
    """What a database holds of an earlier release."""
    stored: dict[str, Any] = {
        "name": "old",
        "title": texts("Old"),
        "intro": texts("Old"),
        "mode": "confidential",
        "k": 5,
        "comment_k": 10,
        "audience": {"departments": [], "where": {}, "started": None},
        "schedule": None,
        "open_for": {"days": 4, "until": "17:00"},
        "remind_after": None,
        "questions": [
            {"kind": "scale", "id": "a", "text": texts("A"), "required": True, **labels([], texts("L"), texts("H"))},
            {"kind": "scale", "id": "b", "text": texts("B"), "required": False, **labels(POINTS, None, None)},
            {"kind": "choice", "id": "c", "text": texts("C"), "required": True, "options": OPTIONS},
            {"kind": "comment", "id": "d", "text": texts("D"), "required": False},
        ],
        "report": {"roles": ["hr"], "mail": True},
    }

    read = SurveyDefinition.model_validate(stored)
    for question in read.counted:
        question.label(question.values[0], ENGLISH)

    assert read.model_dump(mode="json") == stored


def test_an_unknown_kind_is_named_with_those_that_are_known() -> None:
    with pytest.raises(ValidationError, match="'scale', 'choice', 'comment'"):
        SurveyDefinition.model_validate(
            {
                "name": "odd",
                "title": texts("Odd"),
                "intro": texts("Odd"),
                "mode": "confidential",
                "open_for": {"days": 1},
                "questions": [{"kind": "slider", "id": "a", "text": texts("A")}],
            }
        )
