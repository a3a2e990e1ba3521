"""The same job has the same file in each chat, and what chats share has it in `workbot/chat`."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What each chat does on its own ground.
CHATS = [
    "accounts",
    "alerts",
    "auth",
    "background_replies",
    "channels",
    "diagnostics",
    "directory",
    "errors",
    "events",
    "files",
    "forms",
    "inbound",
    "interactions",
    "logs",
    "manifest",
    "markup",
    "models",
    "names",
    "parsing",
    "platform",
    "plugin",
    "posting",
    "render",
    "replies",
    "reply_context",
    "settings",
    "tables",
    "texts",
]
# Of these, what the web has too, where people read pages of ours.
PAGES = [
    "auth",
    "files",
    "forms",
    "inbound",
    "interactions",
    "models",
    "names",
    "platform",
    "plugin",
    "render",
    "replies",
    "reply_context",
]
# What the chats have in common of a job stands under its name.
SHARED = ["accounts", "alerts", "diagnostics", "directory", "forms", "models", "replies"]
# What is there only because the one platform has it.
OWN = {
    "slack": [
        "charts",
        "client",
        "discretion",
        "emojis",
        "install",
        "installations",
        "kinds",
        "members",
        "mentions",
        "options",
        "own_page",
        "packing",
        "token_cipher",
        "workspaces",
    ],
    "teams": [
        "botbuilder",
        "clouds",
        "connector",
        "conversations",
        "credentials",
        "elements",
        "extension",
        "graph",
        "sdk",
        "tab",
        "tokens",
    ],
    "web": ["allowance", "conversations", "live", "own_page", "receiving"],
}


def files(folder: str) -> set[str]:
    return {file.stem for file in (ROOT / folder).glob("*.py")} - {"__init__"}


@pytest.mark.parametrize(("name", "jobs"), [("slack", CHATS), ("teams", CHATS), ("web", PAGES)])
def test_the_same_job_has_the_same_name(name: str, jobs: list[str]) -> None:
    assert files(f"integrations/{name}") == {*jobs, *OWN[name]}


def test_what_chats_share_of_a_job_bears_its_name() -> None:
    assert set(SHARED) < files("workbot/chat")
    assert set(SHARED) < set(CHATS)
