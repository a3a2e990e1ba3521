"""Charts: drawn in both languages, described in words, harmless whatever the labels."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from workbot.charts import Bar, Chart, Grid, Line, distribution, heat, together, trend
from workbot.i18n import LOCALES, Language, language

HOSTILE = "<script>\"&'</script> datum.x \\ [0] " + "é" * 300


def drawn(lang: Language, label: str = "How was it?") -> list[Chart]:
    bars = [Bar(label, (1, 2, 3, 4, 5), lang("Mean {mean}", mean="3.7")), Bar("Second", (0, 0, 0, 0, 9), "5.0")]
    lines = [Line(label, (3.1, None, 3.7)), Line("Second", (None, 4.0, 5.0))]
    grid = Grid(((label, 0), ("Roads", 1)), (label, "Second"), ((3.1, 1.0), (4.9, 5.0)))
    return [distribution(bars, lang), trend(lines, ["Nov 9", "Nov 16", "Nov 23"], lang), heat(grid, lang)]


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
    assert trend([Line("One", (3.0,))], ["Nov 9"], language("en")).svg()
