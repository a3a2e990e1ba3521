"""HR and the surveys: what is open shows a rate, what is closed shows a report, and no more than was promised."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from tests.console.town import MARKUP, Town
from workbot import pulse
from workbot.charts.svg import bars

ENOUGH = (2, 3, 3, 4, 4, 5, 5)


def test_an_open_wave_shows_how_many_answer_and_nothing_of_what(town: Town) -> None:
    number = town.launch()
    town.answer(number, 5, 5, 4, 5, 2, comment="A working projector")

    page = town.visit(town.priya).get(f"/console/surveys/weekly/{number}").text

    assert "5 of 7 have answered (71%)" in page
    assert "nobody can look at them now" in page
    assert "A working projector" not in page
    assert "/ 5" not in page


def test_the_rate_of_an_open_wave_waits_for_enough_answers(town: Town) -> None:
    number = town.launch()
    town.answer(number, 5, 4, 5, 2)

    page = town.visit(town.priya).get(f"/console/surveys/weekly/{number}").text

    assert "Fewer than 5 have answered so far" in page
    assert "4 of 7" not in page


@pytest.mark.parametrize("ending", ["csv", "html", "pdf", "png", "xlsx"])
def test_an_open_wave_cannot_be_downloaded(town: Town, ending: str) -> None:
    number = town.launch()
    town.answer(number, *ENOUGH)

    answer = town.visit(town.priya).get(f"/console/surveys/weekly/{number}/report.{ending}")

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Results are made when the survey closes" in answer.text


def test_a_closed_wave_shows_its_report(town: Town) -> None:
    number = town.closed_wave(*ENOUGH)

    page = town.visit(town.priya).get(f"/console/surveys/weekly/{number}").text

    assert "How did your last week at work go?" in page
    assert "<strong>3.7" in page
    assert 'class="stacked"' in page
    assert "Comments are shown when there are at least 10" in page


def test_a_closed_wave_with_too_few_answers_shows_nothing_anywhere(town: Town) -> None:
    number = town.closed_wave(1, 2, 3, 4)
    hr = town.visit(town.priya)

    pages = [hr.get(path).text for path in (f"/console/surveys/weekly/{number}", "/console/surveys", "/console")]

    assert "Fewer than 5 people answered" in pages[0]
    assert not any("57%" in page or "4 of 7" in page or "4 answers" in page for page in pages)


def test_a_small_department_is_said_to_count_in_the_one_above(town: Town) -> None:
    town.settle_in("Roads", town.mei, town.james)
    number = town.closed_wave(*ENOUGH)

    page = town.visit(town.priya).get(f"/console/surveys/weekly/{number}").text

    assert "Roads" not in page
    assert "No department can be shown without giving answers away" in page


def test_comments_are_shown_as_they_were_typed_and_do_nothing(town: Town) -> None:
    town.crowd(5)
    number = town.closed_wave(*ENOUGH, *ENOUGH, comment=MARKUP)

    page = town.visit(town.priya).get(f"/console/surveys/weekly/{number}").text

    assert "&lt;script&gt;alert(&#34;hello&#34;)&lt;/script&gt; &amp; مرحبا 🥶" in page
    assert "<script>alert" not in page


def test_who_answered_is_nowhere_in_a_confidential_report(town: Town) -> None:
    number = town.closed_wave(*ENOUGH)

    page = town.visit(town.priya).get(f"/console/surveys/weekly/{number}").text

    assert not any(person.name in page for person in (town.mei, town.james, town.bea, town.david, town.etienne))


@pytest.mark.parametrize(
    ("ending", "kind", "begins"),
    [
        ("pdf", "application/pdf", b"%PDF"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
        ("csv", "text/csv; charset=utf-8", b"\xef\xbb\xbf"),
        ("html", "text/html; charset=utf-8", b"<!doctype html>"),
        ("png", "image/png", b"\x89PNG"),
    ],
)
def test_a_report_can_be_taken_away(town: Town, ending: str, kind: str, begins: bytes) -> None:
    number = town.closed_wave(*ENOUGH)

    answer = town.visit(town.priya).get(f"/console/surveys/weekly/{number}/report.{ending}")

    assert answer.headers["content-type"] == kind
    assert f'filename="weekly-{number}.{ending}"' in answer.headers["content-disposition"]
    assert answer.content.lower().startswith(begins.lower())


def test_an_unknown_format_is_named_with_those_there_are(town: Town) -> None:
    number = town.closed_wave(*ENOUGH)

    answer = town.visit(town.priya).get(f"/console/surveys/weekly/{number}/report.doc")

    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "xlsx" in answer.text


def test_a_launch_says_first_whom_it_asks(town: Town) -> None:
    town.settle_in("Roads", town.mei, town.james)

    page = town.visit(town.priya).get("/console/surveys/weekly/launch").text

    assert "7 people" in page
    assert "1 of them in French" in page
    assert "Roads" in page
    assert _waves(town) == 0


def test_a_launch_opens_a_wave_and_shows_it(town: Town) -> None:
    answer = town.visit(town.priya).post("/console/surveys/weekly/launch", {"at_once": "yes"}, follow_redirects=False)

    assert answer.headers["location"] == "/console/surveys/weekly/1?done=launched"
    assert _waves(town) == 1


def test_a_second_launch_is_refused_and_what_was_chosen_stays(town: Town) -> None:
    town.launch()

    answer = town.visit(town.priya).post("/console/surveys/weekly/launch", {"at_once": "yes"})

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "is open already" in answer.text
    assert 'name="at_once" value="yes" checked' in answer.text
    assert _waves(town) == 1


def test_closing_early_asks_first_and_then_shows_the_results(town: Town) -> None:
    number = town.launch()
    town.answer(number, *ENOUGH)
    hr = town.visit(town.priya)

    before = hr.get(f"/console/surveys/weekly/{number}/close").text
    after = hr.post(f"/console/surveys/weekly/{number}/close").text

    assert "It cannot be undone" in before
    assert "The survey is closed. Its results are below." in after
    assert "<strong>3.7" in after


def test_a_wave_is_closed_once(town: Town) -> None:
    number = town.closed_wave(*ENOUGH)

    answer = town.visit(town.priya).post(f"/console/surveys/weekly/{number}/close")

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "already closed" in answer.text


def test_a_wave_that_never_was_is_not_found(town: Town) -> None:
    hr = town.visit(town.priya)

    assert hr.get("/console/surveys/weekly/99").status_code == HTTPStatus.NOT_FOUND
    assert hr.get("/console/surveys/nothing/launch").status_code == HTTPStatus.NOT_FOUND
    assert hr.post("/console/surveys/weekly/99/close").status_code == HTTPStatus.NOT_FOUND


def test_the_overview_shows_the_newest_results_and_where_they_are_going(town: Town) -> None:
    town.closed_wave(2, 2, 2, 2, 3, 2, 3)
    town.closed_wave(*ENOUGH)

    page = town.visit(town.priya).get("/console").text

    assert "7 of 7 people answered (100%)" in page
    assert 'class="spark"' in page
    assert "+1.4 since last time" in page


def test_bars_fill_the_whole_and_leave_out_what_nobody_chose() -> None:
    drawn = bars([("bad", 1, "25%"), ("so-so", 0, "0%"), ("good", 3, "75%")])

    assert [(bar.label, bar.x, bar.width, bar.tone) for bar in drawn] == [("bad", 0, 25, 1), ("good", 25, 75, 3)]


def _waves(town: Town) -> int:
    with town.database.session() as session:
        return len(pulse.waves(session, "weekly"))
