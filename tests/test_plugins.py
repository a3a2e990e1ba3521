"""What platforms bring is read without starting them."""

from __future__ import annotations

import subprocess
import sys

from workbot import plugins
from workbot.i18n import language
from workbot.plugins import Plugin

# What takes long to import, and no plugin needs in order to say what it is.
SLOW = (
    "aiohttp",
    "botbuilder",
    "httpx",
    "microsoft_teams",
    "pydantic",
    "slack_bolt",
    "slack_sdk",
    "sqlmodel",
    "starlette",
)


def test_reading_plugins_imports_nothing_slow() -> None:
    code = f"import sys; from workbot import plugins; plugins.installed(); print({{*{SLOW}}} & {{*sys.modules}})"

    read = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert read.stdout.strip() == "set()"


def test_platforms_are_found_under_their_names() -> None:
    assert {"email", "slack", "teams", "web"} <= plugins.installed().keys()
    assert all(isinstance(plugin, Plugin) and plugin.name == name for name, plugin in plugins.installed().items())


def test_a_platform_is_called_what_its_plugin_says_or_by_its_name() -> None:
    assert plugins.label("email", language("fr")) == "Courriel"
    assert plugins.label("telegraph", language("fr")) == "Telegraph"
