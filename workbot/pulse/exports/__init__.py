"""Reports to take away. Each is made from a `Report`, in which there is nothing but what may be shown."""

from __future__ import annotations

from sqlmodel import Session

from workbot.errors import WorkbotError
from workbot.i18n import Language
from workbot.pulse import report_charts
from workbot.pulse.exports.document import pdf_of
from workbot.pulse.exports.page import html_of
from workbot.pulse.exports.tables import csv_of
from workbot.pulse.exports.workbook import xlsx_of
from workbot.pulse.models import Wave
from workbot.pulse.report import Report, report_of

__all__ = ["MEDIA_TYPES", "csv_of", "export", "html_of", "pdf_of", "png_of", "xlsx_of"]

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "png": "image/png",
}


def export(session: Session, wave: Wave, format: str, lang: Language) -> bytes:  # noqa: A002  # what it is called
    """A closed wave's report as a file: `html`, `pdf`, `xlsx`, `csv` or `png`.

    Raises WorkbotError while the wave is open, for an unknown format, and for a picture of nothing.
    """
    makers = {"html": html_of, "pdf": pdf_of, "xlsx": xlsx_of, "csv": csv_of, "png": png_of}
    if format not in makers:
        raise WorkbotError("I cannot make “{format}”. Choose one of {known}.", format=format, known=", ".join(makers))
    return makers[format](report_of(session, wave, lang))


def png_of(report: Report) -> bytes:
    """The chart alone."""
    chart = report_charts.overview(report)
    if chart is None:
        raise WorkbotError("Nothing of this wave may be shown, so there is no picture of it.")
    return chart.png()
