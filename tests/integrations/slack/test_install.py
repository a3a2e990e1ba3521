"""Many workspaces: installed by administrators, with tokens that are kept safe and fresh, and taken away again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlmodel import Session, select

from integrations.slack.manifest import SCOPES
from integrations.slack.models import SlackState, SlackWorkspace
from tests.integrations.slack.city import BASE, SECRET, City
from tests.slackland.driver import Driver
from tests.slackland.world import Workspace, World
from workbot.people import AccountClaim, Person
from workbot.storage.database import Database
from workbot.turns import Press, Sender

DATABASES = ("sqlite", "postgresql")


class Shared(City):
    """An app that any workspace may install, if an administrator of ours says so."""

    def __init__(self, database: Database, world: World, *, beside: Shared | None = None) -> None:
        super().__init__(database, world, beside=beside, bot_token="", client_id="1.2", client_secret="shh")
        if beside is None:
            self.hire("David Chen", "admin", in_slack=False)

    def person(self, name: str) -> Person:
        with self.app.database.session() as session:
            return session.exec(select(Person).where(Person.name == name)).one()

    def sent(self) -> httpx.Response:
        """Go to the page, and be sent to Slack."""
        sent = self.request("GET", "/slack/install", self.person("David Chen"))
        assert sent.status_code == 302
        return sent

    def begin(self) -> tuple[dict[str, list[str]], str]:
        """Begin an installation: with what one is sent to Slack, and with which cookie."""
        sent = self.sent()
        return parse_qs(urlsplit(sent.headers["location"]).query), sent.headers["set-cookie"].partition(";")[0]

    def install(self, workspace: Workspace) -> httpx.Response:
        asked, cookie = self.begin()
        return self.come_back(workspace, asked["state"][0], cookie)

    def come_back(self, workspace: Workspace, state: str, cookie: str) -> httpx.Response:
        code = f"code-{self.world.number()}"
        self.world.codes[code] = workspace.id
        token = self.do(self.app.sign_in.open_session(self.person("David Chen").id))
        cookies = f"{self.app.sign_in.cookie}={token}; {cookie}"
        return self._request("GET", f"/slack/oauth_redirect?code={code}&state={state}", headers={"Cookie": cookies})

    def rows(self) -> list[SlackWorkspace]:
        with self.app.database.session() as session:
            return list(session.exec(select(SlackWorkspace)))


@pytest.fixture
def shared(database: Database, world: World) -> Iterator[Shared]:
    world.limited = False
    made = Shared(database, world)
    yield made
    made.close()


def test_an_administrator_installs_the_app_and_its_people_are_known(shared: Shared) -> None:
    ada = shared.hire("Ada Tremblay")

    done = shared.install(shared.workspace)

    assert done.status_code == 200
    assert "The app is installed" in done.text
    shared.driver.command(ada, "/request", "it Laptop")
    shared.driver.submit(ada, What_kind="A question", How_much="No hurry")
    assert "IT-1" in "\n".join(shared.world.reads(ada["id"]))


def test_slack_is_asked_for_exactly_the_scopes_of_the_manifest(shared: Shared) -> None:
    asked, _cookie = shared.begin()

    assert set(asked["scope"][0].split(",")) == set(SCOPES)
    assert shared.sent().headers["location"].startswith(f"{shared.world.api.removesuffix('api/')}oauth/v2/authorize?")
    assert asked["redirect_uri"] == [f"{BASE}/slack/oauth_redirect"]


def test_tokens_are_kept_encrypted(shared: Shared) -> None:
    shared.install(shared.workspace)

    (row,) = shared.rows()
    assert shared.workspace.token not in str(row.model_dump())
    assert row.bot_token
    assert row.refresh_token


@pytest.mark.parametrize("who", ["", "Eve Other"])
def test_nobody_else_installs_it(shared: Shared, who: str) -> None:
    shared.hire("Eve Other", "hr", in_slack=False)
    person = shared.person(who) if who else None

    for path in ("/slack/install", "/slack/oauth_redirect?code=x&state=y"):
        answer = shared.request("GET", path, person)
        assert answer.status_code == (403 if who else 303)
    assert shared.rows() == []


def test_a_state_is_good_once_and_in_the_browser_that_began(shared: Shared) -> None:
    asked, cookie = shared.begin()
    state = asked["state"][0]

    assert shared.come_back(shared.workspace, state, "slack-app-oauth-state=other").status_code == 400
    assert shared.come_back(shared.workspace, "made-up", "slack-app-oauth-state=made-up").status_code == 401
    assert shared.come_back(shared.workspace, state, cookie).status_code == 200
    assert shared.come_back(shared.workspace, state, cookie).status_code == 401


def test_a_state_that_is_too_old_is_refused(shared: Shared) -> None:
    asked, cookie = shared.begin()
    shared.clock.at += timedelta(minutes=11)

    assert shared.come_back(shared.workspace, asked["state"][0], cookie).status_code == 401
    with shared.app.database.session() as session:
        assert session.exec(select(SlackState)).all() == []


def test_who_says_no_in_slack_changes_nothing(shared: Shared) -> None:
    answer = shared.request("GET", "/slack/oauth_redirect?error=access_denied", shared.person("David Chen"))

    assert "Nothing was changed (access_denied)" in answer.text
    assert shared.rows() == []


def test_eight_turns_at_once_renew_a_token_once(shared: Shared) -> None:
    shared.install(shared.workspace)
    grow_old(shared)
    shared.slack.workspaces._known.clear()

    async def together() -> set[str]:
        found = await asyncio.gather(*(shared.slack.workspaces.find(shared.workspace.id) for _ in range(8)))
        return {one.tenant for one in found if one}

    assert shared.do(together()) == {shared.workspace.id}
    renewals = [asked for asked in shared.world.called("oauth.v2.access") if asked.get("grant_type") == "refresh_token"]
    assert len(renewals) == 1
    shared.slack.workspaces._known.clear()
    found = shared.do(shared.slack.workspaces.find(shared.workspace.id))
    assert found is not None
    assert found.token == shared.workspace.token


def test_two_processes_renew_a_token_once(shared: Shared, world: World) -> None:
    shared.install(shared.workspace)
    grow_old(shared)
    shared.slack.workspaces._known.clear()
    other = Database(shared.app.database.url)
    beside = Shared(other, world, beside=shared)

    def find(process: Shared) -> str:
        found = process.do(process.slack.workspaces.find(shared.workspace.id))
        return found.tenant if found else ""

    with ThreadPoolExecutor(2) as processes:
        assert list(processes.map(find, (shared, beside))) == [shared.workspace.id] * 2
    renewals = [asked for asked in world.called("oauth.v2.access") if asked.get("grant_type") == "refresh_token"]
    assert len(renewals) == 1
    beside.close()
    other.close()


def test_a_renewal_that_fails_is_tried_again(shared: Shared) -> None:
    shared.install(shared.workspace)
    grow_old(shared)
    shared.world.fail("oauth.v2.access", "500")
    for _ in range(2):
        shared.slack.workspaces._known.clear()
        shared.do(shared.slack.workspaces.find(shared.workspace.id))
        shared.clock.at += timedelta(minutes=1)

    shared.slack.workspaces._known.clear()
    found = shared.do(shared.slack.workspaces.find(shared.workspace.id))
    assert found is not None
    assert found.token == shared.workspace.token
    assert found.token.startswith("xoxe")


def test_an_uninstalled_workspace_is_forgotten_and_the_administrators_hear_of_it(shared: Shared) -> None:
    shared.install(shared.workspace)

    shared.driver.event({"type": "app_uninstalled"})

    (row,) = shared.rows()
    assert (row.bot_token, row.refresh_token, row.broken) == ("", "", "app_uninstalled")
    assert "Slack has locked me out" in shared.on_the_web(shared.person("David Chen"), "/chat")


def test_a_token_of_a_persons_own_that_is_revoked_is_none_of_ours(shared: Shared) -> None:
    shared.install(shared.workspace)

    shared.driver.event({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}})

    assert shared.rows()[0].broken == ""


def test_it_is_installed_again_after_it_was_removed(shared: Shared) -> None:
    shared.install(shared.workspace)
    shared.driver.event({"type": "app_uninstalled"})

    shared.install(shared.workspace)

    assert shared.rows()[0].broken == ""
    assert shared.rows()[0].bot_token


def test_two_workspaces_keep_apart(shared: Shared) -> None:
    ada = shared.hire("Ada Tremblay")
    other = shared.world.add_workspace("County")
    shared.install(shared.workspace)
    shared.install(other)
    twin = shared.world.add_user(other, "Ada Twin", "ada.tremblay@city.example")
    driver = Driver(shared.world, other, shared._send, SECRET)

    driver.command(twin, "/pulse")
    shared.driver.command(ada, "/pulse")

    # Whose account is known in one workspace is not given away to a namesake in another.
    assert "I do not know this account yet" in "".join(shared.world.whispered(twin["id"]))
    assert "I do not know this account yet" not in "".join(shared.world.whispered(ada["id"]))


def test_messages_are_linked_where_the_app_was_installed(shared: Shared) -> None:
    ada = shared.hire("Ada Tremblay")
    shared.install(shared.workspace)
    general = shared.world.add_channel(shared.workspace, "general", is_member=True)
    message = shared.driver.say(ada, "The printer smokes", channel=general)

    shared.driver.message_shortcut(ada, "quote", general, message)
    shared.driver.press_in_modal(ada, "IT Service Desk")
    shared.driver.submit(ada, What_kind="A question", How_much="No hurry")

    link = f"https://city.slack.com/archives/{general}/p{message['ts'].replace('.', '')}"
    assert link in str(shared.world.messages(ada["id"])[-1]["blocks"])


def test_an_organisation_installs_it_for_all_of_its_workspaces_at_once(shared: Shared) -> None:
    world, county = shared.world, shared.world.add_workspace("County")
    ada = shared.hire("Ada Tremblay")
    bob = world.add_user(county, "Bob Lee", "bob.lee@city.example")
    shared.hire("Bob Lee", "agent:it", in_slack=False)
    organisation = world.add_organisation(shared.workspace, county)
    channel = world.add_channel(county, "it")

    assert shared.install(organisation).status_code == 200
    assert [(row.tenant, row.is_enterprise) for row in shared.rows()] == [(organisation.id, True)]
    shared.driver.organisation = organisation
    in_county = Driver(world, county, shared._send, SECRET, organisation=organisation)

    # Ada asks in one workspace, and Bob works on it in the other.
    shared.driver.command(ada, "/request", "it Laptop will not start")
    shared.driver.submit(ada, What_kind="A question", How_much="No hurry")
    in_county.press(bob, "Take it", channel=channel)
    root = world.messages(channel)[-1]["ts"]
    in_county.say(bob, "Try another battery.", channel=channel, thread=root)

    mine = world.messages(ada["id"])[-1]
    assert "Agent: Bob Lee" in "\n".join(world.reads(ada["id"]))
    assert "Try another battery." in "\n".join(world.reads(ada["id"], mine["ts"]))
    in_county.open_home(bob)
    assert "IT Service Desk: one request waits" in world.home(bob["id"])
    in_county.event({"type": "app_uninstalled"})
    assert shared.rows()[0].bot_token == ""


def test_a_workspace_that_nobody_installed_is_answered_and_not_served(shared: Shared) -> None:
    ada = shared.hire("Ada Tremblay")

    shared.driver.command(ada, "/help")

    with shared.app.database.session() as session:
        assert _turns(session) == 0


@pytest.mark.parametrize("value", ["", "9.9"])
def test_what_the_library_finds_in_the_environment_changes_nothing(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str
) -> None:
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    world.limited = False
    city = City(database, world)
    ada = city.hire("Ada Tremblay")
    city.compare()

    city.driver.command(ada, "/pulse")

    assert "no survey" in "".join(world.whispered(ada["id"])).lower()
    assert not [path for path in tmp_path.rglob("*") if "bolt" in path.name or "slack" in path.name]
    city.close()


def grow_old(shared: Shared) -> None:
    """Let so much time pass that the token, which ends twelve hours after it was given, is about to."""
    shared.clock.at = datetime.now(UTC) + timedelta(hours=11)


def _turns(session: Session) -> int:
    from workbot.processed_turns import ProcessedTurn

    return len(session.exec(select(ProcessedTurn)).all())


def test_the_first_workspace_is_home_and_an_address_in_another_links_nobody(shared: Shared) -> None:
    second = shared.world.add_workspace("Second")
    shared.hire("Ada Tremblay", in_slack=False)
    ada = shared.world.add_user(second, "Ada", "ada.tremblay@city.example")
    for workspace in (shared.workspace, second):
        shared.install(workspace)

    elsewhere = Driver(shared.world, second, shared._send, SECRET)
    elsewhere.command(ada, "/workbot", "requests")

    assert [row.tenant for row in shared.rows() if row.is_home] == [shared.workspace.id]
    assert "We have not met" in shared.world.whispered(ada["id"])[-1]
    shared.install(second)
    assert [row.tenant for row in shared.rows() if row.is_home] == [shared.workspace.id]


def test_an_address_elsewhere_is_its_persons_once_they_say_so(shared: Shared) -> None:
    second = shared.world.add_workspace("Second")
    shared.hire("Ada Tremblay", in_slack=False)
    ada = shared.world.add_user(second, "Ada T", "ada.tremblay@city.example")
    shared.slack_settings.mail_domains = {second.id.lower(): frozenset({"city.example"})}
    for workspace in (shared.workspace, second):
        shared.install(workspace)
    elsewhere = Driver(shared.world, second, shared._send, SECRET)

    elsewhere.command(ada, "/workbot", "requests")
    assert "Is that you?" in shared.world.whispered(ada["id"])[-1]
    person = shared.person("Ada Tremblay")
    assert "Ada T" in shared.on_the_web(person, "/chat")
    with shared.app.database.session() as session:
        claim = session.exec(select(AccountClaim)).one()
    sender = Sender("web", str(person.id))
    shared.do(shared.app.receive(Press(sender=sender, id="1", action="profile.claim_confirm", value=str(claim.id))))

    elsewhere.command(ada, "/workbot", "requests")
    assert "Is that you?" not in shared.world.whispered(ada["id"])[-1]
    shared.do(shared.slack.directory.compare(found(shared, second)))
    elsewhere.command(ada, "/workbot", "requests")
    assert "Is that you?" not in shared.world.whispered(ada["id"])[-1]


def found(shared: Shared, workspace: Workspace) -> Any:
    return shared.do(shared.slack.workspaces.find(workspace.id))
