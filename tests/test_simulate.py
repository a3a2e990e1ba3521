"""Simulations: what a definition says to whom and when, really run in an app that is thrown away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminal import Terminal
from workbot import requests

JOURNEY = """\
name: short
title: {en: A short way, fr: Un court chemin}
intro: {en: Two things to do., fr: Deux choses à faire.}
closing: {en: That was all., fr: C’est tout.}
steps:
  - id: keys
    who: desk:it
    due: {days: -1, time: "13:00"}
    title: {en: Cut the keys, fr: Tailler les clés}
    text: {en: Two of them., fr: Deux.}
  - id: lunch
    who: hire
    due: {days: 2, time: "11:30"}
    title: {en: Have lunch, fr: Dîner}
    text: {en: Soup., fr: De la soupe.}
    remind_after_days: 1
  - id: boots
    who: hire
    due: {days: 1}
    when: {location: [Depot]}
    title: {en: Fetch your boots, fr: Chercher vos bottes}
    text: {en: At the depot., fr: Au dépôt.}
  - id: badge
    who: hire
    due: {days: 1}
    when: {location: [Office]}
    title: {en: Fetch your badge, fr: Chercher votre insigne}
    text: {en: At the desk., fr: Au bureau.}
  - id: parking
    who: desk:parking
    due: {days: 1}
    title: {en: Mark a place, fr: Marquer une place}
    text: {en: With paint., fr: À la peinture.}
"""
SURVEY = """\
name: mood
title: {en: Mood, fr: Humeur}
intro: {en: One question., fr: Une question.}
mode: confidential
schedule: {every: week, weekday: tuesday, at: "10:00"}
open_for: {days: 3, until: "16:00"}
remind_after: 1
questions:
  - id: mood
    kind: scale
    text: {en: How are you?, fr: Comment allez-vous?}
    low: {en: Bad, fr: Mal}
    high: {en: Good, fr: Bien}
"""
TODAY = """\
name: today
title: {en: How is today?, fr: Comment va la journée?}
intro: {en: One question., fr: Une question.}
mode: confidential
schedule: {every: week, weekday: friday, at: "09:00"}
open_for: {days: 0, until: "17:00"}
questions:
  - id: mood
    kind: scale
    text: {en: How is today?, fr: Comment va la journée?}
    low: {en: Badly, fr: Mal}
    high: {en: Well, fr: Bien}
"""
NBSP = "\u00a0"


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal where an organisation has a journey and a survey of its own."""
    made = Terminal(tmp_path, monkeypatch)
    made.write("own/journeys/short.yaml", JOURNEY)
    made.write("own/surveys/mood.yaml", SURVEY)
    made.set(WORKBOT_DEFINITIONS="own")
    return made


def messages(output: str) -> list[str]:
    """The messages that were printed, each from its heading on."""
    return [part.replace(NBSP, " ") for part in output.strip().split("\n\n") if " · " in part.splitlines()[0]]


def test_each_step_comes_at_its_local_time_to_who_carries_it(terminal: Terminal) -> None:
    # 2030-05-06 is a Monday: a working day before it is the Friday.
    heard = messages(terminal.does("simulate", "journey", "short", "--on", "2030-05-06"))

    assert heard[0].startswith("Fri, May 3, 1:00 p.m. · IT Service Desk\n")
    assert "Cut the keys" in heard[0]
    lunch = next(text for text in heard if "New step: Have lunch" in text)
    assert lunch.startswith("Wed, May 8, 11:30 a.m. · Noor Haddad (sets out)\n")


def test_a_desk_whose_channel_has_another_name_hears_of_its_steps(terminal: Terminal) -> None:
    desk = (Path(requests.__file__).parent / "desks" / "facilities.yaml").read_text()
    for shipped, own in (
        ("name: facilities", "name: parking"),
        ("title: {en: Facilities", "title: {en: Parking"),
        ("key: FAC", "key: PARK"),
        ("channel: facilities", "channel: car-park"),
    ):
        desk = desk.replace(shipped, own)
    terminal.write("own/desks/parking.yaml", desk)

    said = terminal.does("simulate", "journey", "short", "--on", "2030-05-06")

    assert "Mark a place" in next(text for text in messages(said) if "Parking" in text.splitlines()[0])
    assert "Nobody hears" not in said


