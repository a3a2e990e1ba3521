"""Microsoft Graph: who is in a tenant and what has changed there, and installing our app for people.

https://learn.microsoft.com/graph/api/overview. Pages, deltas, refusals and lengths are those of its documentation.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from tests.teamsland.reading import Thing
from tests.teamsland.things import Person, Tenant
from tests.teamsland.world import Refused, World

Answer = tuple[int, Any]
Method = Callable[[World, "Wanted"], Answer]
# What comes when nothing is selected.
USUAL = (
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
)
MORE = (
    "accountEnabled",
    "city",
    "companyName",
    "country",
    "createdDateTime",
    "department",
    "employeeHireDate",
    "employeeId",
    "employeeLeaveDateTime",
    "employeeType",
    "manager",
    "postalCode",
    "state",
    "streetAddress",
    "usageLocation",
    "userType",
)
MOST_AT_ONCE = 999
PEOPLE = {"User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
INSTALLING = {"TeamsAppInstallation.ReadWriteSelfForUser.All", "TeamsAppInstallation.ReadWriteForUser.All"}
SEEING = {*INSTALLING, "TeamsAppInstallation.ReadForUser.All"}


class Wanted:
    """One call: the tenant of its token, what the app may do there, and what it asks."""

    def __init__(
        self, tenant: Tenant, roles: Sequence[str], path: Mapping[str, str], query: Mapping[str, str], body: Thing
    ):
        self.tenant, self.roles, self.path, self.query, self.body = tenant, set(roles), path, query, body


def call(world: World, operation: str, wanted: Wanted) -> Answer:
    """What an operation answers; raises Refused."""
    method, roles, is_of_teams = METHODS[operation]
    if not roles & wanted.roles:
        if is_of_teams:
            needed = ", ".join(sorted(roles))
            raise Refused(403, "Forbidden", f"Missing role permissions on the request. API requires one of '{needed}'.")
        raise Refused(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    return method(world, wanted)


def users(world: World, wanted: Wanted) -> Answer:
    """Everybody, page after page."""
    names = _selected(wanted)
    start = int(wanted.query.get("$skiptoken") or 0)
    size = min(MOST_AT_ONCE, int(wanted.query.get("$top") or world.page_size))
    people = [one for one in world.people.values() if one.tenant is wanted.tenant and not one.is_gone]
    people = [one for one in people if _fits(one, wanted.query.get("$filter", ""))]
    expand = wanted.query.get("$expand", "").startswith("manager")
    page: Thing = {
        "@odata.context": f"{world.graph}/$metadata#users({','.join(names)})",
        "value": [_user(world, one, names, expand=expand) for one in people[start : start + size]],
    }
    if start + size < len(people):
        kept = "&".join(f"{key}={quote(value, safe='')}" for key, value in wanted.query.items() if key != "$skiptoken")
        page["@odata.nextLink"] = f"{world.graph}/users?{kept}{'&' if kept else ''}$skiptoken={start + size}"
    return 200, page


def delta(world: World, wanted: Wanted) -> Answer:
    """Everybody at first; then, by the link that stood on the last page, who has changed or gone since."""
    key = wanted.query.get("$deltatoken") or wanted.query.get("$skiptoken")
    if key == "latest":
        return 200, _page(world, [], _token(world, wanted, _selected(wanted), since=len(world.changes)))
    if not key:
        return _changes(world, wanted, _round(world, {"names": _selected(wanted), "since": 0}))
    if key not in world.delta_tokens:
        raise Refused(400, "BadRequest", "Badly formed token.")
    known = world.delta_tokens[key]
    names: list[str] = known["names"]
    if known["is_expired"]:
        # To begin anew is a matter of following this: .../graph/delta-query-overview#synchronization-reset
        location = f"{world.graph}/users/delta?$deltatoken=&$select={','.join(names)}"
        raise Refused(410, "syncStateNotFound", "Start anew.", headers={"Location": location})
    return _changes(world, wanted, known if "until" in known else _round(world, known))


def user(world: World, wanted: Wanted) -> Answer:
    person, names = _person(world, wanted), _selected(wanted)
    shape = _user(world, person, names, expand=wanted.query.get("$expand", "").startswith("manager"))
    return 200, {"@odata.context": f"{world.graph}/$metadata#users({','.join(names)})/$entity"} | shape


def manager(world: World, wanted: Wanted) -> Answer:
    above = world.people.get(str(_person(world, wanted).more.get("manager")))
    if above is None:
        raise Refused(404, "Request_ResourceNotFound", "Resource 'manager' does not exist.")
    return 200, {"@odata.type": "#microsoft.graph.user"} | _user(world, above, _selected(wanted))


def install(world: World, wanted: Wanted) -> Answer:
    """Install an app for somebody: Teams then tells the bot, which is the driver's to do."""
    person = _person(world, wanted)
    asked = str(wanted.body.get("teamsApp@odata.bind", "")).rpartition("/")[2]
    if asked != world.app.catalog_id or not person.tenant.has_app:
        raise Refused(404, "NotFound", "App definition not found")
    if person.tenant.is_forbidden:
        raise Refused(403, "Forbidden", "App is blocked by app permission policy.")
    if person.has_app:
        raise Refused(409, "Conflict", "App already installed for the user")
    person.has_app = True
    world.events.append(("install", person))
    return 201, None


