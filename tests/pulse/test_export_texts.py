"""What people may write into a survey, in every file that is made of it."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest
from sqlmodel import Session

from tests.pulse.conftest import MONDAY, ZONE, publish, team
from workbot import pulse
from workbot.i18n import LOCALES, language
from workbot.people import Person
from workbot.pulse import Report, Wave, ballots, exports, report_charts, report_of
from workbot.pulse.exports import document, lettering
from workbot.pulse.exports.tables import harmless
from workbot.pulse.results import Comments
from workbot.texts import clean

NO_TEXT = "a\x1b[31mb\x01c\x00d\x7fe\x9bf\ufffeg\uffffh\U0001ffffi"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def people(session: Session) -> list[Person]:
    publish(session)
    return [*team(session, "City/Roads", *"ABCDEFGH"), *team(session, "City/Water", *"IJKLMNOP")]


def answered(session: Session, people: list[Person], *comments: str, weeks: int = 0) -> Wave:
    said = dict(zip([person.id for person in people], comments * len(people), strict=False))
    numbers = {person.id: str(1 + number % 5) for number, person in enumerate(people)}

    def answers(person: Person, _wave: Wave) -> dict[str, str]:
        if person.id not in said:
            return {}
        return {
            "week": numbers[person.id],
            "means": "4" if numbers[person.id] == "1" else "3",
            "better": said[person.id],
        }

    opened = MONDAY.replace(day=MONDAY.day + 7 * weeks)
    return pulse.record(session, "weekly", answers, zone=ZONE, opened=opened)


def with_old_rows(report: Report) -> Report:
    """A report whose texts were stored before they were cleaned on their way in."""
    people = tuple(replace(person, name=NO_TEXT) for person in report.people)
    return replace(
        report,
        title=NO_TEXT,
        promise=NO_TEXT,
        people=people,
        groups=tuple(replace(group, name=NO_TEXT, path=NO_TEXT) for group in report.groups),
        results=tuple(replace(result, text=f"{result.text} {NO_TEXT}") for result in report.results),
        comments=(Comments(NO_TEXT, (NO_TEXT, "Привет")),),
    )


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", pulse.MEDIA_TYPES)
def test_every_file_comes_and_what_is_no_text_does_not(
    session: Session, people: list[Person], kind: str, locale: str
) -> None:
    answered(session, people, "fine")
    report = report_of(session, answered(session, people, NO_TEXT, weeks=1), language(locale))

    makers = {"html": exports.html_of, "pdf": exports.pdf_of, "xlsx": exports.xlsx_of, "csv": exports.csv_of}
    made = (makers | {"png": exports.png_of})[kind](with_old_rows(report))

    assert made
    if kind in ("html", "csv"):
        assert clean(made.decode("utf-8-sig").replace("\r\n", "\n")) == made.decode("utf-8-sig").replace("\r\n", "\n")
        assert "a[31mbcdefghi" in made.decode()
    if kind == "xlsx":
        assert "a[31mbcdefghi" in "".join(cell for sheet in sheets(made).values() for row in sheet for cell in row)


def test_a_comment_loses_on_its_way_in_what_is_no_text(session: Session, people: list[Person]) -> None:
    wave = answered(session, people, "x\x1b\x01y")

    data = pulse.export(session, wave, "csv", language("en")).decode("utf-8-sig")

    assert set(ballots.comments(session, wave, "better")) <= {"xy", "x\x1b\x01y"}
    assert {row[-1] for row in csv.reader(io.StringIO(data)) if row[-2] == "Comment"} == {"xy"}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("fine;=1+1", "fine;'=1+1"),
        ("fine\n=1+1", "fine\n'=1+1"),
        ("fine,\t@SUM(A1)", "fine,\t'@SUM(A1)"),
        ("＝1+1", "'＝1+1"),
        ("ok|－cmd", "ok|'－cmd"),
        ("\x1b=1", "'=1"),
        ('so;"=1+1"', 'so;\'"=1+1"'),
        ("\u00a0+1", "'\u00a0+1"),
        ("- one\r\n- two", "'- one\n'- two"),
        ("a, b; c - d", "a, b; c - d"),
        ("-5", "-5"),
        ("-5,25", "-5,25"),
        ("1=1", "1=1"),
    ],
)
def test_no_part_of_a_cell_is_a_formula_wherever_a_spreadsheet_cuts_it(said: str, shown: str) -> None:
    assert re.sub(r"(?<=\t)'|'(?=\t)", "", harmless(said)) in (shown, shown.replace("\t'", "\t"))
    for part in re.split(r"[,;|\t\n]", harmless(said)):
        is_number = re.fullmatch(r"-?\d+", part)
        assert is_number or not re.match(r"[\s\"]*[=+\-@＝＋－＠]", part)


def test_a_french_reader_gets_semicolons_and_decimal_commas(session: Session, people: list[Person]) -> None:
    report = report_of(session, answered(session, people, "Oui; non"), language("fr"))

    made = exports.csv_of(report)

    assert made.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(made.decode("utf-8-sig")), delimiter=";"))
    assert {len(row) for row in rows} == {7}
    values = {(row[3], row[4], row[5]): row[6] for row in rows}
    assert values["Tout le monde", "", "Taux de réponse"] == "1,000"
    assert re.fullmatch(r"\d,\d\d", values["Tout le monde", report.results[0].text, "Moyenne"])
    assert "Oui; non" in values.values()


def test_an_english_reader_gets_commas_and_decimal_points(session: Session, people: list[Person]) -> None:
    report = report_of(session, answered(session, people, "Yes, no"), language("en"))

    rows = list(csv.reader(io.StringIO(exports.csv_of(report).decode("utf-8-sig"))))

    assert {len(row) for row in rows} == {7}
    assert ["weekly", "1", "2026-11-23", "Everyone", "", "Response rate", "1.000"] in rows


def sheets(book: bytes) -> dict[str, list[list[str]]]:
    """The texts of each sheet of a workbook, row by row."""
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        texts = ["".join(one.itertext()) for one in ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))]
        found = {}
        for name in sorted(one for one in parts.namelist() if "worksheets/sheet" in one and one.endswith(".xml")):
            rows = ElementTree.fromstring(parts.read(name)).iter(f"{SHEET}row")
            found[name] = [[_said(cell, texts) for cell in row] for row in rows]
    return found


def _said(cell: ElementTree.Element, texts: list[str]) -> str:
    value = cell.findtext(f"{SHEET}v") or ""
    return texts[int(value)] if cell.get("t") == "s" else value


@pytest.mark.parametrize(("locale", "tag", "pattern"), [("en", "en-CA", "[$-1009]"), ("fr", "fr-CA", "[$-C0C]")])
def test_the_workbook_has_days_a_frozen_head_and_a_language(
    session: Session, people: list[Person], locale: str, tag: str, pattern: str
) -> None:
    answered(session, people, "fine")
    report = report_of(session, answered(session, people, "=1+1", weeks=1), language(locale))

    made = exports.xlsx_of(report)

    with zipfile.ZipFile(io.BytesIO(made)) as book:
        core, styles = book.read("docProps/core.xml").decode(), book.read("xl/styles.xml").decode()
        bodies = [
            book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name and "rels" not in name
        ]
    assert f"<dc:language>{tag}</dc:language>" in core
    assert pattern in styles
    assert 'quotePrefix="1"' in styles
    assert all('state="frozen"' in body for body in bodies)
    days = [str((date(2026, 11, day) - date(1899, 12, 30)).days) for day in (23, 30)]
    trend = next(rows for rows in sheets(made).values() if len(rows) == 3 and len(rows[0]) == 3)
    assert [row[0] for row in trend[1:]] == days
    assert days[1] in [cell for row in sheets(made)["xl/worksheets/sheet1.xml"] for cell in row]


CHINESE = "每周都很忙碌，会议太多，希望能有更多时间专心工作，谢谢大家的支持与帮助，我们明年再见"
SET_BY_DEJAVU = ["Привет, мир", "Γειά σου κόσμε", "مرحبا بالعالم", "שלום עולם"]
ANATOLIAN = "".join(chr(0x14400 + n) for n in range(300))


def test_only_what_no_font_has_is_put_into_words() -> None:
    """Hieroglyphs, which no usual font has, beside scripts that the machine's fonts may have."""
    texts = "\n".join(text for text in SET_BY_DEJAVU if not lettering.without_font(text, document._probe))

    missing = lettering.without_font(f"{texts}\n{ANATOLIAN}", document._probe)

    assert missing == set(ANATOLIAN)
    said = lettering.in_words(f"{texts}\n{ANATOLIAN}", missing, language("en"))
    assert said == f"{texts}\n(300 characters of a script that this document has no font for: Anatolian)"


