"""A few people of a town around the console, and what has happened among them."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select
from starlette.applications import Starlette

from tests.small_app import MONDAY, App
from tests.visitor import Visitor
from workbot import definitions, onboarding, pulse, requests
from workbot.cards import Card, Text, dump
from workbot.console import console_routes, sections
from workbot.definitions import Origin, State
from workbot.delivery import Message, begin_campaign
from workbot.delivery.models import RateState
from workbot.i18n import Language
from workbot.onboarding import Journey, Step
from workbot.people import Department, Person, Role
from workbot.pulse import Participation, Wave
from workbot.pulse import service as surveys
from workbot.requests import service as desks
from workbot.requests.models import Request
from workbot.storage.database import Database
from workbot.web.application import application
from workbot.web.pages import Frame

KINDS = (onboarding.KIND, pulse.KIND, requests.KIND)
REASONS = {"failed": "no platform reaches them", "unknown": "the platform did not answer in time"}
MARKUP = '<script>alert("hello")</script> & مرحبا 🥶'


class Town(App):
    """The small app with the console in it, and one person of every role."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.clock.move_to(MONDAY)
        with database.session() as session:
            for kind in KINDS:
                for definition in definitions.read_all(kind, None).values():
                    definitions.publish(session, kind, definition, origin=Origin.SHIPPED, now=MONDAY)
                    definitions.turn(session, kind, definition.name, on=True, now=MONDAY)
        self.priya = self.hire("Priya Nair", "hr")
        self.david = self.hire("David Chen", "admin")
        self.bea = self.hire("Bea Novak", "agent:it")
        self.etienne = self.hire("Étienne Gagnon", "agent:hr", locale="fr")
        self.audrey = self.hire("Audrey Cole", "auditor")
        self.mei = self.hire("Mei Lin")
        self.james = self.hire("James Whitaker")
        self.work_for(self.james, self.mei)

    def asgi(self) -> Starlette:
        return application(self, [*self.sign_in.routes(), *console_routes(self)])

    async def frame(self, person_id: UUID | None, path: str, lang: Language) -> Frame:
        return await self.database.read(partial(_frame, person_id=person_id, path=path, lang=lang))

    def visit(self, person: Person | None) -> Visitor:
        """A browser without scripts, in which a person is signed in, or nobody."""
        visitor = Visitor(self.asgi(), "http://127.0.0.1")
        visitor.cookies.update(self.cookies(person) if person else {})
        return visitor

    def work_for(self, manager: Person, member: Person) -> None:
        with self.database.session() as session:
            session.get_one(Person, member.id).manager_id = manager.id

    def take_from(self, person: Person, role: str) -> None:
        with self.database.session() as session:
            session.delete(session.get_one(Role, (person.id, role)))

    def settle_in(self, path: str, *people: Person) -> None:
        """Put people into a department."""
        with self.database.session() as session:
            department = Department(name=path, path=path)
            session.add(department)
            session.flush()
            for person in people:
                session.get_one(Person, person.id).department_id = department.id

    def set_aside(self, desk: str) -> None:
        """Let the console's version of a desk wait for somebody's decision, beside a file's; turn the desk off."""
        with self.database.session() as session:
            found, _version = definitions.current(session, requests.KIND, desk)
            for days, origin in ((8, Origin.CONSOLE), (9, Origin.FILE)):
                changed = found.model_copy(update={"close_after_days": days})
                version = definitions.publish(session, requests.KIND, changed, origin=origin, now=self.clock.now())
                if origin == Origin.CONSOLE:
                    version.state = State.DRAFT
            definitions.turn(session, requests.KIND, desk, on=False, now=self.clock.now())

    def launch(self) -> int:
        """Open a wave of the weekly survey now; its number."""
        with self.database.session() as session:
            wave = pulse.launch(session, "weekly", zone=self.settings.zone, now=self.clock.now(), at_once=True)
            return wave.number

    def answer(self, number: int, *moods: int, comment: str = "") -> None:
        """Let the first people asked answer, each with a mood for every scale."""
        with self.database.session() as session:
            wave = pulse.wave_numbered(session, "weekly", number)
            survey = surveys.definition_of(session, wave)
            for mood, place in zip(moods, _places(session, wave), strict=False):
                participant = surveys.Participant(wave, survey, place)
                for question in survey.rated:
                    surveys.respond(session, participant, question, str(mood), now=self.clock.now())
                if comment:
                    surveys.respond(session, participant, survey.written[0], comment, now=self.clock.now())

    def close(self, number: int) -> None:
        with self.database.session() as session:
            pulse.close(session, pulse.wave_numbered(session, "weekly", number), now=self.clock.now())

    def closed_wave(self, *moods: int, comment: str = "") -> int:
        number = self.launch()
        self.answer(number, *moods, comment=comment)
        self.close(number)
        return number

    def ask(self, desk: str, title: str, **details: str) -> str:
        """Let Mei ask a desk for something; the reference."""
        with self.database.session() as session:
            mei = session.get_one(Person, self.mei.id)
            opened = desks.open_request(session, desk, mei, title, details, now=MONDAY - timedelta(hours=3))
            return opened.reference

    def request(self, reference: str) -> Request:
        with self.database.session() as session:
            return session.exec(select(Request).where(Request.reference == reference)).one()

    def set_out(self, person: Person, on: date) -> UUID:
        """Start a new hire's journey around a day; its key."""
        with self.database.session() as session:
            hire = session.get_one(Person, person.id)
            return onboarding.service.start(session, "new-hire", hire, on, now=self.clock.now()).id

    def journey(self, key: UUID) -> Journey:
        with self.database.session() as session:
            return session.get_one(Journey, key)

    def journeys(self) -> list[Journey]:
        with self.database.session() as session:
            return list(session.exec(select(Journey)))

    def steps(self, journey: UUID) -> list[Step]:
        with self.database.session() as session:
            return list(session.exec(select(Step).where(Step.journey_id == journey).order_by(col(Step.position))))

    def campaign(self, key: str, title: str = "Survey", **counts: int) -> None:
        """A campaign with so many messages in each state; those `read` are among the sent."""
        read = counts.pop("read", 0)
        with self.database.session() as session:
            begin_campaign(session, key, {"en": title, "fr": f"{title} (fr)"}, now=self.clock.now())
            session.add_all(
                self.message(f"{key}/{state}/{number}", state, campaign=key, is_read=state == "sent" and number < read)
                for state, count in counts.items()
                for number in range(count)
            )

    def message(self, key: str, state: str = "unknown", **more: Any) -> Message:
        """A message to Mei as the sender left it; one in doubt waits for a person's choice."""
        now = self.clock.now()
        known: dict[str, Any] = {
            "person_id": self.mei.id,
            "recipient": f"person:{self.mei.id}",
            "card": dump(Card("How was your week?", (Text("Between you and me."),))),
            "locale": "en",
            "created_at": now,
            "due_at": now,
            "platform": "" if state == "queued" else "email",
            "lane": "email",
            "reason": REASONS.get(state, ""),
        }
        return Message(key=key, state=state, **known | more)

    def leave_in_doubt(self, key: str, **more: Any) -> int:
        """Put a message in doubt; its number."""
        with self.database.session() as session:
            message = self.message(key, **more)
            session.add(message)
            session.flush()
            return message.id or 0

    def pace(self, lane: str, **more: Any) -> None:
        """Let a lane have gone for a while."""
        now = self.clock.now()
        with self.database.session() as session:
            session.add(RateState(lane=lane, post_at=now, update_at=now, changed_at=now, **more))

    def states(self, key: str) -> dict[str, int]:
        """How many messages there are in each state, of those whose key begins like this."""
        with self.database.session() as session:
            found = session.exec(select(Message.state).where(col(Message.key).startswith(key)))
            return dict(Counter(found))

    def crowd(self, count: int) -> list[Person]:
        return [self.hire(f"Person{number:03} Lee") for number in range(count)]


def _frame(session: Session, *, person_id: UUID | None, path: str, lang: Language) -> Frame:
    person = session.get_one(Person, person_id)
    return Frame(path, person.name, sections(session, person, lang))


def _places(session: Session, wave: Wave) -> list[Participation]:
    return list(session.exec(select(Participation).where(Participation.wave_id == wave.id)))


def written(folder: Path, kind: str, name: str, text: str) -> Path:
    """An organisation's own definition file; its folder."""
    (folder / kind).mkdir(parents=True, exist_ok=True)
    (folder / kind / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder
