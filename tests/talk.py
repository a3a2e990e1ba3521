"""Talking to the bot in tests: real dispatch, real database, real sender, and a platform that records.

talk = Talk(database, router, jobs, at=MONDAY)
talk.type(ada, "request it Laptop will not start")
talk.press(bob, "Take it")
assert "Bob took this" in talk.sees(ada)
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count

from sqlmodel import Session, select
from starlette.routing import BaseRoute

from workbot.cards import Button, Buttons, Card, Form, Select, plain_text
from workbot.clock import SetClock
from workbot.delivery.sender import OutboxSender
from workbot.dispatch import Dispatch
from workbot.errors import DeliveryError
from workbot.jobs import Jobs, Scheduler
from workbot.jobs import next_due as next_job
from workbot.people import Account, Channel, Person
from workbot.platforms import Limits, Outgoing
from workbot.router import Router
from workbot.storage.database import Database
from workbot.turns import Ask, Command, Message, Press, Replace, Reply, Say, Sender, Submission, Turn


class Recorder:
    """A platform in memory: one list of cards per address, in which an update replaces its card."""

    limits = Limits()
    takes_once = True

    def __init__(self, name: str = "chat") -> None:
        self.name = name
        self.delivered: list[Outgoing] = []
        self.shown: dict[str, dict[str, Card]] = {}
        self.refusals: dict[str, DeliveryError] = {}
        self._numbers = count(1)

    def routes(self) -> list[BaseRoute]:
        return []

    async def deliver(self, outgoing: Outgoing) -> str:
        if refusal := self.refusals.get(outgoing.address):
            raise refusal
        self.delivered.append(outgoing)
        reference = outgoing.reference or f"{outgoing.address}/{next(self._numbers)}"
        self.shown.setdefault(outgoing.address, {})[reference] = outgoing.card
        return reference

    async def check(self) -> str:
        return ""

    async def close(self) -> None:
        return None

    def cards(self, address: str) -> list[Card]:
        return list(self.shown.get(address, {}).values())


class Counting(Recorder):
    """Says when it has been sent so much."""

    def __init__(self, name: str = "chat", *, enough: int = 1) -> None:
        super().__init__(name)
        self.enough = enough
        self.has_enough = asyncio.Event()

    async def deliver(self, outgoing: Outgoing) -> str:
        reference = await super().deliver(outgoing)
        if len(self.delivered) == self.enough:
            self.has_enough.set()
        return reference

    @property
    def keys(self) -> list[str]:
        """What it was sent, in order."""
        return [outgoing.key for outgoing in self.delivered]


class Talk:
    """A bot of some features, at a moment that only `wait` moves."""

    def __init__(self, database: Database, router: Router, jobs: Jobs, *, at: datetime) -> None:
        self.database = database
        self.clock = SetClock(at)
        self.chat = Recorder()
        self.mail = Recorder("email")
        self.sender = OutboxSender(database, {"chat": self.chat, "email": self.mail}, self.clock)
        self.dispatch = Dispatch(
            database,
            router,
            self.clock,
            sign_in_url="https://bot.example/signin",
            locale="en",
        )
        self.scheduler = Scheduler(database, jobs, self.clock)
        self.replies: dict[str, Reply] = {}
        self._turns = count(1)

    def type(self, person: Person, text: str, *, place: str = "", under: str = "") -> Reply:
        """Type a line, in a direct conversation unless `place` names a channel's address."""
        return self._take(
            person, Message(sender=self._sender(person), id=self._id(), text=text, channel=place, thread=under)
        )

    def command(self, person: Person, name: str, text: str = "") -> Reply:
        return self._take(person, Command(sender=self._sender(person), id=self._id(), name=name, text=text))

    def press(self, person: Person, label: str, *, place: str = "") -> Reply:
        """Press the newest button of that label that the person can see (or in a channel)."""
        button = self._button(person, label, place)
        turn = Press(
            sender=self._sender(person), id=self._id(), action=button.action, value=button.value, channel=place
        )
        return self._take(person, turn)

    def act(self, person: Person, action: str, value: str = "", *, place: str = "") -> Reply:
        """Press a button that may not be there: what a forger would send."""
        return self._take(
            person, Press(sender=self._sender(person), id=self._id(), action=action, value=value, channel=place)
        )

    def submit(self, person: Person, form: Form, /, **values: str) -> Reply:
        filled = {field.name: field.value for field in form.fields} | values
        turn = Submission(
            sender=self._sender(person), id=self._id(), action=form.action, values=filled, state=form.state
        )
        return self._take(person, turn)

    def wait(self, span: timedelta = timedelta()) -> None:
        """Let time pass, stopping at every moment at which something is due."""
        asyncio.run(self._wait_until(self.clock.at + span))

    def cards(self, person: Person) -> list[Card]:
        """What stands in a person's chat: messages sent to them, and the last reply."""
        sent = self.chat.cards(f"chat:{person.email}")
        reply = self.replies.get(person.email)
        return [*sent, reply.card] if isinstance(reply, Say | Replace) else sent

    def sees(self, person: Person) -> str:
        return "\n\n".join(plain_text(card) for card in self.cards(person))

    def reads(self, place: str) -> str:
        """What stands in a channel, by its address."""
        return "\n\n".join(plain_text(card) for card in self.chat.cards(place))

    def reference(self, address: str, words: str) -> str:
        """The reference of the newest message at an address that says these words."""
        found = [ref for ref, card in self.chat.shown[address].items() if words in plain_text(card)]
        return found[-1]

    async def _wait_until(self, moment: datetime) -> None:
        while True:
            while await self.scheduler.tick() or await self.sender.round():
                pass
            due = await self._next_due()
            if due is None or due > moment:
                break
            # What is due and still there waits for something else, such as a message in doubt.
            if self.clock.at == moment:
                break
            self.clock.at = due if due > self.clock.at else min(moment, self.clock.at + timedelta(minutes=1))
        self.clock.at = moment

    async def _next_due(self) -> datetime | None:
        moments = [await self.database.read(next_job), await self.sender.next_due()]
        return min((at for at in moments if at), default=None)

    def _take(self, person: Person, turn: Turn) -> Reply:
        reply = asyncio.run(self.dispatch.receive(turn))
        self.replies[person.email] = reply
        self.wait()
        return reply

    def _button(self, person: Person, label: str, place: str) -> Button:
        cards = self.chat.cards(place) if place else self.cards(person)
        found = [button for card in cards for button in buttons(card) if button.label == label]
        assert found, f"no button {label!r} among {[b.label for card in cards for b in buttons(card)]}"
        return found[-1]

    def _sender(self, person: Person) -> Sender:
        return Sender(platform="chat", user=person.email)

    def _id(self) -> str:
        return f"turn-{next(self._turns)}"


