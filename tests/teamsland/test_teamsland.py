"""Our Teams keeps Microsoft's rules: the Bot Connector, logging in, and the keys of what a bot is sent."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import warnings
from urllib.parse import quote

import httpx
import jwt
import pytest

from tests.teamsland import tokens
from tests.teamsland.reading import attached
from tests.teamsland.samples import a_card
from tests.teamsland.stage import CONNECTOR, GRAPH, Teams
from tests.teamsland.world import World

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from microsoft_teams.api.auth.cloud_environment import PUBLIC
    from microsoft_teams.apps.auth import TokenValidator

REFUSED_LOG_INS = {
    "another secret": ({"client_secret": "no"}, 401, "invalid_client"),
    "another app": ({"client_id": "00000000-0000-0000-0000-000000000000"}, 400, "unauthorized_client"),
    "another scope": ({"scope": "https://vault.azure.net/.default"}, 400, "invalid_scope"),
    "another grant": ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    "another tenant": ({"tenant": "00000000-0000-0000-0000-000000000000"}, 400, "invalid_request"),
}


def said(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def personal(teams: Teams) -> str:
    """A conversation with Ada that may be written to."""
    teams.ada.has_app = True
    return teams.world.personal(teams.ada).id


def test_an_app_logs_in_with_its_secret(teams: Teams) -> None:
    answer = teams.token().json()

    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 3599
    assert len(teams.world.called("token")) == 1
    assert teams.world.app.secret not in str(teams.world.calls)


@pytest.mark.parametrize("case", REFUSED_LOG_INS)
def test_nobody_else_logs_in(teams: Teams, case: str) -> None:
    other, status, error = REFUSED_LOG_INS[case]
    answer = teams.token(**other)

    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_the_connector_looks_at_tokens(teams: Teams) -> None:
    place = personal(teams)
    path = f"v3/conversations/{place}/members"
    claims = tokens.for_an_app(teams.tenant.id, teams.world.app.client_id, tokens.CONNECTOR, [])
    stranger = tokens.for_an_app(teams.tenant.id, "somebody-else", tokens.CONNECTOR, [])

    assert teams.call("GET", path).status_code == 200
    assert teams.call("GET", path, token="garbage").status_code == 401
    assert teams.call("GET", path, token=tokens.unsigned(claims)).status_code == 401
    assert teams.call("GET", path, token=tokens.signed(claims, "nobody's")).status_code == 401
    assert teams.call("GET", path, token=tokens.signed(claims | {"exp": 1}, tokens.ENTRA)).status_code == 401
    assert teams.call("GET", path, token=teams.token(GRAPH).json()["access_token"]).status_code == 401
    assert said(teams.call("GET", path, token=tokens.signed(stranger, tokens.ENTRA))) == (401, "BotNotRegistered")
    assert teams.client.get(teams.world.service_url(teams.tenant) + path).status_code == 401


def test_messages_are_sent_changed_and_deleted(teams: Teams) -> None:
    place = personal(teams)

    sent = teams.send(place, a_card({"type": "TextBlock", "text": "first", "wrap": True}))
    assert sent.status_code == 201
    path = f"v3/conversations/{place}/activities/{sent.json()['id']}"
    second = a_card({"type": "TextBlock", "text": "second", "wrap": True})
    assert teams.call("PUT", path, {"type": "message", "attachments": [attached(second)]}).status_code == 200
    assert teams.world.reads(teams.ada) == ["second"]
    assert len(teams.world.find_message(sent.json()["id"]).history) == 1
    assert teams.call("DELETE", path).status_code == 200
    assert teams.world.reads(teams.ada) == []
    assert said(teams.call("PUT", path, {"type": "message", "text": "x"})) == (404, "ActivityNotFoundInConversation")


def test_a_conversation_is_made_once(teams: Teams) -> None:
    teams.ada.has_app = True
    asked = {
        "bot": {"id": teams.world.app.bot_id},
        "members": [{"id": teams.ada.id}],
        "tenantId": teams.tenant.id,
        "channelData": {"tenant": {"id": teams.tenant.id}},
    }

    first = teams.call("POST", "v3/conversations", asked)
    by_name = asked | {"members": [{"id": teams.world.mri(teams.ada)}]}
    assert first.status_code == 201
    assert teams.call("POST", "v3/conversations", by_name).json() == first.json()
    assert teams.send(first.json()["id"]).status_code == 201
    # What Graph calls it will do as well.
    assert teams.send(teams.world.personal(teams.ada).chat).status_code == 201
    assert teams.world.reads(teams.ada) == ["hello", "hello"]


def test_a_conversation_may_begin_with_a_message(teams: Teams) -> None:
    teams.ada.has_app = True
    first = {"type": "message", "text": "welcome"}
    asked = {"members": [{"id": teams.ada.id}], "tenantId": teams.tenant.id, "activity": first}

    made = teams.call("POST", "v3/conversations", asked).json()
    assert teams.world.reads(teams.ada) == ["welcome"]
    assert made["activityId"] == teams.world.messages(teams.ada)[0].id


def test_first_contact_needs_the_app(teams: Teams) -> None:
    stranger = teams.world.add_person(teams.tenant, "Zoe Roy")
    asked = {"members": [{"id": stranger.id}], "tenantId": teams.tenant.id}

    assert said(teams.call("POST", "v3/conversations", asked)) == (403, "ForbiddenOperationException")
    teams.team.members.append(stranger)
    assert teams.call("POST", "v3/conversations", asked).status_code == 201
    nobody = asked | {"members": [{"id": "29:nobody"}]}
    assert said(teams.call("POST", "v3/conversations", nobody)) == (400, "BadArgument")
    assert said(teams.call("POST", "v3/conversations", {"members": []})) == (400, "BadSyntax")
    elsewhere = asked | {"tenantId": teams.world.add_tenant("Town").id}
    assert said(teams.call("POST", "v3/conversations", elsewhere)) == (400, "BadArgument")


def test_threads_are_written_to_by_their_root(teams: Teams) -> None:
    started = teams.call(
        "POST",
        "v3/conversations",
        {
            "isGroup": True,
            "channelData": {"channel": {"id": teams.channel.id}},
            "activity": {"type": "message", "text": "a new request"},
        },
    ).json()
    root = started["activityId"]

    assert started["id"] == f"{teams.channel.id};messageid={root}"
    assert teams.send(started["id"], a_card()).status_code == 201
    reply = {"type": "message", "text": "under it"}
    path = f"v3/conversations/{teams.channel.id}/activities/{root}"
    assert teams.call("POST", path, reply).status_code == 201
    assert teams.send(teams.channel.id).status_code == 201
    assert teams.world.reads(teams.channel) == ["a new request", "hello"]
    assert teams.world.reads(teams.channel, root) == ["hello", "under it"]
    assert teams.world.reads(started["id"]) == ["hello", "under it"]
    assert said(teams.send(f"{teams.channel.id};messageid=1")) == (404, "ActivityNotFoundInConversation")


def test_who_does_not_want_the_bot_is_not_written_to(teams: Teams) -> None:
    place = personal(teams)
    unknown = "a:1unknown"

    assert said(teams.send(unknown)) == (404, "ConversationNotFound")
    teams.ada.block = "ConversationBlockedByUser"
    assert said(teams.send(place)) == (403, "ConversationBlockedByUser")
    teams.ada.block = "MessageWritesBlocked"
    blocked = teams.send(place)
    assert (blocked.status_code, blocked.json()["errorCode"]) == (403, 209)
    assert json.loads(blocked.json()["message"])["subCode"] == "MessageWritesBlocked"
    teams.ada.block, teams.ada.has_app, teams.team.has_app = "", False, False
    assert said(teams.send(place)) == (403, "BotNotInConversationRoster")
    assert said(teams.send(teams.channel.id)) == (403, "BotNotInConversationRoster")
    teams.tenant.is_forbidden = True
    assert said(teams.send(place)) == (403, "BotDisabledByAdmin")


def test_who_has_left_cannot_be_written_to(teams: Teams) -> None:
    place = personal(teams)
    teams.world.remove_person(teams.ada)

    assert said(teams.send(place)) == (404, "ConversationNotFound")


def test_one_tenants_address_serves_no_other(teams: Teams) -> None:
    town = teams.world.add_tenant("Town")
    eve = teams.world.add_person(town, "Eve Adams")
    eve.has_app = True

    assert said(teams.send(teams.world.personal(eve).id)) == (404, "ConversationNotFound")


def test_the_bot_changes_its_own_messages_only(teams: Teams) -> None:
    teams.ada.has_app = True
    message = teams.driver.say(teams.ada, "mine")
    path = f"v3/conversations/{message.conversation.id}/activities/{message.id}"

    assert said(teams.call("PUT", path, {"type": "message", "text": "yours"})) == (403, "NotEnoughPermissions")
    assert said(teams.call("DELETE", path)) == (403, "NotEnoughPermissions")
    assert teams.world.reads(teams.ada) == ["mine"]


def test_messages_that_teams_would_not_show_are_refused(teams: Teams) -> None:
    place = personal(teams)
    broken = a_card({"type": "TextBlock", "text": "x"})

    refused = teams.send(place, broken)
    assert said(refused) == (400, "BadSyntax")
    assert "wrap" in refused.json()["error"]["message"]
    assert said(teams.send(place, attachments=[])) == (400, "BadSyntax")
    assert said(teams.send(place, type="trace")) == (400, "BadSyntax")
    assert said(teams.send(place, textFormat="html")) == (400, "BadSyntax")
    assert said(teams.send(place, attachments=[{"contentType": "application/pdf"}])) == (400, "BadSyntax")
    assert teams.send(place, attachments=[], type="typing").status_code == 202
    assert teams.world.messages(teams.ada) == []


def test_a_message_mentions_whom_its_entities_name(teams: Teams) -> None:
    place = personal(teams)
    who = {"id": teams.world.mri(teams.ada), "name": "Ada"}
    entity = {"type": "mention", "text": "<at>Ada</at>", "mentioned": who}

    assert said(teams.send(place, attachments=[], text="<at>Ada</at> look")) == (400, "BadSyntax")
    assert teams.send(place, attachments=[], text="<at>Ada</at> look", entities=[entity]).status_code == 201
    assert teams.world.reads(teams.ada) == ["Ada look"]


def test_messages_for_one_person_in_a_channel_are_not_to_be_had(teams: Teams) -> None:
    path = f"v3/conversations/{teams.channel.id}/activities?isTargetedActivity=true"

    assert said(teams.call("POST", path, {"type": "message", "text": "x"})) == (400, "BadArgument")
    assert teams.world.messages(teams.channel) == []


def test_the_address_of_all_tenants_serves_each(teams: Teams) -> None:
    place = quote(personal(teams), safe="")
    headers = {"Authorization": f"Bearer {teams.token().json()['access_token']}"}
    url = f"{teams.world.base}/teams/v3/conversations/{place}/activities"

    assert teams.client.post(url, json={"type": "message", "text": "x"}, headers=headers).status_code == 201
    assert teams.world.reads(teams.ada) == ["x"]


def test_size_is_counted_as_utf_16(teams: Teams) -> None:
    place = personal(teams)

    assert teams.send(place, attachments=[], text="x" * 51_000).status_code == 201
    assert said(teams.send(place, attachments=[], text="x" * 51_300)) == (413, "MessageSizeTooBig")


def test_rosters_are_read_whole_or_in_pages(teams: Teams) -> None:
    for number in range(60):
        teams.team.members.append(teams.world.add_person(teams.tenant, f"Person {number}"))
    path = f"v3/conversations/{teams.channel.id}"

    assert len(teams.call("GET", f"{path}/members").json()) == 62
    first = teams.call("GET", f"{path}/pagedmembers?pageSize=50").json()
    second = teams.call("GET", f"{path}/pagedmembers?pageSize=50&continuationToken={first['continuationToken']}").json()
    assert (len(first["members"]), len(second["members"])) == (50, 12)
    assert "continuationToken" not in second
    ada = teams.call("GET", f"{path}/members/{teams.world.mri(teams.ada)}").json()
    assert (ada["aadObjectId"], ada["email"], ada["tenantId"]) == (teams.ada.id, "ada@city.example", teams.tenant.id)
    assert said(teams.call("GET", f"{path}/members/29:nobody")) == (404, "MemberNotFoundInConversation")


def test_a_team_tells_of_itself_and_its_channels(teams: Teams) -> None:
    told = teams.call("GET", f"v3/teams/{teams.team.id}").json()
    channels = teams.call("GET", f"v3/teams/{teams.team.id}/conversations").json()["conversations"]

    assert (told["name"], told["aadGroupId"], told["memberCount"]) == ("IT", teams.team.group, 2)
    assert [channel["name"] for channel in channels] == [None, "Service desk"]
    assert channels[0]["id"] == teams.team.id


def test_a_team_without_the_app_tells_nothing(teams: Teams) -> None:
    teams.team.has_app = False
    for path in (f"v3/teams/{teams.team.id}", f"v3/conversations/{teams.channel.id}/members"):
        assert said(teams.call("GET", path)) == (403, "BotNotInConversationRoster")
    assert said(teams.call("GET", "v3/teams/19:nothing")) == (404, "NotFound")


@pytest.mark.parametrize(("most", "until"), [(7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0)])
def test_a_conversation_takes_so_many_in_such_a_span(most: int, until: float) -> None:
    world, at = World(), 0.0
    world.monotonic = lambda: at
    # The other spans are kept by going no faster than they allow.
    spans = [(most, until)]

    for number in range(most):
        at = number * until / most / 2
        assert world.wait_for(("place",), spans) == 0
    assert world.wait_for(("place",), spans) >= 1
    at = until
    assert world.wait_for(("place",), spans) == 0


def test_too_many_in_one_conversation_have_to_wait(teams: Teams) -> None:
    place = personal(teams)

    assert {teams.send(place).status_code for _ in range(7)} == {201}
    refused = teams.send(place)
    assert said(refused) == (429, "Throttled")
    assert refused.headers["Retry-After"] == "1"
    teams.at = 1.0
    assert teams.send(place).status_code == 201
    assert teams.send(place).headers["Retry-After"] == "1"
    teams.world.limited = False
    assert {teams.send(place).status_code for _ in range(20)} == {201}


def test_an_app_calls_fifty_times_a_second_in_a_tenant(teams: Teams) -> None:
    people = [teams.world.add_person(teams.tenant, f"Person {number}") for number in range(51)]
    for person in people:
        person.has_app = True
    places = [teams.world.personal(person).id for person in people]

    assert {teams.send(place).status_code for place in places[:50]} == {201}
    assert said(teams.send(places[50])) == (429, "Throttled")
    teams.at = 1.0
    assert teams.send(places[50]).status_code == 201


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("412", 412, "PreconditionFailed"),
        ("429", 429, "Throttled"),
        ("503", 503, "ServiceError"),
        ("403:BotDisabledByAdmin", 403, "BotDisabledByAdmin"),
    ],
)
def test_failures_can_be_planned(teams: Teams, how: str, status: int, code: str) -> None:
    place = personal(teams)
    teams.world.fail("send", how)

    refused = teams.send(place)
    assert said(refused) == (status, code)
    assert ("Retry-After" in refused.headers) == (status == 429)
    assert teams.world.reads(teams.ada) == []
    assert teams.send(place).status_code == 201


@pytest.mark.parametrize(
    ("how", "error", "is_done"),
    [
        ("reset", httpx.RemoteProtocolError, False),
        ("reset-after", httpx.RemoteProtocolError, True),
        ("truncated", httpx.RemoteProtocolError, True),
        ("garbage", json.JSONDecodeError, True),
        ("timeout", httpx.ReadTimeout, False),
        ("timeout-after", httpx.ReadTimeout, True),
    ],
)
def test_connections_can_fail_before_and_after_the_effect(
    teams: Teams, how: str, error: type[Exception], *, is_done: bool
) -> None:
    place = personal(teams)
    teams.call("GET", f"v3/conversations/{place}/members")
    teams.world.fail("send", how)
    token = teams.token().json()["access_token"]

    with pytest.raises(error):
        httpx.post(
            f"{teams.world.service_url(teams.tenant)}v3/conversations/{place}/activities",
            json={"type": "message", "text": "x"},
            headers={"Authorization": f"Bearer {token}"},
            timeout=0.5,
        ).json()

    assert teams.world.reads(teams.ada) == ["x"] * is_done


def test_a_failure_that_nothing_would_notice_cannot_be_planned(teams: Teams) -> None:
    with pytest.raises(AssertionError, match="nothing is called sned"):
        teams.world.fail("sned", "429")
    with pytest.raises(AssertionError, match="nothing fails by magic"):
        teams.world.fail("send", "magic")


def test_429_may_come_without_saying_how_long(teams: Teams) -> None:
    place = personal(teams)
    teams.world.fail("send", "429-without-header")

    refused = teams.send(place)
    assert said(refused) == (429, "Throttled")
    assert "Retry-After" not in refused.headers


def test_malformed_bodies_are_refused(teams: Teams) -> None:
    place = personal(teams)
    headers = {"Authorization": f"Bearer {teams.token().json()['access_token']}"}
    url = f"{teams.world.service_url(teams.tenant)}v3/conversations/{place}/activities"

    assert said(teams.client.post(url, content=b"{", headers=headers)) == (400, "BadSyntax")
    assert said(teams.client.post(url, content=b"[]", headers=headers)) == (400, "BadSyntax")


class TestValidation:
    """The official validator takes what Microsoft would send, by our keys, and nothing else."""

    @pytest.fixture
    def claims(self, teams: Teams) -> dict[str, object]:
        return tokens.for_the_bot(teams.world.app.client_id, teams.world.service_url(teams.tenant))

    def validate(self, teams: Teams, token: str) -> dict[str, object]:
        cloud = dataclasses.replace(PUBLIC, openid_metadata_url=teams.world.openid_metadata)
        validator = TokenValidator.for_service(teams.world.app.client_id, cloud=cloud)
        return asyncio.run(validator.validate_token(token, teams.world.service_url(teams.tenant)))

    def test_what_the_driver_sends_is_valid(self, teams: Teams) -> None:
        teams.driver.install(teams.ada)
        activity, token = teams.bot.heard[-1]

        assert self.validate(teams, token)["serviceurl"] == activity["serviceUrl"]

    @pytest.mark.parametrize(
        "other",
        [
            {"iss": "https://sts.windows.net/x/"},
            {"aud": "another"},
            {"exp": 1},
            {"nbf": 4_000_000_000},
            {"serviceurl": "https://smba.example/"},
            {"serviceurl": None},
        ],
    )
    def test_other_claims_are_not(self, teams: Teams, claims: dict[str, object], other: dict[str, object]) -> None:
        with pytest.raises(jwt.InvalidTokenError):
            self.validate(teams, tokens.signed(claims | other, tokens.BOT_FRAMEWORK))

    def test_other_keys_and_algorithms_are_not(self, teams: Teams, claims: dict[str, object]) -> None:
        posing = tokens.signed(claims, "somebody", headers={"kid": tokens.BOT_FRAMEWORK})
        symmetric = tokens.signed(claims, tokens.BOT_FRAMEWORK, key="k" * 32, algorithm="HS256")
        for token in (posing, symmetric, tokens.unsigned(claims), tokens.signed(claims, tokens.ENTRA)):
            with pytest.raises((jwt.InvalidTokenError, jwt.PyJWKClientError)):
                self.validate(teams, token)

    def test_keys_change_from_time_to_time(self, teams: Teams, claims: dict[str, object]) -> None:
        token = tokens.signed(claims, "newer")
        with pytest.raises(jwt.PyJWKClientError):
            self.validate(teams, token)

        teams.world.bot_framework_keys.insert(0, "newer")
        assert self.validate(teams, token)["aud"] == teams.world.app.client_id

    def test_the_description_of_the_keys_leads_to_them(self, teams: Teams) -> None:
        described = teams.client.get(teams.world.openid_metadata).json()
        keys = teams.client.get(described["jwks_uri"]).json()["keys"]

        assert described["issuer"] == tokens.BOT_FRAMEWORK_ISSUER
        assert [(key["kid"], key["endorsements"]) for key in keys] == [(tokens.BOT_FRAMEWORK, ["msteams", "webchat"])]

    def test_a_tab_says_who_looks_at_it(self, teams: Teams) -> None:
        cloud = dataclasses.replace(PUBLIC, login_endpoint=teams.world.login)
        client_id = teams.world.app.client_id
        validator = TokenValidator.for_entra(client_id, teams.tenant.id, scope="access_as_user", cloud=cloud)
        described = teams.client.get(f"{teams.world.login}/{teams.tenant.id}/v2.0/.well-known/openid-configuration")

        told = asyncio.run(validator.validate_token(teams.driver.tab_token(teams.ada)))
        assert (told["oid"], told["tid"]) == (teams.ada.id, teams.tenant.id)
        assert described.json()["issuer"] == told["iss"]
        with pytest.raises(jwt.InvalidTokenError):
            asyncio.run(validator.validate_token(teams.driver.tab_token(teams.ada, aud="another")))


def test_scopes_of_the_two_services_differ(teams: Teams) -> None:
    assert teams.token(CONNECTOR).json()["access_token"] != teams.token(GRAPH).json()["access_token"]
    assert teams.client.get(f"{teams.world.graph}/users").status_code == 401
    bearer = {"Authorization": f"Bearer {teams.token(CONNECTOR).json()['access_token']}"}
    assert teams.client.get(f"{teams.world.graph}/users", headers=bearer).status_code == 401
