"""Numbers and days as people type them: certain, or asked again with how to write them."""

from __future__ import annotations

from datetime import date, time

import pytest

from workbot.cards import ChoiceField, DateField, Field, Form, NumberField, Option, TextField, ToggleField
from workbot.cards.forms import problems, read, read_day, read_number, read_time
from workbot.errors import Invalid, WorkbotError
from workbot.i18n import LOCALES, language


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        ("12,50", "12.50"),
        ("0,125", "0.125"),
        (",5", "0.5"),
        ("1234,567", "1234.567"),
        ("1 234,5", "1234.5"),
        ("1\u00a0234,5", "1234.5"),
        ("1\u202f234.5", "1234.5"),
        ("1,234,567.8", "1234567.8"),
        ("1.234.567,8", "1234567.8"),
        ("1.234,5", "1234.5"),
        ("1,234,567", "1234567"),
        ("1.234", "1.234"),
        ("1'234", "1234"),
        ("١٢", "12"),
        ("١٢٫٥", "12.5"),
        ("१२", "12"),
        ("１２，５", "12.5"),
        ("−5", "-5"),
        ("–5", "-5"),
        ("－５", "-5"),
        ("+5", "5"),
        ("-0", "0"),
        ("007", "7"),
        ("1\u200b2", "12"),
        (" 12\u00a0", "12"),
    ],
)
def test_a_number_that_can_be_only_one_is_that_one(typed: str, number: str) -> None:
    assert read_number(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-",
        "1e5",
        "NaN",
        "inf",
        "--5",
        "+-5",
        "5-",
        "- 5",
        "5%",
        "$5",
        "5 $",
        "5 kg",
        "(5)",
        "1_000",
        "0x10",
        "1/2",
        "½",
        "²",
        "12 5",
        "1 23",
        "0 123",
        "1,23,4",
        "1,234,5",
        "1.2.3",
        "1 234,567.8",
        "5.",
        "1,",
        ",",
        "9" * 41,
        "five",
    ],
)
def test_what_is_no_number_for_certain_is_asked_again(typed: str) -> None:
    with pytest.raises(WorkbotError, match="number in digits"):
        read_number(typed)


@pytest.mark.parametrize(
    ("typed", "whole", "fraction"),
    [("1,234", "1234", "1.234"), ("-12,000", "-12000", "-12.000"), ("１，２３４", "1234", "1.234")],
)
def test_a_comma_that_means_two_things_is_asked_about_and_both_ways_are_said(
    typed: str, whole: str, fraction: str
) -> None:
    with pytest.raises(WorkbotError, match=f"Write {whole} or {fraction}"):
        read_number(typed)

    assert (read_number(whole), read_number(fraction)) == (whole, fraction)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-11-23", date(2026, 11, 23)),
        ("2026/3/4", date(2026, 3, 4)),
        ("23/11/2026", date(2026, 11, 23)),
        ("11/23/2026", date(2026, 11, 23)),
        ("23.11.2026", date(2026, 11, 23)),
        ("03/03/2026", date(2026, 3, 3)),
        ("٢٠٢٦-١١-٢٣", date(2026, 11, 23)),
        ("2026‐11‐23", date(2026, 11, 23)),
    ],
)
def test_a_day_that_can_be_only_one_is_that_one(typed: str, day: date) -> None:
    assert read_day(typed) == day


@pytest.mark.parametrize("typed", ["03/04/2026", "3-4-2026", "12.11.2026"])
def test_a_day_that_can_be_two_is_asked_about(typed: str) -> None:
    with pytest.raises(WorkbotError, match=r"two ways\. Write 2026-"):
        read_day(typed)


@pytest.mark.parametrize(
    "typed", ["", "tomorrow", "31/02/2026", "20261123", "2026-W47-1", "3/4/26", "2026-13-01", "2026-1-1-1"]
)
def test_what_is_no_day_is_asked_again(typed: str) -> None:
    with pytest.raises(WorkbotError, match="year, month and day"):
        read_day(typed)


