"""Charts: one Vega-Lite specification each, as SVG for pages and documents and as PNG for chat.

Colours run from orange over grey to blue, which people of every kind of colour vision can tell apart,
and no chart relies on them alone: every value is written out. `alt` says in words what a chart shows.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import vl_convert

from workbot.i18n import N_, Language

Spec = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
VERSION = "6.4"
# From least to most favourable; the text on each keeps a contrast of at least 4.5 to 1.
STEPS = ("#b35806", "#f6b26b", "#dedede", "#92bfdf", "#1f5f99")
ON_STEPS = ("#ffffff", "#1c1c1c", "#1c1c1c", "#1c1c1c", "#ffffff")
LINES = ("#1f5f99", "#b35806", "#3b7d4f", "#7a4a9c", "#4d4d4d")
INK, SOFT, RULE = "#1c1c1c", "#595959", "#d0d0d0"
# Liberation Sans measures like Arial; DejaVu Sans has every letter.
FONT = "Arial, Liberation Sans, DejaVu Sans, sans-serif"
WIDTH = 600
SCALE = 2
# How deep a department lies; Vega would trim spaces at the beginning of a label.
INDENT = "– "


@dataclass(frozen=True)
class Chart:
    """A specification, and the words that stand for it."""

    spec: Spec
    alt: str

    def svg(self) -> str:
        return str(vl_convert.vegalite_to_svg(self._whole(), vl_version=VERSION))

    def png(self) -> bytes:
        return bytes(vl_convert.vegalite_to_png(self._whole(), vl_version=VERSION, scale=SCALE))

    def _whole(self) -> str:
        return json.dumps({"$schema": SCHEMA, "background": "#ffffff", "padding": 16, "config": CONFIG} | self.spec)


@dataclass(frozen=True)
class Bar:
    """A question's answers: how many chose each of the five points, and a figure to write beside them."""

    label: str
    counts: tuple[int, int, int, int, int]
    figure: str


@dataclass(frozen=True)
class Line:
    """A question over time; None where nothing may be shown."""

    label: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Grid:
    """Means by department and question; rows are indented by their depth."""

    rows: tuple[tuple[str, int], ...]
    columns: tuple[str, ...]
    means: tuple[tuple[float, ...], ...]


def distribution(bars: Sequence[Bar], lang: Language) -> Chart:
    """Stacked bars around the middle answer: what is favourable lies to the right."""
    pieces = [piece for row, bar in enumerate(bars) for piece in _pieces(row, bar, lang)]
    heads = [{"row": row, "label": _short(bar.label, 72), "figure": bar.figure} for row, bar in enumerate(bars)]
    left = min(piece["start"] for piece in pieces)
    right = max(piece["end"] for piece in pieces)
    y = {"field": "row", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.55, "paddingOuter": 0.45}}
    x = {"field": "start", "type": "quantitative", "axis": None, "scale": {"domain": [left, right], "nice": False}}
    bar_layer = {
        "data": {"values": pieces},
        "mark": {"type": "bar", "height": {"band": 1}, "stroke": "#ffffff", "strokeWidth": 1},
        "encoding": {"x": x, "x2": {"field": "end"}, "y": y, "color": _steps_legend(lang)},
    }
    layers = [bar_layer, _shares(pieces, y), *_heads(heads, y)]
    spec = {"layer": layers, "width": WIDTH, "height": 64 * len(bars), "title": lang("How people answered")}
    return Chart(spec, _distribution_in_words(bars, lang))


def trend(lines: Sequence[Line], labels: Sequence[str], lang: Language) -> Chart:
    """Means over the last waves, on the whole scale from one to five, so that no change looks larger than it is."""
    shown = [_short(line.label, 72) for line in lines]
    points = [
        {
            "wave": position,
            "label": labels[position],
            "question": shown[index],
            "mean": value,
            "written": lang.decimal(value),
        }
        for index, line in enumerate(lines)
        for position, value in enumerate(line.values)
        if value is not None
    ]
    last = [point for name in shown for point in [p for p in points if p["question"] == name][-1:]]
    spec = {
        "title": lang("Over time"),
        "width": WIDTH,
        "height": 190,
        "data": {"values": _with_gaps(lines, shown, labels, points)},
        "encoding": _trend_axes(shown, labels),
        "layer": [
            {"mark": {"type": "line", "strokeWidth": 2.5}},
            {"mark": {"type": "point", "filled": True, "size": 60, "opacity": 1}},
            {
                "data": {"values": last},
                "mark": {"type": "text", "align": "left", "dx": 10, "fontSize": 14, "fontWeight": "bold"},
                "encoding": {"text": {"field": "written"}},
            },
        ],
    }
    return Chart(spec, _trend_in_words(lines, labels, lang))


