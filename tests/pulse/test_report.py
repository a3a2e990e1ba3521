"""Reports, in every way out: what they show, what they must not, and what text in them can do."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from sqlmodel import Session, select

from tests.pulse.conftest import MONDAY, ZONE, answer, publish, team
from workbot import pulse
from workbot.delivery import Message
from workbot.errors import NotAllowed, WorkbotError
from workbot.i18n import LOCALES, language
from workbot.people import Person, Role
from workbot.pulse import Report, Wave, ballots, exports, report_of, report_text, reporting
from workbot.pulse.exports.tables import harmless
from workbot.storage.database import Database

FRENCH, ENGLISH = language("fr"), language("en")
HOSTILE = [
    '=cmd|"/c calc"!A1',
    "+1+1",
    "@SUM(A1)",
    "-2+3",
    "\t=1",
    "<script>alert(1)</script>",
    '#import "x.typ" $a$ *b* \\ @ref',
    "שלום עולם",
    "🧂" * 40,
    'a,b\n"c";d',
    "{lang} %s {{ 7 * 7 }}",
]


@pytest.fixture
def roads(session: Session) -> list[Person]:
    publish(session)
    return team(session, "City/Roads", *"ABCDEFGH")


@pytest.fixture
def water(session: Session) -> list[Person]:
    return team(session, "City/Water", *"IJKLMNOP")


def closed(session: Session, *answers: tuple[Person, dict[str, str]], weeks: int = 0) -> Wave:
    opened = MONDAY + timedelta(weeks=weeks)
    given = {person.id: values for person, values in answers}
    return pulse.record(session, "weekly", lambda person, _wave: given.get(person.id, {}), zone=ZONE, opened=opened)


def mixed(people: list[Person], *, start: int = 0) -> list[tuple[Person, dict[str, str]]]:
    return [(p, {"week": str(1 + (n + start) % 5), "means": str(1 + (n * 2) % 5)}) for n, p in enumerate(people)]


def everywhere(session: Session, wave: Wave) -> dict[str, str]:
    """What stands in each export that is text, and in the texts of the workbook."""
    found = {name: pulse.export(session, wave, name, ENGLISH).decode() for name in ("html", "csv")}
    with zipfile.ZipFile(io.BytesIO(pulse.export(session, wave, "xlsx", ENGLISH))) as book:
        found["xlsx"] = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    return found


def test_an_open_wave_has_no_results_in_any_form(session: Session, roads: list[Person]) -> None:
    wave = pulse.launch(session, "weekly", zone=ZONE, now=MONDAY, at_once=True)
    answer(session, wave, roads[0], week="4")

    for kind in pulse.MEDIA_TYPES:
        with pytest.raises(WorkbotError, match="not before"):
            pulse.export(session, wave, kind, ENGLISH)
    with pytest.raises(WorkbotError, match="not before"):
        ballots.comments(session, wave, "better")


def test_the_figures_are_right(session: Session, roads: list[Person]) -> None:
    answers = [
        (p, {"week": value, "means": "3" if value == "1" else "4"}) for p, value in zip(roads, "11235", strict=False)
    ]

    report = report_of(session, closed(session, *answers), ENGLISH)

    week = report.results[0]
    assert (report.n, report.invited, report.rate) == (5, 8, 5 / 8)
    assert [share.count for share in week.shares] == [2, 1, 1, 0, 1]
    assert week.score is not None
    assert week.score.value == pytest.approx(12 / 5)
    assert week.score.favourable == pytest.approx(1 / 5)


def test_four_answers_show_nothing_in_any_form(session: Session, roads: list[Person]) -> None:
    wave = closed(session, *((p, {"week": "2", "means": "1", "better": "MARKER"}) for p in roads[:4]))

    report = report_of(session, wave, ENGLISH)

    assert report.n is None
    assert report.rate is None
    assert not report.scored
    assert not report.groups
    assert all(text is None for text in (block.texts for block in report.comments))
    for said in everywhere(session, wave).values():
        assert "Fewer than 5 people answered" in said
        assert "MARKER" not in said
    with pytest.raises(WorkbotError, match="no picture"):
        pulse.export(session, wave, "png", ENGLISH)


def test_a_small_department_is_in_no_form(session: Session, roads: list[Person], water: list[Person]) -> None:
    wave = closed(session, *mixed(roads), *mixed(water[:4], start=2))

    for said in everywhere(session, wave).values():
        assert "Water" not in said
    assert report_of(session, wave, ENGLISH).n == 12


def test_departments_that_may_be_shown_are(session: Session, roads: list[Person], water: list[Person]) -> None:
    report = report_of(session, closed(session, *mixed(roads), *mixed(water, start=2)), ENGLISH)

    assert [(group.name, group.depth, group.n) for group in report.groups] == [
        ("City", 0, 16),
        ("Roads", 1, 8),
        ("Water", 1, 8),
    ]


def test_one_answer_throughout_is_a_range(session: Session, roads: list[Person]) -> None:
    wave = closed(session, *((p, {"week": "5", "means": str(1 + n % 5)}) for n, p in enumerate(roads)))

    report = report_of(session, wave, ENGLISH)

    week = report.results[0]
    assert (week.score, week.shares, week.span) == (None, (), (3, 5))
    assert "between 3 and 5" in report_text.figure(week, report, ENGLISH)


@pytest.mark.parametrize(("number", "shown"), [(9, False), (10, True)])
def test_comments_appear_from_ten_on(
    session: Session, roads: list[Person], water: list[Person], number: int, shown: bool
) -> None:
    writers = [*roads, *water][:number]
    wave = closed(session, *((p, {"week": str(1 + n % 5), "better": f"MARKER{n}"}) for n, p in enumerate(writers)))

    for said in everywhere(session, wave).values():
        assert ("MARKER0" in said) is shown


def test_comments_do_not_stand_in_the_order_of_arrival(
    session: Session, roads: list[Person], water: list[Person]
) -> None:
    people = [*roads, *water]
    waves = [
        closed(session, *((p, {"week": str(1 + n % 5), "better": f"{n}"}) for n, p in enumerate(people)), weeks=week)
        for week in range(4)
    ]

    orders = [ballots.comments(session, wave, "better") for wave in waves]

    assert orders[0] == ballots.comments(session, waves[0], "better")
    assert len({tuple(order) for order in orders}) == 4
    assert [str(n) for n in range(16)] not in orders


def test_the_trend_leaves_out_a_wave_under_k(session: Session, roads: list[Person]) -> None:
    closed(session, *mixed(roads))
    closed(session, *mixed(roads[:4]), weeks=1)
    last = closed(session, *mixed(roads), weeks=2)

    report = report_of(session, last, ENGLISH)

    assert [bool(point.scores) for point in report.trend] == [True, False, True]
    assert report.results[0].change is None


def test_the_trend_shows_twelve_waves_at_most_and_the_change(session: Session, roads: list[Person]) -> None:
    for week in range(14):
        wave = closed(session, *mixed(roads, start=week), weeks=week)

    report = report_of(session, wave, ENGLISH)

    assert [point.number for point in report.trend] == list(range(3, 15))
    means = [point.scores["week"].value for point in report.trend]
    assert report.results[0].change == pytest.approx(means[-1] - means[-2])


def test_nobody_may_see_who_said_what_in_a_confidential_survey(session: Session, roads: list[Person]) -> None:
    wave = closed(session, *mixed(roads))

    with pytest.raises(NotAllowed):
        ballots.by_person(session, wave)
    for said in everywhere(session, wave).values():
        assert not any(person.name in said for person in roads)


def test_in_an_identified_survey_hr_sees_who_said_what(session: Session, roads: list[Person]) -> None:
    wave = pulse.launch(session, "onboarding-30", zone=ZONE, now=MONDAY, at_once=True, people=roads[:1])
    answer(session, wave, roads[0], welcome="5", tools="some", help="A map")
    pulse.close(session, wave, now=MONDAY)

    report = report_of(session, wave, ENGLISH)

    assert report.people[0].answers == ("5 · Completely", "", "Something is still missing", "A map")
    assert all("A Roads" in said for said in everywhere(session, wave).values())
    for locale in LOCALES:
        assert pulse.export(session, wave, "pdf", language(locale)).startswith(b"%PDF")


def hostile(session: Session, people: list[Person]) -> Wave:
    return closed(session, *((p, {"week": str(1 + n % 5), "better": HOSTILE[n % 11]}) for n, p in enumerate(people)))


def test_no_cell_of_the_csv_is_a_formula(session: Session, roads: list[Person], water: list[Person]) -> None:
    wave = hostile(session, [*roads, *water])

    data = pulse.export(session, wave, "csv", FRENCH)

    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert len({len(row) for row in rows}) == 1
    starts = [cell for row in rows for cell in row if cell.lstrip()[:1] in tuple("=+@|")]
    assert starts == []
    values = {row[-1] for row in rows}
    assert {f"'{HOSTILE[0]}", "שלום עולם", HOSTILE[9]} <= values


def test_a_negative_number_stays_a_number() -> None:
    assert harmless("-0.25") == "-0.25"
    assert harmless("-2+3") == "'-2+3"
    assert harmless("  =1") == "'  =1"


def test_no_cell_of_the_workbook_is_a_formula_or_a_link(
    session: Session, roads: list[Person], water: list[Person]
) -> None:
    wave = hostile(session, [*roads, *water])

    with zipfile.ZipFile(io.BytesIO(pulse.export(session, wave, "xlsx", FRENCH))) as book:
        sheets = "".join(book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name)
        charts = [name for name in book.namelist() if name.startswith("xl/charts/chart")]

    assert "<f>" not in sheets
    assert "<hyperlink" not in sheets
    assert charts


class Tags(HTMLParser):
    """The tags of a page, and how they nest."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)


