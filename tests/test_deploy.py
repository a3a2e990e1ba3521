"""What `deploy/` says is what the house understands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from integrations.email.settings import MailSettings
from integrations.slack.settings import SlackSettings
from integrations.teams.settings import TeamsSettings
from workbot.settings import Settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(DEPLOY / "compose.yaml")["services"]
    return found


def versions(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", lock.read_text(), re.MULTILINE))


def test_two_servers_and_two_workers_share_a_database_behind_a_proxy(services: dict[str, Any]) -> None:
    commands = sorted(service["command"][0] for service in services.values() if "command" in service)

    assert commands == ["migrate", "serve", "serve", "worker", "worker"]
    assert set(services) >= {"db", "proxy"}
    assert set(services["proxy"]["depends_on"]) == {name for name in services if name.startswith("server")}


def test_every_setting_is_one_that_we_read(services: dict[str, Any]) -> None:
    parts = (Settings, MailSettings, SlackSettings, TeamsSettings)
    ours = {str(field.validation_alias) for settings in parts for field in settings.model_fields.values()}
    told = {key for name, service in services.items() if name != "db" for key in service.get("environment", ())}
    asked = set(re.findall(r"^([A-Z_]+)=", (DEPLOY / "env.example").read_text(), re.MULTILINE))

    assert told <= ours
    assert asked - {"POSTGRES_PASSWORD"} <= ours


def test_what_the_compose_file_wants_from_the_environment_is_in_the_example() -> None:
    wanted = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text()))
    asked = set(re.findall(r"^([A-Z_]+)=", (DEPLOY / "env.example").read_text(), re.MULTILINE))

    assert wanted == asked


def test_the_proxy_knows_the_servers(services: dict[str, Any]) -> None:
    said = (DEPLOY / "Caddyfile").read_text()

    named = set(re.findall(r"(server-\d+):8080", said))
    assert named == {name for name in services if name.startswith("server")}


def test_an_image_has_the_versions_that_were_tested_and_nothing_of_development() -> None:
    image, tested = versions(DEPLOY / "requirements.txt"), versions(ROOT / "requirements.txt")
    demo = versions(ROOT / "requirements-demo.txt")

    assert image.items() <= demo.items() <= tested.items()
    assert not {"pytest", "mypy", "playwright"} & set(demo)
    assert "hatchling" not in image
    assert {"sqlmodel", "psycopg", "uvicorn"} <= set(image)