def heat(grid: Grid, lang: Language) -> Chart:
    """Departments against questions, each mean written in its cell."""
    columns = [_short(column, 90) for column in grid.columns]
    cells = [
        {"row": row, "column": columns[index], "mean": mean, "written": lang.decimal(mean)}
        for row, means in enumerate(grid.means)
        for index, mean in enumerate(means)
    ]
    names = [INDENT * depth + _short(name, 40) for name, depth in grid.rows]
    y = {
        "field": "row",
        "type": "ordinal",
        "title": None,
        "axis": {
            "labelExpr": f"{json.dumps(names)}[datum.value]",
            "labelAlign": "left",
            # Vega puts the labels this far left of the cells; the figure is what a character takes, about.
            "labelPadding": 7 * max(len(name) for name in names) + 12,
            "labelLimit": 400,
            "domain": False,
            "ticks": False,
        },
    }
    wrapped = {column: textwrap.wrap(column, 26) for column in columns}
    x = {
        "field": "column",
        "type": "nominal",
        "sort": columns,
        "title": None,
        "axis": {
            "orient": "top",
            "labelAngle": 0,
            "labelExpr": f"{json.dumps(wrapped)}[datum.value]",
            "labelLimit": 200,
            "domain": False,
            "ticks": False,
            # Lines after the first grow downwards, so the first must stand higher.
            "labelPadding": 8 + 16 * (max(len(lines) for lines in wrapped.values()) - 1),
            "labelLineHeight": 16,
        },
    }
    colour = {
        "field": "mean",
        "type": "quantitative",
        "scale": {"domain": [1, 2, 3, 4, 5], "range": list(STEPS)},
        "legend": None,
    }
    inks = {"condition": {"test": "datum.mean < 1.4 || datum.mean > 4.6", "value": "#ffffff"}, "value": INK}
    spec = {
        "title": {"text": lang("By department"), "frame": "bounds"},
        "width": 180 * len(columns),
        "height": {"step": 34},
        "data": {"values": cells},
        "encoding": {"x": x, "y": y},
        "layer": [
            {"mark": {"type": "rect", "stroke": "#ffffff", "strokeWidth": 2}, "encoding": {"color": colour}},
            {"mark": {"type": "text", "fontSize": 14}, "encoding": {"text": {"field": "written"}, "color": inks}},
        ],
    }
    return Chart(spec, _heat_in_words(grid, lang))


def together(charts: Sequence[Chart], title: str) -> Chart:
    """Several charts under one another, as one picture."""
    heading = {"text": _short(title, 80), "fontSize": 20, "anchor": "start", "offset": 14}
    parts = [chart.spec for chart in charts]
    spec = {
        "title": heading,
        "vconcat": parts,
        "spacing": 12,
        "resolve": {"scale": {"color": "independent", "shape": "independent"}},
    }
    return Chart(spec, "\n".join(chart.alt for chart in charts))


CONFIG: Spec = {
    "font": FONT,
    "view": {"stroke": None},
    "title": {"anchor": "start", "color": INK, "fontSize": 16, "fontWeight": "bold", "offset": 10, "frame": "group"},
    "axis": {
        "labelColor": INK,
        "labelFontSize": 13,
        "titleColor": SOFT,
        "gridColor": RULE,
        "domainColor": RULE,
        "tickColor": RULE,
    },
    "legend": {"labelColor": INK, "labelFontSize": 13, "symbolSize": 120, "labelLimit": 560},
    "text": {"color": INK, "fontSize": 13},
}


def _pieces(row: int, bar: Bar, lang: Language) -> list[Spec]:
    """The five parts of a bar, as shares from the middle of the middle answer."""
    total = sum(bar.counts)
    shares = [count / total for count in bar.counts]
    start = -(shares[0] + shares[1] + shares[2] / 2)
    pieces = []
    for point, share in enumerate(shares):
        pieces.append(
            {
                "row": row,
                "point": str(point + 1),
                "start": start,
                "end": start + share,
                "middle": start + share / 2,
                "written": lang.percent(share) if share >= 0.06 else "",
                "ink": ON_STEPS[point],
            }
        )
        start += share
    return pieces


