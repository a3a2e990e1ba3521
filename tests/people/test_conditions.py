"""Conditions on people: one meaning, for one person and for everyone, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlmodel import Session, delete, select

from tests.talk import hire
from workbot.people import Account, Conditions, Person
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")
NAMES = ("location", "title", "union", "Équipe", 'a "quoted" name', "a.b[0]", "$", "back\\slash", "")
WORDS = ("Québec", "quebec", "QUE\u0301BEC", " Québec ", "Straße", "STRASSE", "ﬁn", "FIN", "", "null", "true", "3")
texts = st.one_of(st.sampled_from(WORDS), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
scalars = st.one_of(texts, st.none(), st.booleans(), st.integers(-999, 999), st.sampled_from([0.5, -1.25, 3.0]))
values = st.one_of(scalars, st.lists(scalars, max_size=3))
attributes = st.dictionaries(st.sampled_from(NAMES[2:]), values)
traits = st.tuples(texts, texts, attributes)
asked = st.dictionaries(st.sampled_from(NAMES), st.one_of(texts, st.lists(texts, min_size=1, max_size=3)), max_size=2)


def wanted(**given: object) -> Conditions:
    return Conditions.model_validate(given)


def someone(**given: Any) -> Person:
    own = {"email": "a@b.example", "name": "A", "timezone": "UTC", "locale": "en"}
    return Person(**own, **given)


def found(session: Session, conditions: Conditions) -> set[str]:
    return set(session.exec(select(Person.name).where(conditions.clause(session))))


@pytest.mark.parametrize("written", ["Québec", "QUEBEC", " québec", "Que\u0301bec"])
def test_case_accents_and_outer_space_do_not_matter(database: Database, written: str) -> None:
    conditions = wanted(location="quebec")
    with database.session() as session:
        hire(session, "Ada Roy", location=written)
        hire(session, "Bob Fox", location="Québec City")

        assert conditions.hold_for(someone(location=written))
        assert found(session, conditions) == {"Ada Roy"}


def test_every_line_must_hold_and_any_of_its_values(database: Database) -> None:
    conditions = wanted(location=["North", "South"], union="écoles")
    with database.session() as session:
        hire(session, "Ada Roy", location="south", attributes={"union": "Ecoles"})
        hire(session, "Bob Fox", location="north", attributes={"union": "parks"})
        hire(session, "Eve Low", location="east", attributes={"union": "écoles"})

        assert found(session, conditions) == {"Ada Roy"}


@pytest.mark.parametrize("lacking", [{}, {"union": None}, {"union": ""}, {"union": []}])
def test_what_somebody_lacks_is_the_empty_text(database: Database, lacking: dict[str, Any]) -> None:
    with database.session() as session:
        hire(session, "Ada Roy", attributes=lacking)
        hire(session, "Bob Fox", attributes={"union": "None"})

        assert found(session, wanted(union="")) == {"Ada Roy"}
        assert found(session, wanted(union=["none", "parks"])) == {"Bob Fox"}
        assert wanted(union="").hold_for(someone(attributes=lacking))


def test_of_a_list_one_value_is_enough(database: Database) -> None:
    with database.session() as session:
        hire(session, "Ada Roy", attributes={"union": ["écoles", "Parks"]})
        hire(session, "Bob Fox", attributes={"union": ["roads"]})

        assert found(session, wanted(union="PARKS")) == {"Ada Roy"}


def test_without_conditions_it_is_everyone_and_by_an_unknown_name_nobody(database: Database) -> None:
    with database.session() as session:
        hire(session, "Ada Roy")

        assert found(session, wanted()) == {"Ada Roy"}
        assert found(session, wanted(shoe_size="44")) == set()


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(traits, max_size=6), given_conditions=asked)
@example([("Québec", "", {"union": "Québec"})], {"union": "quebec"})
@example([("", "", {"Équipe": True}), ("", "", {"Équipe": "true"})], {"Équipe": "TRUE"})
@example([("", "", {'a "quoted" name': ["x", None]}), ("", "", {})], {'a "quoted" name': ""})
def test_one_by_one_and_all_at_once_conditions_mean_the_same(
    database: Database, people: list[tuple[str, str, dict[str, Any]]], given_conditions: Mapping[str, Any]
) -> None:
    conditions = Conditions.model_validate(given_conditions)
    with database.session() as session:
        session.execute(delete(Account))
        session.execute(delete(Person))
        made = [
            hire(session, f"P {number}", location=location, title=title, attributes=more)
            for number, (location, title, more) in enumerate(people)
        ]
        session.flush()

        one_by_one = {person.name for person in made if conditions.hold_for(person)}
        assert found(session, conditions) == one_by_one


@pytest.mark.parametrize(
    ("given_value", "said"),
    [([], "at least one value"), (3, "want quotes"), ([True], "want quotes"), ({"is": "x"}, "want quotes")],
)
def test_what_is_no_condition_is_told(given_value: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said) as refused:
        wanted(location=given_value)

    assert refused.value.errors()[0]["loc"] == ("location",)


@pytest.mark.parametrize("written", [{"location": "North"}, {"location": ["North"]}])
def test_what_was_written_is_published_as_it_was(written: dict[str, Any]) -> None:
    assert Conditions.model_validate(written).model_dump(mode="json") == written
