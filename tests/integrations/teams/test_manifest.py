"""The app package: valid by Microsoft's own schema, in both languages, and with exactly what the code does."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from integrations.teams import inbound
from integrations.teams.manifest import manifest, packed
from tests.integrations.teams.schema import problems
from tests.integrations.teams.upload import refusals
from workbot import features
from workbot.cli import app
from workbot.errors import WorkbotError
from workbot.platforms import Word

VENDOR = Path(__file__).parents[2] / "vendor"
CLIENT = "6f1c8e0a-2f0b-4f0e-9a57-3a7d6c1b2e11"
URL = "https://bot.city.example"


def words() -> dict[str, Word]:
    return {route.name: Word(route.about, route.usage) for route in features.router().commands.values()}


@pytest.fixture(scope="module")
def package() -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(packed(URL, CLIENT, words()))) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def schema(name: str) -> Any:
    return json.loads((VENDOR / f"teams-{name}-1.30.json").read_text())


def test_it_is_valid_by_microsofts_schemas(package: dict[str, bytes]) -> None:
    assert problems(json.loads(package["manifest.json"]), schema("manifest")) == []
    assert problems(json.loads(package["fr.json"]), schema("localization")) == []


@pytest.mark.parametrize(
    "spoil",
    [
        {"accentColor": "blue"},
        {"id": "workbot"},
        {"name": {"short": "x" * 31}},
        {"more": 1},
        {"manifestVersion": "1.2"},
        {"bots": [{"botId": CLIENT}]},
        {"staticTabs": [{"entityId": "x", "scopes": ["nowhere"]}]},
    ],
)
def test_the_check_finds_what_is_wrong(package: dict[str, bytes], spoil: dict[str, Any]) -> None:
    assert problems(json.loads(package["manifest.json"]) | spoil, schema("manifest"))


def test_it_is_one_that_microsoft_takes_when_it_is_uploaded(package: dict[str, bytes]) -> None:
    assert refusals(package) == []


def changed(package: dict[str, bytes], **other: Any) -> dict[str, bytes]:
    """The package with some of its manifest otherwise; what is None is left out."""
    whole = json.loads(package["manifest.json"]) | other
    kept = {name: value for name, value in whole.items() if value is not None}
    return package | {"manifest.json": json.dumps(kept).encode()}


def bot(package: dict[str, bytes], **other: Any) -> list[Any]:
    return [json.loads(package["manifest.json"])["bots"][0] | other]


UPLOAD: dict[str, Any] = {
    "no word of channels": lambda package: changed(package, supportsChannelFeatures=None),
    "another tier": lambda package: changed(package, supportsChannelFeatures="tier2"),
    "kinds of channels": lambda package: changed(package, supportedChannelTypes=["privateChannels"]),
    "a tier within the bot": lambda package: changed(package, bots=bot(package, supportsChannelFeatures="tier1")),
    "slash commands of a bot that hears none": lambda package: changed(
        package, bots=bot(package, supportsTargetedMessages=False)
    ),
    "slash commands for one's own chat": lambda package: changed(
        package, bots=bot(package, commandLists=[{"scopes": ["personal"], "triggers": ["slash"], "commands": []}])
    ),
    "commands where the bot is not": lambda package: changed(package, bots=bot(package, scopes=["personal"])),
    "a command twice": lambda package: changed(
        package, bots=bot(package, commandLists=[{"scopes": ["team"], "commands": [{"title": "a"}, {"title": "A"}]}])
    ),
    "an older version": lambda package: changed(package, manifestVersion="1.28"),
    "one name": lambda package: changed(package, name={"short": "workbot", "full": "workbot"}),
    "a version that is none": lambda package: changed(package, version="1.0.0.dev1"),
    "an address without a certificate": lambda package: changed(
        package, developer=json.loads(package["manifest.json"])["developer"] | {"privacyUrl": "http://x.example"}
    ),
    "all hosts": lambda package: changed(package, validDomains=["*.com"]),
    "a tab of another host": lambda package: changed(package, validDomains=["other.example"]),
    "another bot's extension": lambda package: changed(package, bots=bot(package, botId=CLIENT[::-1])),
    "permissions of nobody": lambda package: changed(package, webApplicationInfo=None),
    "a file that nothing names": lambda package: package | {"more.json": b"{}"},
    "no French": lambda package: {name: value for name, value in package.items() if name != "fr.json"},
    "a folder": lambda package: package | {"icons/color.png": b""},
    "another icon": lambda package: package | {"color.png": package["outline.png"]},
    "a coloured outline": lambda package: package | {"outline.png": coloured(package["outline.png"])},
}


def coloured(png: bytes) -> bytes:
    """A picture of the same size that is red."""
    line = b"\0" + b"\xff\0\0\xff" * 32
    body = zlib.compress(line * 32)
    return png[:33] + len(body).to_bytes(4, "big") + b"IDAT" + body + b"\0" * 4 + b"\0\0\0\0IEND\xaeB`\x82"


@pytest.mark.parametrize("what", UPLOAD)
def test_the_check_finds_what_microsoft_would_refuse(package: dict[str, bytes], what: str) -> None:
    assert refusals(UPLOAD[what](package))


def test_each_word_is_offered_everywhere_and_as_a_slash_command_where_others_read_along(
    package: dict[str, bytes],
) -> None:
    (made,) = json.loads(package["manifest.json"])["bots"]
    offered = {listed["scopes"][0]: listed for listed in made["commandLists"]}

    assert set(offered) == {"personal", "team", "groupChat"}
    for scope, listed in offered.items():
        assert ("slash" in listed["triggers"]) == (scope != "personal")
        assert [one["title"] for one in listed["commands"]] == [
            "request", "requests", "onboarding", "pulse", "settings", "help",
        ]  # fmt: skip


def test_everything_that_people_read_is_there_in_french(package: dict[str, bytes]) -> None:
    whole, french = json.loads(package["manifest.json"]), json.loads(package["fr.json"])

    assert french["bots[0].commandLists[0].commands[0].title"] == "demande"
    assert french["composeExtensions[0].commands[0].title"] == "En faire une demande"
    assert french["staticTabs[1].name"] == "Ma page"
    read = re.findall(r'"(?:title|description|full)": "([^"]+)"', json.dumps(whole, ensure_ascii=False))
    # The same in both: `onboarding` and the like.
    assert len(french) - 1 >= len(read) - 3


def test_the_words_are_those_that_are_understood(package: dict[str, bytes]) -> None:
    router = features.router()
    whole, french = json.loads(package["manifest.json"]), json.loads(package["fr.json"])
    titles = [command["title"] for list_ in whole["bots"][0]["commandLists"] for command in list_["commands"]]
    titles += [value for name, value in french.items() if re.fullmatch(r"bots.*\.title", name)]

    assert [title for title in titles if router.understand(title) is None] == []


def test_the_extension_has_the_commands_that_are_taken(package: dict[str, bytes]) -> None:
    (extension,) = json.loads(package["manifest.json"])["composeExtensions"]
    kinds = {command["type"] for command in extension["commands"]}

    assert kinds == {"action", "query"}
    assert {"composeExtension/fetchTask", "composeExtension/query", "composeExtension/queryLink"} <= inbound.TAKEN


def test_the_icons_are_of_the_sizes_that_teams_wants(package: dict[str, bytes]) -> None:
    for name, side in (("color.png", 192), ("outline.png", 32)):
        content = package[name]
        assert content.startswith(b"\x89PNG")
        assert (int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")) == (side, side)


def test_the_same_app_is_the_same_file() -> None:
    assert packed(URL, CLIENT, words()) == packed(URL, CLIENT, words())


def test_the_command_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAMS_CLIENT_ID", CLIENT)
    monkeypatch.setenv("WORKBOT_BASE_URL", URL)
    out = tmp_path / "new" / "teams.zip"

    done = CliRunner().invoke(app, ["manifest", "teams", "--out", str(out)])

    assert done.exit_code == 0, done.output
    assert out.read_bytes() == packed(URL, CLIENT, words())
    assert CliRunner().invoke(app, ["manifest", "teams"]).exit_code == 1


def test_without_an_app_registration_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEAMS_CLIENT_ID", raising=False)

    with pytest.raises(WorkbotError, match="TEAMS_CLIENT_ID"):
        manifest(URL, words())
