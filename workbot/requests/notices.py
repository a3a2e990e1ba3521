"""Who hears of what: the requester where they are, the agents in the desk's channel."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from workbot import delivery
from workbot.cards import Card, Sign
from workbot.delivery.models import Priority
from workbot.i18n import language
from workbot.people import Person, accounts
from workbot.requests import views
from workbot.requests.definitions import DeskDefinition
from workbot.requests.models import Request, RequestEntry

# What was asked for is for the desk and nobody else.
DISCLOSURES: delivery.Disclosures = {
    "request": delivery.Disclosure(lambda lang: lang("About a request"), shows_recipient=True)
}
# What becomes visible, on the message that a request began with, of what is done with it.
MARKS: dict[str, tuple[Sign, bool]] = {
    "take": ("seen", False),
    "hand_over": ("seen", False),
    "resolve": ("done", False),
    "reopen": ("done", True),
}


def everyone(session: Session, request: Request, desk: DeskDefinition, *, now: datetime) -> None:
    """Bring the request's card up to date wherever it stands."""
    key = f"{request.subject}:{request.revision}"
    view = views.request_view(session, request, desk)
    requester = view.requester
    card = views.for_requester(view, language(requester.locale))
    delivery.tell(session, requester, card, key=key, now=now, subject=request.subject, priority=Priority.ANSWER)
    delivery.tell_channel(
        session,
        desk.channel,
        lambda channel: views.for_desk(view, language(channel.locale)),
        key=f"{key}:desk",
        now=now,
        subject=request.subject,
    )


def comment(
    session: Session,
    request: Request,
    desk: DeskDefinition,
    entry: RequestEntry,
    author: Person,
    *,
    now: datetime,
    said_on: str,
) -> None:
    """Pass a comment to the other side, and to the desk's channels where it was not written.

    `said_on` is the platform in whose channel it stands already, or empty.
    """
    if author.id != request.requester_id:
        requester = session.get_one(Person, request.requester_id)
        card = views.comment(entry, author, request, language(requester.locale))
        delivery.tell(
            session,
            requester,
            card,
            key=f"request-entry:{entry.id}",
            now=now,
            thread=request.subject,
            priority=Priority.ANSWER,
        )
    _in_channel(session, desk, request, entry, author, now=now, said_on=said_on)


def changed(
    session: Session, request: Request, desk: DeskDefinition, entry: RequestEntry, author: Person, *, now: datetime
) -> None:
    """Put a comment's new words in place of the first, wherever those were told."""
    key = f"request-entry:{entry.id}"
    delivery.amend(
        session,
        [key, *delivery.keys_of_channel(session, desk.channel, f"{key}:desk")],
        lambda locale: views.comment(entry, author, request, language(locale)),
        now=now,
        taken_back=entry.withdrawn_at is not None,
    )


def note(
    session: Session, request: Request, desk: DeskDefinition, entry: RequestEntry, author: Person, *, now: datetime
) -> None:
    """Show an internal note to the agents."""
    _in_channel(session, desk, request, entry, author, now=now, said_on="")


def marked(session: Session, request: Request, desk: DeskDefinition, verb: str, *, now: datetime) -> None:
    """Put a sign on the message that a request began with: that it is seen to, or done. A private desk's work shows
    nowhere else."""
    requester = session.get_one(Person, request.requester_id)
    platform = request.quoted_by.partition("|")[0]
    reaches = platform and any(account.platform == platform for account in accounts(session, requester))
    if verb not in MARKS or desk.private or not (request.quoted_reference and reaches):
        return
    sign, is_gone = MARKS[verb]
    delivery.tell(
        session,
        requester,
        Card.marking(request.quoted_reference, sign, is_gone=is_gone),
        key=f"request-mark:{request.id}:{request.revision}",
        now=now,
        priority=Priority.ANSWER,
        platform=platform,
    )


def nudge(session: Session, request: Request, desk: DeskDefinition, *, now: datetime) -> None:
    """Remind the desk's channel of a request that nobody has taken."""
    delivery.tell_channel(
        session,
        desk.channel,
        lambda channel: views.nudge(request, language(channel.locale)),
        key=f"request-nudge:{request.id}",
        now=now,
        thread=request.subject,
    )


def _in_channel(
    session: Session,
    desk: DeskDefinition,
    request: Request,
    entry: RequestEntry,
    author: Person,
    *,
    now: datetime,
    said_on: str,
) -> None:
    delivery.tell_channel(
        session,
        desk.channel,
        lambda channel: views.comment(entry, author, request, language(channel.locale)),
        key=f"request-entry:{entry.id}:desk",
        now=now,
        thread=request.subject,
        besides=said_on,
    )
