"""What the web platform brings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbot.i18n import N_
from workbot.plugins import Plugin

if TYPE_CHECKING:
    from integrations.web.platform import WebPlatform
    from workbot.platforms import Host


def build(host: Host) -> WebPlatform:
    """It needs no settings of its own: it is always on."""
    from integrations.web.platform import WebPlatform

    return WebPlatform(host)


PLUGIN = Plugin(
    "web",
    "Web",
    build,
    reasons={"nobody has this address on the web": N_("Their account on the web pages is gone.")},
    models=("integrations.web.models",),
    locales=Path(__file__).parent / "locales",
)
