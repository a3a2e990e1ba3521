"""Journeys: the steps that carry a new colleague, and everyone around them, through the first months."""

from workbot.onboarding.definitions import JourneyDefinition
from workbot.onboarding.forms import draft
from workbot.onboarding.handlers import ROUTER
from workbot.onboarding.kind import KIND
from workbot.onboarding.models import Journey, Standing, State, Step
from workbot.onboarding.notices import DISCLOSURES
from workbot.onboarding.overview import BoardRow, Cell, board
from workbot.onboarding.queries import JourneyView, desks_with_steps, journey_view
from workbot.onboarding.schedule import JOBS
from workbot.onboarding.service import (
    cancel,
    change_people,
    complete,
    journey_of,
    move,
    people_changed,
    start,
    step_called,
    undo,
    waiting,
)
from workbot.onboarding.steps import DESK, StepDefinition

__all__ = [
    "DESK",
    "DISCLOSURES",
    "JOBS",
    "KIND",
    "ROUTER",
    "BoardRow",
    "Cell",
    "Journey",
    "JourneyDefinition",
    "JourneyView",
    "Standing",
    "State",
    "Step",
    "StepDefinition",
    "board",
    "cancel",
    "change_people",
    "complete",
    "desks_with_steps",
    "draft",
    "journey_of",
    "journey_view",
    "move",
    "people_changed",
    "start",
    "step_called",
    "undo",
    "waiting",
]