FORM = Form(
    "x",
    "X",
    (
        TextField("why", "Why?"),
        NumberField("hours", "Hours", minimum=0, maximum=500),
        DateField("on", "On", required=False),
        ChoiceField("kind", "Kind", (Option("A", "a"),), required=False),
    ),
    "Send",
)
GOOD = {"why": "Because", "hours": "12,5", "on": "", "kind": "a"}


@pytest.mark.parametrize("locale", LOCALES)
def test_a_form_is_read_alike_in_every_language(locale: str) -> None:
    typed = GOOD | {"on": "23/11/2026", "why": "Be\x01cause\r\n"}

    assert problems(FORM, typed, language(locale)) == {}
    assert read(FORM.fields, typed, language(locale)) == {
        "why": "Because\n",
        "hours": "12.5",
        "on": "2026-11-23",
        "kind": "a",
    }
    assert list(problems(FORM, GOOD | {"hours": "1,234"}, language(locale))) == ["hours"]


def test_who_has_to_choose_is_told_what_is_too_much() -> None:
    said = problems(FORM, GOOD | {"hours": "1,000"}, language("en"))["hours"]

    assert said == "“1,000” can be read in two ways. Write 1000 or 1.000. This cannot be more than 500."


def test_french_says_how_to_write_it_in_french() -> None:
    assert "12,5" in problems(FORM, GOOD | {"hours": "12 h"}, language("fr"))["hours"]


@pytest.mark.parametrize("nothing", ["", " \n", "\u200b\u2060", "\u00a0\ufeff", "\x01"])
def test_an_answer_that_nobody_can_see_is_none(nothing: str) -> None:
    assert problems(FORM, GOOD | {"why": nothing}, language("en")) == {"why": "This needs an answer."}


@pytest.mark.parametrize(
    ("typed", "clock"), [("18:30", time(18, 30)), (" 7h05 ", time(7, 5)), ("٧", time(7)), ("7 H", time(7))]
)
def test_a_time_of_day_is_read_as_people_write_it(typed: str, clock: time) -> None:
    assert read_time(typed) == clock


@pytest.mark.parametrize("typed", ["", "soon", "24:00", "7:60", "7:5:1", "-1:00"])
def test_what_is_no_time_of_day_is_refused(typed: str) -> None:
    with pytest.raises(WorkbotError, match="18:30"):
        read_time(typed)


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        (ChoiceField("f", "F", (Option("A", "a"), Option("B", "b"))), " a ", "a"),
        (ChoiceField("f", "F", (Option("A", "a"), Option("B", "b")), multiple=True), "a\nb", "a\nb"),
        (ToggleField("f", "F"), "yes", "yes"),
        (TextField("f", "F", max_length=3), "abc \n", "abc \n"),
    ],
)
def test_what_can_be_is_kept(field: Field, typed: str, kept: str) -> None:
    assert read((field,), {"f": typed}, language("en")) == {"f": kept}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        (ChoiceField("f", "F", (Option("A", "a"), Option("B", "b"))), "a\nb"),
        (ChoiceField("f", "F", (Option("A", "a"),), multiple=True), "a\nc"),
        (ChoiceField("f", "F", ()), "a"),
        (ToggleField("f", "F"), "whatever"),
        (TextField("f", "F", max_length=3), "abcd"),
    ],
)
def test_what_cannot_be_is_refused_whatever_a_platform_lets_through(field: Field, typed: str) -> None:
    with pytest.raises(Invalid):
        read((field,), {"f": typed}, language("en"))


def test_everything_that_is_wrong_is_said_at_once_in_the_words_of_its_field() -> None:
    fields = (TextField("body", "Reply", empty="Write something first."), DateField("on", "When"))

    with pytest.raises(Invalid) as refusal:
        read(fields, {"on": "soon"}, language("en"))

    assert {name: problem.message for name, problem in refusal.value.fields.items()} == {
        "body": "Write something first.",
        "on": "Please write a date as year, month and day, such as {example}.",
    }
