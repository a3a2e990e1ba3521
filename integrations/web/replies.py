"""Replies on their way back: among the messages of the conversation that they belong to."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlmodel import Session

from integrations.web import conversations
from integrations.web.models import ChatMessage
from integrations.web.reply_context import ReplyContext
from workbot.cards import Card, Text, dump
from workbot.chat.replies import card_of
from workbot.i18n import Language
from workbot.turns import Again, Ask, Reject, Replace, Reply, Say


def show_words(session: Session, reply: Reply, *, context: ReplyContext, text: str, now: datetime) -> None:
    """Show what was typed, and what is said to it."""
    words = {"sender_id": context.person.id, "text": text}
    conversations.write(session, _row(context, f"words:{context.turn}", now) | words)
    show(session, reply, context=context, now=now)


def show_done(session: Session, reply: Reply, *, context: ReplyContext, now: datetime) -> None:
    """Show what came of a form that was taken; one that was not is given back as it is."""
    if not isinstance(reply, Reject) and not (isinstance(reply, Say) and reply.refused):
        show(session, reply, context=context, now=now)


def show_change(session: Session, reply: Reply, *, context: ReplyContext, now: datetime) -> None:
    """Say, whatever the reply, that what was pressed stands there no more."""
    show(session, Say(_changed_since(context.lang)), context=context, now=now)


def show(session: Session, reply: Reply, *, context: ReplyContext, now: datetime) -> None:
    """Put a reply where it belongs, in the transaction of what it speaks of."""
    message = session.get(ChatMessage, context.message.id) if context.message else None
    match reply:
        case Replace(card=card) if message:
            conversations.replace(session, message, card, context.person.locale)
            return
        case Ask():
            # The page it was asked on stays as it is, so that the button gets its focus back.
            return
        case Say(card=card, public=public):
            _say(session, context, card, now, public=public)
        case Replace(card=card):
            _say(session, context, card, now, public=True)
        case Reject():
            _say(session, context, card_of(reply, context.lang), now)
    if message:
        conversations.touch(session, message)


def say_again(session: Session, *, context: ReplyContext, again: Again, now: datetime) -> None:
    """Say, once, that a form had been sent already."""
    _say(session, context, card_of(again, context.lang), now, kind="again")


def _say(
    session: Session, context: ReplyContext, card: Card, now: datetime, *, public: bool = False, kind: str = "reply"
) -> None:
    in_channel = bool(context.where.place or context.where.root)
    said = {"card": dump(card), "only_for": None if public or not in_channel else context.person.id}
    conversations.write(session, _row(context, f"{kind}:{context.turn}", now) | said)


def _row(context: ReplyContext, key: str, now: datetime) -> dict[str, Any]:
    root = context.where.root
    return {
        "id": uuid4(),
        "key": key,
        "address": context.where.address,
        "thread_id": root.id if root else None,
        "locale": context.person.locale,
        "said_at": now,
    }


def _changed_since(lang: Language) -> Card:
    text = lang("What you pressed is not there any more. The message above shows how things stand now.")
    return Card(lang("This has changed since"), (Text(text),), tone="warn")
