"""Short recurring surveys, answered inside the chat, honest about who can see what."""

from workbot.pulse.backfill import record
from workbot.pulse.ballots import Ballot
from workbot.pulse.closing import close
from workbot.pulse.definitions import WEEKDAYS, SurveyDefinition
from workbot.pulse.exports import MEDIA_TYPES, export
from workbot.pulse.handlers import ROUTER
from workbot.pulse.kind import KIND
from workbot.pulse.launching import Launch, launch, plan
from workbot.pulse.models import Participation, Wave
from workbot.pulse.notices import DISCLOSURES
from workbot.pulse.opening import LAUNCHERS, due_at, open_on
from workbot.pulse.promise import readers
from workbot.pulse.questions import AnyQuestion, Counted, Written
from workbot.pulse.report import Point, Report, Result, Score, report_of
from workbot.pulse.report_text import WORDS
from workbot.pulse.schedule import JOBS, prepare
from workbot.pulse.service import (
    Participant,
    counts,
    definition_of,
    finish,
    has_seen,
    has_waves_for,
    open_wave,
    open_waves,
    respond,
    wave_numbered,
    waves,
)
from workbot.pulse.wording import changed_since

__all__ = [
    "DISCLOSURES",
    "JOBS",
    "KIND",
    "LAUNCHERS",
    "MEDIA_TYPES",
    "ROUTER",
    "WEEKDAYS",
    "WORDS",
    "AnyQuestion",
    "Ballot",
    "Counted",
    "Launch",
    "Participant",
    "Participation",
    "Point",
    "Report",
    "Result",
    "Score",
    "SurveyDefinition",
    "Wave",
    "Written",
    "changed_since",
    "close",
    "counts",
    "definition_of",
    "due_at",
    "export",
    "finish",
    "has_seen",
    "has_waves_for",
    "launch",
    "open_on",
    "open_wave",
    "open_waves",
    "plan",
    "prepare",
    "readers",
    "record",
    "report_of",
    "respond",
    "wave_numbered",
    "waves",
]
