"""What every installed platform brings, told without starting it.

A package names its plugin under the entry point group `workbot.platforms`:

    [project.entry-points."workbot.platforms"]
    slack = "integrations.slack.plugin:PLUGIN"

Commands read plugins that never speak to a platform: what is slow to import waits until `build` is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbot.i18n import Language
    from workbot.platforms import Builder, Manifest

GROUP = "workbot.platforms"


@dataclass(frozen=True, slots=True)
class AccountColumn:
    """The column of the people file that says who somebody is on a platform.

    `spelled` gives a user's id its one spelling; it raises ValueError that says what would be right.
    """

    name: str
    spelled: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Plugin:
    """A platform as it is installed; `build` makes it where its settings are there, and returns None where not."""

    name: str
    # What people call it.
    label: str
    build: Builder
    account_column: AccountColumn | None = None
    # Why it did not take a message, in plain words, by how the reason of its DeliveryError begins.
    reasons: Mapping[str, str] = field(default_factory=dict)
    # What is missed while it is not set up, where that is more than the platform itself.
    missed: str = ""
    # Whether it is `Embeddable`: people are signed in in windows of its own too.
    embeds_pages: bool = False
    # Describes our app to the platform before it lets us in.
    manifest: Manifest | None = None
    # The modules of its tables, and the migrations that make them, where those are not among ours.
    models: tuple[str, ...] = ()
    migrations: Path | None = None
    # Its words in other languages: `fr/*.po`.
    locales: Path | None = None


@cache
def installed() -> Mapping[str, Plugin]:
    """The plugins of every platform installed, by name and in its order."""
    plugins: list[Plugin] = [entry.load() for entry in entry_points(group=GROUP)]
    return {plugin.name: plugin for plugin in sorted(plugins, key=lambda plugin: plugin.name)}


def account_columns() -> dict[str, AccountColumn]:
    """The columns of the people file that name accounts, by platform."""
    return {name: plugin.account_column for name, plugin in installed().items() if plugin.account_column}


def label(platform: str, lang: Language) -> str:
    """A platform as people call it; one that is not installed by its name."""
    plugin = installed().get(platform)
    return lang(plugin.label) if plugin else platform.title()
