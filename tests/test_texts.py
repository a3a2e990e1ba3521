"""Text from outside: what of it is kept, what names a thing, and how labels stand before values."""

from __future__ import annotations

import pytest
import typst

from integrations.email.errors import TOO_LARGE
from integrations.slack import markup as slack_markup
from workbot.cards import Card, Fact, Facts, plain_text
from workbot.i18n import language
from workbot.pulse.exports.lettering import in_words, unseen
from workbot.pulse.exports.tables import harmless
from workbot.pulse.questions.scale import Scale
from workbot.pulse.wording import is_same
from workbot.texts import clean, cleaned, identifier, size, split
from workbot.zones import zone_called

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


HALF_A_MILLION = 500_000


@pytest.mark.parametrize("piece", ["<@U0ADA> ", "<>a", "<a", "a", "<", ":a:", "`", "<#C1|"])
def test_what_is_written_in_slack_is_read_once(piece: str) -> None:
    # Looked through again for each of its marks it would take an hour.
    assert slack_markup.plain(piece * (HALF_A_MILLION // len(piece)))


@pytest.mark.parametrize("mark", [" ", "\n", ' " ', "« "])
def test_the_blanks_of_a_question_are_looked_at_once(mark: str) -> None:
    blanks = mark * (HALF_A_MILLION // len(mark))
    question = {
        "id": "mood",
        "kind": "scale",
        "low": {"en": "badly", "fr": "mal"},
        "high": {"en": "well", "fr": "bien"},
    }
    texts = [{"en": f"How{blanks}{end}", "fr": "Comment?"} for end in ("is it?", "was it?")]
    one, other = (Scale.model_validate({**question, "text": text}) for text in texts)

    assert is_same(one, one)
    assert not is_same(one, other)


@pytest.mark.parametrize("blank", ["\n", "\t", " ", '"', "\n\t "])
def test_the_blanks_of_a_cell_are_looked_at_once(blank: str) -> None:
    blanks = blank * (HALF_A_MILLION // len(blank))

    assert harmless(f"a{blanks}b") == f"a{blanks}b"
    assert harmless(f"a,{blanks}=1").startswith("a,'")


def test_joiners_that_join_nothing_are_looked_at_once() -> None:
    joiners = "\u200d" * HALF_A_MILLION

    assert in_words(f"a{joiners}b", ["Ж"], language("en")) == f"a{joiners}b"


@pytest.mark.parametrize("name", ["(", " ", "(UTC) ", "a(", "time "])
def test_what_is_too_long_for_a_time_zone_is_not_searched_for_one(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone; use a name such as America/Toronto"):
        zone_called(f"x{name * (HALF_A_MILLION // len(name))}x")


@pytest.mark.parametrize("word", ["size ", "exceed "])
def test_the_answer_of_a_mail_server_is_read_once(word: str) -> None:
    assert TOO_LARGE.search(word * (HALF_A_MILLION // len(word))) is None
    assert TOO_LARGE.search(f"552 no: {word * 9}\nmessage of a size that exceeds ours")


def test_a_report_of_a_missing_letter_is_read_once() -> None:
    assert unseen(typst.TypstError('the text `"' * (HALF_A_MILLION // 11))) == ""
    assert unseen(typst.TypstError('the text `"\\u{416}"` could not be displayed')) == "Ж"


@pytest.mark.parametrize("text", ["a" * 2_000_000, "é" * 2_000_000, "ab é " * 400_000, "😀\n" * 500_000])
def test_a_long_text_is_cut_into_pieces_that_fit_and_nothing_is_lost(text: str) -> None:
    pieces = list(split(text, 50))

    assert "".join(pieces) == text
    assert max(map(size, pieces)) <= 50
