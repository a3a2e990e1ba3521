"""One turn in, one transaction, one reply out."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlmodel import Session, select
from structlog.testing import capture_logs

from tests.talk import Talk, hire
from workbot import delivery
from workbot.cards import Card, Form, Text, TextField, plain_text
from workbot.delivery import Message as Queued
from workbot.errors import Invalid, NotAllowed, Problem
from workbot.jobs import Jobs
from workbot.people import Person
from workbot.processed_turns import ProcessedTurn, forget
from workbot.router import Router
from workbot.storage.database import Database
from workbot.turns import Ask, Command, Message, Press, Reject, Reply, Say, Sender, Submission, Turn

DATABASES = ("sqlite", "postgresql")

MONDAY = datetime(2026, 11, 23, 14, tzinfo=UTC)
ROUTER = Router()


@ROUTER.command("note", "remarque", about="Write a note", usage="note [text]")
def note(session: Session, turn: Command, *, person: Person, now: datetime) -> Reply:
    session.add(Person(email=f"{turn.text}@notes.example", name=turn.text, timezone="UTC", locale="en"))
    delivery.tell(session, person, Card(f"Noted {turn.text}"), key=f"note:{turn.id}", now=now)
    return Say(Card(f"Written: {turn.text}"))


@ROUTER.command("count", about="Count", usage="count")
def count(session: Session, turn: Command, *, person: Person, now: datetime) -> Reply:
    row = session.exec(select(Person).where(Person.id == person.id)).one()
    reached = int(row.title or 0) + 1
    # Not through the session: its objects do not hear of it.
    table = Person.__table__  # type: ignore[attr-defined]
    session.connection().execute(table.update().where(table.c.id == person.id).values(title=str(reached)))
    return Say(Card(f"Counted to {reached}"))


@ROUTER.on(Press, "note.fail")
def fail(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    session.add(Person(email="half@notes.example", name="Half", timezone="UTC", locale="en"))
    session.flush()
    raise RuntimeError("a bug") if turn.value == "bug" else NotAllowed("You may not do that, {name}.", name="Ada")


@ROUTER.on(Press, "note.secret", sensitive=True)
def secret(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    return Say(Card("Your answer was MARKER"))


@ROUTER.on(Press, "note.ask")
def ask(session: Session, turn: Press, *, person: Person, now: datetime) -> Reply:
    return Ask(Form("note.send", "A note", (TextField("text", "Text"),), "Send"))


@ROUTER.on(Submission, "note.send")
def send(session: Session, turn: Submission, *, person: Person, now: datetime) -> Reply:
    if len(turn.values.get("text", "")) < 3:
        raise Invalid({"text": Problem("Write at least {count} letters.", {"count": 3})})
    return Say(Card("Sent"))


@ROUTER.on(Message, "note")
def under(session: Session, turn: Message, *, person: Person, now: datetime) -> Reply:
    return Say(Card(f"{turn.text} under {turn.subject}"))


@pytest.fixture
def talk(database: Database) -> Talk:
    return Talk(database, ROUTER, Jobs(), at=MONDAY)


@pytest.fixture
def ada(database: Database) -> Person:
    with database.session() as session:
        return hire(session, "Ada Roy")


def names(database: Database) -> set[str]:
    with database.session() as session:
        return set(session.exec(select(Person.name)))


def test_a_turn_that_returns_is_stored_with_its_message(talk: Talk, ada: Person, database: Database) -> None:
    talk.type(ada, "note Milk")

    assert "Milk" in names(database)
    assert talk.sees(ada).splitlines()[0] == "Noted Milk"


def test_a_command_is_understood_in_either_language_and_any_spelling(talk: Talk, ada: Person) -> None:
    for line in ("NOTE a", "/note b", "Remarque c", "rémarque d"):
        assert isinstance(talk.type(ada, line), Say)
        assert "did not understand" not in talk.sees(ada)


def test_the_same_turn_again_changes_nothing_and_gets_the_same_reply(
    talk: Talk, ada: Person, database: Database
) -> None:
    turn = Command(sender=Sender("chat", ada.email), id="same", name="note", text="Once")

    first = asyncio.run(talk.dispatch.receive(turn))
    second = asyncio.run(talk.dispatch.receive(turn))

    assert first == second == Say(Card("Written: Once"))
    with database.session() as session:
        assert len(session.exec(select(Queued)).all()) == 1


def test_the_same_turn_many_times_at_once_changes_one_thing_and_gets_one_reply(
    talk: Talk, ada: Person, database: Database
) -> None:
    turn = Command(sender=Sender(platform="chat", user=ada.email), id="t", name="note", text="tea")
    gate = Barrier(8)

    def receive(_: int) -> Reply:
        gate.wait()
        return asyncio.run(talk.dispatch.receive(turn))

    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(receive, range(8)))

    assert replies == [Say(Card("Written: tea"))] * 8
    assert names(database) == {"Ada Roy", "tea"}


def test_a_turn_repeated_a_day_later_to_another_process_gets_the_same_reply(
    talk: Talk, ada: Person, database: Database
) -> None:
    turn = Command(sender=Sender("chat", ada.email), id="again", name="note", text="Once")
    first = asyncio.run(talk.dispatch.receive(turn))
    second_database = Database(database.url)
    later = Talk(second_database, ROUTER, Jobs(), at=MONDAY + timedelta(hours=24))

    with second_database.session() as session:
        forget(session, now=later.clock.now())
    again = asyncio.run(later.dispatch.receive(turn))
    second_database.close()

    assert first == again == Say(Card("Written: Once"))
    with database.session() as session:
        assert len(session.exec(select(Queued)).all()) == 1


def test_turns_that_come_at_once_are_each_taken_and_a_refusal_or_a_bug_among_them_undoes_only_itself(
    talk: Talk, ada: Person, database: Database
) -> None:
    sender = Sender("chat", ada.email)
    turns: list[Turn] = [Command(sender=sender, id=f"n{number}", name="note", text=f"N{number}") for number in range(6)]
    turns.insert(2, Press(sender=sender, id="refused", action="note.fail", value=""))
    turns.insert(4, Press(sender=sender, id="bug", action="note.fail", value="bug"))
    turns.insert(6, Press(sender=sender, id="gone", action="nothing.there", value=""))

    async def at_once() -> list[Reply]:
        return await asyncio.gather(*(talk.dispatch.receive(turn) for turn in turns))

    replies = asyncio.run(at_once())

    said = [plain_text(reply.card) for reply in replies if isinstance(reply, Say)]
    assert [text for text in said if text.startswith("Written")] == [f"Written: N{number}" for number in range(6)]
    assert ["not do that, Ada" in said[2], "our mistake" in said[4], "no longer available" in said[6]] == [True] * 3
    assert names(database) == {"Ada Roy", *(f"N{number}" for number in range(6))}
    with database.session() as session:
        assert len(session.exec(select(Queued)).all()) == 6
        taken = {row.turn for row in session.exec(select(ProcessedTurn))}
    assert taken == {turn.id for turn in turns if turn.id != "bug"}


def test_a_turn_sees_what_another_that_came_with_it_has_changed(talk: Talk, ada: Person, database: Database) -> None:
    sender = Sender("chat", ada.email)
    turns = [Command(sender=sender, id=f"c{number}", name="count", text="") for number in range(5)]

    async def at_once() -> list[Reply]:
        return await asyncio.gather(*(talk.dispatch.receive(turn) for turn in turns))

    replies = asyncio.run(at_once())

    assert replies == [Say(Card(f"Counted to {number}")) for number in range(1, 6)]


def test_another_person_with_the_same_turn_id_gets_their_own_reply(talk: Talk, ada: Person, database: Database) -> None:
    with database.session() as session:
        bob = hire(session, "Bob Lee")
    for person, text in ((ada, "Ada's"), (bob, "Bob's")):
        turn = Command(sender=Sender("chat", person.email), id="guessed", name="note", text=text)
        reply = asyncio.run(talk.dispatch.receive(turn))

    assert reply == Say(Card("Written: Bob's"))


def test_a_refusal_is_said_kindly_and_leaves_nothing_behind(talk: Talk, ada: Person, database: Database) -> None:
    talk.act(ada, "note.fail")

    assert "You may not do that, Ada." in talk.sees(ada)
    assert "Half" not in names(database)


def test_a_bug_is_rolled_back_logged_once_and_admitted(talk: Talk, ada: Person, database: Database) -> None:
    with capture_logs() as logs:
        talk.act(ada, "note.fail", "bug")

    failures = [line for line in logs if line["event"] == "turn.failed"]
    assert len(failures) == 1
    assert failures[0]["incident"] in talk.sees(ada)
    assert "Half" not in names(database)


def test_a_person_we_do_not_know_is_shown_the_way_in(talk: Talk, ada: Person) -> None:
    turn = Message(sender=Sender("chat", "nobody@else.example"), id="1", text="help")

    reply = asyncio.run(talk.dispatch.receive(turn))

    assert isinstance(reply, Say)
    assert "https://bot.example/signin" in str(reply.card)


def test_a_person_who_left_is_not_known_any_more(talk: Talk, ada: Person, database: Database) -> None:
    with database.session() as session:
        session.get_one(Person, ada.id).active = False

    reply = talk.type(ada, "note Late")

    assert isinstance(reply, Say)
    assert "have not met" in reply.card.title
    assert "Late" not in names(database)


def test_an_unknown_word_is_answered_with_a_way_to_help(talk: Talk, ada: Person) -> None:
    reply = talk.type(ada, "abracadabra")

    assert isinstance(reply, Say)
    assert "profile.help" in str(reply.card)


def test_talk_in_a_channel_that_is_not_for_us_is_left_alone(talk: Talk, ada: Person) -> None:
    assert talk.type(ada, "lunch, anyone?", place="#it") is None


def said_in_a_channel(user: str, text: str, *, thread: str = "#it/7", mention: bool = False) -> Message:
    """Something that somebody says to others, or to us among them."""
    return Message(
        sender=Sender("chat", user), id=f"{text} {thread}", channel="#it", text=text, thread=thread, is_mention=mention
    )


@pytest.mark.parametrize("thread", ["", "#it/7"])
def test_whoever_names_us_is_answered_wherever_it_stands(talk: Talk, ada: Person, thread: str) -> None:
    known = asyncio.run(talk.dispatch.receive(said_in_a_channel(ada.email, "note Milk", thread=thread, mention=True)))
    unknown = asyncio.run(talk.dispatch.receive(said_in_a_channel(ada.email, "lunch?", thread=thread, mention=True)))
    stranger = said_in_a_channel("nobody@else.example", "note Milk", thread=thread, mention=True)

    assert known == Say(Card("Written: Milk"))
    assert isinstance(unknown, Say)
    assert "profile.help" in str(unknown.card)
    assert "https://bot.example/signin" in str(asyncio.run(talk.dispatch.receive(stranger)))


def test_people_who_talk_under_what_others_said_are_left_alone_whether_we_know_them_or_not(
    talk: Talk, ada: Person, database: Database
) -> None:
    for user in (ada.email, "nobody@else.example"):
        assert asyncio.run(talk.dispatch.receive(said_in_a_channel(user, "note Milk"))) is None
    assert "Milk" not in names(database)


def test_a_stranger_who_writes_under_one_of_our_messages_is_told_that_it_goes_nowhere(
    talk: Talk, ada: Person, database: Database
) -> None:
    with database.session() as session:
        delivery.tell(session, ada, Card("A note"), key="n", subject="note:7", now=MONDAY)
    talk.wait()
    thread = talk.reference(f"chat:{ada.email}", "A note")

    reply = asyncio.run(talk.dispatch.receive(said_in_a_channel("nobody@else.example", "indeed", thread=thread)))

    assert "https://bot.example/signin" in str(reply)


def test_an_action_that_is_not_there_is_refused_kindly(talk: Talk, ada: Person) -> None:
    talk.act(ada, "gone.away", "x")

    assert "no longer available" in talk.sees(ada)


def test_a_form_with_a_bad_value_comes_back_and_may_be_sent_again(talk: Talk, ada: Person, database: Database) -> None:
    def sent(text: str) -> Reply:
        turn = Submission(sender=Sender("chat", ada.email), id="form-1", action="note.send", values={"text": text})
        return asyncio.run(talk.dispatch.receive(turn))

    assert sent("a") == Reject({"text": "Write at least 3 letters."})
    assert sent("abc") == Say(Card("Sent"))


def test_refusals_are_said_in_the_language_of_the_person(talk: Talk, database: Database) -> None:
    with database.session() as session:
        luc = hire(session, "Luc Roy", locale="fr")

    talk.act(luc, "gone.away")

    assert "That did not work" not in talk.sees(luc)


def test_what_is_not_to_be_kept_is_not_in_the_record_of_turns(talk: Talk, ada: Person, database: Database) -> None:
    talk.act(ada, "note.secret", "4")

    with database.session() as session:
        rows = session.exec(select(ProcessedTurn)).all()
    assert len(rows) == 1
    assert "MARKER" not in str(rows[0])


def test_words_under_one_of_our_messages_go_to_whom_it_speaks_of(talk: Talk, ada: Person, database: Database) -> None:
    with database.session() as session:
        delivery.tell(session, ada, Card("A note"), key="n", subject="note:7", now=MONDAY)
    talk.wait()

    reply = talk.type(ada, "indeed", under=talk.reference(f"chat:{ada.email}", "A note"))

    assert reply == Say(Card("indeed under note:7"))


def test_plain_text_reads_a_card_in_order() -> None:
    assert plain_text(Card("Title", (Text("one"), Text("two")))) == "Title\none\ntwo"