def test_where_nobody_reacts_reminders_come_and_no_end(terminal: Terminal) -> None:
    said = terminal.does("simulate", "journey", "short", "--on", "2030-05-06")

    assert "Thu, May 9" in said
    assert "That was all." not in said


def test_where_everybody_does_what_is_asked_the_journey_ends_without_reminders(terminal: Terminal) -> None:
    terminal.write("own/journeys/short.yaml", JOURNEY[: JOURNEY.index("  - id: parking")])

    said = terminal.does("simulate", "journey", "short", "--on", "2030-05-06", "--done")

    assert "That was all." in said
    assert "Thu, May 9" not in said


def test_traits_decide_which_steps_apply_and_what_is_left_out_is_noted(terminal: Terminal) -> None:
    usual = terminal.does("simulate", "journey", "short", "--on", "2030-05-06")
    other = terminal.does("simulate", "journey", "short", "--on", "2030-05-06", "--as", "location=Office")

    assert "“Fetch your badge” is left out: it is for location: Office." in usual
    assert "“Fetch your boots” is left out: it is for location: Depot." in other
    assert "At the desk." in other


def test_a_desk_that_does_not_exist_is_noted(terminal: Terminal) -> None:
    said = terminal.does("simulate", "journey", "short", "--on", "2030-05-06")

    assert "Nobody hears of “Mark a place”: there is no desk “parking”." in said


def test_every_shipped_journey_can_be_played(terminal: Terminal) -> None:
    for name in ("new-hire", "offboarding"):
        assert len(messages(terminal.does("simulate", "journey", name, "--on", "2030-05-06"))) > 5


def test_people_of_three_zones_are_asked_in_their_own_morning(terminal: Terminal) -> None:
    heard = messages(terminal.does("simulate", "survey", "mood", "--on", "2030-05-07"))

    asked = [text.splitlines()[0] for text in heard if "How are you?" in text and "Tue, May 7" in text]
    assert asked == [
        "Tue, May 7, 10:00 a.m. (America/St_Johns) · Marc Gagnon and Sam Okafor",
        "Tue, May 7, 10:00 a.m. · Ada Tremblay and Mei Lin",
        "Tue, May 7, 10:00 a.m. (America/Vancouver) · Lucie Roy and Noor Haddad",
    ]


def test_where_nobody_answers_people_are_reminded_once_and_hr_hears_of_silence(terminal: Terminal) -> None:
    heard = messages(terminal.does("simulate", "survey", "mood", "--on", "2030-05-07"))

    reminded = [text for text in heard if "Wed, May 8" in text.splitlines()[0]]
    results = [text for text in heard if text.splitlines()[0].startswith("Fri, May 10, 4:00 p.m. · Priya Nair (hr)")]
    assert len(reminded) == 3
    assert results
    assert not any("mean" in text for text in results)


def test_where_everybody_answers_nobody_is_reminded_and_hr_has_figures(terminal: Terminal) -> None:
    heard = messages(terminal.does("simulate", "survey", "mood", "--on", "2030-05-07", "--done"))

    assert not any("Wed, May 8" in text.splitlines()[0] for text in heard)
    by_mail = [text for text in heard if "Priya Nair (hr), by e-mail" in text.splitlines()[0]]
    assert len(by_mail) == 1
    assert "6 of 6 people answered" in by_mail[0]


def test_without_a_day_a_survey_opens_on_the_next_of_its_schedule(terminal: Terminal) -> None:
    heard = messages(terminal.does("simulate", "survey", "mood"))

    assert heard[0].startswith("Tue, ")


