"""Our Graph answers as Microsoft's does: people, changes, and installing the app for them."""

from __future__ import annotations

import pytest

from tests.teamsland.reading import Thing
from tests.teamsland.stage import GRAPH, Teams
from tests.teamsland.things import Person


def rounds(teams: Teams, link: str) -> tuple[list[Thing], str]:
    """Everything of a round of changes, and where the next begins."""
    found: list[Thing] = []
    while True:
        page = teams.ask(link).json()
        found += page["value"]
        if "@odata.deltaLink" in page:
            return found, page["@odata.deltaLink"]
        link = page["@odata.nextLink"]


def code(teams: Teams, path: str, body: Thing | None = None) -> tuple[int, str]:
    refused = teams.ask(path, body)
    return refused.status_code, refused.json()["error"]["code"]


def bound(teams: Teams) -> Thing:
    return {"teamsApp@odata.bind": f"{teams.world.graph}/appCatalogs/teamsApps/{teams.world.app.catalog_id}"}


def test_people_come_with_what_is_selected(teams: Teams) -> None:
    found = teams.ask("/users?$select=id,mail,jobTitle,department").json()["value"]

    assert found[0] == {"id": teams.ada.id, "mail": "ada@city.example", "jobTitle": "Clerk", "department": None}
    assert "accountEnabled" not in teams.ask("/users").json()["value"][0]
    assert code(teams, "/users?$select=shoeSize") == (400, "Request_BadRequest")


def test_people_come_in_pages(teams: Teams) -> None:
    for number in range(250):
        teams.world.add_person(teams.tenant, f"Person {number}")
    teams.world.remove_person(teams.bob)

    link, sizes, names = "/users?$select=displayName", [], set()
    while link:
        page = teams.ask(link).json()
        sizes.append(len(page["value"]))
        names |= {one["displayName"] for one in page["value"]}
        link = page.get("@odata.nextLink", "")
    assert sizes == [100, 100, 51]
    assert len(names) == 251
    assert teams.bob.name not in names
    assert len(teams.ask("/users?$top=7").json()["value"]) == 7


def test_people_can_be_looked_for(teams: Teams) -> None:
    teams.world.change_person(teams.bob, accountEnabled=False)

    assert [one["id"] for one in teams.ask("/users?$filter=mail eq 'ADA@city.example'").json()["value"]] == [
        teams.ada.id
    ]
    assert len(teams.ask("/users?$filter=accountEnabled eq true").json()["value"]) == 1
    assert code(teams, "/users?$filter=startswith(mail,'a')") == (400, "Request_UnsupportedQuery")
    assert teams.ask(f"/users/{teams.ada.upn}").json()["id"] == teams.ada.id
    assert code(teams, "/users/nobody") == (404, "Request_ResourceNotFound")


def test_managers_are_found(teams: Teams) -> None:
    teams.world.change_person(teams.ada, manager=teams.bob.id)

    assert teams.ask(f"/users/{teams.ada.id}/manager").json()["mail"] == "bob@city.example"
    assert code(teams, f"/users/{teams.bob.id}/manager") == (404, "Request_ResourceNotFound")
    expanded = teams.ask("/users?$expand=manager").json()["value"]
    assert [one.get("manager", {}).get("id") for one in expanded] == [teams.bob.id, None]


def test_changes_come_after_everybody(teams: Teams) -> None:
    teams.world.page_size = 2
    zoe = teams.world.add_person(teams.tenant, "Zoe Roy", "zoe@city.example")

    everybody, link = rounds(teams, "/users/delta?$select=displayName,mail,department,manager")
    assert [one["id"] for one in everybody] == [teams.ada.id, teams.bob.id, zoe.id]
    # What was never set is not there at all.
    assert everybody[0] == {"id": teams.ada.id, "displayName": "Ada Tremblay", "mail": "ada@city.example"}
    assert rounds(teams, link)[0] == []

    teams.world.change_person(teams.ada, department="IT", manager=teams.bob.id)
    teams.world.remove_person(zoe)
    changed, link = rounds(teams, link)
    above = [{"@odata.type": "#microsoft.graph.user", "id": teams.bob.id}]
    assert changed[0]["department"] == "IT"
    assert changed[0]["manager@delta"] == above
    assert changed[1] == {"id": zoe.id, "@removed": {"reason": "changed"}}
    assert rounds(teams, link)[0] == []


def test_what_happens_while_pages_are_read_comes_in_the_next_round(teams: Teams) -> None:
    teams.world.page_size = 1
    first = teams.ask("/users/delta").json()
    late = teams.world.add_person(teams.tenant, "Late Comer")

    rest, link = rounds(teams, first["@odata.nextLink"])
    assert late.id not in [one["id"] for one in rest]
    assert [one["id"] for one in rounds(teams, link)[0]] == [late.id]


def test_a_link_that_is_too_old_says_where_to_begin_anew(teams: Teams) -> None:
    _, link = rounds(teams, "/users/delta?$select=mail")
    teams.world.expire_deltas()

    refused = teams.ask(link)
    assert (refused.status_code, refused.json()["error"]["code"]) == (410, "syncStateNotFound")
    again, fresh = rounds(teams, refused.headers["Location"])
    assert len(again) == 2
    assert rounds(teams, fresh)[0] == []
    assert code(teams, "/users/delta?$deltatoken=forged") == (400, "BadRequest")


def test_one_may_begin_with_what_comes_after_now(teams: Teams) -> None:
    page = teams.ask("/users/delta?$deltatoken=latest").json()
    new = teams.world.add_person(teams.tenant, "New Hire")

    assert page["value"] == []
    assert [one["id"] for one in rounds(teams, page["@odata.deltaLink"])[0]] == [new.id]


