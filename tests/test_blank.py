"""Databases that are lent to one test after another."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from tests import blank
from tests.blank import BlankServer
from tests.talk import hire
from workbot.people import Person
from workbot.storage.database import Database


def people(session: Session) -> list[Person]:
    return list(session.exec(select(Person)))


def test_what_comes_back_with_rows_is_lent_again_without(blank_server: BlankServer) -> None:
    url = blank_server.copy()
    database = Database(url)
    with database.session() as session:
        hire(session, "Ada Roy")
    database.close()
    while blank.is_in_use(url):
        time.sleep(0.01)

    blank_server.give_back(url)

    assert blank_server.copy() == url
    again = Database(url)
    assert again.run_here(people) == []
    again.close()


@pytest.mark.parametrize("change", ["ALTER TABLE person ADD more text", "CREATE TABLE more (id int)"])
def test_what_comes_back_in_another_shape_is_not_lent_again(blank_server: BlankServer, change: str) -> None:
    url = blank_server.copy()
    database = Database(url)
    with database.session() as session:
        session.execute(text(change))
    database.close()

    blank_server.give_back(url)

    assert blank_server.copy() != url


def test_what_another_has_set_for_itself_is_nothing_to_a_copy(blank_server: BlankServer) -> None:
    one, another = blank_server.copy(), blank_server.copy()
    database = Database(another)
    with database.session() as session:
        name = session.execute(text("SELECT current_database()")).scalar_one()
        session.execute(text(f"ALTER DATABASE {name} SET work_mem = '5MB'"))
    database.close()

    blank_server.give_back(another)
    blank_server.give_back(one)

    assert blank_server.copy() == one
    assert blank_server.copy() != another


def test_what_somebody_is_still_in_is_not_lent_again(blank_server: BlankServer) -> None:
    url = blank_server.copy()
    database = Database(url)
    database.run_here(people)

    blank_server.give_back(url)

    assert blank_server.copy() != url
    database.close()
