"""The command line: what it does, what it says, and how it refuses."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import col, select

from tests.postgres import Server
from tests.terminal import Terminal
from workbot.onboarding import Journey
from workbot.people import Channel, Person
from workbot.pulse import Wave
from workbot.web.signin import SignInLink

PEOPLE = """\
email,name,department,manager_email,roles
priya@city.example,Priya Nair,Corporate,,hr
marc@city.example,Marc Gagnon,Corporate/Technology,priya@city.example,agent:it
ada@city.example,Ada Tremblay,Corporate/Technology,marc@city.example,
"""
SURVEY = """\
name: mood
title: {en: Mood, fr: Humeur}
intro: {en: One question., fr: Une question.}
mode: confidential
open_for: {days: 3}
questions:
  - {id: mood, kind: comment, text: {en: How are you?, fr: Comment allez-vous?}}
"""

READERS = SURVEY + "report: {roles: ['agent:itt']}\n"
DESK = """\
name: tech
key: IT
title: {en: Tech, fr: Techno}
intro: {en: Computers., fr: Ordinateurs.}
channel: tech
promise: {en: Soon., fr: Bientôt.}
"""
JOURNEY = """\
name: hello
title: {en: Hello, fr: Bonjour}
intro: {en: Hello., fr: Bonjour.}
steps:
  - id: order
    who: desk:itt
    due: {days: 0}
    title: {en: Order, fr: Commander}
    text: {en: Order., fr: Commandez.}
