"""Onboarding: journeys that carry a colleague, and all who help, through a stretch of time."""

from workbot.onboarding.definitions import KIND
from workbot.onboarding.handlers import ROUTER
from workbot.onboarding.schedule import JOBS

__all__ = ["JOBS", "KIND", "ROUTER"]
