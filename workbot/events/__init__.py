"""What happened: one event for each verb of a service, written in the transaction of what it did.

Audit, webhooks and feeds read them. What is told of an event is what its verb declares: names and states of things,
never words that people wrote. Surveys record that a wave opened and closed, and nothing of who answers or when.
"""

from workbot.events.models import Event
from workbot.events.recording import Fact, Recordable, Subject, Verb, record

__all__ = ["Event", "Fact", "Recordable", "Subject", "Verb", "record"]
