"""Words that their author has changed, or taken back, where they wrote them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel, select

from tests.requests.test_conversation import DATABASES, LAPTOP, MONDAY, Town, opened, talk, the_request, town
from tests.talk import Talk, asked
from workbot.delivery import Message as Outgoing
from workbot.people import Person, Role
from workbot.processed_turns import ProcessedTurn
from workbot.requests import service
from workbot.requests.models import Request, RequestEntry
from workbot.requests.quotes import Quote, account_of
from workbot.storage.database import Database
from workbot.turns import Message, MessageDeleted, MessageEdited, Reply, Sender

__all__ = ["DATABASES", "opened", "talk", "town"]
SECRET = "My password is hunter2"
NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)


class Thread:
    """What people write under Ada's request, each message under a reference of its own."""

    def __init__(self, talk: Talk, town: Town) -> None:
        self.talk, self.town = talk, town
        self.roots = {
            town.ada.id: (talk.reference(f"chat:{town.ada.email}", "IT-1"), ""),
            town.bob.id: (talk.reference("#it", "IT-1"), "#it"),
            town.eve.id: (talk.reference("#it", "IT-1"), "#it"),
        }

    def message(self, person: Person, words: str, name: str) -> Message:
        root, place = self.roots[person.id]
        sender = Sender(platform="chat", user=person.email)
        return Message(
            sender=sender, id=f"message:{name}", text=words, channel=place, thread=root, reference=f"chat/{name}"
        )

    def say(self, person: Person, words: str, name: str = "1") -> Reply:
        return self.talk._take(person, self.message(person, words, name))

    def edit(self, person: Person, words: str, name: str = "1", *, by: Person | None = None, at: int = 1) -> Reply:
        said, moment = self.message(person, words, name), NOON + timedelta(minutes=at)
        sender = Sender(platform="chat", user=(by or person).email)
        turn = MessageEdited(sender=sender, id=f"edited:{name}:{at}", channel=said.channel, said=said, at=moment)
        return self.talk._take(by or person, turn)

    def delete(self, person: Person, name: str = "1", *, by: Person | None = None, at: int = 2) -> Reply:
        said, moment = self.message(person, "", name), NOON + timedelta(minutes=at)
        sender = Sender(platform="chat", user=(by or person).email)
        turn = MessageDeleted(sender=sender, id=f"deleted:{name}:{at}", channel=said.channel, said=said, at=moment)
        return self.talk._take(by or person, turn)


@pytest.fixture
def thread(talk: Talk, town: Town, opened: str) -> Thread:
    return Thread(talk, town)


def whole(talk: Talk, person: Person) -> str:
    talk.act(person, "requests.show", "IT-1")
    return talk.sees(person)


def kept(database: Database) -> str:
    """Everything that is kept, in every table."""
    with database.session() as session:
        return str([session.execute(select(table)).all() for table in SQLModel.metadata.tables.values()])


def test_a_comment_that_is_edited_is_changed_on_the_other_side(thread: Thread, talk: Talk, town: Town) -> None:
    thread.say(town.ada, SECRET)
    before = len(talk.chat.cards("#it"))

    thread.edit(town.ada, "I cannot sign in")

    assert "I cannot sign in\nEdited" in talk.reads("#it")
    assert "hunter2" not in talk.reads("#it")
    assert len(talk.chat.cards("#it")) == before


def test_an_agents_edit_reaches_who_asked(thread: Thread, talk: Talk, town: Town) -> None:
    thread.say(town.bob, "We meet at 10")

    thread.edit(town.bob, "We meet at 11")

    assert "We meet at 11\nEdited" in talk.sees(town.ada)
    assert "at 10" not in talk.sees(town.ada)


def test_the_history_says_when_and_by_whom_and_keeps_the_latest_words(thread: Thread, talk: Talk, town: Town) -> None:
    thread.say(town.ada, SECRET)
    thread.edit(town.ada, "I cannot sign in")

    said = whole(talk, town.bob)

    assert "Ada Roy · Mon, Nov 23, 9:00\u00a0a.m. · edited Mon, Nov 23, 12:01\u00a0p.m.\nI cannot sign in" in said
    assert "hunter2" not in said


def test_a_comment_that_is_deleted_is_withdrawn_and_kept_nowhere(
    thread: Thread, talk: Talk, town: Town, database: Database
) -> None:
    thread.say(town.ada, SECRET)

    thread.delete(town.ada)

    assert "Ada Roy\nThis message was withdrawn." in talk.reads("#it")
    assert "withdrawn Mon, Nov 23, 12:02\u00a0p.m." in whole(talk, town.bob)
    assert "hunter2" not in kept(database)


def test_words_that_were_edited_away_are_kept_nowhere(thread: Thread, town: Town, database: Database) -> None:
    thread.say(town.ada, SECRET)
    thread.edit(town.ada, "Draft two", at=1)
    thread.edit(town.ada, "I cannot sign in", at=2)

    everything = kept(database)
    assert "hunter2" not in everything
    assert "Draft two" not in everything


