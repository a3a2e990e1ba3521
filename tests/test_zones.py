"""Time zones as files, Windows and people call them."""

from __future__ import annotations

import pytest

from workbot.errors import WorkbotError
from workbot.settings import Settings
from workbot.zones import zone_called

HOME = "America/Toronto"


@pytest.mark.parametrize(
    ("called", "zone"),
    [
        ("America/Toronto", "America/Toronto"),
        ("america/new york", "America/New_York"),
        ("\u200bEurope/Paris ", "Europe/Paris"),
        ("utc", "UTC"),
        ("US/Eastern", "US/Eastern"),
        ("Eastern Standard Time", "America/Toronto"),
        ("eastern time", "America/Toronto"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("India Standard Time", "Asia/Kolkata"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/Toronto"),
        ("(GMT-05:00) Eastern Time (US & Canada)", "America/Toronto"),
        ("(UTC-05:00) Est (É.-U. et Canada)", "America/Toronto"),
        ("(UTC-06:00) Saskatchewan", "America/Regina"),
        ("(UTC-03:30) Newfoundland", "America/St_Johns"),
        ("(UTC-08:00) Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Berlin"),
        ("(UTC+00:00) Dublin, Edinburgh, Lisbon, London", "Europe/London"),
        ("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", "Asia/Kolkata"),
        ("(UTC+10:00) Canberra, Melbourne, Sydney", "Australia/Sydney"),
        ("(UTC) Coordinated Universal Time", "Etc/UTC"),
        ("(GMT-05:00) America/Toronto", "America/Toronto"),
    ],
)
def test_a_name_that_certainly_means_a_zone_is_taken(called: str, zone: str) -> None:
    assert zone_called(called, home=HOME) == zone


def test_a_zone_of_windows_is_the_organisations_own_where_that_is_in_it() -> None:
    assert zone_called("Eastern Standard Time", home="America/Detroit") == "America/Detroit"
    assert zone_called("Eastern Standard Time", home="Europe/Paris") == "America/New_York"


@pytest.mark.parametrize(
    ("called", "home", "meant"),
    [
        ("EST", HOME, "America/Toronto"),
        ("est", "Europe/Paris", "America/New_York"),
        ("EDT", HOME, "America/Toronto"),
        ("HNE", HOME, "America/Toronto"),
        ("CST", HOME, "America/Chicago"),
        ("PST", HOME, "America/Los_Angeles"),
        ("CET", "Europe/Paris", "Europe/Paris"),
        ("IST", HOME, "Asia/Kolkata"),
        ("GMT", HOME, "Europe/London"),
        ("UTC-5", HOME, "America/Toronto"),
        ("+01:00", "Europe/Paris", "Europe/Paris"),
    ],
)
def test_what_says_nothing_of_summer_time_is_refused_with_what_is_probably_meant(
    called: str, home: str, meant: str
) -> None:
    with pytest.raises(ValueError, match=f"summer time; write the name of a zone, probably {meant}$"):
        zone_called(called, home=home)


@pytest.mark.parametrize(
    ("called", "near"),
    [
        ("America/Torronto", "America/Toronto"),
        ("Pariss", "Europe/Paris"),
        ("Vancouver", "America/Vancouver"),
        ("Eastern Daylight Time", "America/Toronto"),
        ("(UTC-04:00) Eastern Time (US & Canada)", "America/Toronto"),
        ("xyzzy", "America/Toronto"),
    ],
)
def test_an_unknown_zone_is_answered_with_the_nearest(called: str, near: str) -> None:
    with pytest.raises(ValueError, match=f"is not a time zone; use a name such as {near}$"):
        zone_called(called, home=HOME)


def test_the_settings_read_zones_alike() -> None:
    assert Settings.model_validate({"timezone": "(UTC-05:00) Eastern Time"}).timezone == "America/New_York"
    with pytest.raises(WorkbotError, match="probably"):
        Settings.model_validate({"timezone": "EST"})
