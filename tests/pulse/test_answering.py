"""Answering in the message, from the first question to the close."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import inspect, text
from sqlmodel import Session, select

from tests.pulse.conftest import MONDAY, SUNDAY, ZONE, team
from tests.talk import Talk, asked, buttons, hire
from workbot import pulse
from workbot.cards import Buttons
from workbot.delivery import Message
from workbot.people import Person
from workbot.processed_turns import ProcessedTurn
from workbot.pulse import Ballot, Participation, Wave
from workbot.storage.database import Database
from workbot.turns import Reject, Replace, Say

MARKER = "xyzzy-plugh-5150"
DATABASES = ("sqlite", "postgresql")


def launched(talk: Talk, name: str = "weekly", people: list[Person] | None = None) -> Wave:
    talk.clock.at = MONDAY
    with talk.database.session() as session:
        wave = pulse.launch(session, name, zone=ZONE, now=MONDAY, at_once=True, people=people)
    talk.wait()
    return wave


def ballots(database: Database) -> dict[str, str]:
    with database.session() as session:
        return {ballot.question: ballot.value for ballot in session.exec(select(Ballot))}


def test_the_promise_stands_before_the_first_question(talk: Talk, ada: Person) -> None:
    wave = launched(talk)

    seen = talk.sees(ada)

    assert wave.privacy["en"] in seen
    assert seen.index("no group of fewer than 5 people") < seen.index("How did your last week at work go?")
    assert "your employer may keep a copy" in seen
    assert "only when there are at least 10" in seen


def test_five_labelled_buttons_stand_under_the_question_and_name_it(talk: Talk, ada: Person) -> None:
    launched(talk)

    row = next(element for element in talk.cards(ada)[0].body if isinstance(element, Buttons))

    assert row.label == "How did your last week at work go?"
    assert [button.label for button in row.buttons][::4] == ["1 · Very badly", "5 · Very well"]
    assert row.buttons[1].hint == "2 of 5"


def test_each_press_is_stored_and_brings_the_next_question_in_place(
    talk: Talk, ada: Person, database: Database
) -> None:
    launched(talk)

    reply = talk.press(ada, "4 · Rather well")

    assert isinstance(reply, Replace)
    assert ballots(database) == {"week": "4"}
    assert "Question 2 of 3" in talk.sees(ada)


def test_the_whole_way_in_french(talk: Talk, database: Database) -> None:
    with database.session() as session:
        luc = team(session, "City/Roads", "Luc", locale="fr")[0]
    launched(talk)

    talk.press(luc, "4 · Plutôt bien")
    talk.press(luc, "2 · Plutôt en désaccord")
    form = asked(talk.press(luc, "Écrire un commentaire"))
    talk.submit(luc, form, comment="Plus de sel 🧂")

    assert ballots(database) == {"week": "4", "means": "2", "better": "Plus de sel 🧂"}
    assert "Merci! C’est tout." in talk.sees(luc)


def test_skipping_the_comment_ends_with_thanks(talk: Talk, ada: Person, database: Database) -> None:
    launched(talk)
    talk.press(ada, "4 · Rather well")
    talk.press(ada, "4 · Agree")

    talk.press(ada, "Skip")

    assert "Thank you! That is all." in talk.sees(ada)
    assert "better" not in ballots(database)


def test_a_second_answer_takes_the_place_of_the_first(talk: Talk, ada: Person, database: Database) -> None:
    launched(talk)
    for label in ("4 · Rather well", "4 · Agree", "Skip", "Change my answers", "1 · Very badly", "Keep my answer"):
        talk.press(ada, label)

    assert ballots(database) == {"week": "1", "means": "4"}


def test_no_reply_shows_an_answer(talk: Talk, ada: Person) -> None:
    """Each answer is given in two ways, and everything shown afterwards is the same."""
    launched(talk)
    told = []
    for point in ("1 · Very badly", "5 · Very well"):
        talk.press(ada, point)
        talk.press(ada, "4 · Agree")
        form = asked(talk.press(ada, "Write a comment"))
        talk.submit(ada, form, comment=MARKER + point)
        told.append([talk.replies[ada.email], talk.press(ada, "Change my answers")])

    assert told[0] == told[1]
    assert MARKER not in str(told)


def test_a_stored_comment_is_not_sent_back_into_the_form(talk: Talk, ada: Person, database: Database) -> None:
    launched(talk)
    talk.press(ada, "4 · Rather well")
    talk.press(ada, "4 · Agree")
    talk.submit(ada, asked(talk.press(ada, "Write a comment")), comment=MARKER)
    talk.press(ada, "Change my answers")
    talk.press(ada, "Keep my answer")
    talk.press(ada, "Keep my answer")

    form = asked(talk.press(ada, "Write a comment"))

    assert MARKER not in str(form)
    talk.submit(ada, form, remove="yes")
    assert "better" not in ballots(database)


def test_answers_are_nowhere_but_in_the_ballot_box(talk: Talk, ada: Person, database: Database) -> None:
    launched(talk)
    talk.press(ada, "4 · Rather well")
    talk.press(ada, "4 · Agree")
    talk.submit(ada, asked(talk.press(ada, "Write a comment")), comment=MARKER)
    talk.wait(timedelta(days=5))

    with database.session() as session:
        tables = inspect(session.connection()).get_table_names()
        rows = {table: str(session.execute(text(f'select * from "{table}"')).all()) for table in tables}
    holding = [table for table, content in rows.items() if MARKER in content]

    assert holding == ["ballot"]


def test_turns_of_a_survey_keep_no_reply(talk: Talk, ada: Person, database: Database) -> None:
    launched(talk)
    talk.press(ada, "4 · Rather well")

    with database.session() as session:
        assert [taken.reply for taken in session.exec(select(ProcessedTurn))] == [None]


def test_a_comment_of_blanks_is_given_back_and_a_long_one_too(talk: Talk, ada: Person) -> None:
    launched(talk)
    talk.press(ada, "4 · Rather well")
    talk.press(ada, "4 · Agree")
    form = asked(talk.press(ada, "Write a comment"))

    assert isinstance(talk.submit(ada, form, comment="  \n"), Reject)
    reply = talk.submit(ada, form, comment="ó" * 100_000)

    assert reply == Reject({"comment": "At most 3000 characters, please; this is 100000."})


@pytest.mark.parametrize("comment", ["=HYPERLINK(1)", "<b>bold</b> *stars*", "שלום עולם", "🧂" * 500, "a\nb"])
def test_a_comment_is_stored_as_it_was_typed(talk: Talk, ada: Person, database: Database, comment: str) -> None:
    launched(talk)
    talk.press(ada, "4 · Rather well")
    talk.press(ada, "4 · Agree")

    talk.submit(ada, asked(talk.press(ada, "Write a comment")), comment=comment)

    assert ballots(database)["better"] == comment


@pytest.mark.parametrize("value", ["week:6", "week:0", "week:4 ", "week:", "nothing:4", "week", "", "better:4:4"])
def test_a_forged_answer_is_refused_and_changes_nothing(
    talk: Talk, ada: Person, database: Database, value: str
) -> None:
    wave = launched(talk)

    reply = talk.act(ada, "pulse.answer", f"{wave.id}:{value}")

    assert isinstance(reply, Say)
    assert reply.card.title == "That did not work"
    assert ballots(database) == {}


def test_another_wave_or_none_is_refused(talk: Talk, ada: Person, database: Database) -> None:
    with database.session() as session:
        stranger = hire(session, "Otto Stranger")
    wave = launched(talk, people=[ada])

    for value in (f"{wave.id}:week:4", "no-uuid:week:4", f"{ada.id}:week:4"):
        assert "not one of yours" in str(talk.act(stranger, "pulse.answer", value))

    assert ballots(database) == {}


def test_a_required_question_cannot_be_skipped_by_a_forged_press(talk: Talk, ada: Person) -> None:
    wave = launched(talk)

    assert "needs an answer" in str(talk.act(ada, "pulse.skip", f"{wave.id}:week"))


def test_after_the_close_open_cards_say_so_and_presses_are_refused(talk: Talk, ada: Person, database: Database) -> None:
    wave = launched(talk)
    talk.press(ada, "4 · Rather well")
    talk.replies.clear()

    talk.wait(wave.closes_at - MONDAY)

    assert "This survey closed on" in talk.sees(ada)
    assert buttons(talk.cards(ada)[0]) == []
    reply = talk.act(ada, "pulse.answer", f"{wave.id}:means:5")
    assert "has closed" in str(reply)
    assert ballots(database) == {"week": "4"}


def test_the_thanks_stay_after_the_close(talk: Talk, ada: Person) -> None:
    wave = launched(talk)
    for label in ("4 · Rather well", "4 · Agree", "Skip"):
        talk.press(ada, label)
    talk.replies.clear()

    talk.wait(wave.closes_at - MONDAY)

    assert "Thank you!" in talk.sees(ada)
    assert "closed on" not in talk.sees(ada)


def test_the_command_goes_on_where_one_was(talk: Talk, ada: Person) -> None:
    launched(talk)
    talk.press(ada, "4 · Rather well")

    reply = talk.type(ada, "/sondage")

    assert isinstance(reply, Say)
    assert "Question 2 of 3" in talk.sees(ada)


def test_answering_by_the_command_mends_the_message_too(talk: Talk, ada: Person) -> None:
    launched(talk)
    talk.type(ada, "pulse")
    for label in ("4 · Rather well", "4 · Agree", "Skip"):
        talk.press(ada, label)
    talk.replies.clear()

    assert "Thank you!" in talk.sees(ada)
    assert len(talk.cards(ada)) == 1


def test_answering_before_ones_morning_spares_one_the_message(talk: Talk, ada: Person, database: Database) -> None:
    with database.session() as session:
        pulse.launch(session, "weekly", zone=ZONE, now=SUNDAY)
    talk.wait()
    talk.type(ada, "pulse")
    for label in ("4 · Rather well", "4 · Agree", "Skip"):
        talk.press(ada, label)
    talk.replies.clear()

    talk.wait(timedelta(days=4))

    assert talk.cards(ada) == []


def test_several_open_surveys_are_listed(talk: Talk, ada: Person) -> None:
    launched(talk)
    launched(talk, "onboarding-30", people=[ada])

    talk.type(ada, "pulse")

    assert "Weekly pulse" in talk.sees(ada)
    talk.press(ada, "Answer")
    assert "Question 1 of" in talk.sees(ada)


def test_with_nothing_open_the_command_says_so(talk: Talk, ada: Person) -> None:
    talk.type(ada, "pulse")

    assert "No survey is waiting for you" in talk.sees(ada)


def test_an_identified_survey_says_so_first(talk: Talk, ada: Person) -> None:
    launched(talk, "onboarding-30", people=[ada])

    assert "This survey is not anonymous: the HR department will see what you answered" in talk.sees(ada)


def test_a_repeated_press_is_one_answer(talk: Talk, ada: Person, database: Database) -> None:
    wave = launched(talk)

    for _ in range(3):
        talk.act(ada, "pulse.answer", f"{wave.id}:week:4")

    with database.session() as session:
        assert len(session.exec(select(Ballot)).all()) == 1


def test_taking_back_the_only_answer_takes_back_that_one_answered(talk: Talk, database: Database, ada: Person) -> None:
    wave = launched(talk)
    with database.session() as session:
        ada = session.get_one(Person, ada.id)
        participant = pulse.service.participant(session, wave.id, ada, now=MONDAY)
        question = pulse.service.question_of(participant.survey, "better")
        pulse.service.respond(session, participant, question, "Salt", now=MONDAY)
        pulse.service.take_back(session, participant, question)

    with database.session() as session:
        assert not session.exec(select(Participation)).one().answered


def test_the_outbox_has_nothing_of_what_was_pressed(talk: Talk, ada: Person, database: Database) -> None:
    launched(talk)
    before = _outbox(database)
    talk.press(ada, "4 · Rather well")

    assert _outbox(database) == before


def _outbox(database: Database) -> int:
    def count(session: Session) -> int:
        return len(session.exec(select(Message.id)).all())

    return database.run_here(count)
