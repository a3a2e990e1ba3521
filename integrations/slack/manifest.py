"""The app's manifest: all that Slack has to know of us, with exactly the scopes and events in use.

The format is https://docs.slack.dev/reference/app-manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from integrations.slack.names import NEW_REQUEST, QUOTE
from workbot.platforms import Word

# What each scope is for; the test compares them with the methods that are called and the events that are taken.
SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "links:read",
    "links:write",
    "reactions:read",
    "reactions:write",
    "users:read",
    "users:read.email",
)
EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_deleted",
    "channel_id_changed",
    "channel_left",
    "channel_rename",
    "channel_shared",
    "channel_unarchive",
    "channel_unshared",
    "group_archive",
    "group_deleted",
    "group_left",
    "group_rename",
    "group_unarchive",
    "link_shared",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "reaction_added",
    "team_join",
    "tokens_revoked",
    "user_change",
)
COMMANDS = {"/workbot": "help", "/request": "request", "/onboarding": "onboarding", "/pulse": "pulse"}


def manifest(url: str, words: Mapping[str, Word], *, socket_mode: bool = False) -> dict[str, Any]:
    """The manifest of an app that is served at `url`, with help texts from the app's vocabulary."""
    events = f"{url}/slack/events"
    return {
        "display_information": {
            "name": "workbot",
            "description": "Requests, onboarding and pulse surveys, where you already are.",
            "long_description": LONG,
            "background_color": "#1f4f8f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "workbot", "always_online": True},
            "shortcuts": [
                {
                    "name": "New request",
                    "type": "global",
                    "callback_id": NEW_REQUEST,
                    "description": "Ask a desk for something",
                },
                {
                    "name": "Make this a request",
                    "type": "message",
                    "callback_id": QUOTE,
                    "description": "Give this message to a desk",
                },
            ],
            "slash_commands": [_command(name, words[word], events) for name, word in COMMANDS.items()],
            "unfurl_domains": [urlsplit(url).hostname or "localhost"],
        },
        "oauth_config": {"redirect_urls": [f"{url}/slack/oauth_redirect"], "scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"request_url": events, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, "request_url": events},
            "org_deploy_enabled": True,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


LONG = (
    "One bot for the whole organisation. Ask a desk for something and follow what becomes of it; see your first weeks "
    "and tick off what is done; answer short surveys whose results show no single answer. The same requests, journeys "
    "and surveys are open to colleagues on Teams and on the web, so that nobody is left out. In English and in French."
)


def _command(name: str, word: Word, url: str) -> dict[str, Any]:
    # Slack takes no empty hint.
    hint = word.usage.partition(" ")[2] or "(nothing more to type)"
    if name == "/workbot":
        hint = "help | requests | settings"
    return {
        "command": name,
        "url": url,
        "description": word.about,
        "usage_hint": hint,
        "should_escape": False,
    }
