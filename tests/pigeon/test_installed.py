"""A platform that is installed beside the app has all that ours have, and nothing of the app is touched for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import Session, select

from tests.pigeon.company import KEEPER, ROOT, Company
from tests.pigeon.models import Letter
from tests.postgres import Server
from workbot import delivery
from workbot.cards import Card
from workbot.people import Account, Person, by_email
from workbot.storage.database import Database

PEOPLE = """\
email,name,roles,locale,Pigeon Ring
ada@city.example,Ada Tremblay,,en,on-2026-17
luc@city.example,Luc Roy,hr admin,fr,AB-2026-1
"""
WRONG = """\
email,name,pigeon_ring
ada@city.example,Ada Tremblay,seagull
luc@city.example,Luc Roy,ab-2026-1
mei@city.example,Mei Lin,AB-2026-1
"""
T = TypeVar("T")
PATIENCE_SECONDS = 30.0


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Ada and Luc have pigeons; over Luc's province there are hawks."""
    company = Company(tmp_path_factory.mktemp("company"))
    company.install()
    (company.folder / "people.csv").write_text(PEOPLE)
    company.workbot("people", "import", "people.csv")
    return company


@pytest.fixture(scope="module")
def visit(company: Company) -> Iterator[httpx.Client]:
    with company.serving(PIGEON_HAWKS="AB") as client:
        yield client


def test_nothing_of_the_app_knows_of_it() -> None:
    app = [file for part in ("workbot", "integrations", "migrations") for file in (ROOT / part).rglob("*.py")]

    assert [file for file in app if "pigeon" in file.read_text(encoding="utf-8").lower()] == []


def test_the_people_file_says_who_has_which_ring(company: Company) -> None:
    with company.session() as session:
        wanted = select(Person.name, Account.user).join(Account).where(Account.platform == "pigeon")
        assert dict(session.exec(wanted).all()) == {"Ada Tremblay": "ON-2026-17", "Luc Roy": "AB-2026-1"}


def test_what_is_wrong_with_a_ring_is_said_with_its_line(company: Company) -> None:
    (company.folder / "wrong.csv").write_text(WRONG)

    said = " ".join(company.workbot("people", "import", "wrong.csv", "--dry-run", fails=True).split())

    assert "2: pigeon_ring: 'seagull' is not a ring; write it as ON-2026-17" in said
    assert "4: pigeon_ring: AB-2026-1 is already on line 3; one account belongs to one person" in said


def test_what_is_said_there_is_answered_there(visit: httpx.Client) -> None:
    arrival = {"id": "1", "ring": "ON-2026-17", "text": "help"}

    answer = visit.post("/pigeon/arrivals", json=arrival, headers=KEEPER).json()["answer"]

    assert answer.startswith("What I can do")
    assert visit.post("/pigeon/arrivals", json=arrival).status_code == 401


def test_messages_of_the_outbox_fly(company: Company, visit: httpx.Client) -> None:
    with company.session() as session:
        tell(session, "ada@city.example", "Your laptop is ready")

    assert eventually(lambda: letters(visit, "ON-2026-17")) == ["Your laptop is ready"]


def test_the_console_says_by_its_name_and_in_its_words_what_went_wrong(company: Company, visit: httpx.Client) -> None:
    visit.post(company.workbot("sign-in-link", "luc@city.example").split()[0])
    with company.session() as session:
        tell(session, "luc@city.example", "Your laptop is ready")
        luc = by_email(session, "luc@city.example")
        assert luc

    page = eventually(lambda: doubts(visit))

    assert "Des faucons rôdaient : le pigeon s’est peut-être perdu." in page
    assert "Pigeon voyageur" in page
    assert "Pigeon voyageur" in visit.get(f"/console/people/{luc.id}").text


def test_the_doctor_asks_it_how_it_is(company: Company) -> None:
    assert "The sky is clear." in company.workbot("doctor")
    assert "faucons" in company.workbot("doctor", PIGEON_HAWKS="AB BC", WORKBOT_LOCALE="fr")
    assert "the pigeons eat for nothing" in company.workbot("doctor", PIGEON_SECRET="")


@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_its_table_comes_and_stays_when_it_goes(on: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    postgres: Server | None = request.getfixturevalue("postgres") if on == "postgresql" else None
    company = Company(tmp_path, postgres.new_database() if postgres else "")
    before = company.workbot("migrate")
    company.install()

    after = company.workbot("migrate")

    revision = before.split()[-1].removesuffix(".")
    assert after.split("revision ")[1].split() == [f"{revision},", "pigeon", "0001."]
    assert changes_needed(company.url) == []
    with company.session() as session:
        session.add(Letter(address="ON-2026-17", text="Hello"))

    company.uninstall()

    assert f"up to date, at revision {revision}." in company.workbot("migrate")
    with company.session() as session:
        assert [letter.text for letter in session.exec(select(Letter))] == ["Hello"]


def changes_needed(url: str) -> list[object]:
    """What its table lacks of what its model says."""
    database = Database(url)
    with database.engine.connect() as connection:
        opts = {"include_name": lambda name, kind, _: kind != "table" or name == Letter.__tablename__}
        found = compare_metadata(MigrationContext.configure(connection, opts=opts), Letter.metadata)
    database.close()
    return [change for change in found if "pigeon" in str(change)]


def tell(session: Session, email: str, words: str) -> None:
    person = by_email(session, email)
    assert person
    delivery.tell(session, person, Card(words), key=f"test:{email}", now=datetime.now(UTC), resend_on_doubt=False)


def letters(visit: httpx.Client, address: str) -> list[str]:
    found: list[str] = visit.get("/pigeon/letters", params={"address": address}, headers=KEEPER).json()
    return found


def doubts(visit: httpx.Client) -> str:
    """The page of what goes out, once there are doubts on it."""
    page = visit.get("/console/campaigns").text
    return page if 'id="doubts"' in page else ""


def eventually(look: Callable[[], T]) -> T:
    """What is to be seen, as soon as there is anything; another process sees to it."""
    gives_up_at = time.monotonic() + PATIENCE_SECONDS
    while not (seen := look()):
        assert time.monotonic() < gives_up_at
        time.sleep(0.1)
    return seen
