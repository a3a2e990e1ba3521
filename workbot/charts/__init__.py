"""Charts: one Vega-Lite specification each, as SVG for documents and mail and as PNG for chat.

Those of the console's pages are `svg`: shapes of the page itself, which take their colours from its theme.
Colours run from orange over grey to blue, which people of every kind of colour vision can tell apart,
and no chart relies on them alone: every value is written out. `alt` says in words what a chart shows.
"""

from __future__ import annotations

from collections.abc import Sequence

from workbot.charts.axis import Axis
from workbot.charts.distribution import Bar, distribution
from workbot.charts.heat import Grid, heat
from workbot.charts.look import Chart, short
from workbot.charts.trend import Line, trend

__all__ = ["Axis", "Bar", "Chart", "Grid", "Line", "distribution", "heat", "together", "trend"]


def together(charts: Sequence[Chart], title: str) -> Chart:
    """Several charts under one another, as one picture."""
    heading = {"text": short(title, 80), "fontSize": 20, "anchor": "start", "offset": 14}
    parts = [chart.spec for chart in charts]
    spec = {
        "title": heading,
        "vconcat": parts,
        "spacing": 12,
        "resolve": {"scale": {"color": "independent", "shape": "independent"}},
    }
    return Chart(spec, "\n".join(chart.alt for chart in charts))
