"""What `doctor` finds out alike of every chat."""

from __future__ import annotations

from datetime import timedelta

import pytest

from workbot.chat.diagnostics import MOST_NAMED, clock, judged, some
from workbot.i18n import language

HARM = "what was signed is refused."


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [
        (0, "ok"),
        (-20, "ok"),
        (29, "ok"),
        (31, "warning"),
        (45, "warning"),
        (-120, "warning"),
        (300, "fail"),
        (-300, "fail"),
    ],
)
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_clock_that_is_off_is_told_before_it_does_harm(seconds: int, verdict: str, locale: str) -> None:
    assert judged(timedelta(seconds=seconds), "Slack", HARM, language(locale)).verdict == verdict


def test_what_a_clock_that_is_off_does_is_said() -> None:
    words = judged(timedelta(seconds=-75), "Microsoft", HARM, language("en")).words

    assert words == (
        "This machine’s clock is 75 seconds off Microsoft’s. Let it keep time by the network (NTP): "
        "what was signed is refused."
    )


def test_what_is_no_date_is_none() -> None:
    with pytest.raises(ValueError, match="date"):
        clock("yesterday", "Slack", HARM, language("en"))


def test_of_many_names_some_are_said() -> None:
    names = [f"Ada {number}" for number in range(MOST_NAMED + 2)]

    assert some(names[:2]) == "Ada 0, Ada 1"
    assert some(names).endswith(", Ada 7, …")
