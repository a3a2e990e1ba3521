# ruff: noqa: F401
"""Every table there is: imported so that SQLModel knows them."""

import integrations.slack.models
import integrations.teams.models
import integrations.web.models
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
