"""Answers as bars around the middle one: what is favourable lies to the right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from workbot.charts.look import INK, WIDTH, Chart, Spec, ink_on, short, steps
from workbot.i18n import Language


@dataclass(frozen=True)
class Bar:
    """A question's answers: how many chose each point, the least favourable first, and a figure to write beside."""

    label: str
    counts: tuple[int, ...]
    figure: str


def distribution(bars: Sequence[Bar], points: Sequence[str], lang: Language) -> Chart:
    """Stacked bars around the middle of some points, which all bars have: what is favourable lies to the right."""
    pieces = [piece for row, bar in enumerate(bars) for piece in _pieces(row, bar, points, lang)]
    heads = [{"row": row, "label": short(bar.label, 72), "figure": bar.figure} for row, bar in enumerate(bars)]
    left = min(piece["start"] for piece in pieces)
    right = max(piece["end"] for piece in pieces)
    y = {"field": "row", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0.55, "paddingOuter": 0.45}}
    x = {"field": "start", "type": "quantitative", "axis": None, "scale": {"domain": [left, right], "nice": False}}
    bar_layer = {
        "data": {"values": pieces},
        "mark": {"type": "bar", "height": {"band": 1}, "stroke": "#ffffff", "strokeWidth": 1},
        "encoding": {"x": x, "x2": {"field": "end"}, "y": y, "color": _steps_legend(points, lang)},
    }
    layers = [bar_layer, _shares(pieces, y), *_heads(heads, y)]
    spec = {"layer": layers, "width": WIDTH, "height": 64 * len(bars), "title": lang("How people answered")}
    return Chart(spec, _in_words(bars, points, lang))


def _pieces(row: int, bar: Bar, points: Sequence[str], lang: Language) -> list[Spec]:
    """The parts of a bar, as shares from the middle of its points."""
    total = sum(bar.counts)
    shares = [count / total for count in bar.counts]
    start = -_left_of_middle(shares)
    pieces = []
    for point, share, colour in zip(points, shares, steps(len(points)), strict=True):
        pieces.append(
            {
                "row": row,
                "point": point,
                "start": start,
                "end": start + share,
                "middle": start + share / 2,
                "written": lang.percent(share) if share >= 0.06 else "",
                "ink": ink_on(colour),
            }
        )
        start += share
    return pieces


def _left_of_middle(shares: Sequence[float]) -> float:
    """What lies before the middle point, and half of it; with an even number of points, what lies in the first half."""
    half, odd = divmod(len(shares), 2)
    return sum(shares[:half]) + (shares[half] / 2 if odd else 0)


def _steps_legend(points: Sequence[str], lang: Language) -> Spec:
    worst, best = points[0], points[-1]
    names = {
        worst: lang("{point}, least favourable", point=worst),
        best: lang("{point}, most favourable", point=best),
    }
    return {
        "field": "point",
        "type": "nominal",
        "scale": {"domain": list(points), "range": list(steps(len(points)))},
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


def _in_words(bars: Sequence[Bar], points: Sequence[str], lang: Language) -> str:
    said = []
    for bar in bars:
        total = sum(bar.counts)
        counted = zip(points, bar.counts, strict=True)
        shares = lang.listed([f"{point} ({lang.percent(count / total)})" for point, count in counted])
        said.append(
            lang(
                "{question} {figure}. Answers from {first} to {last}: {shares}.",
                question=bar.label,
                figure=bar.figure,
                first=points[0],
                last=points[-1],
                shares=shares,
            )
        )
    return " ".join(said)
