"""What pigeons bring."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from workbot.i18n import N_
from workbot.plugins import AccountColumn, Plugin

if TYPE_CHECKING:
    from tests.pigeon.platform import Pigeons
    from workbot.platforms import Host

HERE = Path(__file__).parent


def build(host: Host) -> Pigeons | None:
    """The platform, where it is set up."""
    from tests.pigeon.platform import Pigeons
    from tests.pigeon.settings import PigeonSettings

    settings = PigeonSettings()
    return Pigeons(host, settings) if settings.secret.get_secret_value() else None


def ring(text: str) -> str:
    """A pigeon's ring in its one spelling: province, year and number."""
    if not re.fullmatch(r"[A-Z]{2}-\d{4}-\d+", text.upper()):
        raise ValueError(f"{text!r} is not a ring; write it as ON-2026-17")
    return text.upper()


PLUGIN = Plugin(
    "pigeon",
    N_("Carrier pigeon"),
    build,
    account_column=AccountColumn("pigeon_ring", ring),
    reasons={"hawks are about": N_("Hawks were about: the pigeon may be lost.")},
    missed=N_("Not set up, so the pigeons eat for nothing. Set PIGEON_SECRET."),
    models=("tests.pigeon.models",),
    migrations=HERE / "migrations",
    locales=HERE / "locales",
)