def buttons(card: Card) -> list[Button]:
    """Every button of a card, the options of its selects included."""
    found: list[Button] = []
    for element in card.body:
        if isinstance(element, Buttons):
            found.extend(element.buttons)
        elif isinstance(element, Select):
            found.extend(Button(option.label, element.action, option.value) for option in element.options)
    return found


def asked(reply: Reply) -> Form:
    """The form that a reply opens."""
    assert isinstance(reply, Ask), f"expected a form, got {reply}"
    return reply.form


def hire(session: Session, name: str, **fields: object) -> Person:
    """A person with an account on the recording platform, named `First Last`."""
    email = name.lower().replace(" ", ".") + "@city.example"
    known: dict[str, object] = {"timezone": "America/Toronto", "locale": "en", "email": email, "name": name}
    person = Person.model_validate(known | fields)
    session.add(person)
    session.flush()
    session.add(Account(person_id=person.id, platform="chat", user=person.email, address=f"chat:{person.email}"))
    session.flush()
    return person


def open_place(session: Session, name: str, *, role: str = "", locale: str = "en") -> Channel:
    """The recording platform's channel of a name (as a desk's `prepare` would make on the web)."""
    found = session.exec(select(Channel).where(Channel.name == name, Channel.platform == "chat")).first()
    place = found or Channel(
        name=name, title=name, platform="chat", address=f"#{name}", role=role or f"agent:{name}", locale=locale
    )
    session.add(place)
    session.flush()
    return place


async def serve(sender: OutboxSender, *until: asyncio.Event) -> None:
    """Be a worker until all this has happened; raises TimeoutError when it has not after ten seconds."""
    running = asyncio.create_task(sender.run())
    try:
        await asyncio.wait_for(asyncio.gather(*(event.wait() for event in until)), 10)
    finally:
        await sender.shutdown()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
