"""What Microsoft refuses of a package when it is uploaded, although its schema takes it: as far as that is published.

No tool of Microsoft's says it without an account: `@microsoft/app-manifest`, which its toolkit checks a manifest with,
knows the schema alone, and the toolkit's validation rules are asked of a service. The rules here are those of
- https://learn.microsoft.com/microsoftteams/platform/build-apps-for-shared-private-channels (channels, from 1.25),
  which Developer Portal and admin centre refuse in the words "Applications with manifest version 1.25 or higher that
  support the 'team' scope must include the 'supportsChannelFeatures' property.",
- https://learn.microsoft.com/microsoftteams/platform/agents-in-teams/agent-slash-commands and /targeted-messages,
- https://learn.microsoft.com/microsoft-365/extensibility/schema (root-name, root-description, root-developer,
  root-bots-command-lists, root-web-application-info, root-localization-info, valid-domains),
- https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package (files and icons).
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

Thing = dict[str, Any]
Package = Mapping[str, bytes]
# Since when the schema knows slash commands, and since when a team's channels are a matter of their own.
SLASH, CHANNELS = (1, 29), (1, 25)
ICONS = {"color": 192, "outline": 32}


def refusals(package: Package) -> list[str]:
    """Why a package would not be taken."""
    manifest = json.loads(package["manifest.json"])
    checks = (_channels, _commands, _texts, _addresses, _identities)
    found = [problem for check in checks for problem in check(manifest)]
    return [*found, *_files(package, manifest), *_icons(package, manifest)]


def _version(manifest: Thing) -> tuple[int, ...]:
    return tuple(int(part) for part in manifest["manifestVersion"].split("."))


def _scopes(manifest: Thing) -> set[str]:
    placed = [*manifest.get("bots", []), *manifest.get("configurableTabs", []), *manifest.get("composeExtensions", [])]
    return {scope for one in placed for scope in one.get("scopes", [])}


def _channels(manifest: Thing) -> Iterator[str]:
    if _version(manifest) < CHANNELS:
        return
    if "team" in _scopes(manifest) and manifest.get("supportsChannelFeatures") != "tier1":
        yield "team scope without supportsChannelFeatures: tier1"
    if "supportedChannelTypes" in manifest:
        yield "supportedChannelTypes is not taken any more"
    if any("supportsChannelFeatures" in bot for bot in manifest.get("bots", [])):
        yield "supportsChannelFeatures stands at the root"


def _commands(manifest: Thing) -> Iterator[str]:
    for bot in manifest.get("bots", []):
        seen: set[str] = set()
        if bot.get("supportsTargetedMessages") and _version(manifest) < SLASH:
            yield "targeted messages are of a later version"
        for listed in bot.get("commandLists", []):
            triggers, scopes = set(listed.get("triggers", ["mention"])), set(listed["scopes"])
            if "slash" in triggers and not bot.get("supportsTargetedMessages"):
                yield "slash commands without supportsTargetedMessages"
            if "slash" in triggers and not scopes <= {"team", "groupChat"}:
                yield "slash commands where nobody reads along"
            if not scopes <= set(bot["scopes"]):
                yield "commands where the bot is not"
            if scopes & seen:
                yield "two lists of commands for one scope"
            seen |= scopes
            titles = [command["title"].lower() for command in listed["commands"]]
            if len(set(titles)) < len(titles) or any(title.startswith("/") for title in titles):
                yield "a command twice, or with a slash of its own"


def _texts(manifest: Thing) -> Iterator[str]:
    for kind in ("name", "description"):
        texts = manifest[kind]
        if texts["short"] == texts.get("full"):
            yield f"{kind}.short is {kind}.full"
        if any(text != text.strip() or not text for text in texts.values()):
            yield f"{kind} begins or ends with nothing"
    if not re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"]):
        yield "the version is not of three numbers"
    if "packageName" in manifest:
        yield "packageName is gone"


def _addresses(manifest: Thing) -> Iterator[str]:
    domains, developer = manifest.get("validDomains", []), manifest["developer"]
    if any("/" in domain or re.fullmatch(r"\*\.?\w*", domain) for domain in domains):
        yield "validDomains are hosts, and not all of them"
    shown = [tab["contentUrl"] for tab in manifest.get("staticTabs", []) if "contentUrl" in tab]
    for url in [*shown, *(developer[name] for name in ("websiteUrl", "privacyUrl", "termsOfUseUrl"))]:
        if urlsplit(url).scheme != "https":
            yield f"{url} is not https"
    if any(urlsplit(url).netloc not in domains for url in shown):
        yield "a tab is shown from a host that validDomains does not name"


def _identities(manifest: Thing) -> Iterator[str]:
    bots = {bot["botId"] for bot in manifest.get("bots", [])}
    if any(extension["botId"] not in bots for extension in manifest.get("composeExtensions", [])):
        yield "a message extension of another bot"
    about = manifest.get("webApplicationInfo", {})
    if manifest.get("authorization") and not (about.get("id") and about.get("resource")):
        yield "permissions without webApplicationInfo"
    if manifest.get("defaultInstallScope", "personal") not in _scopes(manifest) | {"personal"}:
        yield "installed by default where it is not"


def _files(package: Package, manifest: Thing) -> Iterator[str]:
    info = manifest.get("localizationInfo", {})
    named = {"manifest.json", *manifest["icons"].values()}
    named |= {language["file"] for language in info.get("additionalLanguages", [])}
    if any("/" in name for name in package):
        yield "files are not in folders"
    if set(package) != named:
        yield f"files that are missing, or that nothing names: {set(package) ^ named}"
    tags = [info.get("defaultLanguageTag"), *(one["languageTag"] for one in info.get("additionalLanguages", []))]
    if len(set(tags)) < len(tags):
        yield "a language twice"


def _icons(package: Package, manifest: Thing) -> Iterator[str]:
    for kind, side in ICONS.items():
        content = package.get(manifest["icons"][kind], b"")
        if not content.startswith(b"\x89PNG") or struct.unpack(">II", content[16:24]) != (side, side):
            yield f"the icon {kind} is not {side} by {side}"
        elif kind == "outline" and any(alpha and color != (255, 255, 255) for color, alpha in _pixels(content)):
            yield "the outline is not white on nothing"


def _pixels(png: bytes) -> Iterator[tuple[tuple[int, int, int], int]]:
    """Colour and alpha of each pixel of a picture of eight bits with alpha, as icons are."""
    width, _, depth, color = struct.unpack(">IIBB", png[16:26])
    assert (depth, color) == (8, 6), "an outline has an alpha channel"
    packed, at = b"", 8
    while at < len(png):
        size = struct.unpack(">I", png[at : at + 4])[0]
        packed += png[at + 8 : at + 8 + size] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += size + 12
    raw, line, stride = zlib.decompress(packed), bytes(width * 4), width * 4 + 1
    for start in range(0, len(raw), stride):
        line = _line(raw[start], raw[start + 1 : start + stride], line)
        for pixel in range(0, len(line), 4):
            yield (line[pixel], line[pixel + 1], line[pixel + 2]), line[pixel + 3]


def _line(kind: int, given: bytes, above: bytes) -> bytes:
    """A line of a picture, whose bytes PNG gives as differences to those around (https://www.w3.org/TR/png-3/#9Filters)."""
    line = bytearray(given)
    for at in range(len(line)):
        left, up, corner = (line[at - 4], above[at], above[at - 4]) if at >= 4 else (0, above[at], 0)
        near = min((left, up, corner), key=lambda one: abs(left + up - corner - one))
        line[at] = (line[at] + (0, left, up, (left + up) // 2, near)[kind]) % 256
    return bytes(line)
