"""The doctor ends in every configuration that the settings accept: no traceback, and each finding says what to do."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.email.settings import MailSettings
from integrations.slack.settings import SlackSettings
from integrations.teams.settings import TeamsSettings
from tests.postgres import Server
from tests.terminal import Terminal
from workbot.settings import Settings

NAMES = sorted(
    str(field.validation_alias)
    for kind in (Settings, MailSettings, SlackSettings, TeamsSettings)
    for field in kind.model_fields.values()
)
STRONG = "k3V9-qLw7_zR2tYb8NxC4mPfD6hJ1sGa"
# Nobody listens there, so that everything that reaches out ends soon.
DEAD = "127.0.0.1:1"
ODD = (
    "",
    " ",
    ",",
    "x",
    "lunch",
    "0",
    "-1",
    "99999999999999999999",
    "true",
    "null",
    "[]",
    "{}",
    "%",
    "%zz",
    "\t",
    "é",
    "🙏",
    "a b",
    "/",
    "//",
    "///",
    ".",
    "..",
    "~",
    "@",
    ":",
    "://",
    "?",
    "#",
    "http://",
    "http:///",
    "http://[",
    "http://[::1",
    f"http://{DEAD}",
    f"http://{DEAD}/path?q#f",
    "http://bot.city.example:99999",
    "http://bot:abc",
    "https://montréal.example",
    "https://xn--montral-fya.example",
    "https://user:pass@bot.example",
    "ftp://x",
    "HTTP://X",
    "https://a..b",
    "https://-",
    f"postgresql://{DEAD}/x",
    f"postgres://u:p@{DEAD},{DEAD}/x",
    "postgresql://h:abc/x",
    "postgresql://",
    "postgresql:///",
    f"postgresql://u:p%40@{DEAD}/x?foo=bar",
    f"postgresql://{DEAD}/x?prepare_threshold=abc",
    "postgresql://[::1/x",
    f"postgresql://{DEAD}/x?connect_timeout=abc",
    "postgresql+asyncpg://x/y",
    "mysql://x/y",
    "sqlite",
    "sqlite:",
    "sqlite://",
    "sqlite:///",
    "sqlite:///.",
    "sqlite:////dev/null",
    "sqlite:////proc/1/mem",
    "sqlite:///a/b/c.db",
    "sqlite:///x?mode=ro",
    "sqlite:///" + "x" * 300,
    "sqlite+aiosqlite:///x",
    f"smtp://{DEAD}",
    f"smtps://u:p@{DEAD}",
    "smtp://h:abc",
    "smtp://",
    f"smtp://{DEAD}?starttls=maybe",
    "maildir://",
    "maildir:///dev/null",
    "maildir:///proc/x",
    "CA-ON",
    "CA-",
    "-",
    "XX-YY",
    "xoxb-1",
    "xapp-1",
    "Ville <bot@montréal.example>",
    "bot@",
    "@city.example",
    "a@b, c@d",
    "k" * 40,
    f"{STRONG} {STRONG[::-1]}",
    "America/Toronto",
    "EST",
    "fr",
    "de",
    "..\\..",
    "C:\\x",
    "127.0.0.1/8",
    "::1",
    "T1=city.example",
    "T1=",
    "=x",
    "public",
    "gcc",
)


class Ward(Terminal):
    """A terminal whose environment is that of one examination alone."""

    def diagnose(self, environment: dict[str, str]) -> str:
        with pytest.MonkeyPatch.context() as patch:
            for name in NAMES:
                for spelling in (name, f"{name}_FILE"):
                    patch.delenv(spelling, raising=False)
            # No server of others is reached from here.
            for name, value in {"SLACK_API_URL": f"http://{DEAD}/", "NO_COLOR": "1", **environment}.items():
                patch.setenv(name, value)
            result = self.run("doctor")
        assert result.exit_code in (0, 1), (environment, result.output, result.exception)
        assert result.exception is None or isinstance(result.exception, SystemExit), (environment, result.exception)
        assert "Traceback" not in result.output
        assert "This could not be looked at" not in result.output, (environment, result.output)
        return result.output


@pytest.fixture
def ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ward:
    return Ward(tmp_path, monkeypatch)


def some(name: str) -> list[str]:
    """Odd values for a setting: all there are for addresses, a few that are always the same for others."""
    most = len(ODD) if name.endswith("_URL") else int(os.environ.get("WORKBOT_ODD_VALUES", "4"))
    return random.Random(name).sample(ODD, min(most, len(ODD)))


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("TEAMS_")])
def test_one_odd_setting_is_a_finding(ward: Ward, name: str) -> None:
    for value in some(name):
        assert ward.diagnose({name: value}).strip()


@pytest.mark.parametrize("name", ["DATABASE_URL", "WORKBOT_SECRET_KEY", "SMTP_URL", "SLACK_BOT_TOKEN"])
def test_a_file_that_holds_no_setting_is_said(ward: Ward, name: str) -> None:
    binary = ward.folder / "binary"
    binary.write_bytes(b"\xff\xfe\x00\x80")
    empty = ward.folder / "empty"
    empty.write_text("")

    for file in ("missing", ".", "/dev/null", str(binary), str(empty), "/proc/1/mem", "x" * 300):
        assert ward.diagnose({f"{name}_FILE": file}).strip()


def test_folders_that_are_not_what_they_should_be_are_said(ward: Ward) -> None:
    (ward.folder / "own" / "desks" / "it.yaml").mkdir(parents=True)
    (ward.folder / "letters").mkdir()
    (ward.folder / "letters" / "surveys").write_text("not a folder")
    (ward.folder / "bytes" / "desks").mkdir(parents=True)
    (ward.folder / "bytes" / "desks" / "it.yaml").write_bytes(b"\xff\xfe\x80")
    (ward.folder / "made").mkdir()

    for folder in ("own", "letters", "bytes", "made", "nowhere", "letters/surveys"):
        assert ward.diagnose({"WORKBOT_DEFINITIONS": folder}).strip()
    (ward.folder / ".workbot").mkdir()
    for name in ("secret-key", "workbot.db"):
        (ward.folder / ".workbot" / name).mkdir()
        assert ward.diagnose({}).strip()


@given(
    st.dictionaries(st.sampled_from([name for name in NAMES if "TEAMS" not in name]), st.sampled_from(ODD), max_size=6)
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_odd_settings_together_are_findings(ward: Ward, environment: dict[str, str]) -> None:
    assert ward.diagnose(environment).strip()


def test_a_server_that_takes_no_changes_is_a_failure_and_one_that_is_heard_is_well(
    ward: Ward, postgres: Server
) -> None:
    url = postgres.new_database()

    key = {"WORKBOT_SECRET_KEY": STRONG}
    read_only = f"{url}&options=-c%20default_transaction_read_only%3Don"

    well = ward.diagnose({"DATABASE_URL": url, **key})
    ill = ward.diagnose({"DATABASE_URL": read_only, **key})
    deaf = ward.diagnose({"DATABASE_URL": url, "DATABASE_LISTEN_URL": "sqlite:///x", **key})

    assert "Heard." in well
    assert "PostgreSQL takes none" in ill
    assert "DATABASE_LISTEN_URL is not" in deaf
