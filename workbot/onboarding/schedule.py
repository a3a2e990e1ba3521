"""What time brings a journey: steps come up, and are reminded of once."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from workbot.jobs import Job, Jobs
from workbot.onboarding import service

JOBS = Jobs()


@JOBS.on("onboarding.tell")
def tell(session: Session, job: Job, *, now: datetime) -> None:
    service.tell_due(session, service.journey_of(session, job.payload["journey"]), now=now)


@JOBS.on("onboarding.remind")
def remind(session: Session, job: Job, *, now: datetime) -> None:
    service.remind(session, service.journey_of(session, job.payload["journey"]), now=now)
