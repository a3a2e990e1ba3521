# ruff: noqa: F401
"""Every table there is: imported so that SQLModel knows them."""

from importlib import import_module

import workbot.chat.models
import workbot.definitions
import workbot.delivery.models
import workbot.dispatch
import workbot.events
import workbot.files
import workbot.jobs
import workbot.onboarding.models
import workbot.people.models
import workbot.pulse.models
import workbot.readiness
import workbot.requests.models
import workbot.tokens
import workbot.web.signin
from workbot import plugins

for plugin in plugins.installed().values():
    for module in plugin.models:
        import_module(module)
