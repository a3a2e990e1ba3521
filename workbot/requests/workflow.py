"""What can be done with a request: by whom, while it is in which states, and where that leads.

The service obeys this table, cards and console offer what it says, and tests walk through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workbot.requests.models import ACTIVE, State


class Party(StrEnum):
    """Who acts on a request: who asked, or an agent of its desk."""

    REQUESTER = "requester"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Rule:
    """A verb of a request: who may do it, `of` which states, and the state that follows; None where it stays."""

    by: tuple[Party, ...]
    of: tuple[State, ...]
    to: State | None = None


BOTH = (Party.REQUESTER, Party.AGENT)
AGENT, REQUESTER = (Party.AGENT,), (Party.REQUESTER,)

VERBS: dict[str, Rule] = {
    "take": Rule(AGENT, (State.OPEN,), State.TAKEN),
    "hand_over": Rule(AGENT, ACTIVE, State.TAKEN),
    "comment": Rule(BOTH, (*ACTIVE, State.RESOLVED)),
    "note": Rule(AGENT, tuple(State)),
    "resolve": Rule(AGENT, ACTIVE, State.RESOLVED),
    # It goes back to its agent, where it had one.
    "reopen": Rule(BOTH, (State.RESOLVED, State.CLOSED), State.OPEN),
    "close": Rule(REQUESTER, (State.RESOLVED,), State.CLOSED),
    "cancel": Rule(REQUESTER, ACTIVE, State.CANCELLED),
}

# Of what can be done, what a card offers as buttons, the likeliest first.
OFFERS: dict[Party, dict[State, tuple[str, ...]]] = {
    Party.REQUESTER: {
        State.OPEN: ("comment", "cancel"),
        State.TAKEN: ("comment", "cancel"),
        State.RESOLVED: ("close", "reopen"),
        State.CLOSED: ("reopen",),
        State.CANCELLED: (),
    },
    Party.AGENT: {
        State.OPEN: ("take", "comment", "resolve", "note"),
        State.TAKEN: ("resolve", "comment", "hand_over", "note"),
        State.RESOLVED: ("reopen", "note"),
        State.CLOSED: ("reopen", "note"),
        State.CANCELLED: (),
    },
}


def possible(party: Party, state: str) -> frozenset[str]:
    """The verbs that a party may do while a request is in a state."""
    return frozenset(verb for verb, rule in VERBS.items() if party in rule.by and state in rule.of)