def test_the_page_stands_alone_and_shows_text_as_text(
    session: Session, roads: list[Person], water: list[Person]
) -> None:
    page = pulse.export(session, hostile(session, [*roads, *water]), "html", FRENCH).decode()

    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.seen
    assert "link" not in tags.seen
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not re.search(r'(src|href)="(?!#)', page)
    assert '<html lang="fr">' in page
    assert page.count('role="img" aria-label="') == len(re.findall("<figure", page)) > 0


@pytest.mark.parametrize("locale", LOCALES)
def test_the_pdf_takes_any_text(session: Session, roads: list[Person], water: list[Person], locale: str) -> None:
    wave = hostile(session, [*roads, *water])

    made = exports.pdf_of(report_of(session, wave, language(locale)))

    assert made.startswith(b"%PDF-")
    assert b"/MarkInfo" in made or b"/StructTreeRoot" in made


def test_what_no_font_can_show_is_put_into_words(session: Session, roads: list[Person], water: list[Person]) -> None:
    # Anatolian hieroglyphs, more of them than are put into words one by one.
    unseen = ["".join(chr(0x14400 + 10 * number + n) for n in range(10)) for number in range(30)]
    people = [*roads, *water]
    wave = closed(
        session,
        *((person, {"week": "3", "better": f"{sign} 👩‍🔧 👍🏽"}) for person, sign in zip(people, unseen, strict=False)),
    )

    made = exports.pdf_of(report_of(session, wave, ENGLISH))

    assert made.startswith(b"%PDF-")


