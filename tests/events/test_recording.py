"""Events: what a verb declares, in the transaction of what was done, and of no answer to a survey."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from workbot.events import Event, Subject, Verb, record
from workbot.storage.database import Database

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
POUR = Verb("kettle.pour", "cups", "of")
KETTLE = Subject("kettle:1")


def test_an_event_says_who_did_what_to_which_thing_when(database: Database) -> None:
    ada = uuid4()

    def pour(session: Session) -> None:
        session.info["trace"] = "0a1b2c3d"
        record(session, POUR, KETTLE, by=ada, now=NOON, cups=2, of="tea")

    database.run_here(pour)

    with database.session() as session:
        (event,) = session.exec(select(Event))
    assert (event.verb, event.subject, event.actor_id, event.at) == ("kettle.pour", "kettle:1", ada, NOON)
    assert (event.facts, event.trace) == ({"cups": 2, "of": "tea"}, "0a1b2c3d")


def test_what_was_not_done_is_not_recorded(database: Database) -> None:
    def spill(session: Session) -> None:
        record(session, POUR, KETTLE, by=None, now=NOON, cups=2, of="tea")
        raise OSError("spilled")

    with pytest.raises(OSError, match="spilled"):
        database.run_here(spill)

    with database.session() as session:
        assert session.exec(select(Event)).all() == []


@pytest.mark.parametrize(
    "facts",
    [
        {"cups": 2},
        {"cups": 2, "of": "tea", "words": "Between you and me."},
        {"cups": 2, "of": ["tea"]},
        {"cups": 2, "of": KETTLE},
    ],
)
def test_what_the_verb_does_not_declare_and_what_is_no_fact_is_refused(session: Session, facts: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"kettle\.pour tells"):
        record(session, POUR, KETTLE, by=None, now=NOON, **facts)
