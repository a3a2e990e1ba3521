"""What doctor says of Teams, and what is set up wrong."""

from __future__ import annotations

import pytest

from integrations.teams.plugin import build
from integrations.teams.settings import TeamsSettings, is_loopback
from tests.integrations.teams.city import City
from workbot.errors import WorkbotError
from workbot.i18n import language

SET = {"client_id": "c", "client_secret": "s", "tenant_id": "t"}


def diagnostics(city: City, locale: str = "en") -> dict[str, str]:
    found = city.do(city.teams.diagnose(language(locale)))
    return {diagnostic.words: diagnostic.verdict for diagnostic in found}


def test_when_all_is_well_doctor_says_so(city: City) -> None:
    city.teams.settings.compare = True

    found = diagnostics(city)

    assert set(found.values()) == {"ok"}
    assert any("messaging endpoint" in words and "https://bot.city.example/api/messages" in words for words in found)
    assert any("catalogue" in words for words in found)
    assert any("directory can be read" in words for words in found)
    assert any("clock" in words for words in found)


def test_a_wrong_secret_is_said_with_where_to_look(city: City) -> None:
    city.world.app.secret = "another"

    found = diagnostics(city)

    (wrong,) = [words for words, verdict in found.items() if verdict == "fail"]
    assert "AADSTS7000215" in wrong
    assert "Entra admin centre" in wrong


def test_what_graph_does_not_let_us_see_is_said_with_the_permission_that_it_needs(city: City) -> None:
    city.world.app.roles = frozenset()
    city.teams.settings.compare = True

    found = " ".join(diagnostics(city))

    assert "AppCatalog.Read.All" in found
    assert "User.Read.All" in found


def test_an_app_that_is_in_no_catalogue_is_said_with_what_to_upload(city: City) -> None:
    city.tenant.has_app = False

    assert any("workbot manifest teams" in words for words in diagnostics(city))


def test_whom_we_cannot_reach_is_listed_with_why(city: City) -> None:
    ada = city.hire("Ada Tremblay")
    city.driver.uninstall(ada)

    (said,) = [words for words, verdict in diagnostics(city).items() if verdict == "warning"]

    assert "Ada Tremblay" in said
    assert "removed" in said
    assert any(
        "car l’application a été retirée dans Teams : Ada Tremblay" in words for words in diagnostics(city, "fr")
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "::", "bot.city.example", "", "127.0.0.1.evil.example"])
def test_unsigned_activities_are_taken_on_this_machine_only(host: str) -> None:
    settings = TeamsSettings.model_validate(SET | {"allow_unsigned": True})

    with pytest.raises(WorkbotError, match="speak as anyone else"):
        settings.check(host)
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.1.2.3"])
def test_on_this_machine_they_may_be(host: str) -> None:
    TeamsSettings.model_validate(SET | {"allow_unsigned": True, "client_secret": ""}).check(host)

    assert is_loopback(host)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"client_secret": ""}, "TEAMS_CLIENT_SECRET"),
        ({"tenant_id": ""}, "TEAMS_TENANT_ID"),
        ({"cloud": "mars"}, "gcch"),
    ],
)
def test_what_cannot_work_together_is_said_at_the_start(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(WorkbotError, match=said):
        TeamsSettings.model_validate(SET | wrong).check("127.0.0.1")


def test_without_an_app_registration_teams_is_off(monkeypatch: pytest.MonkeyPatch, city: City) -> None:
    monkeypatch.delenv("TEAMS_CLIENT_ID", raising=False)

    assert build(city.app) is None


def test_several_tenants_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAMS_TENANTS", "A, b  c")
    monkeypatch.setenv("TEAMS_TENANT_ID", "T")

    assert TeamsSettings().allowed == {"t", "a", "b", "c"}
