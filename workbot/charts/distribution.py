"""Answers as bars around the middle one: what is favourable lies to the right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from workbot.charts.look import INK, STEPS, WIDTH, Chart, Spec, short
from workbot.i18n import Language

# The letters on each step of the scale.
ON_STEPS = ("#ffffff", "#1c1c1c", "#1c1c1c", "#1c1c1c", "#ffffff")


@dataclass(frozen=True)
class Bar:
    """A question's answers: how many chose each of the five points, and a figure to write beside them."""

    label: str
    counts: tuple[int, int, int, int, int]
    figure: str


def distribution(bars: Sequence[Bar], lang: Language) -> Chart:
    """Stacked bars around the middle answer: what is favourable lies to the right."""
    pieces = [piece for row, bar in enumerate(bars) for piece in _pieces(row, bar, lang)]
    heads = [{"row": row, "label": short(bar.label, 72), "figure": bar.figure} for row, bar in enumerate(bars)]
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
    return Chart(spec, _in_words(bars, lang))


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


def _in_words(bars: Sequence[Bar], lang: Language) -> str:
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
