"""Words that their author has changed or taken back where they wrote them: changed wherever they were told.

Only the author's own change counts, as the platform authenticated it: nobody else is asked.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import literal_column
from sqlmodel import Session, col, select

from workbot import delivery
from workbot.i18n import language
from workbot.people import Person
from workbot.requests import events, notices, queries, service, views
from workbot.requests.models import Request, RequestEntry
from workbot.requests.quotes import Quote, account_of
from workbot.turns import MessageDeleted, MessageEdited

Changed = MessageEdited | MessageDeleted


def change(session: Session, turn: Changed, *, person: Person | None, now: datetime) -> bool:
    """Change what was said in a message under a request, and the requests that a message has become."""
    if not turn.said.reference:
        return False
    entry = _written_in(session, turn)
    if entry and person and entry.author_id == person.id and _is_news(turn, entry.edited_at, entry.withdrawn_at):
        _reword(session, entry, person, turn, now=now)
    made = _made_of(session, turn)
    for request in made:
        if _is_news(turn, request.quoted_edited_at, request.quoted_withdrawn_at):
            _requote(session, request, person, turn, now=now)
    return bool(entry or made)


def _reword(session: Session, entry: RequestEntry, author: Person, turn: Changed, *, now: datetime) -> None:
    request = session.get_one(Request, entry.request_id)
    words, at = _words(turn), turn.at or now
    if words and (words == entry.body or not queries.may_see(session, request, author)):
        # Who may see it no more may take back what they said, and say nothing new.
        return
    entry.body = words
    entry.edited_at, entry.withdrawn_at = (at, None) if words else (entry.edited_at, at)
    session.add(entry)
    session.flush()
    events.record(session, request, "reword", author, now=now)
    notices.changed(session, request, queries.desk_of(session, request), entry, author, now=now)


def _requote(session: Session, request: Request, person: Person | None, turn: Changed, *, now: datetime) -> None:
    words, at = _words(turn), turn.at or now
    if words == request.quoted and words:
        return
    lang = language(session.get_one(Person, request.requester_id).locale)
    if request.title == views.short(Quote(request.quoted).title, views.SHORT):
        request.title = views.short(Quote(words).title, views.SHORT) or lang("A message")
    # It is the author's own account that changes it: who wrote it needs nobody's word any more.
    request.quoted, request.quoted_claimed_by = words, ""
    request.quoted_edited_at, request.quoted_withdrawn_at = (at, None) if words else (request.quoted_edited_at, at)
    verb = "quote_edited" if words else "quote_withdrawn"
    service.changed(session, request, person, verb, request.quoted_author, now=now)
    delivery.forget_earlier(session, request.subject)


def _words(turn: Changed) -> str:
    """What a message says now; nothing where it was taken back, or all of its words were."""
    return turn.said.text if isinstance(turn, MessageEdited) and turn.said.text.strip() else ""


def _is_news(turn: Changed, *changes: datetime | None) -> bool:
    """Whether a change comes after those that were taken: platforms do not tell of them in their order."""
    last = max((at for at in changes if at), default=None)
    return last is None or turn.at is None or turn.at > last


def _written_in(session: Session, turn: Changed) -> RequestEntry | None:
    wanted = select(RequestEntry).where(
        RequestEntry.platform == turn.sender.platform,
        RequestEntry.reference == turn.said.reference,
        col(RequestEntry.reference) != literal_column("''"),
    )
    # One change at a time, and each sees the one before.
    return session.exec(wanted.with_for_update().execution_options(populate_existing=True)).first()


def _made_of(session: Session, turn: Changed) -> list[Request]:
    """The requests that a message of this author has become."""
    wanted = select(Request).where(
        Request.quoted_reference == turn.said.reference,
        Request.quoted_by == account_of(turn.sender),
        col(Request.quoted_reference) != literal_column("''"),
    )
    return list(session.exec(wanted.with_for_update().execution_options(populate_existing=True)))
