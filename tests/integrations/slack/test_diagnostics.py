"""What `workbot doctor` says of Slack."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.slack.manifest import SCOPES
from integrations.slack.models import SlackWorkspace
from integrations.slack.platform import Slack
from integrations.slack.settings import SlackSettings
from tests.integrations.slack.city import SECRET, City
from tests.slackland.world import World
from workbot.errors import WorkbotError
from workbot.i18n import language
from workbot.platforms import Diagnostic
from workbot.storage.database import Database


def said(city: City, **more: Any) -> dict[str, str]:
    """What is said, by how bad it is, of an app with other settings."""
    known = {"signing_secret": SECRET, "api_url": city.world.api, "bot_token": city.workspace.token} | more
    slack = Slack(city.app, SlackSettings.model_validate(known))

    async def diagnose() -> list[Diagnostic]:
        try:
            return list(await slack.diagnose(language("en")))
        finally:
            await slack.close()

    found: dict[str, str] = {}
    for diagnostic in city.do(diagnose()):
        found[diagnostic.verdict] = f"{found.get(diagnostic.verdict, '')}\n{diagnostic.words}"
    return found


def test_all_is_well(city: City) -> None:
    told = said(city)

    assert told.keys() == {"ok"}
    assert "At home in “City”" in told["ok"]


def test_a_token_that_slack_does_not_take(city: City) -> None:
    assert "invalid_auth" in said(city, bot_token="xoxb-wrong")["fail"]


def test_scopes_that_are_missing_are_named(city: City) -> None:
    city.workspace.scopes -= {"files:write", "im:write"}

    assert "These scopes are missing: files:write, im:write." in said(city)["fail"]


def test_every_workspace_that_installed_it_is_looked_at(city: City) -> None:
    county = city.world.add_workspace("County")
    shared = {"bot_token": "", "client_id": "1.2", "client_secret": "shh"}
    cipher = city.slack.workspaces.cipher
    with city.app.database.session() as session:
        for one, scopes in ((city.workspace, SCOPES), (county, SCOPES[1:])):
            sealed = cipher.close(one.token)
            session.add(SlackWorkspace(tenant=one.id, name=one.name, scopes=",".join(scopes), bot_token=sealed))

    told = said(city, **shared)
    assert "/slack/install" in told["ok"]
    assert "At home in “City”" in told["ok"]
    assert f"These scopes are missing: {SCOPES[0]}." in told["fail"]
    county.revoked = "token_revoked"
    assert "“County” does not let me in (token_revoked)" in said(city, **shared)["fail"]


def test_a_signing_secret_that_does_not_look_like_one(city: City) -> None:
    assert "SLACK_SIGNING_SECRET" in said(city, signing_secret="xoxb-123")["warning"]


def test_an_address_that_slack_cannot_call(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(city.app.settings, "base_url", "http://127.0.0.1:8080")

    assert "WORKBOT_BASE_URL" in said(city)["fail"]
    assert "WORKBOT_BASE_URL" not in said(city, app_token="xapp-1")["ok"]


def test_an_app_token_that_opens_no_socket(city: City) -> None:
    assert "Socket Mode does not open" in said(city, app_token="xoxb-1")["warning"]
    assert "Socket Mode opens." in said(city, app_token="xapp-1")["ok"]


@pytest.mark.parametrize(
    "settings",
    [
        {"bot_token": "xoxb-1"},
        {"client_id": "1.2", "signing_secret": SECRET},
        {"bot_token": "xoxb-1", "signing_secret": SECRET, "api_url": "slack.com"},
    ],
)
def test_settings_that_cannot_work_say_what_is_missing(settings: dict[str, str], world: World) -> None:
    with pytest.raises(WorkbotError) as wrong:
        SlackSettings.model_validate(settings).check()

    assert "SLACK_" in wrong.value.message


def test_where_no_workspace_is_home_it_says_so(database: Database, world: World) -> None:
    city = City(database, world, bot_token="", client_id="1.2", client_secret="shh")
    with city.app.database.session() as session:
        for workspace in (city.workspace, world.add_workspace("Second")):
            sealed = city.slack.workspaces.cipher.close(workspace.token)
            session.add(SlackWorkspace(tenant=workspace.id, name=workspace.name, bot_token=sealed))

    said = "\n".join(diagnostic.words for diagnostic in city.do(city.slack.diagnose(language("en"))))

    assert "None of these workspaces is home" in said
    assert city.workspace.id in said
    city.close()


def test_who_cannot_be_linked_is_named_with_the_reason(city: City) -> None:
    city.hire("Ada Tremblay", in_slack=False)
    city.world.add_user(city.workspace, "Ada", "ada.tremblay@city.example", is_restricted=True)
    city.compare()

    for locale, words in (
        ("en", "cannot be linked (City: a guest in Slack): Ada Tremblay"),
        ("fr", "ne peut pas être lié"),
    ):
        said = [
            diagnostic for diagnostic in city.do(city.slack.diagnose(language(locale))) if words in diagnostic.words
        ]
        assert [diagnostic.verdict for diagnostic in said] == ["warning"]
