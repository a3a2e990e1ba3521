"""Text from outside: what of it is kept, what names a thing, and how labels stand before values."""

from __future__ import annotations

import pytest

from workbot.cards import Card, Fact, Facts, plain_text
from workbot.i18n import language
from workbot.texts import clean, cleaned, identifier

# A flag, which is spelled in letters that nobody sees.
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x1b[31mb\x01c", "a[31mbc"),
        ("\0\x07\x7f\x9b", ""),
        ("\ufffe\uffff\U0001fffe\U0010ffff\ufdd0", ""),
        ("one\r\ntwo\rthree\u2028four\x85five\ttab", "one\ntwo\nthree\nfour\nfive\ttab"),
        ("half \ud83d of one", "half \ufffd of one"),
        ("\ud83d\ude00", "😀"),
        ("\ufeffé", "é"),
        ("turned \u202enever back\nnext", "turned never back\nnext"),
        ("turned \u202etpe\u202c kept", "turned \u202etpe\u202c kept"),
        ("\u2066open", "open"),
        ("hidden \U000e0041\U000e0042!", "hidden !"),
        (ENGLAND, ENGLAND),
        ("👩🏽‍💻 ❤️ نمی‌خواهم \u200fא", "👩🏽‍💻 ❤️ نمی‌خواهم \u200fא"),
        ("déjà vu\u00a0!", "déjà vu\u00a0!"),
    ],
)
def test_what_is_no_text_goes_and_the_rest_stays(typed: str, kept: str) -> None:
    assert clean(typed) == kept
    assert clean(kept) == kept


@pytest.mark.parametrize("end", ["\r", "\0", "\ufeff", "\u202e", "\u202ex\u202c"])
def test_a_line_of_half_a_million_letters_is_read_once(end: str) -> None:
    # Read again from each of its letters it would take hours.
    assert clean("a" * 500_000 + end).startswith("a" * 500_000)


@pytest.mark.parametrize(
    "typed",
    [
        "\u200bada@city.example",
        "ada@city.example\u200b",
        " ada@\u00adcity.example\ufeff",
        "a\u2060da@city.exam\u034fple",
        "ada@city.example\ufe0f",
    ],
)
def test_what_nobody_sees_names_nobody(typed: str) -> None:
    assert identifier(typed) == "ada@city.example"


def test_one_name_spelled_in_two_ways_is_one() -> None:
    assert identifier("Ze\u0301lie") == identifier("Z\u00e9lie") == "Zélie"


def test_data_is_cleaned_wherever_text_stands_in_it() -> None:
    assert cleaned({"a\x01": ["b\x02", 3, {"c": ("d\x03",)}]}) == {"a": ["b", 3, {"c": ["d"]}]}


@pytest.mark.parametrize(
    ("locale", "label", "shown"),
    [
        ("en", "How did it go?", "How did it go?"),
        ("en", "Mean", "Mean:"),
        ("en", "So!", "So!"),
        ("en", "How (in short)?)", "How (in short)?)"),
        ("fr", "Comment ça va\u00a0?", "Comment ça va\u00a0?"),
        ("fr", "Moyenne", "Moyenne\u00a0:"),
        ("fr", "Avez-vous dit « oui? »", "Avez-vous dit « oui? »"),
    ],
)
def test_a_question_takes_no_colon(locale: str, label: str, shown: str) -> None:
    assert language(locale).label(label) == shown


def test_a_card_as_plain_lines_has_no_colon_after_a_question() -> None:
    card = Card("Results", (Facts((Fact("How did the week go?", "mean 3.4"), Fact("Mood", "mean 4.1"))),))

    assert plain_text(card) == "Results\nHow did the week go? mean 3.4\nMood: mean 4.1"
