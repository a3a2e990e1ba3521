"""A report as one web page that needs nothing else: the charts are drawn into it."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from workbot.people.departments import shown
from workbot.pulse import report_charts, report_text
from workbot.pulse.report import Report
from workbot.web.pages import Pages

PAGES = Pages(Path(__file__).parent, department=shown)


def html_of(report: Report) -> bytes:
    """Readable by keyboard, screen reader, phone and printer; every chart has its figures in a table."""
    page = PAGES.fragment(
        "page.html",
        report.lang,
        report=report,
        words=report_text,
        headline=report_text.headline(report, report.lang),
        heading=report_charts.heading(report, report.lang),
        about=" ".join(dict.fromkeys(score.measure.about for _result, score in report.compared)),
        # The drawings are ours: every text in them has been escaped by the renderer.
        charts=[(Markup(chart.svg()), chart.alt) for chart in report_charts.all_of(report)],  # noqa: S704
    )
    return page.encode()
