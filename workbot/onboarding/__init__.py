"""Journeys: the steps that carry a new colleague, and everyone around them, through the first months."""

from workbot.onboarding import service
from workbot.onboarding.definitions import JourneyDefinition
from workbot.onboarding.handlers import ROUTER
from workbot.onboarding.kind import KIND
from workbot.onboarding.models import Journey, Standing, State, Step
from workbot.onboarding.notices import DISCLOSURES
from workbot.onboarding.overview import BoardRow, Cell, board
from workbot.onboarding.schedule import JOBS

__all__ = [
    "DISCLOSURES",
    "JOBS",
    "KIND",
    "ROUTER",
    "BoardRow",
    "Cell",
    "Journey",
    "JourneyDefinition",
    "Standing",
    "State",
    "Step",
    "board",
    "service",
]
