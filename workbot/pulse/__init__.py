"""Short recurring surveys, answered inside the chat, honest about who can see what."""

from workbot.pulse.backfill import record
from workbot.pulse.ballots import Ballot
from workbot.pulse.closing import close
from workbot.pulse.definitions import SurveyDefinition
from workbot.pulse.exports import MEDIA_TYPES, export
from workbot.pulse.handlers import ROUTER
from workbot.pulse.kind import KIND
from workbot.pulse.launching import launch
from workbot.pulse.models import Participation, Wave
from workbot.pulse.notices import DISCLOSURES
from workbot.pulse.report import Report, report_of
from workbot.pulse.schedule import JOBS, prepare
from workbot.pulse.service import has_waves_for, open_waves, wave_numbered, waves

__all__ = [
    "DISCLOSURES",
    "JOBS",
    "KIND",
    "MEDIA_TYPES",
    "ROUTER",
    "Ballot",
    "Participation",
    "Report",
    "SurveyDefinition",
    "Wave",
    "close",
    "export",
    "has_waves_for",
    "launch",
    "open_waves",
    "prepare",
    "record",
    "report_of",
    "wave_numbered",
    "waves",
]
