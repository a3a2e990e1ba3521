"""An app with everything on that comes with the program, as a demo has it."""

from __future__ import annotations

from functools import partial

from workbot import features
from workbot.app import App


async def prepare(app: App) -> None:
    """What an app does at its start, and every template turned on."""
    await app.prepare()
    await app.database.run(partial(features.turn_on_all, settings=app.settings, now=app.clock.now()))
