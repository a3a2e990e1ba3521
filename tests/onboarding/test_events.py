"""Each verb of a journey records one event, of whoever did it."""

from __future__ import annotations

from sqlmodel import Session, select

from tests.onboarding.conftest import FIRST_DAY, MONDAY, journey, publish, step
from tests.talk import hire
from workbot.events import Event
from workbot.onboarding import Step, service
from workbot.people import Role
from workbot.storage.database import flush_deferred


def test_every_verb_of_a_journey_records_one_event_of_who_did_it(session: Session) -> None:
    publish(session, journey(step("sign", "hire", 0), step("read", "hire", 1)))
    hana, noor, bob = (hire(session, name) for name in ("Hana Fox", "Noor Ali", "Bob Lee"))
    session.add(Role(person_id=hana.id, name="hr"))
    later = FIRST_DAY.replace(day=14)

    going = service.start(session, "arrival", noor, FIRST_DAY, by=hana.id, now=MONDAY)
    sign, read = session.exec(select(Step).where(Step.journey_id == going.id).order_by(Step.due_at)).all()
    service.complete(session, sign, noor, now=MONDAY)
    service.complete(session, sign, noor, now=MONDAY)
    service.undo(session, sign, noor, now=MONDAY)
    service.move(session, going, later, by=hana.id, now=MONDAY)
    service.move(session, going, later, by=hana.id, now=MONDAY)
    service.change_people(session, going, buddy=bob, by=hana.id, now=MONDAY)
    service.complete(session, sign, noor, now=MONDAY)
    service.complete(session, read, noor, now=MONDAY)
    service.undo(session, read, hana, now=MONDAY)
    service.cancel(session, going, by=hana.id, now=MONDAY)

    flush_deferred(session)
    found = session.exec(select(Event).where(Event.subject == going.subject).order_by(Event.id)).all()
    assert [(event.verb.removeprefix("onboarding."), event.actor_id) for event in found] == [
        ("start", hana.id),
        ("tick", noor.id),
        ("untick", noor.id),
        ("move", hana.id),
        ("change_people", hana.id),
        ("tick", noor.id),
        ("tick", noor.id),
        ("complete", noor.id),
        ("untick", hana.id),
        ("cancel", hana.id),
    ]
    assert found[0].facts == {"journey": "arrival", "day": FIRST_DAY.isoformat()}
    assert found[3].facts == {"journey": "arrival", "day": later.isoformat()}
    assert {event.facts["step"] for event in found if "step" in event.facts} == {"sign", "read"}
