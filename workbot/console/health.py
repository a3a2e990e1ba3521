"""How the app is doing, for administrators: who is known, what went out, what did not."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from workbot.delivery import Message, State
from workbot.i18n import N_, Language
from workbot.jobs import Job
from workbot.people import Account, Department, Person

FAILURES_SHOWN = 8

STATES = {
    State.QUEUED: N_("Waiting"),
    State.SENDING: N_("Waiting"),
    State.SENT: N_("Sent"),
    State.FAILED: N_("Failed"),
    State.UNKNOWN: N_("In doubt"),
    State.WITHDRAWN: N_("Taken back"),
}


@dataclass(frozen=True)
class Headcount:
    people: int
    departments: int
    unreachable: int
    without_manager: int


@dataclass(frozen=True)
class Failure:
    """Why messages failed, and how many for that reason."""

    reason: str
    platform: str
    count: int


@dataclass(frozen=True)
class Health:
    """Messages by what became of them, in the order people read them; failures by reason; jobs given up."""

    headcount: Headcount
    messages: dict[str, int]
    failures: list[Failure]
    jobs: list[Job]


def health(session: Session, lang: Language) -> Health:
    return Health(_headcount(session), _messages(session, lang), _failures(session), _jobs(session))


def _headcount(session: Session) -> Headcount:
    active = select(func.count()).select_from(Person).where(col(Person.active))
    reached = select(Account.person_id).where(Account.unreachable == "")
    return Headcount(
        people=session.exec(active).one(),
        departments=session.exec(select(func.count()).select_from(Department)).one(),
        unreachable=session.exec(active.where(col(Person.id).not_in(reached))).one(),
        without_manager=session.exec(active.where(col(Person.manager_id).is_(None))).one(),
    )


def _messages(session: Session, lang: Language) -> dict[str, int]:
    counted = dict(session.exec(select(Message.state, func.count()).group_by(col(Message.state))).all())
    totals = {lang(said): 0 for said in STATES.values()}
    for state, said in STATES.items():
        totals[lang(said)] += counted.get(state, 0)
    return totals


def _failures(session: Session) -> list[Failure]:
    number = func.count()
    rows = session.exec(
        select(Message.reason, Message.platform, number)
        .where(col(Message.state).in_((State.FAILED, State.UNKNOWN)))
        .group_by(col(Message.reason), col(Message.platform))
        .order_by(number.desc())
        .limit(FAILURES_SHOWN)
    )
    return [Failure(*row) for row in rows]


def _jobs(session: Session) -> list[Job]:
    failed = select(Job).where(Job.state == "failed").order_by(col(Job.due_at).desc()).limit(FAILURES_SHOWN)
    return list(session.exec(failed))
