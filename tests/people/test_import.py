"""Importing a directory: a plan that writes nothing, and its doing, which is whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select

from workbot.people import Account, Department, Person, Role, by_email, importing, roles
from workbot.people.directories import Entry
from workbot.people.importing import Plan
from workbot.storage.database import Database

DATABASES = ("sqlite", "postgresql")
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
ADA, BOB, CLEO = "ada@city.example", "bob@city.example", "cleo@city.example"


def department_line(session: Session, person: Person) -> list[Department]:
    """The departments a person belongs to, from the root down."""
    line: list[Department] = []
    key: UUID | None = person.department_id
    while key is not None and (department := session.get(Department, key)):
        line.insert(0, department)
        key = department.parent_id
    return line


def entries(*rows: dict[str, str]) -> list[Entry]:
    return [Entry(line, {"name": row["email"].split("@")[0].title()} | row) for line, row in enumerate(rows, 2)]


def plan(session: Session, *rows: dict[str, str], now: datetime = NOW) -> Plan:
    return importing.plan(session, entries(*rows), timezone="America/Toronto", locale="en", now=now)


def bring(session: Session, *rows: dict[str, str], now: datetime = NOW) -> Plan:
    made = plan(session, *rows, now=now)
    assert made.mistakes == ()
    importing.apply(session, made, now=now)
    session.flush()
    return made


def mistakes(session: Session, *rows: dict[str, str]) -> list[str]:
    return [str(mistake) for mistake in plan(session, *rows).mistakes]


def person(session: Session, email: str) -> Person:
    return session.exec(select(Person).where(Person.email == email)).one()


def accounts(session: Session, email: str) -> dict[str, str]:
    owner = person(session, email)
    rows = session.exec(select(Account).where(Account.person_id == owner.id))
    return {account.platform: account.user for account in rows}


def test_everything_a_row_says_is_stored(session: Session) -> None:
    ada = {
        "email": "Ada@City.example",
        "name": " Ada \n Roy ",
        "title": "Lead, Roads",
        "department": "Public Works / Roads",
        "location": "Works Yard",
        "timezone": "America/Vancouver",
        "locale": "fr-CA",
        "started_on": "2024-02-29",
        "left_on": "",
        "employment": "permanent",
        "slack_user_id": "U1",
        "teams_user_id": "0a1b",
        "roles": "hr  agent:it",
        "union": "local 79",
        "floor": "",
    }

    bring(session, ada)

    found = person(session, ADA)
    stored = found.model_dump(exclude={"id", "department_id"}, exclude_defaults=True)
    assert stored == {
        "email": ADA,
        "name": "Ada Roy",
        "title": "Lead, Roads",
        "location": "Works Yard",
        "timezone": "America/Vancouver",
        "locale": "fr",
        "listed_locale": "fr",
        "started_on": date(2024, 2, 29),
        "employment": "permanent",
        "attributes": {"union": "local 79"},
    }
    assert [department.path for department in department_line(session, found)] == [
        "Public Works",
        "Public Works/Roads",
    ]
    assert roles(session, found) == {"hr", "agent:it"}
    assert accounts(session, ADA) == {"slack": "U1", "teams": "0a1b", "web": str(found.id)}


def test_who_has_no_language_or_zone_gets_workbots(session: Session) -> None:
    bring(session, {"email": ADA, "locale": ""})

    assert (person(session, ADA).locale, person(session, ADA).timezone) == ("en", "America/Toronto")


def test_a_manager_may_stand_further_down_or_in_the_database(session: Session) -> None:
    bring(session, {"email": CLEO})

    bring(session, {"email": ADA, "manager_email": "BOB@city.example"}, {"email": BOB, "manager_email": CLEO})

    assert person(session, ADA).manager_id == person(session, BOB).id
    assert person(session, BOB).manager_id == person(session, CLEO).id


def test_the_same_file_twice_changes_nothing(session: Session) -> None:
    rows = [
        {"email": ADA, "manager_email": BOB, "department": "A/B", "roles": "hr", "slack_user_id": "U1", "shift": ""},
        {"email": BOB, "manager_email": "", "department": "", "roles": "", "slack_user_id": "", "shift": "night"},
    ]

    first = bring(session, *rows)
    second = plan(session, *rows)

    assert len(first.joins) == 2
    assert second.is_empty


def test_a_plan_writes_nothing(session: Session) -> None:
    bring(session, {"email": ADA})

    plan(session, {"email": ADA, "name": "Ada King"}, {"email": BOB, "department": "New"})
    session.flush()

    assert person(session, ADA).name == "Ada"
    assert session.exec(select(Person)).all() == [person(session, ADA)]
    assert session.exec(select(Department)).all() == []


def test_a_plan_tells_each_change_field_by_field(session: Session) -> None:
    bring(session, {"email": ADA, "title": "Clerk", "manager_email": "", "roles": "hr", "shift": "day"}, {"email": BOB})

    row = {"email": ADA, "title": "Lead", "manager_email": BOB, "roles": "admin", "shift": ""}
    (change,) = plan(session, row, {"email": BOB}).changes

    assert {column: (change.before[column], after) for column, after in change.after.items()} == {
        "title": ("Clerk", "Lead"),
        "manager_email": ("", BOB),
        "roles": (frozenset({"hr"}), frozenset({"admin"})),
        "attributes.shift": ("day", ""),
    }


def test_an_empty_cell_clears_and_a_missing_column_leaves_alone(session: Session) -> None:
    full = {"title": "Lead", "department": "Roads", "roles": "hr", "slack_user_id": "U1", "shift": "day", "floor": "2"}
    bring(session, {"email": ADA, **full})

    bring(session, {"email": ADA, "title": "", "department": "", "slack_user_id": "", "shift": ""})

    ada = person(session, ADA)
    assert (ada.title, ada.department_id, ada.attributes) == ("", None, {"floor": "2"})
    assert roles(session, ada) == {"hr"}
    assert accounts(session, ADA) == {"web": str(ada.id)}


def test_who_is_missing_from_the_file_has_left_and_is_kept(session: Session) -> None:
    bring(session, {"email": ADA}, {"email": BOB})

    made = bring(session, {"email": BOB})

    ada = person(session, ADA)
    assert [leaver.email for leaver in made.leaves] == [ADA]
    assert (ada.active, ada.left_on, ada.name) == (False, date(2026, 3, 2), "Ada")
    assert by_email(session, ADA) is None
    assert plan(session, {"email": BOB}).is_empty


def test_who_is_listed_again_comes_back(session: Session) -> None:
    bring(session, {"email": ADA}, {"email": BOB})
    bring(session, {"email": BOB})

    bring(session, {"email": ADA}, {"email": BOB})

    assert (person(session, ADA).active, person(session, ADA).left_on) == (True, None)


def test_the_last_day_counts_and_the_day_after_is_a_leave(session: Session) -> None:
    ada = {"email": ADA, "left_on": "2026-03-02"}
    bring(session, ada, {"email": BOB})
    assert person(session, ADA).active

    made = bring(session, ada, {"email": BOB}, now=datetime(2026, 3, 3, 6, 0, tzinfo=UTC))

    assert [leaver.email for leaver in made.leaves] == [ADA]
    assert not person(session, ADA).active
    assert person(session, ADA).left_on == date(2026, 3, 2)


def test_a_last_day_in_the_past_is_kept_as_it_was(session: Session) -> None:
    bring(session, {"email": ADA})

    bring(session, {"email": ADA, "left_on": "2026-02-15"})

    assert (person(session, ADA).active, person(session, ADA).left_on) == (False, date(2026, 2, 15))


def test_the_last_day_ends_where_the_person_is(session: Session) -> None:
    ada = {"email": ADA, "timezone": "America/Vancouver", "left_on": "2026-03-02"}
    bring(session, ada)

    evening_there = datetime(2026, 3, 3, 7, 30, tzinfo=UTC)

    assert plan(session, ada, now=evening_there).is_empty


def test_a_leaver_who_stays_listed_stays_gone(session: Session) -> None:
    bring(session, {"email": ADA, "left_on": "2025-12-31", "title": "Clerk"})

    bring(session, {"email": ADA, "left_on": "2025-12-31", "title": "Lead"})

    assert (person(session, ADA).active, person(session, ADA).title) == (False, "Lead")


@pytest.mark.parametrize(
    ("people", "leavers", "drastic"),
    [(100, 5, False), (100, 6, True), (1000, 25, False), (1000, 26, True), (10, 1, True), (10, 0, False)],
)
def test_a_file_that_would_lose_many_people_is_drastic(
    session: Session, people: int, leavers: int, drastic: bool
) -> None:
    rows = [{"email": f"p{number}@city.example"} for number in range(people)]
    bring(session, *rows)

    assert plan(session, *rows[leavers:]).is_drastic is drastic


def test_a_language_that_a_person_chose_outlives_the_next_import(session: Session) -> None:
    bring(session, {"email": ADA, "locale": "en"})
    person(session, ADA).locale = "fr"

    bring(session, {"email": ADA, "locale": "en", "title": "Lead"})
    assert person(session, ADA).locale == "fr"

    bring(session, {"email": ADA, "locale": "fr"})
    bring(session, {"email": ADA, "locale": "en"})
    assert person(session, ADA).locale == "en"


def test_two_people_may_exchange_their_accounts(session: Session) -> None:
    bring(session, {"email": ADA, "slack_user_id": "U1"}, {"email": BOB, "slack_user_id": "U2"})

    bring(session, {"email": ADA, "slack_user_id": "U2"}, {"email": BOB, "slack_user_id": "U1"})

    assert (accounts(session, ADA)["slack"], accounts(session, BOB)["slack"]) == ("U2", "U1")


def test_an_account_goes_with_a_person_whose_address_changed(session: Session) -> None:
    bring(session, {"email": ADA, "slack_user_id": "U1"})

    bring(session, {"email": "ada.king@city.example", "slack_user_id": "U1"})

    assert accounts(session, "ada.king@city.example")["slack"] == "U1"
    assert "slack" not in accounts(session, ADA)


def test_an_account_linked_in_a_workspace_is_left_alone(session: Session) -> None:
    bring(session, {"email": ADA})
    ada = person(session, ADA)
    session.add(Account(person_id=ada.id, platform="slack", tenant="T1", user="U9", address="U9"))

    bring(session, {"email": ADA, "slack_user_id": ""})

    assert accounts(session, ADA)["slack"] == "U9"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ({"email": "ada"}, "2: email: 'ada' is not an e-mail address; write one such as ada.roy@city.example"),
        ({"email": "a\nb@c.example"}, r"2: email: 'a\nb@c.example' is not an e-mail address; write one such as"),
        ({"name": " "}, "2: name: this is required and empty; write the person's name"),
        ({"name": "A\0da"}, "2: name: this holds a NUL character, which is no text; remove it"),
        ({"department": "A//B"}, "2: department: 'A//B' has an empty part; write it as Corporate Services/Technology"),
        ({"manager_email": BOB}, f"2: manager_email: nobody has the address {BOB}; correct it, or add a row"),
        ({"manager_email": ADA}, f"2: manager_email: {ADA} cannot be their own manager; leave the cell empty"),
        ({"timezone": "America/Torronto"}, "is not a time zone; use a name such as America/Toronto"),
        ({"locale": "de"}, "2: locale: 'de' is not a language here; use en or fr"),
        ({"started_on": "03/02/2026"}, "2: started_on: '03/02/2026' is not a date; write it as 2026-03-31"),
        ({"started_on": "2026-02-30"}, "2: started_on: there is no day 2026-02-30 in the calendar"),
        ({"started_on": "2026-03-02", "left_on": "2026-03-01"}, "2: left_on: 2026-03-01 is before started_on"),
        ({"roles": "hr agnt:it"}, "2: roles: there is no role 'agnt:it'; use hr, admin, auditor or agent:DESK"),
        ({"slack_user_id": "U 1"}, "2: slack_user_id: 'U 1' is not a user id; it has no spaces"),
    ],
)
def test_a_bad_cell_is_named_with_what_would_be_right(session: Session, cell: dict[str, str], message: str) -> None:
    (said,) = mistakes(session, {"email": ADA} | cell)

    assert message in said


def test_every_bad_line_is_listed_in_order_and_nothing_is_planned(session: Session) -> None:
    made = plan(
        session,
        {"email": ADA, "manager_email": "x@y.example", "locale": "de"},
        {"email": BOB, "started_on": "soon"},
        {"email": CLEO},
        {"email": BOB.upper()},
    )

    assert [(mistake.row, mistake.column) for mistake in made.mistakes] == [
        (2, "locale"),
        (2, "manager_email"),
        (3, "started_on"),
        (5, "email"),
    ]
    assert made.is_empty


def test_the_same_address_twice_names_both_lines(session: Session) -> None:
    assert mistakes(session, {"email": ADA}, {"email": BOB}, {"email": ADA}) == [
        f"4: email: {ADA} is already on line 2; two people cannot share an address; remove one of the rows"
    ]


def test_the_same_account_twice_names_both_lines(session: Session) -> None:
    assert mistakes(session, {"email": ADA, "slack_user_id": "U1"}, {"email": BOB, "slack_user_id": "U1"}) == [
        "3: slack_user_id: U1 is already on line 2; one account belongs to one person; correct one of the rows"
    ]


def test_managers_in_a_circle_are_named_once(session: Session) -> None:
    (said,) = mistakes(
        session,
        {"email": "dan@city.example", "manager_email": ADA},
        {"email": ADA, "manager_email": BOB},
        {"email": BOB, "manager_email": CLEO},
        {"email": CLEO, "manager_email": ADA},
    )

    assert said == (
        f"3: manager_email: these people manage each other in a circle: {ADA} → {BOB} → {CLEO} → {ADA} "
        "(lines 3, 4, 5); correct one of them"
    )


def test_a_circle_through_the_database_is_found(session: Session) -> None:
    bring(session, {"email": ADA}, {"email": BOB, "manager_email": ADA})

    assert len(mistakes(session, {"email": ADA, "manager_email": BOB}, {"email": BOB})) == 1


def test_what_a_directory_could_not_read_is_a_mistake(session: Session) -> None:
    broken = replace(entries({"email": ADA})[0], problems=("this row is torn",))

    made = importing.plan(session, [broken], timezone="America/Toronto", locale="en", now=NOW)

    assert [str(mistake) for mistake in made.mistakes] == ["2: this row is torn"]


def test_a_column_that_looks_like_a_slip_is_pointed_out(session: Session) -> None:
    made = plan(session, {"email": ADA, "manger_email": BOB, "union": "79"})

    assert made.notes == ("the column 'manger_email' becomes an attribute; did you mean 'manager_email'?",)


def test_text_of_every_kind_is_stored_as_typed(session: Session) -> None:
    strange = '=HYPERLINK("http://x") <b>مرحبا</b> 👩‍🚒 ' + "x" * 100_000

    bring(session, {"email": ADA, "name": strange, "motto": strange})

    assert person(session, ADA).name == strange
    assert person(session, ADA).attributes == {"motto": strange}


def test_ten_thousand_people_take_few_statements(database: Database) -> None:
    rows = [
        {
            "email": f"p{number}@city.example",
            "department": f"Division {number % 12}/Service {number % 200}",
            "manager_email": f"p{number // 10}@city.example" if number else "",
            "slack_user_id": f"U{number}",
            "roles": "agent:it" if number % 100 == 0 else "",
            "locale": "fr" if number % 2 else "en",
        }
        for number in range(10_000)
    ]

    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    with database.session() as session:
        bring(session, *rows)
    joined = len(statements)
    with database.session() as session:
        again = plan(session, *rows)
    compared = len(statements) - joined

    with database.session() as session:
        assert len(session.exec(select(Account.id).where(col(Account.platform) == "slack")).all()) == 10_000
        assert len(session.exec(select(Role.name)).all()) == 100
    assert again.is_empty
    assert joined < 20
    assert compared < 10


def test_what_nobody_sees_tells_no_two_people_apart(session: Session) -> None:
    """The two files of the field: an address, then the same with a space of no width before or after it."""
    zoe = "zoe.tremblay@city.example"
    bring(session, {"email": zoe}, {"email": ADA, "manager_email": zoe, "department": "Works", "slack_user_id": "U1"})

    made = plan(
        session,
        {"email": f"\u200b{zoe}"},
        {
            "email": f"{ADA}\u200b",
            "manager_email": f"\ufeff{zoe}\u00ad",
            "department": "Wor\u2060ks\u200b",
            "slack_user_id": "U\u200b1",
            "roles": "\u200b",
        },
    )

    assert made.mistakes == ()
    assert made.is_empty


def test_an_accent_written_in_two_ways_is_one_department(session: Session) -> None:
    bring(session, {"email": ADA, "department": "Ecole\u0301"})

    made = plan(session, {"email": ADA, "department": "Ecol\u00e9"})

    assert made.is_empty
    assert made.departments == ()


def test_who_was_stored_with_what_nobody_sees_is_the_same_person(session: Session) -> None:
    before = Person(email=f"\u200b{ADA}", name="Ada", timezone="America/Toronto", locale="en")
    session.add(before)
    session.flush()

    made = bring(session, {"email": ADA, "manager_email": ""})

    assert (made.joins, made.leaves) == ((), ())
    assert person(session, ADA).id == before.id
    assert by_email(session, f" {ADA}\u200b".upper()) is not None


def test_of_two_who_were_made_of_one_the_one_without_marks_stays(session: Session) -> None:
    bring(session, {"email": ADA}, {"email": BOB})
    kept = person(session, ADA).id
    session.add(Person(email=f"{ADA}\u200b", name="Ada", timezone="America/Toronto", locale="en"))
    session.flush()

    made = bring(session, {"email": ADA}, {"email": BOB})

    assert [who.email for who in made.leaves] == [f"{ADA}\u200b"]
    assert person(session, ADA).id == kept
    assert plan(session, {"email": ADA}, {"email": BOB}).is_empty


def test_a_slash_in_a_name_is_written_with_a_backslash(session: Session) -> None:
    rows = [
        {"email": ADA, "department": "Parks and Rec/Pool"},
        {"email": BOB, "department": "I/O Support"},
        {"email": CLEO, "department": r"I\/O Support"},
        {"email": "dan@city.example", "department": "Back\\slash"},
        {"email": "eve@city.example", "department": r"Ends\\/Below"},
    ]

    made = bring(session, *rows)

    assert made.departments == (
        "Back\\slash",
        r"Ends\\",
        r"Ends\\/Below",
        "I",
        "I/O Support",
        r"I\/O Support",
        "Parks and Rec",
        "Parks and Rec/Pool",
    )
    lines = {
        row["email"]: [step.name for step in department_line(session, person(session, row["email"]))] for row in rows
    }
    assert lines == {
        ADA: ["Parks and Rec", "Pool"],
        BOB: ["I", "O Support"],
        CLEO: ["I/O Support"],
        "dan@city.example": ["Back\\slash"],
        "eve@city.example": ["Ends\\", "Below"],
    }
    assert plan(session, *rows).is_empty


def test_a_tree_from_when_no_slash_could_be_written_is_mended(session: Session) -> None:
    top = Department(name="I\\", path="I\\")
    session.add(top)
    session.flush()
    session.add(Department(name="O Support", path=r"I\/O Support", parent_id=top.id))
    session.flush()

    bring(session, {"email": ADA, "department": r"I\/O Support"})

    assert [step.name for step in department_line(session, person(session, ADA))] == ["I/O Support"]


@pytest.mark.parametrize("path", ["/", "A/", "/A", "A//B", "A/ /B", "A/\u200b", "A\\\\/"])
def test_an_empty_department_is_none(session: Session, path: str) -> None:
    (said,) = mistakes(session, {"email": ADA, "department": path})

    assert "has an empty part" in said


def test_zones_are_known_by_every_name_that_certainly_means_one(session: Session) -> None:
    bring(
        session,
        {"email": ADA, "timezone": "Eastern Standard Time"},
        {"email": BOB, "timezone": "america/toronto"},
        {"email": CLEO, "timezone": "(UTC-05:00) Eastern Time (US & Canada)"},
        {"email": "dan@city.example", "timezone": "India Standard Time"},
    )

    zones = [person(session, who).timezone for who in (ADA, BOB, CLEO, "dan@city.example")]
    assert zones == ["America/Toronto", "America/Toronto", "America/Toronto", "Asia/Kolkata"]


def test_an_abbreviation_is_refused_with_the_zone_that_is_probably_meant(session: Session) -> None:
    assert mistakes(session, {"email": ADA, "timezone": "EST"}, {"email": BOB, "timezone": "PST"}) == [
        "2: timezone: 'EST' says nothing of summer time; write the name of a zone, probably America/Toronto",
        "3: timezone: 'PST' says nothing of summer time; write the name of a zone, probably America/Los_Angeles",
    ]
