"""Works that share a transaction: each sees the others' whole, and a refusal leaves nothing of its own."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from tests.talk import hire
from workbot.people import Person
from workbot.storage.batching import RetryAlone, in_turn, refused_undone, refused_untouched
from workbot.storage.database import Database


class Refused(Exception):
    pass


def names(session: Session) -> set[str]:
    return set(session.exec(select(Person.name)))


def test_what_came_before_is_seen_as_it_was_left(session: Session) -> None:
    ada = hire(session, "Ada Roy")
    seen = []

    for title, is_written in in_turn(session, ["Clerk", "Chief", "Mayor"]):
        found = session.get_one(Person, ada.id)
        seen.append((found.title, is_written))
        found.title = title

    assert seen == [("", False), ("Clerk", True), ("Chief", True)]


def test_works_that_only_look_are_not_read_anew(session: Session) -> None:
    ada = hire(session, "Ada Roy")
    session.flush()

    looks = [(session.get_one(Person, ada.id) is ada, is_written) for _, is_written in in_turn(session, "ab")]

    assert looks == [(True, False), (True, False)]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_a_refusal_undoes_what_its_work_did_and_nothing_else(database: Database) -> None:
    def spoil() -> None:
        hire(session, "Eve May")
        raise Refused

    with database.session() as session:
        hire(session, "Ada Roy")
        session.flush()
        with pytest.raises(Refused):
            refused_undone(session, spoil, Refused)
        hire(session, "Bob Lee")

    with database.session() as session:
        assert names(session) == {"Ada Roy", "Bob Lee"}


def test_among_others_a_refusal_after_a_change_has_to_be_alone(session: Session) -> None:
    def spoil() -> None:
        hire(session, "Eve May")
        raise Refused

    def refuse() -> None:
        raise Refused

    with pytest.raises(Refused):
        refused_untouched(session, refuse, Refused)
    with pytest.raises(RetryAlone):
        refused_untouched(session, spoil, Refused)


def test_a_work_that_is_not_refused_says_what_it_made(session: Session) -> None:
    assert refused_untouched(session, lambda: hire(session, "Ada Roy").name, Refused) == "Ada Roy"
    assert refused_undone(session, lambda: hire(session, "Bob Lee").name, Refused) == "Bob Lee"
    assert names(session) == {"Ada Roy", "Bob Lee"}
