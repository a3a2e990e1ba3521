"""Telling those who are to know: the results in chat and by mail, once, when a wave has closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session

from workbot import delivery, files
from workbot.cards import Attachment, Button, Buttons, Card, Element, Facts, Image, Text
from workbot.i18n import language
from workbot.people import MAIL_PLATFORM, Person, people_with_role
from workbot.pulse import exports, report_charts, report_text
from workbot.pulse.models import Wave
from workbot.pulse.report import Report, report_of
from workbot.pulse.service import definition_of

CHART_NAME = "{survey}-{number}-{locale}.png"
DATA_NAME = "{survey}-{number}-{locale}.csv"


@dataclass(frozen=True)
class Edition:
    """A report in one language, with its stored files."""

    report: Report
    image: Image | None
    data: Attachment


def tell(session: Session, wave: Wave, *, now: datetime) -> None:
    """Send the report to everyone who may read it, each in their language."""
    survey = definition_of(session, wave)
    readers = _readers(session, wave.reader_roles, now)
    editions = {locale: _edition(session, wave, locale, now) for locale in {language(r.locale).locale for r in readers}}
    for person in readers:
        edition = editions[language(person.locale).locale]
        key = f"pulse.report:{wave.id}:{person.id}"
        delivery.tell(session, person, chat_card(edition), key=key, now=now, subject=wave.report_subject)
        if survey.report.mail:
            mail = mail_card(edition)
            delivery.tell(session, person, mail, key=f"{key}:mail", now=now, platform=MAIL_PLATFORM)


def chat_card(edition: Edition) -> Card:
    """Headline, figures, the picture, and the way to all of it."""
    return Card(_title(edition.report), (*_body(edition), _link(edition.report)))


def mail_card(edition: Edition) -> Card:
    """The same, with the figures to take away; what is not shown is not in them either."""
    return Card(_title(edition.report), (*_body(edition), edition.data, _link(edition.report)))


def _readers(session: Session, roles: Iterable[str], now: datetime) -> list[Person]:
    """Everyone of the roles, once."""
    return list({person.id: person for role in roles for person in people_with_role(session, role, now=now)}.values())


def _edition(session: Session, wave: Wave, locale: str, now: datetime) -> Edition:
    report = report_of(session, wave, language(locale))
    named = {"survey": wave.survey, "number": wave.number, "locale": locale}
    store = partial(files.store, session, now=now, subject=wave.report_subject)
    chart = report_charts.overview(report)
    image = None
    if chart:
        key = store(CHART_NAME.format(**named), "image/png", chart.png())
        image = Image(key, chart.alt, report_charts.drawn(report))
    name = DATA_NAME.format(**named)
    data = store(name, "text/csv; charset=utf-8", exports.csv_of(report))
    return Edition(report, image, Attachment(data, name))


def _title(report: Report) -> str:
    return report.lang("Results: {title}, no. {number}", title=report.title, number=report.number)


def _body(edition: Edition) -> tuple[Element, ...]:
    report, lang = edition.report, edition.report.lang
    said = report_text.facts(report, lang)
    figures: tuple[Element, ...] = (Facts(said),) if said else ()
    image: tuple[Element, ...] = (edition.image,) if edition.image else ()
    return (Text(report_text.headline(report, lang), style="strong"), *figures, *image)


def _link(report: Report) -> Buttons:
    lang = report.lang
    label = lang("Open the report")
    return Buttons((Button(label, url=f"/console/surveys/{report.survey}/{report.number}"),), _title(report))