def _steps_legend(lang: Language) -> Spec:
    names = {"1": lang("1, least favourable"), "5": lang("5, most favourable")}
    return {
        "field": "point",
        "type": "nominal",
        "scale": {"domain": ["1", "2", "3", "4", "5"], "range": list(STEPS)},
        "legend": {
            "orient": "top",
            "direction": "horizontal",
            "symbolType": "square",
            "symbolSize": 160,
            "title": None,
            "labelExpr": f"{json.dumps(names)}[datum.label] || datum.label",
        },
    }


def _shares(pieces: list[Spec], y: Spec) -> Spec:
    return {
        "data": {"values": pieces},
        "mark": {"type": "text", "fontSize": 13},
        "encoding": {
            "x": {"field": "middle", "type": "quantitative"},
            "y": y,
            "text": {"field": "written"},
            "color": {"field": "ink", "type": "nominal", "scale": None, "legend": None},
        },
    }


def _heads(heads: list[Spec], y: Spec) -> list[Spec]:
    """The question over its bar at the left, its figure at the right."""
    common = {"type": "text", "dy": -24, "fontSize": 14, "color": INK}
    label = {
        "data": {"values": heads},
        "mark": common | {"align": "left", "x": 0},
        "encoding": {"y": y, "text": {"field": "label"}},
    }
    figure = {
        "data": {"values": heads},
        "mark": common | {"align": "right", "x": "width", "fontWeight": "bold"},
        "encoding": {"y": y, "text": {"field": "figure"}},
    }
    return [label, figure]


def _trend_axes(shown: list[str], labels: Sequence[str]) -> Spec:
    names = {str(position): label for position, label in enumerate(labels)}
    axis = {"title": None, "labelExpr": f"{json.dumps(names)}[datum.label]", "labelAngle": 0, "grid": False}
    legend = {"orient": "top", "direction": "vertical", "title": None}
    scale = {"domain": shown, "range": list(LINES[: len(shown)])}
    if len(shown) > len(LINES):
        scale = {"domain": shown}
    return {
        "x": {"field": "wave", "type": "ordinal", "axis": axis | {"labelOverlap": "greedy"}},
        "y": {
            "field": "mean",
            "type": "quantitative",
            "scale": {"domain": [1, 5]},
            "axis": {"title": None, "values": [1, 2, 3, 4, 5], "format": "d"},
        },
        "color": {"field": "question", "type": "nominal", "scale": scale, "legend": legend},
        "shape": {"field": "question", "type": "nominal", "scale": {"domain": shown}, "legend": legend},
    }


def _with_gaps(lines: Sequence[Line], shown: list[str], labels: Sequence[str], points: list[Spec]) -> list[Spec]:
    """The points and, where nothing may be shown, an empty one, at which the line breaks."""
    gaps = [
        {"wave": position, "label": labels[position], "question": shown[index], "mean": None, "written": ""}
        for index, line in enumerate(lines)
        for position, value in enumerate(line.values)
        if value is None
    ]
    return sorted([*points, *gaps], key=lambda point: point["wave"])


def _short(text: str, most: int) -> str:
    return textwrap.shorten(text, most, placeholder="…")


def _distribution_in_words(bars: Sequence[Bar], lang: Language) -> str:
    said = []
    for bar in bars:
        total = sum(bar.counts)
        shares = lang.listed([f"{point + 1} ({lang.percent(count / total)})" for point, count in enumerate(bar.counts)])
        said.append(
            lang(
                "{question} {figure}. Answers from 1 to 5: {shares}.",
                question=bar.label,
                figure=bar.figure,
                shares=shares,
            )
        )
    return " ".join(said)


def _trend_in_words(lines: Sequence[Line], labels: Sequence[str], lang: Language) -> str:
    said = []
    for line in lines:
        known = [(label, value) for label, value in zip(labels, line.values, strict=True) if value is not None]
        if known:
            (first, was), (last, now) = known[0], known[-1]
            message = N_("{question} The mean went from {was} ({first}) to {now} ({last}).")
            said.append(
                lang(message, question=line.label, was=lang.decimal(was), first=first, now=lang.decimal(now), last=last)
            )
    return " ".join(said)


def _heat_in_words(grid: Grid, lang: Language) -> str:
    count = len(grid.rows)
    return lang.plural(
        "Means of {count} department by question; the table holds the same figures.",
        "Means of {count} departments by question; the table holds the same figures.",
        count,
    )