def installed(world: World, wanted: Wanted) -> Answer:
    """The apps of somebody: ours, or none."""
    person = _person(world, wanted)
    named = re.fullmatch(r"teamsApp/(externalId|id) eq '([^']*)'", wanted.query.get("$filter", ""))
    if wanted.query.get("$filter") and named is None:
        raise Refused(400, "BadRequest", "Invalid filter clause")
    known = {"externalId": world.app.manifest_id, "id": world.app.catalog_id}
    is_ours = person.has_app and (named is None or known[named[1]] == named[2])
    found = [_installation(world, person, wanted.query.get("$expand", ""))] if is_ours else []
    return 200, {"@odata.context": f"{world.graph}/$metadata#users", "@odata.count": len(found), "value": found}


def chat(world: World, wanted: Wanted) -> Answer:
    person = _person(world, wanted)
    if not person.has_app or wanted.path["installation"] != _installation_id(world, person):
        raise Refused(404, "NotFound", "The app is not installed for the user.")
    return 200, {"@odata.context": f"{world.graph}/$metadata#chats/$entity", "id": world.personal(person).chat}


def catalog(world: World, wanted: Wanted) -> Answer:
    named = re.fullmatch(r"(externalId|id) eq '([^']*)'", wanted.query.get("$filter", ""))
    if named is None:
        raise Refused(400, "BadRequest", "Invalid filter clause")
    known = {"externalId": world.app.manifest_id, "id": world.app.catalog_id}
    found = [_listed(world)] if wanted.tenant.has_app and known[named[1]] == named[2] else []
    return 200, {"@odata.context": f"{world.graph}/$metadata#appCatalogs/teamsApps", "value": found}


def channels(world: World, wanted: Wanted) -> Answer:
    found = next((one for one in world.teams.values() if one.group == wanted.path["team"]), None)
    if found is None or found.tenant is not wanted.tenant:
        raise Refused(404, "NotFound", "No team found with Group Id " + wanted.path["team"])
    listed = [
        {"id": one.id, "displayName": one.name, "description": None, "membershipType": "standard"}
        for one in found.channels
        if not one.is_gone
    ]
    return 200, {"@odata.context": f"{world.graph}/$metadata#teams/channels", "value": listed}


def organization(world: World, wanted: Wanted) -> Answer:
    shape = {"id": wanted.tenant.id, "displayName": wanted.tenant.name, "verifiedDomains": []}
    return 200, {"@odata.context": f"{world.graph}/$metadata#organization", "value": [shape]}


def _round(world: World, known: Thing) -> Thing:
    """What a round of pages goes through: all that has changed by now, from the first on."""
    return known | {"until": len(world.changes), "at": 0, "is_expired": False}


def _changes(world: World, wanted: Wanted, known: Thing) -> Answer:
    """A page of who changed between two moments, and the link to the next page or the next round."""
    names: list[str] = known["names"]
    everybody = world.changes[known["since"] : known["until"]]
    people = list(dict.fromkeys(one for one in everybody if one.tenant is wanted.tenant))
    if not known["since"]:
        # Whoever went before the first round is not spoken of.
        people = [one for one in people if not one.is_gone]
    rows = people[known["at"] : known["at"] + world.page_size]
    if known["at"] + world.page_size < len(people):
        following = known | {"at": known["at"] + world.page_size}
        link = {"@odata.nextLink": f"{world.graph}/users/delta?$skiptoken={_kept(world, following)}"}
    else:
        link = _token(world, wanted, names, since=known["until"])
    return 200, _page(world, [_changed(world, one, names) for one in rows], link)


def _page(world: World, rows: list[Thing], link: Thing) -> Thing:
    return {"@odata.context": f"{world.graph}/$metadata#users", **link, "value": rows}


