"""Three months of a small city's life, lived through the bot's own doors in a few seconds.

Nothing is written past the services: people come in by the importer, requests and answers as turns,
journeys by the verb that HR uses, and time passes on a clock that is moved.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import assert_never
from uuid import UUID

from sqlmodel import Session, select

from workbot import features, onboarding, pulse
from workbot.app import App
from workbot.clock import MovableClock
from workbot.demo import stories
from workbot.people import Department, Person, by_email, importing
from workbot.people.directories import Entry, directories
from workbot.people.service import HOME_PLATFORM
from workbot.pulse import AnyQuestion, Counted, Written
from workbot.requests import Request
from workbot.turns import Press, Sender, Submission, Turn

DOMAIN = "rivermont.example"
PEOPLE = Path(__file__).parent / "people.csv"
# When people look at their messages, in the city's own time, and which share of the day's answers comes then.
GLANCES = ((0, time(9, 40), 0.35), (0, time(13, 10), 0.3), (1, time(10, 20), 0.2), (2, time(15, 0), 0.15))
# Random as life, and the same life each time.
SEED = 1871

Progress = Callable[[float], None]


class Town:
    """The city while it is being lived."""

    def __init__(self, app: App, clock: MovableClock, *, now: datetime, weeks: int) -> None:
        self.app = app
        self.clock = clock
        self.now = now
        self.weeks = weeks
        self.zone = app.settings.zone
        self.random = random.Random(SEED)  # noqa: S311  # a story, not a secret
        self._turns = 0

    async def live(self, progress: Progress) -> None:
        """From so many Mondays ago until now."""
        today = self.now.astimezone(self.zone).date()
        monday = today - timedelta(days=today.weekday(), weeks=self.weeks)
        self.clock.move_to(self._at(monday, time(7, 0)))
        await self._settle_people(today)
        await self.app.prepare()
        await self.app.database.run(partial(features.turn_on_all, settings=self.app.settings, now=self.clock.now()))
        days = (today - monday).days + 1
        for number in range(days):
            await self._day(monday + timedelta(days=number), monday, today)
            progress((number + 1) / days)
        await self.app.run_until(self.clock, max(self.now, self.clock.now()))

    async def _day(self, day: date, first: date, today: date) -> None:
        weekday, weeks = day.weekday(), (day - first).days / 7
        await self._until(day, time(8, 0))
        await self._start_journeys(day, first, today)
        for offset, clock, share in GLANCES:
            if weekday == offset and self._at(day, clock) < self.now:
                await self._until(day, clock)
                await self._answer(share, weeks / self.weeks)
        for ask in (ask for ask in stories.ASKS if today - timedelta(days=ask.days_ago) == day):
            if self._at(day, time(11, 30)) < self.now or ask.days_ago == 0:
                await self._ask(ask)
        await self._tick_off(day)

    async def _until(self, day: date, clock: time) -> None:
        moment = self._at(day, clock)
        if self.clock.now() < moment <= self.now:
            await self.app.run_until(self.clock, moment)

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    async def _settle_people(self, today: date) -> None:
        directory = directories()["csv"](PEOPLE)
        entries = [*directory.entries(), *_newcomers(today)]

        def settle(session: Session) -> None:
            plan = importing.plan(
                session, entries, timezone=self.app.settings.timezone, locale="en", now=self.clock.now()
            )
            importing.apply(session, plan, now=self.clock.now())

        await self.app.database.run(settle)

    async def _answer(self, share: float, through: float) -> None:
        """Some of those who have not answered the open wave do."""
        turns = await self.app.database.read(lambda session: self._answers(session, share, through))
        await self._take(turns)

    def _answers(self, session: Session, share: float, through: float) -> list[Turn]:
        turns: list[Turn] = []
        people = session.exec(select(Person, Department.path).join(Department).order_by(Person.email)).all()
        for person, department in people:
            if through >= 1 and _name(person) in stories.UNHEARD:
                continue
            participants = pulse.open_waves(session, person, now=self.clock.now())
            for participant in participants:
                if (
                    not participant.participation.done
                    and participant.participation.asked
                    and self.random.random() < share * stories.TURNOUT * 1.6
                ):
                    turns += self._one_answer(person, department, participant, through)
        return turns

    def _one_answer(
        self, person: Person, department: str, participant: pulse.Participant, through: float
    ) -> list[Turn]:
        mood = self._mood(department, through)
        return [
            self._answer_to(question, person, f"{participant.wave.id}:{question.id}", mood)
            for question in participant.survey.questions
        ]

    def _answer_to(self, question: AnyQuestion, person: Person, reference: str, mood: float) -> Turn:
        match question:
            case Counted():
                value = question.example(self._feeling(mood), self._turns)
                return self._press(person, "pulse.answer", f"{reference}:{value}")
            case Written():
                if self.random.random() >= 0.3:
                    return self._press(person, "pulse.skip", reference)
                words = self.random.choice(stories.COMMENTS[person.locale])
                return self._submit(person, "pulse.comment", {"comment": words}, reference)
            case _:
                assert_never(question)

    def _feeling(self, mood: float) -> float:
        """How somebody feels today, from 0 to 1, of people whose mood is from 1 to 5."""
        return (min(5, max(1, self.random.gauss(mood, 0.9))) - 1) / 4

    def _mood(self, department: str, through: float) -> float:
        found = [mood for path, mood in stories.MOODS.items() if department.startswith(path)]
        before, after = found[0] if found else stories.USUAL_MOOD
        return before + (after - before) * through

    async def _ask(self, ask: stories.Ask) -> None:
        """Open a request and let it be worked as the story says."""
        who = await self._person(ask.who)
        today = self.now.astimezone(self.zone).date()
        details = {name: _dated(value, today) for name, value in ask.details.items()}
        await self._take([self._submit(who, "requests.open", {"title": ask.title, **details}, ask.desk)])
        if not ask.agent:
            return
        agent = await self._person(ask.agent)
        reference = await self.app.database.read(_newest_reference)
        turns: list[Turn] = [self._press(agent, "requests.take", reference)]
        for number, words in enumerate(ask.then):
            speaker = who if number % 2 else agent
            turns.append(self._submit(speaker, "requests.reply", {"body": words}, reference))
        if ask.ending:
            turns.append(self._submit(agent, "requests.resolve", {"body": ""}, reference))
        if ask.ending == "closed":
            turns.append(self._press(who, "requests.close", reference))
        for turn in turns:
            await self._take([turn])
            await self.app.run_until(self.clock, min(self.now, self.clock.now() + timedelta(minutes=7)))

    async def _start_journeys(self, day: date, first: date, today: date) -> None:
        for newcomer in stories.NEWCOMERS:
            if max(first, today + timedelta(days=newcomer.known_in_days)) == day:
                start = partial(_start, one=newcomer, today=today, now=self.clock.now())
                await self.app.database.run(start)

    async def _tick_off(self, day: date) -> None:
        """Most of what is due in a journey gets done within the day or the next."""
        turns = await self.app.database.read(self._ticks)
        await self._take(turns)

    def _ticks(self, session: Session) -> list[Turn]:
        turns: list[Turn] = []
        for step, who in onboarding.waiting(session, now=self.clock.now()):
            person = session.get_one(Person, who)
            if stories.UNTICKED.get(_name(person)) != step.step and self.random.random() < 0.5:
                turns.append(self._press(person, "onboarding.done", str(step.id)))
        return turns

    async def _take(self, turns: Iterable[Turn]) -> None:
        """Hand turns to dispatch as the web platform does, many in one transaction."""
        taken = list(turns)

        def take(session: Session) -> None:
            for turn in taken:
                self.app.dispatch.take(session, turn=turn)

        await self.app.database.run(take)
        await self.app.run_until_idle()

    async def _person(self, name: str) -> Person:
        found = await self.app.database.read(lambda session: by_email(session, f"{name}@{DOMAIN}"))
        assert found is not None, name
        return found

    def _press(self, person: Person, action: str, value: str) -> Press:
        return Press(sender=_sender(person.id), id=self._next_id(), action=action, value=value)

    def _submit(self, person: Person, action: str, values: dict[str, str], state: str) -> Submission:
        return Submission(sender=_sender(person.id), id=self._next_id(), action=action, values=values, state=state)

    def _next_id(self) -> str:
        self._turns += 1
        return f"history-{self._turns}"


def _name(person: Person) -> str:
    return person.email.removesuffix(f"@{DOMAIN}")


def _dated(value: str, today: date) -> str:
    return (today + timedelta(days=int(value))).isoformat() if value.startswith("+") else value


def _sender(person_id: UUID) -> Sender:
    return Sender(HOME_PLATFORM, str(person_id))


def _newest_reference(session: Session) -> str:
    return session.exec(select(Request.reference).order_by(Request.opened_at.desc())).first() or ""  # type: ignore[attr-defined]


def _newcomers(today: date) -> list[Entry]:
    """The rows of those who are new, with start dates that fit today."""
    return [
        Entry(
            number,
            {
                "email": f"{one.email_name}@{DOMAIN}",
                "name": one.name,
                "title": one.title,
                "department": one.department,
                "manager_email": f"{one.manager}@{DOMAIN}",
                "location": one.location,
                "locale": one.locale,
                "started_on": (today + timedelta(days=one.day)).isoformat(),
                "employment": "permanent",
            },
        )
        for number, one in enumerate(stories.NEWCOMERS, 1000)
        if one.journey == "new-hire"
    ]


def _start(session: Session, *, one: stories.Newcomer, today: date, now: datetime) -> None:
    person = by_email(session, f"{one.email_name}@{DOMAIN}")
    buddy = by_email(session, f"{one.buddy}@{DOMAIN}") if one.buddy else None
    assert person is not None, one.name
    onboarding.start(session, one.journey, person, today + timedelta(days=one.day), buddy=buddy, now=now)
