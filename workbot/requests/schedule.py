"""What time brings a request: a nudge when nobody takes it, its close when it was left as resolved."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from workbot.jobs import Job, Jobs
from workbot.requests import notices, queries, service
from workbot.requests.models import Request, State

JOBS = Jobs()


@JOBS.on("requests.nudge")
def nudge(session: Session, job: Job, *, now: datetime) -> None:
    request = session.get(Request, UUID(job.payload["id"]))
    if request is not None and request.state == State.OPEN:
        notices.nudge(session, request, queries.desk_of(session, request), now=now)


@JOBS.on("requests.close")
def close(session: Session, job: Job, *, now: datetime) -> None:
    request = session.get(Request, UUID(job.payload["id"]))
    if request is not None and request.state == State.RESOLVED and request.revision == job.payload["revision"]:
        service.close(session, request, None, now=now)