"""


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(tmp_path, monkeypatch)


@pytest.fixture
def town(terminal: Terminal) -> Terminal:
    """A terminal of an app in which three people work."""
    terminal.write("people.csv", PEOPLE)
    terminal.does("people", "import", "people.csv")
    terminal.does("definitions", "enable", "journeys", "new-hire")
    return terminal


def emails(terminal: Terminal) -> list[str]:
    """The addresses of those who work here."""
    with terminal.session() as session:
        return list(session.exec(select(Person.email).where(col(Person.active)).order_by(Person.email)))


def test_every_command_explains_itself(terminal: Terminal) -> None:
    commands = [
        *(["demo"], ["serve"], ["migrate"], ["check"], ["doctor"], ["people", "import"], ["survey", "launch"]),
        *(["survey", "close"], ["report"], ["journey", "start"], ["simulate", "journey"], ["simulate", "survey"]),
        *(["definitions", verb] for verb in ("enable", "disable", "export", "list")),
        ["sign-in-link"],
    ]

    for command in commands:
        assert len(terminal.does(*command, "--help").splitlines()) > 5, command


def test_help_loads_no_more_than_it_needs() -> None:
    script = "import sys, workbot.cli; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    heavy = {"sqlalchemy", "alembic", "babel", "pydantic", "starlette", "uvicorn", "vl_convert", "typst"}
    assert heavy.isdisjoint(loaded.split())


def test_an_unknown_command_is_bad_usage(terminal: Terminal) -> None:
    assert terminal.run("lunch").exit_code == 2


def test_the_version_is_told(terminal: Terminal) -> None:
    assert terminal.does("--version").strip() == "0.1.0"


def test_wrong_settings_are_named_and_their_values_are_not(terminal: Terminal) -> None:
    terminal.set(WORKBOT_PORT="geheim", WORKBOT_TIMEZONE="Mars/Olympus")

    said = terminal.fails("migrate")

    assert "WORKBOT_PORT: " in said
    assert "'Mars/Olympus' is not a time zone; use a name such as America/Toronto" in said
    assert "geheim" not in said


def test_a_secret_file_that_is_not_there_is_named(terminal: Terminal) -> None:
    terminal.set(WORKBOT_SECRET_KEY_FILE="/nowhere/key")

    assert "/nowhere/key cannot be read: No such file or directory." in terminal.fails("migrate")


def test_a_database_that_does_not_answer_is_no_traceback_and_its_password_is_not_shown(terminal: Terminal) -> None:
    terminal.set(DATABASE_URL="postgresql://ada:geheim@127.0.0.1:1/workbot")

    said = terminal.fails("survey", "close", "weekly")

    assert said.startswith("The database cannot be used: ")
    assert "geheim" not in said


@pytest.mark.parametrize("url", ["lunch", "mysql:/", "mysql://127.0.0.1/x", "sqlite:////proc/nowhere/workbot.db"])
def test_an_address_that_makes_no_sense_is_refused(terminal: Terminal, url: str) -> None:
    terminal.set(DATABASE_URL=url)

    assert terminal.fails("migrate").strip()


def test_a_file_that_is_no_database_is_refused(terminal: Terminal) -> None:
    terminal.write("lunch.db", "soup and bread\n" * 100)
    terminal.set(DATABASE_URL="sqlite:///lunch.db")

    assert "file is not a database" in terminal.fails("migrate")


def test_refusals_speak_the_language_of_the_settings(terminal: Terminal) -> None:
    terminal.set(WORKBOT_LOCALE="fr")

    assert "Personne qui travaille ici" in terminal.fails("sign-in-link", "nobody@city.example")


def test_a_database_is_made_and_then_is_up_to_date(terminal: Terminal) -> None:
    assert "has been brought to revision" in terminal.does("migrate")
    assert "is up to date" in terminal.does("migrate")


def test_on_postgresql_nothing_is_done_before_it(terminal: Terminal, postgres: Server) -> None:
    terminal.set(DATABASE_URL=postgres.new_database())
    terminal.write("people.csv", PEOPLE)

    refusal = terminal.fails("people", "import", "people.csv")
    terminal.does("migrate")

    assert refusal == "The database is not up to date. Run `workbot migrate` first.\n"
    assert "3 people join" in terminal.does("people", "import", "people.csv")


def test_what_is_shipped_is_right(terminal: Terminal) -> None:
    said = terminal.does("check")

    assert re.fullmatch(r"Nothing is wrong in \d+ journeys, \d+ surveys and \d+ desks\.\n", said)


def test_a_mistake_is_named_by_file_line_and_column(terminal: Terminal) -> None:
    file = terminal.write("own/surveys/mood.yaml", SURVEY.replace("open_for", "opn_for"))

    said = terminal.fails("check", "own")

    assert f"{file.relative_to(terminal.folder)}:5:1: opn_for: unknown key; did you mean 'open_for'?" in said


def test_the_organisations_own_are_checked_without_being_named(terminal: Terminal) -> None:
    terminal.write("own/surveys/mood.yaml", SURVEY)
    terminal.set(WORKBOT_DEFINITIONS="own")
    before = terminal.does("check")
    terminal.write("own/surveys/mood.yaml", "- nothing")

    assert "Nothing is wrong" in before
    assert "own/surveys/mood.yaml:1:1: a definition is a mapping" in terminal.fails("check")


def test_a_template_is_turned_on_and_off_and_written_as_a_file(terminal: Terminal) -> None:
    before = terminal.does("definitions", "list")
    on = terminal.does("definitions", "enable", "surveys", "weekly", "onboarding-30")
    after = terminal.does("definitions", "list")
    terminal.does("definitions", "disable", "surveys", "onboarding-30")
    terminal.does("definitions", "export", "surveys", "weekly", "--out", "weekly.yaml")

    assert "surveys weekly: off" in before.splitlines()
    assert on.splitlines() == ["“weekly” is on.", "“onboarding-30” is on."]
    assert {"surveys weekly: on", "surveys onboarding-30: on", "desks it: off"} <= set(after.splitlines())
    assert "surveys onboarding-30: off" in terminal.does("definitions", "list").splitlines()
    (terminal.folder / "surveys").mkdir()
    (terminal.folder / "weekly.yaml").rename(terminal.folder / "surveys" / "weekly.yaml")
    assert terminal.does("check", "surveys/weekly.yaml") == "Nothing is wrong in 1 survey.\n"
    assert terminal.does("definitions", "export", "surveys", "weekly") == (
        (terminal.folder / "surveys" / "weekly.yaml").read_text()
    )


def test_a_desk_that_is_off_hears_of_its_steps_in_a_journey_that_is_on(terminal: Terminal) -> None:
    terminal.does("definitions", "enable", "surveys", "weekly")
    with terminal.session() as session:
        before = session.exec(select(Channel.name)).all()

    terminal.does("definitions", "enable", "journeys", "new-hire")

    with terminal.session() as session:
        assert (before, session.exec(select(Channel.name)).all()) == ([], ["it"])
    assert "desks it: off" in terminal.does("definitions", "list").splitlines()


def test_what_is_to_be_turned_on_must_be_there(terminal: Terminal) -> None:
    assert "Did you mean “weekly”?" in terminal.fails("definitions", "enable", "surveys", "weekyl")
    assert "There is no “survey” here." in terminal.fails("definitions", "enable", "survey", "weekly")
    assert "There are: " in terminal.fails("definitions", "enable", "desks", "weekly")
    assert terminal.run("definitions", "enable", "desks").exit_code == 2


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("journeys/hello.yaml", JOURNEY, "own/journeys/hello.yaml:6:5: steps[1].who: there is no desk 'itt'; "),
        ("surveys/mood.yaml", READERS, "own/surveys/mood.yaml:8:18: report.roles[1]: nobody can hold 'agent:itt'"),
    ],
)
def test_what_is_wrong_only_beside_others_is_named(terminal: Terminal, file: str, text: str, said: str) -> None:
    terminal.write(f"own/{file}", text)

    assert terminal.fails("check", "own").startswith(said)
    assert terminal.fails("check", f"own/{file}").startswith(said)
    terminal.set(WORKBOT_DEFINITIONS="own")
    assert said in terminal.fails("check")


def test_two_desks_of_one_key_are_a_mistake_and_one_beside_a_template_is_none(terminal: Terminal) -> None:
    terminal.write("own/desks/tech.yaml", DESK)
    alone = terminal.run("check", "own").exit_code
    terminal.write("own/desks/tools.yaml", DESK.replace("tech", "tools"))

    said = terminal.fails("check", "own")

    assert alone == 0
    assert said == "own/desks/tools.yaml:2:1: key: 'IT' is that of the desk 'tech' too; give each its own\n"


def test_what_is_doubtful_beside_others_keeps_nothing_from_starting(terminal: Terminal) -> None:
    terminal.write("own/desks/tech.yaml", DESK)
    terminal.write("own/journeys/hello.yaml", JOURNEY)
    terminal.set(WORKBOT_DEFINITIONS="own")

    assert "desks tech: on" in terminal.does("definitions", "list").splitlines()


def test_a_template_is_not_turned_on_beside_a_desk_of_its_key(terminal: Terminal) -> None:
    terminal.write("own/desks/tech.yaml", DESK)
    terminal.set(WORKBOT_DEFINITIONS="own")

    assert "“tech” and “it” cannot both be on: key: 'IT'" in terminal.fails("definitions", "enable", "desks", "it")
    assert "desks it: off" in terminal.does("definitions", "list").splitlines()
    terminal.does("definitions", "disable", "desks", "tech")
    terminal.does("definitions", "enable", "desks", "it")


def test_an_audience_that_nobody_is_in_is_told_and_is_no_mistake(town: Terminal) -> None:
    town.write("own/surveys/mood.yaml", SURVEY + "audience: {departments: [Nowhere]}\n")
    town.write("own/surveys/tides.yaml", SURVEY.replace("mood", "tides") + "audience: {where: {location: The Moon}}\n")

    result = town.run("check", "own")

    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "own/surveys/mood.yaml:8:26: audience.departments[1]: nobody is in 'Nowhere'",
        "own/surveys/tides.yaml:8:1: audience: nobody is in it at this moment",
    ]


def test_a_file_and_a_folder_of_one_kind_can_be_named(terminal: Terminal) -> None:
    terminal.write("own/surveys/mood.yaml", SURVEY)

    assert terminal.does("check", "own/surveys/mood.yaml") == "Nothing is wrong in 1 survey.\n"
    assert terminal.does("check", "own/surveys") == "Nothing is wrong in 1 survey.\n"


def test_a_folder_that_nothing_reads_is_a_mistake(terminal: Terminal) -> None:
    terminal.write("own/survey/mood.yaml", SURVEY)

    assert "own/survey:1:1: nothing reads this folder; did you mean 'surveys'?" in terminal.fails("check", "own")


def test_a_path_without_definitions_is_a_mistake(terminal: Terminal) -> None:
    terminal.write("notes/lunch.yaml", SURVEY)

    assert "there is no definition here" in terminal.fails("check", "notes")
    assert "there is no definition here" in terminal.fails("check", "notes/lunch.yaml")


def test_a_path_that_does_not_exist_is_bad_usage(terminal: Terminal) -> None:
    assert terminal.run("check", "nowhere").exit_code == 2


def test_every_mistake_of_every_path_is_named(terminal: Terminal) -> None:
    terminal.write("own/surveys/mood.yaml", SURVEY.replace("days: 3", "days: many"))
    terminal.write("own/desks/it.yaml", "name: it")

    said = terminal.fails("check", "own/surveys", "own/desks")

    assert "own/surveys/mood.yaml:5:12: open_for.days: " in said
    assert "own/desks/it.yaml:1:1: key: this is required and missing" in said


def test_nothing_is_kept(terminal: Terminal) -> None:
    terminal.does("check")

    assert list(terminal.folder.iterdir()) == []


def test_people_come_in_and_the_same_again_changes_nothing(terminal: Terminal) -> None:
    terminal.write("people.csv", PEOPLE)

    said = terminal.does("people", "import", "people.csv")

    assert "3 people join" in said
    assert "  + ada@city.example  Ada Tremblay" in said
    assert emails(terminal) == ["ada@city.example", "marc@city.example", "priya@city.example"]
    assert terminal.does("people", "import", "people.csv") == "Nothing changes.\n"


def test_a_dry_run_shows_the_difference_and_changes_nothing(town: Terminal) -> None:
    changed = PEOPLE.replace("Ada Tremblay,Corporate/Technology", "Ada Roy,Corporate")
    town.write("people.csv", changed + "mei@city.example,Mei Lin,,,\n")

    said = town.does("people", "import", "people.csv", "--dry-run")

    assert "1 person joins\n  + mei@city.example  Mei Lin" in said
    assert "~ ada@city.example  name: Ada Tremblay → Ada Roy" in said
    assert "department: Corporate/Technology → Corporate" in said
    assert "mei@city.example" not in emails(town)


def test_roles_and_what_is_taken_away_are_shown_as_words(town: Terminal) -> None:
    town.write("people.csv", PEOPLE.replace("agent:it", "").replace(",,hr", ",,hr admin"))

    said = town.does("people", "import", "people.csv", "--dry-run")

    assert "roles: agent:it → —" in said
    assert "roles: hr → admin hr" in said


def test_every_bad_line_is_listed_and_nobody_is_imported(terminal: Terminal) -> None:
    terminal.write("people.csv", PEOPLE + "bob,Bob Roy,,,\nmei@city.example,,,,\n")

    said = terminal.fails("people", "import", "people.csv")

    assert "people.csv:5: email: 'bob' is not an e-mail address" in said
    assert "people.csv:6: name: this is required and empty" in said
    assert emails(terminal) == []


def test_many_leavers_are_asked_about(town: Terminal) -> None:
    town.write("people.csv", "".join(PEOPLE.splitlines(keepends=True)[:2]))

    refused = town.run("people", "import", "people.csv", typed="n\n")
    after_no = emails(town)
    town.does("people", "import", "people.csv", typed="y\n")

    assert refused.exit_code == 1
    assert "That is many of the 3 who work here." in refused.stdout
    assert len(after_no) == 3
    assert emails(town) == ["priya@city.example"]


def test_where_nobody_can_answer_many_leavers_need_a_yes(town: Terminal) -> None:
    town.write("people.csv", "".join(PEOPLE.splitlines(keepends=True)[:2]))

    unanswered = town.run("people", "import", "people.csv", typed="")
    after_silence = emails(town)
    town.does("people", "import", "people.csv", "--yes")

    assert unanswered.exit_code == 1
    assert len(after_silence) == 3
    assert emails(town) == ["priya@city.example"]


def test_a_long_list_is_cut_unless_it_is_what_was_asked_for(terminal: Terminal) -> None:
    rows = [f"p{number}@city.example,Person {number}" for number in range(30)]
    terminal.write("people.csv", "\n".join(["email,name", *rows]))

    whole = terminal.does("people", "import", "people.csv", "--dry-run")
    cut = terminal.does("people", "import", "people.csv")

    assert "p29@city.example" in whole
    assert "p29@city.example" not in cut
    assert "  … and 10 more; --dry-run shows them all" in cut


def test_a_file_of_another_kind_is_refused(terminal: Terminal) -> None:
    terminal.write("people.doc", PEOPLE)

    assert "files that end in .csv." in terminal.fails("people", "import", "people.doc")


def test_a_column_with_a_slip_of_the_pen_is_remarked_on(terminal: Terminal) -> None:
    terminal.write("people.csv", PEOPLE.replace("manager_email", "manger_email"))

    result = terminal.run("people", "import", "people.csv", "--dry-run")

    assert "did you mean 'manager_email'?" in result.stderr


def test_a_language_of_the_settings_that_is_not_spoken_becomes_one_that_is(terminal: Terminal) -> None:
    terminal.write("people.csv", PEOPLE)
    terminal.set(WORKBOT_LOCALE="fr-CA")

    terminal.does("people", "import", "people.csv")

    with terminal.session() as session:
        assert set(session.exec(select(Person.locale))) == {"fr"}


def test_a_survey_is_launched_closed_and_reported(town: Terminal) -> None:
    town.write("own/surveys/mood.yaml", SURVEY)
    town.set(WORKBOT_DEFINITIONS="own")

    launched = town.does("survey", "launch", "mood", "--now")
    early = town.fails("report", "mood", "--out", "mood.html")
    closed = town.does("survey", "close", "mood/1")
    town.does("report", "mood", "--out", "mood.html")
    town.does("report", "mood", "--wave", "1", "--format", "csv", "--out", "figures", "--locale", "fr")

    assert "Opened mood/1 until " in launched
    assert early == "Results are made when the survey closes, and not before.\n"
    assert "Closed mood/1." in closed
    assert "<title>Mood" in (town.folder / "mood.html").read_text()
    assert "Tout le monde" in (town.folder / "figures").read_text("utf-8-sig")


def test_a_report_is_of_the_newest_wave_that_has_closed(town: Terminal) -> None:
    town.write("own/surveys/mood.yaml", SURVEY)
    town.set(WORKBOT_DEFINITIONS="own")
    town.does("survey", "launch", "mood")
    town.does("survey", "close", "mood")
    town.does("survey", "launch", "mood")

    town.does("report", "mood", "--out", "mood.csv")

    with town.session() as session:
        assert [wave.closed_at is None for wave in session.exec(select(Wave).order_by(Wave.number))] == [
            False,
            True,
        ]


def test_what_cannot_be_done_is_refused_in_a_sentence(town: Terminal) -> None:
    town.write("own/surveys/mood.yaml", SURVEY)
    town.set(WORKBOT_DEFINITIONS="own")
    town.does("survey", "launch", "mood")

    assert "“mood” is open already (number 1)" in town.fails("survey", "launch", "mood")
    assert "There is no “lunch” here." in town.fails("survey", "launch", "lunch")
    assert "“mood” has no such wave." in town.fails("survey", "close", "mood/7")
    assert "mood/first is not a wave" in town.fails("survey", "close", "mood/first")
    assert "is not a wave" in town.fails("survey", "close", f"mood/{'9' * 5000}")
    town.does("survey", "close", "mood")
    assert "This survey has already closed." in town.fails("survey", "close", "mood")
    assert "I cannot make “doc”." in town.fails("report", "mood", "--out", "mood.doc")
    assert "nowhere/mood.csv cannot be written: " in town.fails("report", "mood", "--out", "nowhere/mood.csv")


def test_a_format_that_does_not_exist_is_bad_usage(town: Terminal) -> None:
    assert town.run("report", "mood", "--format", "doc", "--out", "mood").exit_code == 2
    assert town.run("report", "mood").exit_code == 2


def test_a_survey_is_not_launched_with_a_mistake_in_its_file(town: Terminal) -> None:
    town.write("own/surveys/mood.yaml", SURVEY.replace("days: 3", "days: many"))
    town.set(WORKBOT_DEFINITIONS="own")

    assert "own/surveys/mood.yaml:5:12: open_for.days: " in town.fails("survey", "launch", "mood")


def test_a_person_sets_out_with_a_buddy(town: Terminal) -> None:
    said = town.does(
        *("journey", "start", "new-hire", "ada@city.example", "--on", "2030-05-06"), "--buddy", "priya@city.example"
    )

    assert "Ada Tremblay is on “new-hire”, around May 6, 2030." in said
    with town.session() as session:
        (journey,) = session.exec(select(Journey)).all()
        assert journey.buddy_id == session.exec(select(Person.id).where(Person.name == "Priya Nair")).one()


def test_what_cannot_be_done_is_refused_and_leaves_nothing_behind(town: Terminal) -> None:
    start = ("journey", "start", "new-hire", "ada@city.example", "--on", "2030-05-06")

    assert "the address bob@city.example" in town.fails(*start[:3], "bob@city.example", *start[4:])
    assert "the address bob@city.example" in town.fails(*start, "--buddy", "bob@city.example")
    assert "There is no “lunch” here." in town.fails(*start[:2], "lunch", *start[3:])
    assert town.run(*start[:-1], "6 May").exit_code == 2
    town.does(*start)
    assert "Ada Tremblay is on this journey already." in town.fails(*start)
    with town.session() as session:
        assert len(session.exec(select(Journey)).all()) == 1


def test_a_link_signs_in_whoever_it_is_for(town: Terminal) -> None:
    town.set(WORKBOT_BASE_URL="https://bot.city.example/")

    result = town.run("sign-in-link", "ADA@city.example")

    assert result.stdout.startswith("https://bot.city.example/signin/")
    assert "It works once, for 10 minutes." in result.stderr
    with town.session() as session:
        (link,) = session.exec(select(SignInLink)).all()
        assert session.get_one(Person, link.person_id).name == "Ada Tremblay"
        assert link.token_hash not in result.stdout
