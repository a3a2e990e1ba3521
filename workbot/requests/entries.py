"""The history of a request: entries in one order, whoever writes them at the same moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from workbot.requests.models import Request, RequestEntry
from workbot.storage.numbering import NumberedRows

COLUMNS = ("id", "author_id", "verb", "body", "at", "platform", "reference")
ENTRIES = NumberedRows(RequestEntry, Request, columns=COLUMNS, parent="request_id", position="position")


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
    """Write the next entry; `written` is the platform and the reference of the message that its words are."""
    platform, reference = written
    values: dict[str, Any] = dict(zip(COLUMNS, (uuid4(), author, verb, body, now, platform, reference), strict=True))
    return RequestEntry(request_id=request.id, order=ENTRIES.add(session, request.id, values), **values)
