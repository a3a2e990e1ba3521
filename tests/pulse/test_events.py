"""A wave records that it opened and closed; answering it records nothing, for times would order the answers."""

from __future__ import annotations

import json

from sqlmodel import Session, select

from tests.pulse.conftest import MONDAY, ZONE, publish, team
from workbot import pulse
from workbot.events import Event
from workbot.pulse import service
from workbot.storage.database import flush_deferred

WORDS = "Between you and me"


def told(session: Session) -> list[Event]:
    flush_deferred(session)
    return list(session.exec(select(Event).where(Event.verb.startswith("pulse.")).order_by(Event.id)))


def test_a_wave_that_opens_and_closes_records_both_and_who_did_it(session: Session) -> None:
    publish(session)
    ada, *_ = team(session, "City/Roads", "Ada", "Bob", "Cy")
    wave = pulse.launch(session, "weekly", zone=ZONE, by=ada.id, now=MONDAY)

    pulse.close(session, wave, now=MONDAY)

    found = told(session)
    assert [(event.verb, event.actor_id, event.subject) for event in found] == [
        ("pulse.launch", ada.id, wave.subject),
        ("pulse.close", None, wave.subject),
    ]
    assert found[0].facts == {"survey": "weekly", "number": 1, "mode": "confidential"}


def test_answering_changing_undoing_and_finishing_record_nothing(session: Session) -> None:
    publish(session)
    ada, *_ = team(session, "City/Roads", "Ada", "Bob", "Cy")
    wave = pulse.launch(session, "weekly", zone=ZONE, at_once=True, now=MONDAY)
    participant = service.participant(session, wave.id, ada, now=MONDAY)
    flush_deferred(session)
    before = [event.id for event in session.exec(select(Event))]

    week, better = (service.question_of(participant.survey, name) for name in ("week", "better"))
    service.respond(session, participant, week, "2", now=MONDAY)
    service.respond(session, participant, week, "4", now=MONDAY)
    service.respond(session, participant, better, WORDS, now=MONDAY)
    service.take_back(session, participant, week)
    service.finish(session, participant)
    flush_deferred(session)

    after = session.exec(select(Event)).all()
    assert [event.id for event in after] == before
    assert WORDS not in json.dumps([event.facts for event in after])
