"""What a message means: a command that was typed, words about what they stand under, or words alone."""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import Session

from workbot.delivery import subject_of
from workbot.router import Router
from workbot.turns import Command, Message, Turn


def understood(session: Session, router: Router, turn: Message) -> Turn:
    """The turn that a message is."""
    about = subject(session, router, turn)
    if about or (turn.thread and is_for_others(turn)):
        # Under what others said in a channel, nobody speaks to us who does not name us.
        return replace(turn, subject=about)
    if typed := router.understand(turn.text):
        route, rest = typed
        return Command(sender=turn.sender, id=turn.id, channel=turn.channel, name=route.name, text=rest)
    return replace(turn, subject="")


def subject(session: Session, router: Router, turn: Message) -> str:
    """What the message is about under which something was written, if words under it are taken."""
    about = subject_of(session, turn.sender.platform, turn.thread) if turn.thread else ""
    return about if router.find(replace(turn, subject=about)) else ""


def is_for_others(turn: Turn) -> bool:
    """Whether it was done among others, who are not to hear of us unless we are named."""
    return bool(turn.channel) and not (isinstance(turn, Message) and turn.is_mention)