@pytest.mark.parametrize("locale", LOCALES)
def test_a_comment_in_one_script_takes_no_letter_from_another(
    session: Session, people: list[Person], locale: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wave = answered(session, people, CHINESE, *SET_BY_DEJAVU, f"{ANATOLIAN} 👍🏽")
    tried: list[str] = []
    set_ = document._set
    monkeypatch.setattr(document, "_set", lambda data: tried.append(data) or set_(data))

    made = exports.pdf_of(report_of(session, wave, language(locale)))

    assert made.startswith(b"%PDF-")
    for text in (CHINESE, *SET_BY_DEJAVU):
        assert (text in tried[-1]) is not bool(lettering.without_font(text, document._probe))
    assert ANATOLIAN[:2] not in tried[-1]


def test_few_signs_are_called_by_their_names() -> None:
    said = lettering.in_words("Merci 👍🏽👩‍🔧 !", {"👍", "👩", "🔧"}, language("fr"))

    assert said == "Merci (thumbs up sign, woman, wrench) !"


def test_the_figures_of_a_chart_are_rounded_as_they_are_shown(session: Session, people: list[Person]) -> None:
    answered(session, people, "fine")
    report = report_of(session, answered(session, people[:7], "fine", weeks=1), language("en"))

    shares, means = report_charts.drawn(report)

    assert shares.labels == ("1", "2", "3", "4", "5")
    assert all(value == int(value) for line in shares.lines for value in line.values)
    assert means.labels == ("Nov 23", "Nov 30")
    assert all(value == round(value, 1) for line in means.lines for value in line.values)


def test_what_may_not_be_shown_is_not_drawn(session: Session, people: list[Person]) -> None:
    report = report_of(session, answered(session, people[:4], "fine"), language("en"))

    assert report_charts.drawn(report) == ()
