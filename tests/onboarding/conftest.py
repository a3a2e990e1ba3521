"""A hire and the people around them, and a short journey from a week before to two weeks after a first day."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, select

from tests.talk import Talk, buttons, hire, open_place
from workbot import definitions, onboarding
from workbot.cards import Card, plain_text
from workbot.delivery import Message
from workbot.onboarding import Journey, JourneyDefinition, Step, service
from workbot.people import Person, Role
from workbot.storage.database import Database
from workbot.turns import Press, Reply, Sender

ZONE = ZoneInfo("America/Toronto")
# Nine o'clock for everyone here, two weeks before the first day.
MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)
FIRST_DAY = date(2026, 12, 7)


def step(name: str, who: str, days: int, *, time: str = "09:00", **more: Any) -> dict[str, Any]:
    """A step whose title is its name, in French with `(fr)`."""
    title = name.capitalize()
    return {
        "id": name,
        "who": who,
        "due": {"days": days, "time": time},
        "title": {"en": title, "fr": f"{title} (fr)"},
        "text": {"en": f"How to {name}.", "fr": f"Comment {name}."},
        **more,
    }


STEPS = (
    step("order", "desk:it", -5),
    step("file", "hr", -5),
    step("plan", "manager", -3, remind_after_days=2),
    step("greet", "buddy", -1),
    step("sign", "hire", 0, time="10:00"),
    step("train", "hire", 2, remind_after_days=1),
    step("review", "manager", 5),
    step("confirm", "hr", 10, when={"employment": ("permanent",)}),
)


def journey(*steps: dict[str, Any], name: str = "arrival", **more: Any) -> JourneyDefinition:
    texts = {"title": {"en": "Arriving", "fr": "Arriver"}, "intro": {"en": "Welcome!", "fr": "Bienvenue!"}}
    return JourneyDefinition.model_validate({"name": name, **texts, "steps": steps or STEPS, **more})


def publish(session: Session, definition: JourneyDefinition) -> None:
    definitions.publish(session, onboarding.KIND, definition, now=MONDAY)


@dataclass
class Crew:
    noor: Person
    max: Person
    bea: Person
    ivy: Person
    hana: Person
    stan: Person


@pytest.fixture
def crew(database: Database) -> Crew:
    """Noor is hired; Max manages, Bea is the buddy, Ivy works for IT, Hana for HR (in French), Stan looks on."""
    with database.session() as session:
        publish(session, journey())
        open_place(session, "it")
        manager = hire(session, "Max Roy")
        crew = Crew(
            noor=hire(session, "Noor Ali", manager_id=manager.id),
            max=manager,
            bea=hire(session, "Bea Fox"),
            ivy=hire(session, "Ivy Lee"),
            hana=hire(session, "Hana Côté", locale="fr"),
            stan=hire(session, "Stan Low"),
        )
        session.add(Role(person_id=crew.ivy.id, name="agent:it"))
        session.add(Role(person_id=crew.hana.id, name="hr"))
    return crew


@pytest.fixture
def talk(database: Database, crew: Crew) -> Talk:
    return Talk(database, onboarding.ROUTER, onboarding.JOBS, at=MONDAY)


def begin(
    talk: Talk, person: Person, on: date = FIRST_DAY, *, name: str = "arrival", buddy: Person | None = None
) -> UUID:
    """Start a journey now, and let it be told; its id."""
    with talk.database.session() as session:
        there = session.get_one(Person, person.id)
        key = service.start(session, name, there, on, buddy=buddy, now=talk.clock.now()).id
    talk.wait()
    return key


def until(talk: Talk, moment: datetime) -> None:
    talk.wait(moment - talk.clock.at)


def local(year: int, month: int, day: int, hour: int = 9, minute: int = 0, *, zone: ZoneInfo = ZONE) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=zone)


def press(talk: Talk, person: Person, label: str, title: str, *, place: str = "") -> Reply:
    """Press a step's button on the newest message that has it."""
    shown = talk.chat.shown.get(place or f"chat:{person.email}", {})
    found = [(ref, b) for ref, card in shown.items() for b in buttons(card) if (b.label, b.hint) == (label, title)]
    assert found, f"no button {label!r} of {title!r}"
    reference, button = found[-1]
    sender = Sender(platform="chat", user=person.email)
    turn = Press(
        sender=sender, id=uuid4().hex, action=button.action, value=button.value, channel=place, message=reference
    )
    reply = asyncio.run(talk.dispatch.receive(turn))
    talk.wait()
    return reply


def tick(talk: Talk, person: Person, title: str, *, place: str = "") -> Reply:
    label = "Terminé" if person.locale == "fr" else "Done"
    return press(talk, person, label, title, place=place)


def offers(card: Card, label: str = "Done") -> list[str]:
    """The steps that a card has a button for."""
    return [button.hint for button in buttons(card) if button.label == label]


def chat(talk: Talk, person: Person) -> list[str]:
    """What was sent to a person, each message as it stands now."""
    return [plain_text(card) for card in talk.chat.cards(f"chat:{person.email}")]


def state(database: Database, key: UUID) -> Journey:
    return database.run_here(lambda session: session.get_one(Journey, key))


def steps(database: Database, key: UUID) -> dict[str, Step]:
    """A journey's steps by their names."""

    def read(session: Session) -> dict[str, Step]:
        found = session.exec(select(Step).where(Step.journey_id == key).order_by(col(Step.position)))
        return {row.step: row for row in found}

    return database.run_here(read)


def sent(database: Database, person: Person, words: str) -> list[datetime]:
    """When messages of a person that say something were sent, in UTC."""

    def read(session: Session) -> list[datetime]:
        rows = session.exec(select(Message).where(Message.person_id == person.id).order_by(col(Message.id)))
        return [row.sent_at for row in rows if row.sent_at and words in str(row.card)]

    return database.run_here(read)


def leave(database: Database, person: Person) -> None:
    with database.session() as session:
        session.get_one(Person, person.id).active = False