def test_only_the_author_changes_their_words(thread: Thread, talk: Talk, town: Town) -> None:
    thread.say(town.ada, "It beeps")

    thread.edit(town.ada, "It is fine", by=town.bob)
    thread.delete(town.ada, by=town.eve)

    assert "It beeps" in talk.reads("#it")
    assert "It is fine" not in talk.reads("#it") + talk.sees(town.ada)


def test_what_no_report_takes_is_cleaned_from_an_edit_too(thread: Thread, talk: Talk, town: Town) -> None:
    thread.say(town.ada, "It beeps")

    thread.edit(town.ada, "It \x1bbeeps\x01 twice")

    assert "It beeps twice\nEdited" in talk.reads("#it")


def test_an_edit_that_changes_no_words_leaves_no_mark(thread: Thread, talk: Talk, town: Town) -> None:
    thread.say(town.ada, "See https://city.example")
    sent = len(talk.chat.delivered)

    thread.edit(town.ada, "See https://city.example")

    assert len(talk.chat.delivered) == sent
    assert "Edited" not in talk.reads("#it")


def test_an_edit_that_is_delivered_twice_is_taken_once(thread: Thread, talk: Talk, town: Town) -> None:
    thread.say(town.ada, "one")
    thread.edit(town.ada, "two")
    sent = len(talk.chat.delivered)

    thread.edit(town.ada, "two")

    assert len(talk.chat.delivered) == sent


def test_of_two_edits_the_later_counts_in_whatever_order_they_come(thread: Thread, talk: Talk, town: Town) -> None:
    thread.say(town.ada, "one")

    thread.edit(town.ada, "three", at=2)
    thread.edit(town.ada, "two", at=1)

    assert "three\nEdited" in talk.reads("#it")


def test_what_was_deleted_does_not_come_back_with_an_edit_that_was_late(
    thread: Thread, talk: Talk, town: Town, database: Database
) -> None:
    thread.say(town.ada, "one")
    thread.delete(town.ada, at=2)

    thread.edit(town.ada, SECRET, at=1)

    assert "This message was withdrawn." in talk.reads("#it")
    assert "hunter2" not in kept(database)


def test_what_its_author_puts_back_is_there_again(thread: Thread, talk: Talk, town: Town) -> None:
    thread.say(town.ada, "It beeps")
    thread.delete(town.ada, at=2)

    thread.edit(town.ada, "It beeps", at=3)

    assert "It beeps\nEdited" in talk.reads("#it")
    assert "withdrawn" not in talk.reads("#it")


def test_an_edit_before_the_message_itself_is_taken_in_its_place(thread: Thread, talk: Talk, town: Town) -> None:
    thread.edit(town.ada, "I cannot sign in")
    assert "I cannot sign in" in talk.reads("#it")

    thread.say(town.ada, SECRET)

    assert "hunter2" not in talk.reads("#it")
    assert talk.reads("#it").count("I cannot sign in") == 1


def test_a_message_deleted_before_it_came_is_never_shown(
    thread: Thread, talk: Talk, town: Town, database: Database
) -> None:
    thread.delete(town.ada)

    thread.say(town.ada, SECRET)

    assert "hunter2" not in kept(database) + talk.reads("#it")


def test_a_message_that_was_refused_is_not_said_by_editing_it(thread: Thread, talk: Talk, town: Town) -> None:
    talk.press(town.ada, "Withdraw")
    thread.say(town.ada, "Too late")
    thread.edit(town.ada, "Much too late")

    assert "late" not in talk.reads("#it")


def test_words_in_a_request_that_is_closed_can_be_changed_and_it_stays_closed(
    thread: Thread, talk: Talk, town: Town, database: Database
) -> None:
    thread.say(town.ada, SECRET)
    talk.press(town.ada, "Withdraw")

    thread.edit(town.ada, "Never mind")

    assert the_request(database).state == "cancelled"
    assert "Never mind\nEdited" in talk.reads("#it")


def test_who_is_no_agent_any_more_takes_words_back_and_says_nothing_new(
    thread: Thread, talk: Talk, town: Town, database: Database
) -> None:
    thread.say(town.bob, "Look at https://city.example")
    with database.session() as session:
        role = session.exec(select(Role).where(Role.person_id == town.bob.id)).one()
        session.delete(role)

    thread.edit(town.bob, "Look at https://evil.example")
    assert "evil" not in talk.sees(town.ada)
    thread.delete(town.bob)
    assert "This message was withdrawn." in talk.sees(town.ada)


def test_what_was_not_sent_yet_is_sent_as_it_is_now_or_not_at_all(
    thread: Thread, talk: Talk, town: Town, database: Database
) -> None:
    with database.session() as session:
        request, bob = session.exec(select(Request)).one(), session.merge(town.bob)
        for name in ("a", "b"):
            service.comment(session, request, bob, SECRET, now=MONDAY, written=("chat", f"chat/{name}"))
    sent = len(talk.chat.delivered)
    edited, gone = thread.message(town.bob, "Later", "a"), thread.message(town.bob, "", "b")
    with database.session() as session:
        talk.dispatch.take(session, turn=MessageEdited(sender=edited.sender, id="e", said=edited, at=NOON))
        talk.dispatch.take(session, turn=MessageDeleted(sender=gone.sender, id="d", said=gone, at=NOON))
    talk.wait()

    told = [str(outgoing.card) for outgoing in talk.chat.delivered[sent:]]
    assert len([card for card in told if "Later" in card]) == 2
    assert not any("hunter2" in card or "withdrawn" in card for card in told)


def test_a_letter_is_not_followed_by_another_for_each_word(
    thread: Thread, talk: Talk, town: Town, database: Database
) -> None:
    with database.session() as session:
        session.execute(text("UPDATE account SET unreachable = 'x' WHERE \"user\" = :user"), {"user": town.ada.email})
    thread.say(town.bob, "We meet at 10")
    letters = len(talk.mail.delivered)
    assert letters

    thread.edit(town.bob, "We meet at 11")

    assert len(talk.mail.delivered) == letters
    with database.session() as session:
        assert "at 10" not in str(session.exec(select(Outgoing.card)).all())


def test_in_french_for_who_reads_french(talk: Talk, town: Town, opened: str) -> None:
    form = asked(talk.type(town.luc, "demande it Portable"))
    talk.submit(town.luc, form, **LAPTOP)
    root = talk.reference("#it", "IT-2")
    sender = Sender(platform="chat", user=town.bob.email)
    said = Message(sender=sender, id="message:9", text="One", channel="#it", thread=root, reference="chat/9")
    talk._take(town.bob, said)
    talk._take(town.bob, MessageEdited(sender=sender, id="e9", said=replace(said, text="Two")))
    assert "Two\nModifié" in talk.sees(town.luc)

    talk._take(town.bob, MessageDeleted(sender=sender, id="d9", said=said))

    assert "Bob Lee\nCe message a été retiré." in talk.sees(town.luc)


# The message that a request began with


@pytest.fixture
def quoted(talk: Talk, town: Town, opened: str, database: Database) -> Sender:
    """IT-2, which Ada made of what a stranger wrote; the stranger."""
    zoe = Sender(platform="chat", user="zoe@elsewhere.example")
    quote = Quote(SECRET, "Zoé Roy", "https://chat.example/1", "chat/q", account_of(zoe))
    with database.session() as session:
        ada = session.merge(town.ada)
        service.open_request(session, "it", ada, SECRET, {}, now=MONDAY, quote=quote)
    talk.wait()
    return zoe


def by_stranger(talk: Talk, who: Person, sender: Sender, words: str | None, *, at: int = 1) -> None:
    said = Message(sender=sender, id="message:q", text=words or "", channel="#general", reference="chat/q")
    moment = NOON + timedelta(minutes=at)
    kind = MessageDeleted if words is None else MessageEdited
    talk._take(who, kind(sender=sender, id=f"changed:q:{at}:{sender.user}", channel="#general", said=said, at=moment))


def test_the_message_that_a_request_began_with_changes_with_it(
    quoted: Sender, talk: Talk, town: Town, database: Database
) -> None:
    by_stranger(talk, town.ada, quoted, "I cannot sign in")

    assert "IT-2 · I cannot sign in" in talk.reads("#it")
    assert "I cannot sign in\nEdited" in talk.reads("#it")
    assert "IT-2 · I cannot sign in" in talk.sees(town.ada)
    assert "hunter2" not in kept(database)


def test_the_message_that_a_request_began_with_is_withdrawn_with_it(
    quoted: Sender, talk: Talk, town: Town, database: Database
) -> None:
    by_stranger(talk, town.ada, quoted, None)

    assert "Zoé Roy wrote\nThis message was withdrawn." in talk.reads("#it")
    assert "IT-2 · A message" in talk.sees(town.ada)
    assert "hunter2" not in kept(database)
    talk.act(town.bob, "requests.show", "IT-2")
    assert "Zoé Roy took back the message that it began with" in talk.sees(town.bob)


def test_nobody_else_changes_the_message_that_a_request_began_with(quoted: Sender, talk: Talk, town: Town) -> None:
    by_stranger(talk, town.bob, Sender(platform="chat", user=town.bob.email), "Something else")
    by_stranger(talk, town.ada, Sender(platform="other", user=quoted.user), None)

    assert SECRET in talk.reads("#it")


def test_a_stranger_who_changes_what_is_none_of_ours_is_told_nothing(
    talk: Talk, town: Town, database: Database
) -> None:
    by_stranger(talk, town.eve, Sender(platform="chat", user="zoe@elsewhere.example"), "Anything")

    assert talk.replies[town.eve.email] is None
    with database.session() as session:
        assert session.exec(select(ProcessedTurn)).all() == []
        assert session.exec(select(RequestEntry)).all() == []
