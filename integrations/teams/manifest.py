"""The app package: all that Teams has to know of us, in both languages, with exactly what is in use.

The format is https://learn.microsoft.com/microsoft-365/extensibility/schema.
"""

from __future__ import annotations

import importlib.metadata
import json
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from integrations.teams.names import QUOTE, SEARCH, TAB
from integrations.teams.settings import TeamsSettings
from workbot.errors import WorkbotError
from workbot.i18n import N_, Language, language
from workbot.platforms import Word

VERSION = "1.30"
SCHEMA = f"https://developer.microsoft.com/json-schemas/teams/v{VERSION}"
ICONS = Path(__file__).parent / "icons"
ACCENT = "#1F4F8F"
# What Teams offers to be said, a list for each scope as its schema wants it: where others read along also as slash
# commands, which only the bot hears and answers.
WORDS = ("request", "requests", "onboarding", "pulse", "settings", "help")
TRIGGERS = {"personal": ("mention",), "team": ("mention", "slash"), "groupChat": ("mention", "slash")}
# With the team's consent we hear replies in a desk's thread that do not mention us.
HEARD = "ChannelMessage.Read.Group"
LONGEST_DESCRIPTION = 128
# The dates of everything in the package, so that the same app is the same file.
DATE = (2026, 1, 1, 0, 0, 0)


def manifest(url: str, words: Mapping[str, Word]) -> bytes:
    """The app package (zip) of an app that is served at `url`; raises WorkbotError without TEAMS_CLIENT_ID."""
    settings = TeamsSettings()
    if not settings.client_id:
        raise WorkbotError("The app package needs TEAMS_CLIENT_ID, the application id of the bot.")
    return packed(url, settings.client_id, words)


def packed(url: str, client_id: str, words: Mapping[str, Word]) -> bytes:
    whole = described(url, client_id, words, language("en"))
    french = described(url, client_id, words, language("fr"))
    files: dict[str, str | bytes] = {
        "manifest.json": _json(whole),
        "fr.json": _json(_translated(whole, french)),
        "color.png": (ICONS / "color.png").read_bytes(),
        "outline.png": (ICONS / "outline.png").read_bytes(),
    }
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            package.writestr(zipfile.ZipInfo(name, DATE), data)
    return content.getvalue()


def described(url: str, client_id: str, words: Mapping[str, Word], lang: Language) -> dict[str, Any]:
    """The manifest, with what people read in one language."""
    host = urlsplit(url).netloc
    return {
        "$schema": f"{SCHEMA}/MicrosoftTeams.schema.json",
        "manifestVersion": VERSION,
        "version": importlib.metadata.version("workbot"),
        "id": client_id,
        "developer": {"name": "workbot", "websiteUrl": url, "privacyUrl": url, "termsOfUseUrl": url},
        "name": {"short": "workbot", "full": lang("workbot: requests, onboarding and pulse surveys")},
        "description": {
            "short": lang("Requests, onboarding and pulse surveys, where you already are."),
            "full": lang(LONG),
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": ACCENT,
        "localizationInfo": {
            "defaultLanguageTag": "en",
            "additionalLanguages": [{"languageTag": "fr", "file": "fr.json"}],
        },
        "bots": [
            {
                "botId": client_id,
                "scopes": list(TRIGGERS),
                "supportsFiles": False,
                "supportsTargetedMessages": True,
                "commandLists": [_commands(scope, words, lang) for scope in TRIGGERS],
            }
        ],
        # The schema calls it optional; upload refuses a team's app without it, and with `supportedChannelTypes`. It
        # says that we take each channel for a place of its own, whoever is in the team: private and shared ones too.
        "supportsChannelFeatures": "tier1",
        "composeExtensions": [_extension(client_id, host, lang)],
        "staticTabs": [
            {"entityId": "conversations", "scopes": ["personal"]},
            {
                "entityId": "home",
                "name": lang("My page"),
                # Teams puts the reader's language there.
                "contentUrl": f"{url}{TAB}?locale={{locale}}",
                "websiteUrl": f"{url}/chat/mine",
                "scopes": ["personal"],
            },
            {"entityId": "about", "scopes": ["personal"]},
        ],
        "defaultInstallScope": "personal",
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [host],
        "webApplicationInfo": {"id": client_id, "resource": audience(url, client_id)},
        "authorization": {"permissions": {"resourceSpecific": [{"name": HEARD, "type": "Application"}]}},
    }


def audience(url: str, client_id: str) -> str:
    """What the tab's tokens are for: the app registration's application id URI."""
    return f"api://{urlsplit(url).netloc}/{client_id}"


LONG = N_(
    "One bot for the whole organisation. Ask a desk for something and follow what becomes of it; see your first weeks "
    "and tick off what is done; answer short surveys that say openly who sees what. The same requests, journeys "
    "and surveys are open to colleagues on Slack and on the web, so that nobody is left out. In English and in French."
)


def _commands(scope: str, words: Mapping[str, Word], lang: Language) -> dict[str, Any]:
    commands = [_command(words[name], lang) for name in WORDS]
    return {"scopes": [scope], "triggers": list(TRIGGERS[scope]), "commands": commands}


def _command(word: Word, lang: Language) -> dict[str, str]:
    """A word as it is typed in a language, and what it does."""
    typed = lang(word.usage).partition(" ")[0]
    return {"title": typed, "description": lang(word.about)[:LONGEST_DESCRIPTION]}


def _extension(client_id: str, host: str, lang: Language) -> dict[str, Any]:
    return {
        "botId": client_id,
        "commands": [
            {
                "id": QUOTE,
                "type": "action",
                "context": ["message"],
                "title": lang("Make this a request"),
                "description": lang("Give this message to a desk"),
                "fetchTask": True,
            },
            {
                "id": SEARCH,
                "type": "query",
                "context": ["compose", "commandBox"],
                "title": lang("My requests"),
                "description": lang("Show a request of yours to those you write to"),
                "initialRun": True,
                "parameters": [{"name": "query", "title": lang("Number or words"), "inputType": "text"}],
            },
        ],
        "messageHandlers": [{"type": "link", "value": {"domains": [host], "supportsAnonymizedPayloads": False}}],
    }


def _translated(whole: Mapping[str, Any], french: Mapping[str, Any]) -> dict[str, Any]:
    """The file of a language. A name must be in it, also where it is the same."""
    schema = {"$schema": f"{SCHEMA}/MicrosoftTeams.Localization.schema.json"}
    return schema | {"name.short": french["name"]["short"]} | _differences(whole, french)


def _differences(whole: object, translated: object, path: str = "") -> dict[str, str]:
    """Where two manifests differ, by the JSON path that Teams knows each place by."""
    if isinstance(whole, dict) and isinstance(translated, dict):
        return _joined(
            _differences(one, translated[name], f"{path}.{name}" if path else name) for name, one in whole.items()
        )
    if isinstance(whole, list) and isinstance(translated, list):
        pairs = enumerate(zip(whole, translated, strict=True))
        return _joined(_differences(one, other, f"{path}[{number}]") for number, (one, other) in pairs)
    return {path: str(translated)} if whole != translated else {}


def _joined(parts: Any) -> dict[str, str]:
    return {name: value for part in parts for name, value in part.items()}


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
