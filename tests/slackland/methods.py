"""The methods of Slack's Web API that our app calls, with the rules that Slack keeps."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

from tests.slackland.blocks import message_problems, problems, view_problems
from tests.slackland.world import TIERS, TRIGGER_SECONDS, Refused, Thing, Workspace, World

Method = Callable[[World, Workspace, Thing], Thing]
# Method, its tier (calls a minute; 0 has rules of its own), and the scope that its token needs.
TABLE: dict[str, tuple[Method, int, str]] = {}


def method(name: str, tier: int, scope: str = "") -> Callable[[Method], Method]:
    def register(function: Method) -> Method:
        TABLE[name] = (function, tier, scope)
        return function

    return register


def call(world: World, name: str, workspace: Workspace | None, asked: Thing) -> Thing:
    """One call; raises Refused."""
    if name not in TABLE:
        raise Refused("unknown_method")
    function, tier, scope = TABLE[name]
    if workspace is None:
        raise Refused("invalid_auth")
    if workspace.revoked:
        raise Refused(workspace.revoked)
    if scope and not set(scope.split("|")) & workspace.scopes:
        raise Refused("missing_scope", needed=scope, provided=",".join(sorted(workspace.scopes)))
    if world.limited and tier and not world.pace((workspace.id, name), TIERS[tier], 60):
        raise Refused("ratelimited")
    return function(world, workspace, asked)


@method("api.test", 4)
def _api_test(world: World, workspace: Workspace, asked: Thing) -> Thing:
    return {}


@method("auth.test", 4)
def _auth_test(world: World, workspace: Workspace, asked: Thing) -> Thing:
    return {
        "url": f"https://{workspace.name.lower()}.slack.com/",
        "team": workspace.name,
        "user": "workbot",
        "team_id": workspace.id,
        "user_id": workspace.bot_user,
        "bot_id": f"B{workspace.id[1:]}",
        "is_enterprise_install": workspace.is_organisation,
    } | ({"enterprise_id": workspace.enterprise} if workspace.enterprise else {})


@method("auth.teams.list", 2)
def _teams_list(world: World, workspace: Workspace, asked: Thing) -> Thing:
    teams = [world.workspaces[team] for team in workspace.teams or (workspace.id,)]
    return _paged("teams", [{"id": team.id, "name": team.name} for team in teams], asked)


@method("users.info", 4, "users:read")
def _users_info(world: World, workspace: Workspace, asked: Thing) -> Thing:
    return {"user": _user(world, workspace, asked["user"])}


@method("users.list", 2, "users:read")
def _users_list(world: World, workspace: Workspace, asked: Thing) -> Thing:
    team = _listed_team(workspace, asked)
    members = [_shown(user, workspace) for user in world.users.values() if user["team_id"] == team]
    return _paged("members", members, asked)


@method("conversations.list", 2, "channels:read")
def _conversations_list(world: World, workspace: Workspace, asked: Thing) -> Thing:
    team = _listed_team(workspace, asked)
    channels = [one for one in world.channels.values() if one["team"] == team and not one.get("is_im")]
    # What is private and none of ours is not there for us.
    seen = [one for one in channels if (one["is_member"] or not one["is_private"]) and not one["is_archived"]]
    return _paged("channels", seen, asked)


@method("conversations.info", 3, "channels:read")
def _conversations_info(world: World, workspace: Workspace, asked: Thing) -> Thing:
    channel = _channel(world, workspace, asked["channel"])
    if channel.get("is_private") and not channel["is_member"]:
        raise Refused("channel_not_found")
    return {"channel": channel}


@method("conversations.join", 3, "channels:join")
def _conversations_join(world: World, workspace: Workspace, asked: Thing) -> Thing:
    channel = _channel(world, workspace, asked["channel"])
    if channel.get("is_private"):
        raise Refused("method_not_supported_for_channel_type")
    channel["is_member"] = True
    return {"channel": channel}


@method("conversations.open", 3, "im:write")
def _conversations_open(world: World, workspace: Workspace, asked: Thing) -> Thing:
    user = _user(world, workspace, asked["users"])
    return {"channel": {"id": world.direct(workspace, str(user["id"]))}}


@method("conversations.history", 3, "channels:history|groups:history|im:history")
def _history(world: World, workspace: Workspace, asked: Thing) -> Thing:
    channel = _open_channel(world, workspace, asked["channel"])
    found = [post for post in world.posts[channel] if post.get("thread_ts", post["ts"]) == post["ts"]]
    return {"messages": _some(found, asked)}


@method("conversations.replies", 3, "channels:history|groups:history|im:history")
def _replies(world: World, workspace: Workspace, asked: Thing) -> Thing:
    channel, ts = _open_channel(world, workspace, asked["channel"]), str(asked["ts"])
    found = [post for post in world.posts[channel] if ts in (post["ts"], post.get("thread_ts"))]
    if not found:
        raise Refused("thread_not_found")
    return {"messages": _some(found, asked)}


@method("chat.postMessage", 0, "chat:write")
def _post(world: World, workspace: Workspace, asked: Thing) -> Thing:
    channel = _addressed(world, workspace, str(asked["channel"]))
    _check_message(world, asked)
    if world.limited:
        # One a second with short bursts, and some hundreds a minute in all.
        if not world.pace((workspace.id, "channel", channel), 5, 5):
            raise Refused("ratelimited")
        if not world.pace((workspace.id, "all"), 525, 60):
            raise Refused("ratelimited")
    kept = {key: asked[key] for key in ("text", "blocks", "metadata", "thread_ts") if asked.get(key)}
    posted = world.post(channel, kept | {"user": workspace.bot_user, "bot_id": f"B{workspace.id[1:]}"})
    return {"channel": channel, "ts": posted["ts"], "message": posted}


@method("chat.update", 3, "chat:write")
def _update(world: World, workspace: Workspace, asked: Thing) -> Thing:
    post = _own(world, workspace, asked)
    _check_message(world, asked)
    post |= {key: asked[key] for key in ("text", "blocks", "metadata") if asked.get(key)}
    return {"channel": asked["channel"], "ts": post["ts"], "text": post["text"]}


@method("chat.delete", 3, "chat:write")
def _delete(world: World, workspace: Workspace, asked: Thing) -> Thing:
    world.posts[str(asked["channel"])].remove(_own(world, workspace, asked))
    return {"channel": asked["channel"], "ts": asked["ts"]}


@method("chat.postEphemeral", 4, "chat:write")
def _whisper(world: World, workspace: Workspace, asked: Thing) -> Thing:
    channel = _addressed(world, workspace, str(asked["channel"]))
    _user(world, workspace, asked["user"])
    _check_message(world, asked)
    world.whispers.append(
        {key: asked.get(key) for key in ("text", "blocks", "user", "thread_ts")} | {"channel": channel}
    )
    return {"message_ts": world.ts()}


@method("reactions.add", 3, "reactions:write")
def _react(world: World, workspace: Workspace, asked: Thing) -> Thing:
    on = _reactions(world, workspace, asked)
    if (asked["name"], workspace.bot_user) in on:
        raise Refused("already_reacted")
    on.append((str(asked["name"]), workspace.bot_user))
    return {}


@method("reactions.remove", 2, "reactions:write")
def _react_no_more(world: World, workspace: Workspace, asked: Thing) -> Thing:
    on = _reactions(world, workspace, asked)
    if (asked["name"], workspace.bot_user) not in on:
        raise Refused("no_reaction")
    on.remove((str(asked["name"]), workspace.bot_user))
    return {}


def _reactions(world: World, workspace: Workspace, asked: Thing) -> list[tuple[str, str]]:
    """What stands on a message, in a channel that we are in."""
    channel = _open_channel(world, workspace, asked["channel"])
    if asked["name"] not in ("eyes", "white_check_mark"):
        raise Refused("invalid_name")
    found = next((post for post in world.posts[channel] if post["ts"] == asked["timestamp"]), None)
    if found is None:
        raise Refused("message_not_found")
    return found.setdefault("signs", [])


@method("chat.unfurl", 3, "links:write")
def _unfurl(world: World, workspace: Workspace, asked: Thing) -> Thing:
    unfurls = asked["unfurls"]
    for url, shown in unfurls.items():
        if found := problems(shown["blocks"], "message"):
            world.complaints += found
            raise Refused("cannot_parse_attachment", response_metadata={"messages": [url, *found]})
    world.unfurls.append(asked)
    return {}


@method("views.open", 4)
def _views_open(world: World, workspace: Workspace, asked: Thing) -> Thing:
    user = _pull(world, asked)
    view = _view(world, asked["view"], user, "modal")
    world.stacks[user] = [view["id"]]
    return {"view": view}


@method("views.push", 4)
def _views_push(world: World, workspace: Workspace, asked: Thing) -> Thing:
    user = _pull(world, asked)
    if len(world.stacks[user]) >= 3:
        raise Refused("push_limit_reached")
    view = _view(world, asked["view"], user, "modal")
    world.stacks[user].append(view["id"])
    return {"view": view}


@method("views.update", 4)
def _views_update(world: World, workspace: Workspace, asked: Thing) -> Thing:
    known = world.views.get(str(asked.get("view_id")))
    if known is None or known["id"] not in world.stacks[known["user"]]:
        raise Refused("not_found")
    if asked.get("hash") and asked["hash"] != known["hash"]:
        raise Refused("hash_conflict")
    return {"view": replace_view(world, known, asked["view"])}


@method("views.publish", 4)
def _views_publish(world: World, workspace: Workspace, asked: Thing) -> Thing:
    user = _user(world, workspace, asked["user_id"])
    view = _view(world, asked["view"], str(user["id"]), "home")
    world.homes[str(user["id"])] = view
    return {"view": view}


@method("files.getUploadURLExternal", 4, "files:write")
def _upload_url(world: World, workspace: Workspace, asked: Thing) -> Thing:
    key = f"F{world.number():08d}"
    world.files[key] = {"id": key, "name": asked["filename"], "length": int(asked["length"]), "team": workspace.id}
    return {"file_id": key, "upload_url": f"{world.api.removesuffix('api/')}upload/{key}"}


@method("files.completeUploadExternal", 4, "files:write")
def _upload_done(world: World, workspace: Workspace, asked: Thing) -> Thing:
    done = []
    for one in asked["files"]:
        file = world.files.get(one["id"])
        if file is None or len(file.get("content", b"")) != file["length"]:
            raise Refused("file_not_found")
        file |= {
            "title": one.get("title"),
            "permalink": f"https://{workspace.name.lower()}.slack.com/files/{one['id']}",
        }
        done.append({key: file[key] for key in ("id", "title", "permalink")})
    return {"files": done}


@method("oauth.v2.access", 4)
def _access(world: World, workspace: Workspace, asked: Thing) -> Thing:
    raise AssertionError("whoever asks for a token has none: the server answers by `access`")


def access(world: World, asked: Thing) -> Thing:
    """A code or a refresh token for a token: each is good once."""
    if asked.get("grant_type") == "refresh_token":
        key = world.refresh.pop(str(asked.get("refresh_token")), None)
        if key is None:
            raise Refused("invalid_refresh_token")
        workspace = world.workspaces[key]
        workspace.token = f"xoxe.xoxb-{secrets.token_hex(12)}"
    else:
        key = world.codes.pop(str(asked.get("code")), None)
        if key is None:
            raise Refused("invalid_code")
        workspace = world.workspaces[key]
    refresh = f"xoxe-{secrets.token_hex(12)}"
    world.refresh[refresh] = workspace.id
    return {
        "access_token": workspace.token,
        "token_type": "bot",
        "scope": ",".join(sorted(workspace.scopes)),
        "bot_user_id": workspace.bot_user,
        "app_id": "A0001",
        "team": None if workspace.is_organisation else {"id": workspace.id, "name": workspace.name},
        "enterprise": {"id": workspace.enterprise, "name": "Org"} if workspace.enterprise else None,
        "is_enterprise_install": workspace.is_organisation,
        "authed_user": {"id": "U00000001"},
        "refresh_token": refresh,
        "expires_in": 43_200,
    }


def replace_view(world: World, known: Thing, view: Thing) -> Thing:
    _check_view(world, view, known["type"])
    kept = {key: known[key] for key in ("id", "user", "root_view_id", "team_id")}
    known.clear()
    known |= view | kept | {"hash": secrets.token_hex(6)}
    return known


def _view(world: World, view: Any, user: str, kind: str) -> Thing:
    view = json.loads(view) if isinstance(view, str) else view
    _check_view(world, view, kind)
    key = f"V{world.number():08d}"
    made: Thing = view | {"id": key, "user": user, "hash": secrets.token_hex(6), "root_view_id": key}
    made["team_id"] = world.users[user]["team_id"]
    world.views[key] = made
    return made


def _check_view(world: World, view: Thing, kind: str) -> None:
    found = view_problems(view)
    if view.get("type") != kind:
        found.append(f"type must be {kind}")
    if found:
        world.complaints += found
        raise Refused("invalid_arguments", response_metadata={"messages": found})


def _pull(world: World, asked: Thing) -> str:
    """Use up a trigger; whose it was."""
    trigger = world.triggers.get(str(asked.get("trigger_id")))
    if trigger is None:
        raise Refused("invalid_trigger_id")
    if trigger.is_used:
        raise Refused("exchanged_trigger")
    if world.monotonic() - trigger.at > TRIGGER_SECONDS:
        raise Refused("expired_trigger_id")
    trigger.is_used = True
    return trigger.user


def _check_message(world: World, asked: Thing) -> None:
    if found := message_problems(asked):
        world.complaints += found
        raise Refused("invalid_blocks", response_metadata={"messages": found})


def _own(world: World, workspace: Workspace, asked: Thing) -> Thing:
    for post in world.posts[str(asked["channel"])]:
        if post["ts"] == asked["ts"]:
            if post.get("user") != workspace.bot_user:
                raise Refused("cant_update_message")
            return post
    raise Refused("message_not_found")


def _addressed(world: World, workspace: Workspace, target: str) -> str:
    """The channel that a message goes to; a user stands for their conversation with us."""
    if target[0] in "UW":
        user = _user(world, workspace, target)
        if user["is_bot"]:
            raise Refused("cannot_dm_bot")
        if user["deleted"]:
            raise Refused("user_disabled")
        return world.direct(workspace, target)
    return _open_channel(world, workspace, target)


def _open_channel(world: World, workspace: Workspace, key: str) -> str:
    channel = _channel(world, workspace, key)
    if channel.get("is_archived"):
        raise Refused("is_archived")
    if not channel["is_member"]:
        raise Refused("channel_not_found" if channel.get("is_private") else "not_in_channel")
    return str(channel["id"])


def _channel(world: World, workspace: Workspace, key: str) -> Thing:
    channel = world.channels.get(str(key))
    if channel is None or not workspace.has(channel["team"]):
        raise Refused("channel_not_found")
    return channel


def _user(world: World, workspace: Workspace, key: Any) -> Thing:
    user = world.users.get(str(key))
    if user is None or not workspace.has(user["team_id"]):
        raise Refused("user_not_found")
    return _shown(user, workspace)


def _shown(user: Thing, workspace: Workspace) -> Thing:
    """A user as a token sees them: without an address, where it may not read those."""
    if "users:read.email" in workspace.scopes:
        return user
    return user | {"profile": {key: value for key, value in user["profile"].items() if key != "email"}}


def _listed_team(workspace: Workspace, asked: Thing) -> str:
    """The workspace whose list is asked for; with an organisation's token it has to be named."""
    team = str(asked.get("team_id") or ("" if workspace.is_organisation else workspace.id))
    if not team:
        raise Refused("missing_argument")
    if not workspace.has(team):
        raise Refused("team_access_not_granted")
    return team


def _paged(name: str, things: list[Thing], asked: Thing) -> Thing:
    start, limit = int(asked.get("cursor") or 0), int(asked.get("limit") or 100)
    following = str(start + limit) if start + limit < len(things) else ""
    return {name: things[start : start + limit], "response_metadata": {"next_cursor": following}}


def _some(posts: list[Thing], asked: Thing) -> list[Thing]:
    oldest, latest = float(asked.get("oldest") or 0), float(asked.get("latest") or "inf")
    found = [post for post in posts if oldest <= float(post["ts"]) <= latest]
    shown = (
        found if asked.get("include_all_metadata") else [{k: v for k, v in p.items() if k != "metadata"} for p in found]
    )
    return shown[: int(asked.get("limit") or 100)]
