"""Departments against questions, as a table of colours."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass

from workbot.charts.axis import Axis
from workbot.charts.look import STEPS, Chart, Spec, short
from workbot.i18n import Language

# How deep a department lies; Vega would trim spaces at the beginning of a label.
INDENT = "– "
LINE = 16
BARE: Spec = {"domain": False, "ticks": False}


@dataclass(frozen=True)
class Grid:
    """Means by department and question, each question with its axis; rows are indented by their depth."""

    rows: tuple[tuple[str, int], ...]
    columns: tuple[str, ...]
    axes: tuple[Axis, ...]
    means: tuple[tuple[float, ...], ...]


def heat(grid: Grid, lang: Language) -> Chart:
    """Departments against questions, each mean written in its cell."""
    cells = [
        {"row": row, "column": column, "place": axis.place(mean), "written": lang.decimal(mean)}
        for row, means in enumerate(grid.means)
        for column, (axis, mean) in enumerate(zip(grid.axes, means, strict=True))
    ]
    rect = {"type": "rect", "stroke": "#ffffff", "strokeWidth": 2}
    text = {"text": {"field": "written"}, "color": INK_ON_COLOUR}
    spec = {
        "title": {"text": lang("By department"), "frame": "bounds"},
        "width": 180 * len(grid.columns),
        "height": {"step": 34},
        "data": {"values": cells},
        "encoding": {"x": _columns(grid), "y": _rows(grid)},
        "layer": [
            {"mark": rect, "encoding": {"color": COLOUR}},
            {"mark": {"type": "text", "fontSize": 14}, "encoding": text},
        ],
    }
    return Chart(spec, _in_words(grid, lang))


COLOUR: Spec = {
    "field": "place",
    "type": "quantitative",
    "scale": {"domain": [step / (len(STEPS) - 1) for step in range(len(STEPS))], "range": list(STEPS)},
    "legend": None,
}
# White on the dark ends of the scale, black between: a contrast of 4.5 to 1 throughout.
INK_ON_COLOUR: Spec = {
    "condition": {"test": "datum.place < 0.025 || datum.place > 0.925", "value": "#ffffff"},
    "value": "#000000",
}


def _rows(grid: Grid) -> Spec:
    names = [INDENT * depth + short(name, 40) for name, depth in grid.rows]
    axis = {
        "labelExpr": f"{json.dumps(names)}[datum.value]",
        "labelAlign": "left",
        # Vega puts the labels this far left of the cells; the figure is what a character takes, about.
        "labelPadding": 7 * max(len(name) for name in names) + 12,
        "labelLimit": 400,
    }
    return {"field": "row", "type": "ordinal", "title": None, "axis": axis | BARE}


def _columns(grid: Grid) -> Spec:
    wrapped = [textwrap.wrap(short(column, 90), 26) for column in grid.columns]
    axis = {
        "orient": "top",
        "labelAngle": 0,
        "labelExpr": f"{json.dumps(wrapped)}[datum.value]",
        "labelLimit": 200,
        # Lines after the first grow downwards, so the first must stand higher.
        "labelPadding": 8 + LINE * (max(len(lines) for lines in wrapped) - 1),
        "labelLineHeight": LINE,
    }
    return {"field": "column", "type": "ordinal", "title": None, "axis": axis | BARE}


def _in_words(grid: Grid, lang: Language) -> str:
    count = len(grid.rows)
    return lang.plural(
        "Means of {count} department by question; the table holds the same figures.",
        "Means of {count} departments by question; the table holds the same figures.",
        count,
    )