def test_tenants_are_apart(teams: Teams) -> None:
    stranger = teams.world.add_person(teams.world.add_tenant("Town"), "Eve Adams")

    assert len(teams.ask("/users").json()["value"]) == 2
    assert len(rounds(teams, "/users/delta")[0]) == 2
    assert teams.ask(f"/users/{stranger.id}").status_code == 404
    assert teams.ask("/organization").json()["value"][0]["id"] == teams.tenant.id


def test_the_app_is_installed_for_somebody(teams: Teams) -> None:
    path = f"/users/{teams.ada.id}/teamwork/installedApps"

    assert teams.ask(path).json()["value"] == []
    assert teams.ask(path, bound(teams)).status_code == 201
    assert code(teams, path, bound(teams)) == (409, "Conflict")
    found = teams.ask(f"{path}?$filter=teamsApp/externalId eq '{teams.world.app.manifest_id}'&$expand=teamsApp").json()
    assert found["value"][0]["teamsApp"]["id"] == teams.world.app.catalog_id
    chat = teams.ask(f"{path}/{found['value'][0]['id']}/chat").json()["id"]
    assert teams.send(chat).status_code == 201
    assert teams.world.reads(teams.ada) == ["hello"]


def test_the_bot_is_told_of_an_installation_by_graph(teams: Teams) -> None:
    teams.ask(f"/users/{teams.ada.id}/teamwork/installedApps", bound(teams))
    assert teams.bot.heard == []

    assert teams.driver.happen() == 1
    assert [activity["type"] for activity, _ in teams.bot.heard] == ["conversationUpdate", "installationUpdate"]
    assert teams.driver.happen() == 0


def test_what_cannot_be_installed_is_not(teams: Teams) -> None:
    path = f"/users/{teams.ada.id}/teamwork/installedApps"

    assert code(teams, path, {"teamsApp@odata.bind": f"{teams.world.graph}/appCatalogs/teamsApps/x"}) == (
        404,
        "NotFound",
    )
    assert code(teams, "/users/nobody/teamwork/installedApps", bound(teams)) == (404, "Request_ResourceNotFound")
    teams.tenant.is_forbidden = True
    assert code(teams, path, bound(teams)) == (403, "Forbidden")
    teams.tenant.has_app = False
    assert code(teams, path, bound(teams)) == (404, "NotFound")
    assert not teams.ada.has_app
    assert not teams.world.events


def test_what_is_installed_is_asked_for_exactly(teams: Teams) -> None:
    path = f"/users/{teams.ada.id}/teamwork/installedApps"
    teams.ada.has_app = True
    found = teams.ask(f"{path}?$expand=teamsApp,teamsAppDefinition").json()["value"][0]

    assert found["teamsAppDefinition"]["teamsAppId"] == teams.world.app.catalog_id
    assert teams.ask(f"{path}?$filter=teamsApp/id eq 'another'").json()["value"] == []
    assert code(teams, f"{path}?$filter=teamsApp/displayName eq 'x'") == (400, "BadRequest")
    assert code(teams, f"{path}/another/chat") == (404, "NotFound")


def test_the_catalogue_is_asked_by_the_manifests_id(teams: Teams) -> None:
    path = "/appCatalogs/teamsApps?$filter=externalId eq "

    assert teams.ask(f"{path}'{teams.world.app.manifest_id}'").json()["value"][0]["id"] == teams.world.app.catalog_id
    assert teams.ask(f"{path}'another'").json()["value"] == []
    assert code(teams, "/appCatalogs/teamsApps?$filter=displayName eq 'x'") == (400, "BadRequest")


def test_a_teams_channels_have_names(teams: Teams) -> None:
    found = teams.ask(f"/teams/{teams.team.group}/channels").json()["value"]

    assert [(one["id"], one["displayName"]) for one in found] == [
        (teams.team.id, "General"),
        (teams.channel.id, "Service desk"),
    ]
    assert code(teams, "/teams/nothing/channels") == (404, "NotFound")


@pytest.mark.parametrize(
    ("role", "path", "error"),
    [
        ("User.Read.All", "/users", "Authorization_RequestDenied"),
        ("User.Read.All", "/users/delta", "Authorization_RequestDenied"),
        ("AppCatalog.Read.All", "/appCatalogs/teamsApps?$filter=id eq 'x'", "Forbidden"),
        ("Channel.ReadBasic.All", "/teams/x/channels", "Forbidden"),
        ("TeamsAppInstallation.ReadWriteSelfForUser.All", "/users/x/teamwork/installedApps", "Forbidden"),
    ],
)
def test_what_administrators_have_not_let_the_app_do_is_refused(teams: Teams, role: str, path: str, error: str) -> None:
    teams.world.app.roles -= {role}

    assert code(teams, path) == (403, error)


def test_graph_fails_as_planned(teams: Teams) -> None:
    teams.world.fail("delta", "429")

    refused = teams.ask("/users/delta")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2")
    assert teams.ask("/users/delta").status_code == 200


def test_calls_are_remembered(teams: Teams) -> None:
    teams.ask("/users/delta?$select=mail")
    person: Person = teams.ada
    teams.ask(f"/users/{person.id}/teamwork/installedApps", bound(teams))

    assert teams.world.called("delta") == [{"$select": "mail"}]
    assert teams.world.called("install") == [bound(teams)]
    assert {call["scope"] for call in teams.world.called("token")} == {GRAPH}