def test_a_survey_of_one_day_is_played_from_its_hour_to_its_close(terminal: Terminal) -> None:
    terminal.write("own/surveys/today.yaml", TODAY)

    # 2030-05-10 is a Friday.
    heard = messages(terminal.does("simulate", "survey", "today", "--on", "2030-05-10"))

    first = [text.splitlines()[0] for text in heard]
    assert first[0] == "Fri, May 10, 9:00 a.m. (America/St_Johns) · Marc Gagnon and Sam Okafor"
    assert "Fri, May 10, 9:00 a.m. · Ada Tremblay and Mei Lin" in first
    assert any(line.startswith("Fri, May 10, 5:00 p.m. · Priya Nair (hr)") for line in first)


def test_a_day_on_which_the_clock_would_open_nothing_is_played_as_that(terminal: Terminal) -> None:
    # Half past two does not come on the Sunday on which summer time begins, and three is over before half past three.
    night = TODAY.replace("friday", "sunday").replace("09:00", "02:30").replace("17:00", "03:00")
    terminal.write("own/surveys/today.yaml", night)
    terminal.set(WORKBOT_TIMEZONE="America/St_Johns")

    said = terminal.does("simulate", "survey", "today", "--on", "2030-03-10")

    assert "Not opened: How is today?" in said
    assert "would close before it opens" in said
    assert "Ada Tremblay" not in said


def test_what_never_opens_is_no_play_and_no_good_definition(terminal: Terminal) -> None:
    file = terminal.write("own/surveys/today.yaml", TODAY.replace("17:00", "08:00"))

    for words in (["check"], ["check", str(file)], ["simulate", "survey", "today"]):
        said = terminal.fails(*words)
        assert "today.yaml:6:1: open_for: a wave would close at 08:00, before it opens at 09:00" in said


def test_a_survey_with_readers_of_two_roles_can_be_played(terminal: Terminal) -> None:
    terminal.write("own/surveys/today.yaml", TODAY + "report: {roles: [auditor, hr]}\n")

    said = terminal.does("simulate", "survey", "today", "--on", "2030-05-10", "--done")

    assert "Priya Nair (auditor, hr)" in said


def test_every_shipped_survey_can_be_played(terminal: Terminal) -> None:
    for name in ("weekly", "onboarding-30"):
        assert "Results: " in terminal.does("simulate", "survey", name, "--on", "2030-05-07", "--done")


def test_a_play_can_be_had_in_french(terminal: Terminal) -> None:
    said = terminal.does("simulate", "journey", "short", "--on", "2030-05-06", "--locale", "fr")

    assert "Tailler les clés" in said
    assert "ven. 3 mai" in said
    assert "Cut the keys" not in said


def test_a_play_leaves_nothing_behind(terminal: Terminal) -> None:
    terminal.does("simulate", "survey", "mood", "--on", "2030-05-07")

    assert [path.name for path in terminal.folder.iterdir()] == ["own"]


def test_what_does_not_exist_cannot_be_played(terminal: Terminal) -> None:
    assert "There is no “lunch” here." in terminal.fails("simulate", "journey", "lunch", "--on", "2030-05-06")
    assert "There is no “lunch” here." in terminal.fails("simulate", "survey", "lunch")


def test_a_mistake_in_a_definition_is_named(terminal: Terminal) -> None:
    terminal.write("own/surveys/mood.yaml", SURVEY.replace("days: 3", "days: many"))

    assert "own/surveys/mood.yaml:6:12: open_for.days: " in terminal.fails("simulate", "survey", "mood")


@pytest.mark.parametrize("traits", ["location", "=Office", ""])
def test_traits_of_another_shape_are_bad_usage(terminal: Terminal, traits: str) -> None:
    result = terminal.run("simulate", "journey", "short", "--on", "2030-05-06", "--as", traits)

    assert result.exit_code == 2


def test_a_journey_without_a_day_is_bad_usage(terminal: Terminal) -> None:
    assert terminal.run("simulate", "journey", "short").exit_code == 2
