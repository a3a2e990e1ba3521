"""The manifest says exactly what the code does: no scope too many, no event too few."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from integrations.slack import parsing
from integrations.slack.events import CHANNELS, Events
from integrations.slack.manifest import COMMANDS, EVENTS, SCOPES, manifest
from tests.integrations.teams.schema import problems
from tests.slackland.methods import TABLE
from workbot import features
from workbot.cli import app
from workbot.platforms import Word

VENDOR = Path(__file__).parents[2] / "vendor"
SOURCE = Path(manifest.__code__.co_filename).parent
# What Slack's documentation says that each event needs; the others need no scope.
EVENT_SCOPES = {
    "app_mention": {"app_mentions:read"},
    "link_shared": {"links:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "reaction_added": {"reactions:read"},
    "team_join": {"users:read"},
    "user_change": {"users:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "member_left_channel": {"channels:read", "groups:read"},
} | {name: {"groups:read" if name.startswith("group_") else "channels:read"} for name in CHANNELS}
# Of https://docs.slack.dev/reference/events and /scopes what may be a bot's, as far as it might be of use to us.
KNOWN_EVENTS = {
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_created",
    "channel_deleted",
    "channel_id_changed",
    "channel_left",
    "channel_rename",
    "channel_shared",
    "channel_unarchive",
    "channel_unshared",
    "emoji_changed",
    "file_shared",
    "group_archive",
    "group_close",
    "group_deleted",
    "group_left",
    "group_open",
    "group_rename",
    "group_unarchive",
    "link_shared",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "reaction_added",
    "reaction_removed",
    "subteam_created",
    "subteam_updated",
    "team_domain_change",
    "team_join",
    "team_rename",
    "tokens_revoked",
    "user_change",
    "user_profile_changed",
}
KNOWN_SCOPES = {
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "chat:write",
    "chat:write.customize",
    "chat:write.public",
    "commands",
    "emoji:read",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:history",
    "im:read",
    "im:write",
    "links:read",
    "links:write",
    "metadata.message:read",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "users:read",
    "users:read.email",
    "users:write",
    "users.profile:read",
}
# Without it Slack leaves the addresses out of what `users:read` shows.
BESIDES = {"users:read.email", "commands"}


def made() -> dict[str, object]:
    words = {route.name: Word(route.about, route.usage) for route in features.router().commands.values()}
    return manifest("https://bot.city.example", words)


def source() -> str:
    return "\n".join(file.read_text() for file in sorted(SOURCE.glob("*.py")))


def test_every_scope_is_for_a_method_that_is_called_or_an_event_that_is_taken() -> None:
    called = {name for name in TABLE if re.search(rf"\.{name.replace('.', '_')}\b", source())}
    needed = {scope for name in called for scope in TABLE[name][2].split("|") if scope}
    for event in EVENTS:
        needed |= EVENT_SCOPES.get(event, set())

    assert set(SCOPES) == needed | BESIDES


def test_every_method_that_is_called_is_known_to_our_slack() -> None:
    methods = set(
        re.findall(r"client\.((?:auth|users|conversations|chat|views|files|apps|oauth)_[a-zA-Z_0-9]+)", source())
    )

    known = {name.replace(".", "_") for name in TABLE} | {"apps_connections_open"}
    assert methods <= known


def test_every_event_that_is_asked_for_is_taken_and_no_other() -> None:
    cases = [line for line in inspect.getsource(Events.take).splitlines() if line.strip().startswith("case ")]
    taken = set(re.findall(r'"([a-z_]+)"', "\n".join(cases))) | set(CHANNELS)

    assert {event.partition(".")[0] for event in EVENTS} == taken


def test_every_command_is_one_that_we_read() -> None:
    assert COMMANDS.keys() == parsing.NAMES.keys()


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
def test_slacks_own_schema_takes_it(version: str) -> None:
    schema = json.loads((VENDOR / f"slack-manifest-{version}.json").read_text())

    assert problems(json.loads(json.dumps(made())), schema) == []


def test_slacks_own_schema_refuses_what_slack_does() -> None:
    schema = json.loads((VENDOR / "slack-manifest-2.0.0.json").read_text())
    wrong = json.loads(json.dumps(made()))
    wrong["features"]["slash_commands"][0]["usage_hint"] = ""
    wrong["display_information"]["background_color"] = "blue"
    wrong["settings"]["event_subscriptions"]["bot_events"] *= 2

    assert len(problems(wrong, schema)) == 3


def test_slack_takes_its_names_and_counts() -> None:
    """What the schema does not say and Slack's pages do: https://docs.slack.dev/reference/app-manifest."""
    shown: Any = made()
    commands = [one["command"] for one in shown["features"]["slash_commands"]]
    callbacks = [one["callback_id"] for one in shown["features"]["shortcuts"]]
    urls = [shown["settings"]["event_subscriptions"]["request_url"], *shown["oauth_config"]["redirect_urls"]]

    assert len(commands) == len(set(commands)) <= 50
    assert all(re.fullmatch(r"/[a-z0-9_-]{1,31}", one) for one in commands)
    assert len(callbacks) == len(set(callbacks)) <= 10
    assert all(url.startswith("https://") for url in urls)
    assert len(SCOPES) == len(set(SCOPES)) <= 255
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", shown["features"]["bot_user"]["display_name"])
    assert len(shown["features"]["unfurl_domains"]) <= 5
    assert set(EVENTS) <= KNOWN_EVENTS
    assert set(SCOPES) <= KNOWN_SCOPES
    # An app that is installed for all of an organisation has to have a bot, and events of their own are theirs to ask.
    assert shown["settings"]["org_deploy_enabled"]
    assert "user" not in shown["oauth_config"]["scopes"]


def test_slack_takes_its_texts() -> None:
    """Lengths of https://docs.slack.dev/reference/app-manifest."""
    shown = made()
    display, feature = shown["display_information"], shown["features"]
    assert isinstance(display, dict)
    assert isinstance(feature, dict)
    assert len(display["name"]) <= 35
    assert len(display["description"]) <= 140
    assert 174 <= len(display["long_description"]) <= 4000
    for command in feature["slash_commands"]:
        assert 1 <= len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
    for shortcut in feature["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
    assert feature["unfurl_domains"] == ["bot.city.example"]


def test_the_command_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBOT_BASE_URL", "https://bot.city.example")
    out = tmp_path / "manifest.json"

    result = CliRunner().invoke(app, ["manifest", "slack", "--out", str(out)])

    assert result.exit_code == 0, result.output
    written = json.loads(out.read_text())
    assert written["settings"]["event_subscriptions"]["request_url"] == "https://bot.city.example/slack/events"
    assert written == json.loads(json.dumps(made()))


def test_a_platform_that_has_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    result = CliRunner().invoke(app, ["manifest", "pigeons"])

    assert result.exit_code != 0
    assert "slack" in result.output
