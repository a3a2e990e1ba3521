"""Requests: a desk per department, and one thread per request wherever its people are."""

from workbot.requests.channels import prepare
from workbot.requests.definitions import DeskDefinition
from workbot.requests.forms import LONGEST_TEXT, agent_chosen, words_of
from workbot.requests.handlers import ROUTER
from workbot.requests.kind import KIND
from workbot.requests.models import ACTIVE, Request, RequestEntry, State
from workbot.requests.notices import DISCLOSURES
from workbot.requests.queries import counts, desk_of, desks_of_agent, find_visible, history, is_agent, names, queue
from workbot.requests.schedule import JOBS
from workbot.requests.service import comment, hand_over, note, reopen, resolve, take
from workbot.requests.views import HAPPENED, SPOKEN, STATES, change_of, filled, request_view
from workbot.requests.workflow import Party, possible

__all__ = [
    "ACTIVE",
    "DISCLOSURES",
    "HAPPENED",
    "JOBS",
    "KIND",
    "LONGEST_TEXT",
    "ROUTER",
    "SPOKEN",
    "STATES",
    "DeskDefinition",
    "Party",
    "Request",
    "RequestEntry",
    "State",
    "agent_chosen",
    "change_of",
    "comment",
    "counts",
    "desk_of",
    "desks_of_agent",
    "filled",
    "find_visible",
    "hand_over",
    "history",
    "is_agent",
    "names",
    "note",
    "possible",
    "prepare",
    "queue",
    "reopen",
    "request_view",
    "resolve",
    "take",
    "words_of",
]
