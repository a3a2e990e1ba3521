"""What `deploy/` says is what the app understands."""

from __future__ import annotations

import re
import shutil
import subprocess
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
def compose() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(DEPLOY / "compose.yaml")
    return found


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
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
    processes = [service for service in services.values() if service["image"] == "workbot"]
    told = {key.removesuffix("_FILE") for service in processes for key in service["environment"]}

    assert told <= ours
    assert asked_for() - {"COMPOSE_PROFILES", "WORKBOT_SITE"} <= ours


def test_what_the_compose_file_wants_from_the_environment_is_in_the_example() -> None:
    wanted = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text()))

    assert wanted | {"COMPOSE_PROFILES"} == asked_for()


def asked_for() -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", (DEPLOY / "env.example").read_text(), re.MULTILINE))


def test_people_come_in_by_https_unless_somebody_only_tries_it(services: dict[str, Any]) -> None:
    assert "COMPOSE_PROFILES=https\n" in (DEPLOY / "env.example").read_text()
    assert {service["profiles"][0]: service["ports"] for service in services.values() if "ports" in service} == {
        "https": ["80:80", "443:443", "443:443/udp"],
        "http": ["127.0.0.1:8080:8080"],
    }
    assert services["proxy"]["environment"] == {"WORKBOT_SITE": "${WORKBOT_SITE:-localhost}"}
    assert "{$WORKBOT_SITE:localhost} {" in (DEPLOY / "Caddyfile").read_text()
    # Certificates outlive the proxy: they are not got anew at every start.
    assert "certificates:/data" in services["proxy"]["volumes"]


def test_no_service_may_do_more_than_it_has_to(services: dict[str, Any]) -> None:
    allowed = {
        "db": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"],
        "proxy": ["NET_BIND_SERVICE"],
        "proxy-http": ["NET_BIND_SERVICE"],
    }
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service.get("cap_add", []) == allowed.get(name, []), name
        assert service["read_only"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name


def test_secrets_are_files_and_stand_in_no_environment(compose: dict[str, Any], tmp_path: Path) -> None:
    names = set(compose["secrets"])
    used = {name for service in compose["services"].values() for name in service.get("secrets", ())}
    given = {
        value.removeprefix("/run/secrets/")
        for service in compose["services"].values()
        for key, value in service.get("environment", {}).items()
        if key.endswith("_FILE")
    }
    secret = re.compile("TOKEN|SECRET|PASSWORD|KEY$|URL$")
    open_ones = {
        key
        for service in compose["services"].values()
        for key in service.get("environment", {})
        if secret.search(key) and not key.endswith("_FILE") and key != "WORKBOT_BASE_URL"
    }

    shutil.copy(DEPLOY / "make-secrets.sh", tmp_path)
    for _ in range(2):
        subprocess.run(["sh", str(tmp_path / "make-secrets.sh")], check=True, capture_output=True)
        made = {file.name: file.read_text().strip() for file in (tmp_path / "secrets").iterdir()}

    assert names == used == given == set(made)
    assert open_ones == set()
    assert len(made["secret_key"]) >= 32
    assert made["database_url"] == f"postgresql://workbot:{made['postgres_password']}@db/workbot"


def test_images_are_pinned_to_a_version(services: dict[str, Any]) -> None:
    named = {service["image"] for service in services.values()} - {"workbot"}
    named |= set(re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE))

    assert len(named) == 3
    assert all(re.fullmatch(r"[a-z]+:\d+\.\d+(\.\d+)?-[a-z-]+", image) for image in named), named


def test_the_image_installs_nothing_into_itself() -> None:
    """There is no pip and no setuptools where the app runs."""
    build, _, final = (DEPLOY / "Dockerfile").read_text().rpartition("\nFROM ")

    assert "rm -rf /usr/local/lib/python3.11/site-packages/*" in final
    assert "--without-pip" in build
    assert "pip install" not in final


def test_the_proxy_knows_the_servers(services: dict[str, Any]) -> None:
    said = (DEPLOY / "Caddyfile").read_text()

    named = set(re.findall(r"(server-\d+):8080", said))
    assert named == {name for name in services if name.startswith("server")}


def test_an_image_has_the_versions_that_were_tested_and_nothing_of_development() -> None:
    image, tested = versions(DEPLOY / "requirements.txt"), versions(ROOT / "requirements.txt")
    build = versions(DEPLOY / "requirements-build.txt")

    assert image.items() | build.items() <= tested.items()
    assert not {"pytest", "mypy", "playwright", "hatchling"} & set(image)
    assert "hatchling" in build
    assert {"sqlmodel", "psycopg", "uvicorn"} <= set(image)
