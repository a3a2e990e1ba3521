"""The life of definitions: files are followed, the console's own waits for a decision, what is off begins nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from workbot import definitions
from workbot.definitions import (
    Definition,
    DefinitionSwitch,
    DefinitionVersion,
    FileDefinition,
    Finding,
    Kind,
    Origin,
    State,
    Texts,
)
from workbot.definitions.versions import PARSED
from workbot.errors import Gone, WorkbotError

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
HANA = uuid4()


class Menu(Definition):
    title: Texts
    price: int = 4


KIND = Kind("menus", Menu, Path())


def menu(price: int, name: str = "lunch") -> Menu:
    return Menu(name=name, title={"en": "Lunch", "fr": "Dîner"}, price=price)


def filed(price: int, name: str = "lunch", origin: Origin = Origin.FILE) -> FileDefinition[Menu]:
    return FileDefinition(KIND, menu(price, name), Path(f"{name}.yaml"), origin, f"digest of {name} at {price}")


def start(
    session: Session, *files: FileDefinition[Menu], has_folder: bool = True, release: str = "1.0", at: datetime = NOW
) -> None:
    """What a process does at its start with the files that it sees."""
    definitions.follow_files(
        session, KIND, {file.name: file for file in files}, has_folder=has_folder, release=release, now=at
    )


def from_console(session: Session, price: int) -> DefinitionVersion:
    return definitions.publish(session, KIND, menu(price), origin=Origin.CONSOLE, author=HANA, now=NOW)


def price(session: Session, name: str = "lunch") -> int | None:
    """What a menu costs by its current version; None where there is none."""
    try:
        return definitions.current(session, KIND, name)[0].price
    except Gone:
        return None


def states(session: Session) -> Mapping[int, tuple[str, str]]:
    rows = session.exec(select(DefinitionVersion).order_by(DefinitionVersion.version))
    return {row.version: (row.origin, row.state) for row in rows}


def test_a_file_is_published_again_only_when_it_says_something_else(session: Session) -> None:
    start(session, filed(4))
    start(session, filed(4))
    start(session, filed(5))

    assert states(session) == {1: ("file", "published"), 2: ("file", "published")}
    assert price(session) == 5


def test_a_new_key_of_the_program_makes_no_new_version_of_a_file_that_did_not_change(session: Session) -> None:
    start(session, filed(4))
    row = session.exec(select(DefinitionVersion)).one()
    row.content = {key: value for key, value in row.content.items() if key != "price"}
    session.add(row)

    start(session, filed(4), release="2.0")

    assert states(session) == {1: ("file", "published")}


def test_what_the_console_published_outlives_a_start_with_the_same_file(session: Session) -> None:
    start(session, filed(4))
    from_console(session, 9)

    start(session, filed(4))

    assert price(session) == 9
    assert states(session) == {1: ("file", "published"), 2: ("console", "published")}


def test_where_the_file_and_the_console_both_changed_the_consoles_waits_for_a_decision(session: Session) -> None:
    start(session, filed(4))
    from_console(session, 8)
    from_console(session, 9)

    start(session, filed(5), at=LATER)

    assert price(session) == 5
    assert {number: state for number, (_, state) in states(session).items()} == {
        1: "published",
        2: "retired",
        3: "draft",
        4: "published",
    }


def test_a_draft_is_published_as_a_version_of_whoever_decides(session: Session) -> None:
    start(session, filed(4))
    draft = from_console(session, 9)
    start(session, filed(5))

    definitions.publish_draft(session, KIND, draft, author=HANA, now=LATER)

    _menu, version = definitions.current(session, KIND, "lunch")
    assert (price(session), version.author_id, version.origin) == (9, HANA, "console")
    assert draft.state == State.RETIRED
    start(session, filed(5))
    assert price(session) == 9


def test_a_draft_that_is_taken_back_leaves_the_files_version(session: Session) -> None:
    start(session, filed(4))
    draft = from_console(session, 9)
    start(session, filed(5))

    definitions.discard_draft(session, KIND, draft, author=HANA, now=LATER)

    assert price(session) == 5
    with pytest.raises(Gone, match="a draft no more"):
        definitions.publish_draft(session, KIND, draft, author=HANA, now=LATER)


def test_a_file_that_is_gone_is_retired_and_what_runs_on_it_goes_on(session: Session) -> None:
    start(session, filed(4), filed(7, "supper"))
    _menu, running = definitions.current(session, KIND, "lunch")
    start(session, filed(5), filed(7, "supper"))

    start(session, filed(7, "supper"))

    assert (price(session), price(session, "supper")) == (None, 7)
    assert definitions.as_published(session, KIND, running.id).price == 4


def test_a_file_that_comes_back_is_published_again(session: Session) -> None:
    start(session, filed(4), filed(7, "supper"))
    start(session, filed(7, "supper"))

    start(session, filed(4), filed(7, "supper"))

    assert price(session) == 4


def test_a_process_without_the_folder_leaves_alone_what_came_from_it(session: Session) -> None:
    start(session, filed(4), filed(7, "supper"))

    start(session, filed(1, origin=Origin.SHIPPED), has_folder=False)

    assert (price(session), price(session, "supper")) == (4, 7)


def test_a_process_of_an_older_release_neither_publishes_nor_retires(session: Session) -> None:
    start(session, filed(4, origin=Origin.SHIPPED), filed(7, "supper", Origin.SHIPPED), release="1.10")

    start(session, filed(3, origin=Origin.SHIPPED), release="1.9")

    assert (price(session), price(session, "supper")) == (4, 7)


def test_what_a_newer_release_took_back_an_older_one_does_not_bring_again(session: Session) -> None:
    start(session, filed(4, origin=Origin.SHIPPED), filed(7, "supper", Origin.SHIPPED), release="1.9")
    start(session, filed(4, origin=Origin.SHIPPED), release="1.10")

    start(session, filed(4, origin=Origin.SHIPPED), filed(7, "supper", Origin.SHIPPED), release="1.9")

    assert price(session, "supper") is None


def test_when_ones_own_file_is_gone_the_shipped_one_takes_its_place(session: Session) -> None:
    start(session, filed(9), filed(7, "supper"))

    start(session, filed(4, origin=Origin.SHIPPED), filed(7, "supper"))

    assert price(session) == 4


def test_versions_from_before_there_were_digests_of_files_are_not_published_again(session: Session) -> None:
    definitions.publish(session, KIND, menu(4), origin=Origin.SHIPPED, release="", now=NOW)

    start(session, filed(4))

    assert states(session) == {1: ("file", "published")}
    assert session.exec(select(DefinitionVersion.file_digest)).one() == filed(4).digest


def test_without_the_folder_versions_of_unknown_origin_are_left_alone_unless_they_are_what_ships(
    session: Session,
) -> None:
    for name in ("lunch", "supper", "brunch"):
        definitions.publish(session, KIND, menu(4, name), origin=Origin.SHIPPED, release="", now=NOW)

    shipped = (filed(4, origin=Origin.SHIPPED), filed(5, "brunch", Origin.SHIPPED))
    start(session, *shipped, has_folder=False)

    assert (price(session), price(session, "supper"), price(session, "brunch")) == (4, 4, 4)
    start(session, filed(6, origin=Origin.SHIPPED), has_folder=False)
    assert price(session) == 6


def test_what_an_upgrade_finds_is_what_ships_although_the_program_knows_a_new_key(session: Session) -> None:
    old = definitions.publish(session, KIND, menu(4), origin=Origin.SHIPPED, release="", now=NOW)
    old.content = {key: value for key, value in old.content.items() if key != "price"}
    session.add(old)
    PARSED.clear()

    start(session, filed(4, origin=Origin.SHIPPED), has_folder=False)
    start(session, filed(5, origin=Origin.SHIPPED), has_folder=False)

    assert price(session) == 5


def test_a_file_that_says_the_same_in_other_words_is_remembered_as_it_is_now(session: Session) -> None:
    start(session, filed(4))
    other = replace(filed(4), digest="the price written out")
    start(session, other)
    from_console(session, 9)

    start(session, other)

    assert price(session) == 9


def test_a_template_that_is_copied_into_the_folder_is_the_organisations_own(session: Session) -> None:
    start(session, filed(4, origin=Origin.SHIPPED))

    start(session, filed(4))

    assert states(session) == {1: ("file", "published")}
    assert definitions.all_offered(session, KIND) == [menu(4)]


def test_a_template_is_off_until_somebody_turns_it_on(session: Session) -> None:
    start(session, filed(4, origin=Origin.SHIPPED))

    assert definitions.all_offered(session, KIND) == []
    with pytest.raises(WorkbotError, match="“lunch” is not turned on"):
        definitions.offered(session, KIND, "lunch")
    definitions.turn(session, KIND, "lunch", on=True, author=HANA, now=LATER)

    assert definitions.offered(session, KIND, "lunch")[0].price == 4
    switch = session.exec(select(DefinitionSwitch)).one()
    assert (switch.is_on, switch.author_id, switch.turned_at) == (True, HANA, LATER)


def test_what_is_not_there_is_gone_rather_than_off(session: Session) -> None:
    with pytest.raises(Gone, match="supper"):
        definitions.offered(session, KIND, "supper")


def test_a_file_of_ones_own_is_on_from_the_first(session: Session) -> None:
    start(session, filed(4))

    assert definitions.all_offered(session, KIND) == [menu(4)]


def test_what_somebody_turned_off_stays_off_whatever_its_file_says(session: Session) -> None:
    start(session, filed(4))
    definitions.turn(session, KIND, "lunch", on=False, now=NOW)

    start(session, filed(5))

    assert definitions.all_current(session, KIND) == [menu(5)]
    assert definitions.all_offered(session, KIND) == []


def test_a_switch_remembers_who_turned_it_last_and_not_who_only_confirmed(session: Session) -> None:
    start(session, filed(4))
    definitions.turn(session, KIND, "lunch", on=False, author=HANA, now=NOW)

    definitions.turn(session, KIND, "lunch", on=False, author=uuid4(), now=LATER)

    switch = session.exec(select(DefinitionSwitch)).one()
    assert (switch.author_id, switch.turned_at) == (HANA, NOW)


def test_what_is_wrong_beside_others_is_named_at_its_place(tmp_path: Path) -> None:
    kind = Kind("menus", Menu, tmp_path, across=lambda everything: [Finding("lunch", ("price",), "too dear")])
    file = tmp_path / "lunch.yaml"
    file.write_text("name: lunch\ntitle: {en: Lunch, fr: Dîner}\nprice: 9\n")

    (said,) = definitions.across([definitions.read(kind, file)])

    assert str(said) == f"{file}:3:1: too dear"
