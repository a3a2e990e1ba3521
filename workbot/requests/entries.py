"""The history of a request: entries in one order, whoever writes them at the same moment."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from workbot.requests.models import Request, RequestEntry


def add(
    session: Session,
    request: Request,
    author: UUID | None,
    verb: str,
    body: str = "",
    *,
    now: datetime,
    written: tuple[str, str] = ("", ""),
) -> RequestEntry:
    """Write the next entry; `written` is the platform and the reference of the message that its words are.

    The request is held until the commit: that is what makes one more than the highest position the next, once.
    """
    session.flush()
    session.execute(select(Request.id).where(Request.id == request.id).with_for_update())
    entry = RequestEntry(
        id=uuid4(),
        request_id=request.id,
        author_id=author,
        verb=verb,
        body=body,
        at=now,
        platform=written[0],
        reference=written[1],
        order=0,
    )
    last = select(func.coalesce(func.max(col(RequestEntry.order)), 0)).where(RequestEntry.request_id == request.id)
    values = entry.model_dump(exclude={"order"}) | {"order": last.scalar_subquery() + 1}
    entry.order = session.execute(insert(RequestEntry).values(values).returning(col(RequestEntry.order))).scalar_one()
    return entry
