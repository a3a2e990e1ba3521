"""Means over time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from workbot.charts.axis import Axis
from workbot.charts.look import LINES, WIDTH, Chart, Spec, short
from workbot.i18n import N_, Language


@dataclass(frozen=True)
class Line:
    """A question over time; None where nothing may be shown."""

    label: str
    values: tuple[float | None, ...]


def trend(lines: Sequence[Line], labels: Sequence[str], axis: Axis, lang: Language) -> Chart:
    """Means over the last waves, on the whole of their scale, so that no change looks larger than it is."""
    points = [_points(number, line, lang) for number, line in enumerate(lines)]
    spec = {
        "title": lang("Over time"),
        "width": WIDTH,
        "height": 190,
        "data": {"values": [point for line in points for point in line]},
        "encoding": _axes([short(line.label, 72) for line in lines], labels, axis),
        "layer": [
            {"mark": {"type": "line", "strokeWidth": 2.5}},
            {"mark": {"type": "point", "filled": True, "size": 60, "opacity": 1}},
            _last_values(points),
        ],
    }
    return Chart(spec, _in_words(lines, labels, lang))


def _points(number: int, line: Line, lang: Language) -> list[Spec]:
    """A line's points; where nothing may be shown there is an empty one, at which it breaks."""
    return [
        {"wave": wave, "question": str(number), "mean": mean, "written": "" if mean is None else lang.decimal(mean)}
        for wave, mean in enumerate(line.values)
    ]


def _last_values(points: list[list[Spec]]) -> Spec:
    """Where each line has come to, written beside its end."""
    known = [[point for point in line if point["written"]] for line in points]
    return {
        "data": {"values": [line[-1] for line in known if line]},
        "mark": {"type": "text", "align": "left", "dx": 10, "fontSize": 14, "fontWeight": "bold"},
        "encoding": {"text": {"field": "written"}},
    }


def _axes(names: list[str], labels: Sequence[str], axis: Axis) -> Spec:
    numbers = [str(number) for number in range(len(names))]
    look = {"orient": "top", "direction": "vertical", "title": None, "labelExpr": f"{json.dumps(names)}[datum.label]"}
    question = {"field": "question", "type": "nominal", "legend": look}
    colours = [LINES[number % len(LINES)] for number in range(len(names))]
    wave = {"title": None, "labelExpr": f"{json.dumps(list(labels))}[datum.value]", "labelAngle": 0, "grid": False}
    return {
        "x": {"field": "wave", "type": "ordinal", "axis": wave | {"labelOverlap": "greedy"}},
        "y": {
            "field": "mean",
            "type": "quantitative",
            "scale": {"domain": [axis.low, axis.high]},
            "axis": {"title": None, "values": list(axis.ticks), "format": "d"},
        },
        "color": question | {"scale": {"domain": numbers, "range": colours}},
        "shape": question | {"scale": {"domain": numbers}},
    }


def _in_words(lines: Sequence[Line], labels: Sequence[str], lang: Language) -> str:
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