def _token(world: World, wanted: Wanted, names: list[str], *, since: int) -> Thing:
    key = _kept(world, {"names": names, "since": since, "is_expired": False})
    return {"@odata.deltaLink": f"{world.graph}/users/delta?$deltatoken={key}"}


def _kept(world: World, known: Thing) -> str:
    key = secrets.token_urlsafe(48)
    world.delta_tokens[key] = known
    return key


def _changed(world: World, person: Person, names: list[str]) -> Thing:
    if person.is_gone:
        return {"id": person.id, "@removed": {"reason": "changed"}}
    # What was never set is left out of a delta, where a list says null.
    shape = {name: value for name, value in _user(world, person, names).items() if value not in (None, [])}
    if "manager" in names and "manager" in person.more:
        above = person.more["manager"]
        shape["manager@delta"] = [{"@odata.type": "#microsoft.graph.user", "id": above}] if above else []
    return shape


def _user(world: World, person: Person, names: list[str], *, expand: bool = False) -> Thing:
    given, _, family = person.name.partition(" ")
    known: Thing = {
        "accountEnabled": True,
        "businessPhones": [],
        "displayName": person.name,
        "givenName": given,
        "surname": family or None,
        "mail": person.mail or None,
        "preferredLanguage": person.locale,
        "userPrincipalName": person.upn,
        "userType": "Member",
    } | person.more
    shape = {name: known.get(name) for name in names if name not in ("id", "manager")}
    if expand and (above := world.people.get(str(person.more.get("manager")))):
        shape["manager"] = {"@odata.type": "#microsoft.graph.user"} | _user(world, above, list(USUAL))
    return shape | {"id": person.id}


def _selected(wanted: Wanted) -> list[str]:
    names = [name for name in wanted.query.get("$select", "").split(",") if name] or list(USUAL)
    for name in names:
        if name not in (*USUAL, *MORE):
            message = f"Could not find a property named '{name}' on type 'microsoft.graph.user'."
            raise Refused(400, "Request_BadRequest", message)
    return names


def _fits(person: Person, condition: str) -> bool:
    """The conditions that anybody here uses: equality, and being enabled."""
    if not condition:
        return True
    named = re.fullmatch(r"(mail|userPrincipalName|id) eq '([^']*)'", condition)
    if named:
        known = {"mail": person.mail, "userPrincipalName": person.upn, "id": person.id}
        return known[named[1]].lower() == named[2].lower()
    enabled = re.fullmatch(r"(accountEnabled|userType) eq '?(\w+)'?", condition)
    if enabled is None:
        raise Refused(400, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause")
    usual = {"accountEnabled": True, "userType": "Member"}
    return str(person.more.get(enabled[1], usual[enabled[1]])).lower() == enabled[2].lower()


def _person(world: World, wanted: Wanted) -> Person:
    key = wanted.path["user"]
    person = world.find_person(key)
    if person is None or key.startswith("29:") or person.tenant is not wanted.tenant or person.is_gone:
        message = f"Resource '{key}' does not exist or one of its queried reference-property objects are not present."
        raise Refused(404, "Request_ResourceNotFound", message)
    return person


def _installation(world: World, person: Person, expand: str) -> Thing:
    shape: Thing = {"id": _installation_id(world, person)}
    if "teamsApp" in expand.split(","):
        shape["teamsApp"] = _listed(world)
    if "teamsAppDefinition" in expand:
        shape["teamsAppDefinition"] = {"teamsAppId": world.app.catalog_id, "displayName": world.app.name}
    return shape


def _installation_id(world: World, person: Person) -> str:
    return base64.b64encode(f"{person.id}##{world.app.catalog_id}".encode()).decode()


def _listed(world: World) -> Thing:
    return {
        "id": world.app.catalog_id,
        "externalId": world.app.manifest_id,
        "displayName": world.app.name,
        "distributionMethod": "organization",
    }


# What is done, what the app must be allowed for it (any of these), and whether Teams' part of Graph refuses.
METHODS: dict[str, tuple[Method, set[str], bool]] = {
    "users": (users, PEOPLE, False),
    "delta": (delta, PEOPLE, False),
    "user": (user, PEOPLE, False),
    "manager": (manager, PEOPLE, False),
    "install": (install, INSTALLING, True),
    "installed": (installed, SEEING, True),
    "chat": (chat, SEEING, True),
    "catalog": (catalog, {"AppCatalog.Read.All", "AppCatalog.ReadWrite.All"}, True),
    "graph-channels": (channels, {"Channel.ReadBasic.All", "ChannelSettings.Read.All"}, True),
    "organization": (organization, {"Organization.Read.All", *PEOPLE}, False),
}
