"""Each verb of a request records one event: at which desk, by whom, and where it led; never what was written."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from tests.talk import hire, open_place
from workbot import definitions, requests
from workbot.events import Event
from workbot.people import Person, Role
from workbot.requests import service
from workbot.requests.events import RECORDED
from workbot.requests.models import Request
from workbot.requests.workflow import VERBS
from workbot.storage.database import flush_deferred

MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)
SECRET = "Between you and me"


@pytest.fixture
def desk(session: Session) -> tuple[Request, Person, Person, Person]:
    """A request, who asked it, its agent and another one."""
    for definition in definitions.read_all(requests.KIND, None).values():
        definitions.publish(session, requests.KIND, definition, now=MONDAY)
    open_place(session, "it")
    eve, bob, cy = (hire(session, name) for name in ("Eve May", "Bob Lee", "Cy Orr"))
    session.add_all(Role(person_id=agent.id, name="agent:it") for agent in (bob, cy))
    request = service.open_request(session, "it", eve, SECRET, {"description": SECRET}, now=MONDAY)
    return request, eve, bob, cy


def told(session: Session) -> list[Event]:
    flush_deferred(session)
    return list(session.exec(select(Event).where(Event.verb.startswith("requests.")).order_by(Event.id)))


def test_every_verb_records_one_event_of_who_did_it(
    session: Session, desk: tuple[Request, Person, Person, Person]
) -> None:
    request, eve, bob, cy = desk
    done = [
        ("open", eve, "open"),
        ("take", bob, "taken"),
        ("hand_over", bob, "taken"),
        ("comment", eve, "taken"),
        ("note", cy, "taken"),
        ("resolve", cy, "resolved"),
        ("reopen", eve, "taken"),
        ("resolve", cy, "resolved"),
        ("close", None, "closed"),
        ("reopen", cy, "taken"),
        ("cancel", eve, "cancelled"),
    ]

    service.take(session, request, bob, now=MONDAY)
    service.hand_over(session, request, bob, cy, now=MONDAY)
    service.comment(session, request, eve, SECRET, now=MONDAY)
    service.note(session, request, cy, SECRET, now=MONDAY)
    service.resolve(session, request, cy, SECRET, now=MONDAY)
    service.reopen(session, request, eve, now=MONDAY)
    service.resolve(session, request, cy, now=MONDAY)
    service.close(session, request, None, now=MONDAY + timedelta(days=9))
    service.reopen(session, request, cy, now=MONDAY + timedelta(days=9))
    service.cancel(session, request, eve, now=MONDAY + timedelta(days=9))

    found = told(session)
    assert [(event.verb, event.actor_id, event.facts["state"]) for event in found] == [
        (f"requests.{verb}", by.id if by else None, state) for verb, by, state in done
    ]
    assert {event.subject for event in found} == {f"request:{request.id}"}
    assert {(event.facts["desk"], event.facts["reference"]) for event in found} == {("it", "IT-1")}
    assert {verb for verb, _, _ in done} >= set(VERBS)


def test_no_event_holds_what_people_wrote(session: Session, desk: tuple[Request, Person, Person, Person]) -> None:
    request, eve, _bob, cy = desk
    service.comment(session, request, eve, SECRET, now=MONDAY)
    service.resolve(session, request, cy, SECRET, now=MONDAY)

    assert SECRET not in json.dumps([event.facts for event in told(session)])


def test_what_is_refused_records_nothing(session: Session, desk: tuple[Request, Person, Person, Person]) -> None:
    request, eve, _bob, _cy = desk
    before = len(told(session))

    with pytest.raises(Exception, match="agents of this desk"):
        service.resolve(session, request, eve, now=MONDAY)

    assert len(told(session)) == before
    assert set(RECORDED) > set(VERBS)
