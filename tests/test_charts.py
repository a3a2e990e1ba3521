"""Charts: drawn in both languages, described in words, harmless whatever the labels."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from workbot.charts import Axis, Bar, Chart, Grid, Line, distribution, heat, together, trend
from workbot.charts.look import ink_on, steps
from workbot.i18n import LOCALES, Language, language

AXIS, POINTS = Axis(1, 5), ("1", "2", "3", "4", "5")
HOSTILE = "<script>\"&'</script> datum.x \\ [0] " + "é" * 300


def drawn(lang: Language, label: str = "How was it?") -> list[Chart]:
    bars = [Bar(label, (1, 2, 3, 4, 5), lang("Mean {mean}", mean="3.7")), Bar("Second", (0, 0, 0, 0, 9), "5.0")]
    lines = [Line(label, (3.1, None, 3.7)), Line("Second", (None, 4.0, 5.0))]
    grid = Grid(((label, 0), ("Roads", 1)), (label, "Second"), (AXIS, AXIS), ((3.1, 1.0), (4.9, 5.0)))
    return [distribution(bars, POINTS, lang), trend(lines, ["Nov 9", "Nov 16", "Nov 23"], AXIS, lang), heat(grid, lang)]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_chart_is_drawn_in_both_languages_and_forms(locale: str) -> None:
    for chart in drawn(language(locale)):
        assert ET.fromstring(chart.svg()).tag.endswith("svg")
        assert chart.png().startswith(b"\x89PNG")
        assert chart.alt


def test_several_are_one_picture_and_one_description() -> None:
    charts = drawn(language("en"))[:2]

    both = together(charts, "Weekly pulse")

    assert "Weekly pulse" in both.svg()
    assert all(chart.alt in both.alt for chart in charts)


def test_labels_cannot_break_out_of_the_drawing() -> None:
    for chart in drawn(language("en"), HOSTILE):
        elements = ET.fromstring(chart.svg()).iter()
        assert not any(element.tag.endswith("script") for element in elements)


def test_a_description_says_what_the_chart_shows() -> None:
    first, second, _ = drawn(language("fr"))

    assert "1 (7\u00a0%)" in first.alt
    assert "de 3,1 (Nov 9) à 3,7 (Nov 23)" in second.alt


def test_numbers_are_written_as_the_language_does() -> None:
    assert "3,7" in drawn(language("fr"))[1].svg()
    assert "3.7" in drawn(language("en"))[1].svg()


def test_one_line_alone_with_one_point_is_drawn() -> None:
    assert trend([Line("One", (3.0,))], ["Nov 9"], AXIS, language("en")).svg()


@pytest.mark.parametrize("points", [("0", "1"), ("1", "2", "3", "4"), tuple(map(str, range(11)))])
def test_a_scale_of_any_number_of_points_is_drawn_around_its_middle(points: tuple[str, ...]) -> None:
    chart = distribution([Bar("Even", (2,) * len(points), "")], points, language("en"))

    pieces = chart.spec["layer"][0]["data"]["values"]
    assert [piece["point"] for piece in pieces] == list(points)
    assert pieces[0]["start"] == pytest.approx(-0.5)
    assert pieces[-1]["end"] == pytest.approx(0.5)
    assert f"Answers from {points[0]} to {points[-1]}" in chart.alt
    assert ET.fromstring(chart.svg()).tag.endswith("svg")


@pytest.mark.parametrize("count", range(1, 12))
def test_every_step_of_colour_carries_its_letters(count: int) -> None:
    colours = steps(count)

    assert len(set(colours)) == count
    assert all(contrast(colour, ink_on(colour)) >= 4.5 for colour in colours)


def contrast(colour: str, other: str) -> float:
    """By the formula of WCAG 2.2."""
    lighter, darker = sorted((luminance(colour), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_an_axis_that_falls_has_its_best_end_at_the_bottom() -> None:
    axis = Axis(10, 0)

    assert (axis.low, axis.middle, axis.high) == (0, 5, 10)
    assert [axis.place(value) for value in (10, 5, 0)] == [0, 0.5, 1]


def test_each_question_is_coloured_by_its_own_ends() -> None:
    grid = Grid(
        (("Roads", 0),), ("One to five", "None to ten", "Turned"), (AXIS, Axis(0, 10), Axis(10, 0)), ((3, 5, 5),)
    )

    cells = heat(grid, language("en")).spec["data"]["values"]

    assert [cell["place"] for cell in cells] == [0.5, 0.5, 0.5]