def test_an_unknown_format_is_refused(session: Session, roads: list[Person]) -> None:
    with pytest.raises(WorkbotError, match="Choose one of"):
        pulse.export(session, closed(session, *mixed(roads)), "docx", ENGLISH)


def test_a_report_carries_the_promise_that_was_given(session: Session, roads: list[Person]) -> None:
    wave = closed(session, *mixed(roads))
    report: Report = report_of(session, wave, FRENCH)

    assert report.promise == wave.privacy["fr"]


def test_only_readers_who_are_here_hear_of_the_results(database: Database) -> None:
    hired: dict[str, tuple[str, dict[str, object]]] = {
        "Hana": ("hr", {}),
        "Last": ("hr", {"left_on": date(2026, 12, 1)}),
        "Left": ("hr", {"left_on": date(2026, 11, 30)}),
        "Gone": ("hr", {"active": False}),
        "Next": ("hr", {"started_on": date(2026, 12, 2)}),
        "Admin": ("admin", {}),
        "Audit": ("auditor", {}),
    }
    with database.session() as session:
        publish(session)
        wave = closed(session, *mixed(team(session, "City/Roads", *"ABCDEFGH")))
        wave.readers, subject = "hr", wave.report_subject
        people = {name: team(session, "City/People", name, **fields)[0].id for name, (_, fields) in hired.items()}
        session.add_all(Role(person_id=key, name=hired[name][0]) for name, key in people.items())
        session.flush()
        reporting.tell(session, wave, now=MONDAY + timedelta(days=8))

    with database.session() as session:
        told = set(session.exec(select(Message.person_id).where(Message.subject == subject)))
    assert told == {people["Hana"], people["Last"]}
