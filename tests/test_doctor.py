"""The doctor: each check finds what is wrong, says what to do, and changes nothing."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path

import pytest

from tests.postgres import Server
from tests.terminal import Terminal
from workbot import doctor, migrate
from workbot.doctor import Finding, Verdict, reaching
from workbot.i18n import language
from workbot.settings import Settings

STRONG = "k3V9-qLw7_zR2tYb8NxC4mPfD6hJ1sGa"
EN = language("en")


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(tmp_path, monkeypatch)


def find(terminal: Terminal, subject: str, **environment: object) -> Finding:
    """What the doctor says of one thing."""
    terminal.set(**environment)
    (found,) = [finding for finding in doctor.diagnose(Settings(), EN) if finding.subject == subject]
    return found


def test_an_app_without_settings_is_fit_to_begin_with_and_nothing_is_made(terminal: Terminal) -> None:
    result = terminal.run("doctor")

    assert result.exit_code == 0
    assert "warning  base URL" in result.stdout
    assert "fail " not in result.stdout
    assert list(terminal.folder.iterdir()) == []


def test_one_failure_makes_the_exit_status(terminal: Terminal) -> None:
    terminal.set(WORKBOT_SECRET_KEY="geheim")

    result = terminal.run("doctor")

    assert result.exit_code == 1
    assert "fail     secret key" in result.stdout
    assert "geheim" not in result.output


def test_the_doctor_speaks_french(terminal: Terminal) -> None:
    terminal.set(WORKBOT_LOCALE="fr")

    said = terminal.does("doctor")

    assert "attention  adresse de base" in said
    assert "clé secrète" in said


def test_settings_that_cannot_be_read_are_a_failure(terminal: Terminal) -> None:
    terminal.set(WORKBOT_PORT="0")

    assert "WORKBOT_PORT: " in terminal.fails("doctor")


def test_a_name_with_a_slip_of_the_pen_is_remarked_on(terminal: Terminal) -> None:
    found = find(terminal, "settings", WORKBOT_TIMEZON="America/Halifax")

    assert found == Finding(
        "settings", Verdict.WARNING, "WORKBOT_TIMEZON is not a setting; did you mean WORKBOT_TIMEZONE?"
    )


def test_names_of_others_are_left_alone(terminal: Terminal) -> None:
    found = find(terminal, "settings", WORKBOT_MAIL_FROM="workbot@city.example", WORKBOT_SECRET_KEY_FILE=__file__)

    assert found.verdict == Verdict.OK


@pytest.mark.parametrize(
    ("subject", "name", "value", "verdict", "words"),
    [
        ("language", "WORKBOT_LOCALE", "fr", Verdict.OK, "fr"),
        ("language", "WORKBOT_LOCALE", "de", Verdict.WARNING, "“de” is not spoken here"),
        ("time zone", "WORKBOT_TIMEZONE", "America/Halifax", Verdict.OK, "America/Halifax, where it is now "),
        ("public holidays", "WORKBOT_HOLIDAYS", "CA-QC", Verdict.OK, "CA-QC: "),
        ("public holidays", "WORKBOT_HOLIDAYS", "Atlantis", Verdict.FAIL, "“Atlantis” is not a region"),
        ("public holidays", "WORKBOT_HOLIDAYS", "CA-XX", Verdict.FAIL, "“CA-XX” is not a region"),
        ("public holidays", "WORKBOT_HOLIDAYS", "", Verdict.WARNING, "None: every weekday is a working day."),
        ("base URL", "WORKBOT_BASE_URL", "", Verdict.WARNING, "Not set: links lead to http://127.0.0.1:8080"),
        ("base URL", "WORKBOT_BASE_URL", "https://bot.city.example/", Verdict.OK, "https://bot.city.example"),
        ("base URL", "WORKBOT_BASE_URL", "http://127.0.0.1:8080", Verdict.OK, "http://127.0.0.1:8080"),
        ("base URL", "WORKBOT_BASE_URL", "http://bot.city.example", Verdict.WARNING, "is not encrypted"),
        ("base URL", "WORKBOT_BASE_URL", "bot.city.example", Verdict.FAIL, "is not a web address"),
        ("base URL", "WORKBOT_BASE_URL", "https://[bot", Verdict.FAIL, "is not a web address"),
        ("base URL", "WORKBOT_BASE_URL", "https://city.example/bot", Verdict.FAIL, "goes on after the host"),
        ("secret key", "WORKBOT_SECRET_KEY", STRONG, Verdict.OK, "Long enough"),
        ("secret key", "WORKBOT_SECRET_KEY", STRONG[:31], Verdict.FAIL, "can be guessed"),
        ("secret key", "WORKBOT_SECRET_KEY", "changeme" * 8, Verdict.FAIL, "can be guessed"),
        ("definitions", "WORKBOT_DEFINITIONS", "nowhere", Verdict.FAIL, "nowhere, which is not a folder"),
        ("database", "DATABASE_URL", "lunch", Verdict.FAIL, "DATABASE_URL is not understood"),
        ("database", "DATABASE_URL", "mysql://127.0.0.1/x", Verdict.FAIL, "DATABASE_URL is not understood"),
        ("email", "SMTP_URL", "lunch", Verdict.FAIL, "SMTP_URL is not understood"),
        ("email", "SMTP_URL", "", Verdict.WARNING, "nobody can be sent a link to sign in"),
        ("web", "WORKBOT_SECRET_KEY", STRONG, Verdict.OK, "Ready."),
    ],
)
def test_a_setting_is_judged(
    terminal: Terminal, subject: str, name: str, value: str, verdict: Verdict, words: str
) -> None:
    found = find(terminal, subject, **{name: value})

    assert found.verdict == verdict
    assert words in found.words


def test_a_key_that_others_can_read_is_a_failure(terminal: Terminal) -> None:
    file = terminal.write("key", STRONG)

    file.chmod(0o600)
    assert find(terminal, "secret key", WORKBOT_SECRET_KEY_FILE=file).verdict == Verdict.OK
    file.chmod(0o640)
    found = find(terminal, "secret key")
    assert found.verdict == Verdict.FAIL
    assert "its mode is 640" in found.words


def test_the_key_that_an_app_made_for_itself_is_judged(terminal: Terminal) -> None:
    terminal.write(".workbot/secret-key", STRONG).chmod(0o600)
    assert find(terminal, "secret key").words == "Long enough, and nobody else can read it."

    terminal.write(".workbot/secret-key", "short")
    assert find(terminal, "secret key").verdict == Verdict.FAIL


def test_with_postgresql_a_key_must_be_given(terminal: Terminal) -> None:
    found = find(terminal, "secret key", DATABASE_URL="postgresql://127.0.0.1:1/x")

    assert found.verdict == Verdict.FAIL
    assert "every process needs the same" in found.words


def test_a_mistake_in_a_definition_is_a_failure(terminal: Terminal) -> None:
    terminal.write("own/desks/it.yaml", "name: it")

    found = find(terminal, "definitions", WORKBOT_DEFINITIONS="own")

    assert found.verdict == Verdict.FAIL
    assert "the first: own/desks/it.yaml:1:1: key: this is required and missing" in found.words


def test_a_database_that_is_away_is_a_failure_and_its_password_is_not_shown(terminal: Terminal) -> None:
    found = find(terminal, "database", DATABASE_URL="postgresql://ada:geheim@127.0.0.1:1/workbot")

    assert found.verdict == Verdict.FAIL
    assert "Connection refused" in found.words
    assert "geheim" not in found.words


def test_a_file_that_is_no_database_is_a_failure(terminal: Terminal) -> None:
    terminal.write("lunch.db", "soup and bread\n" * 100)

    found = find(terminal, "database", DATABASE_URL="sqlite:///lunch.db")

    assert found.verdict == Verdict.FAIL
    assert "file is not a database" in found.words


def test_a_password_in_a_good_address_is_not_shown(terminal: Terminal, postgres: Server) -> None:
    url = postgres.new_database().replace("postgres:@", "postgres:geheim@")

    found = find(terminal, "database", DATABASE_URL=url)

    assert found.verdict == Verdict.OK
    assert "geheim" not in found.words


def test_a_sqlite_database_may_be_behind_because_the_next_start_migrates_it(terminal: Terminal) -> None:
    (terminal.folder / "empty.db").touch()

    found = find(terminal, "migrations", DATABASE_URL="sqlite:///empty.db")

    assert found.verdict == Verdict.WARNING
    assert found.words == f"At 0, short of {migrate.head()}; the next start brings it up to date."


def test_a_postgresql_database_may_not_be_behind(terminal: Terminal, postgres: Server) -> None:
    terminal.set(DATABASE_URL=postgres.new_database(), WORKBOT_SECRET_KEY=STRONG)

    before = find(terminal, "migrations")
    terminal.does("migrate")

    assert before.verdict == Verdict.FAIL
    assert before.words == f"At 0, short of {migrate.head()}; run `workbot migrate`."
    assert find(terminal, "migrations").verdict == Verdict.OK
    assert find(terminal, "clock").verdict == Verdict.OK


def test_a_postgresql_that_may_lose_what_it_confirmed_is_a_failure(terminal: Terminal, postgres: Server) -> None:
    url = postgres.new_database()

    # That of the tests need not survive anything.
    lossy = find(terminal, "durability", DATABASE_URL=url)
    durable = reaching.durability([], EN)

    assert lossy.verdict == Verdict.FAIL
    assert "fsync, synchronous_commit, full_page_writes switched off" in lossy.words
    assert durable == (Verdict.OK, "What is confirmed to people survives a crash of the database.")


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [(0, Verdict.OK), (4, Verdict.OK), (-6, Verdict.WARNING), (59, Verdict.WARNING), (-61, Verdict.FAIL)],
)
def test_clocks_that_differ_are_judged_by_how_much(seconds: int, verdict: Verdict) -> None:
    found, words = reaching.clock(timedelta(seconds=seconds), EN)

    assert found == verdict
    assert verdict == Verdict.OK or f"{abs(seconds)}.0 seconds" in words


def test_a_mail_server_that_does_not_answer_is_a_failure(terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    found = find(
        terminal, "email", SMTP_URL=f"smtp://ada:geheim@127.0.0.1:{port}", WORKBOT_MAIL_FROM="workbot@city.example"
    )

    assert found.verdict == Verdict.FAIL
    assert f"127.0.0.1:{port}" in found.words
    assert "geheim" not in found.words


def test_a_folder_for_mail_that_can_be_written_is_well(terminal: Terminal) -> None:
    found = find(terminal, "email", SMTP_URL=f"maildir://{terminal.folder}/mail")

    assert found == Finding("email", Verdict.OK, "Ready.")
