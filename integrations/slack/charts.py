"""Charts that Slack draws itself: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block.

Sources differ on how many lines a chart takes; ours stay under the lower.
"""

from __future__ import annotations

from collections.abc import Sequence

from integrations.slack.texts import Element
from workbot.cards import Drawn
from workbot.texts import clean, cut, size

# In one message; of lines or bars side by side; of points along the axis.
MOST, SERIES, POINTS = 2, 6, 20
LONGEST_TITLE, LONGEST_NAME, LONGEST_AXIS = 50, 20, 50


def charts(drawn: Sequence[Drawn]) -> list[Element]:
    """What is drawn as Slack's blocks; nothing where not all of it fits."""
    fit = 0 < len(drawn) <= MOST and all(_fits(one) for one in drawn)
    return [_chart(one) for one in drawn] if fit else []


def _fits(drawn: Drawn) -> bool:
    labels = [clean(label).strip() for label in drawn.labels]
    return (
        1 <= len(drawn.lines) <= SERIES
        and 1 <= len(labels) <= POINTS
        and all(0 < size(label) <= LONGEST_NAME for label in labels)
        and len(set(labels)) == len(labels)
        and all(len(line.values) == len(labels) for line in drawn.lines)
    )


def _chart(drawn: Drawn) -> Element:
    labels = [clean(label).strip() for label in drawn.labels]
    names = _names([line.name for line in drawn.lines])
    series = [
        {"name": name, "data": [{"label": at, "value": value} for at, value in zip(labels, line.values, strict=True)]}
        for name, line in zip(names, drawn.lines, strict=True)
    ]
    axis = {"categories": labels} | ({"y_label": cut(drawn.unit, LONGEST_AXIS)} if drawn.unit else {})
    chart = {"type": drawn.kind, "series": series, "axis_config": axis}
    return {"type": "data_visualization", "title": cut(drawn.title, LONGEST_TITLE) or "–", "chart": chart}


def _names(given: Sequence[str]) -> list[str]:
    """Names as the legend takes them; those that would be alike are told apart by their number."""
    short = [cut(" ".join(clean(name).split()), LONGEST_NAME) or "–" for name in given]
    return [
        name if short.count(name) == 1 else cut(f"{number}. {name}", LONGEST_NAME)
        for number, name in enumerate(short, 1)
    ]
