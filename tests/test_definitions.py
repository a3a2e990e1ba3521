"""Definitions: every mistake is named to the line and column, hostile files are refused, versions stay."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import Field
from sqlmodel import Session, select

from workbot import definitions, features
from workbot.definitions import Definition, DefinitionsWrong, DefinitionVersion, Kind, Part, Texts
from workbot.errors import Gone

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


class Dish(Part):
    title: Texts
    price: int = Field(ge=0)


class Menu(Definition):
    title: Texts
    dishes: tuple[Dish, ...] = ()


KIND = Kind("menus", Menu, Path())

GOOD = """\
name: lunch
title: {en: Lunch, fr: Dîner}
dishes:
  - title: {en: Soup, fr: Soupe}
    price: 4
"""


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    folder = tmp_path / "shipped"
    folder.mkdir()
    return folder


@pytest.fixture
def kind(shipped: Path) -> Kind[Menu]:
    return Kind("menus", Menu, shipped)


def write(folder: Path, text: str | bytes, name: str = "lunch.yaml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def complaints(file: Path) -> list[str]:
    """What is said of a file, without its path."""
    with pytest.raises(DefinitionsWrong) as refusal:
        definitions.read(KIND, file)
    assert str(refusal.value) == "\n".join(str(complaint) for complaint in refusal.value.complaints)
    return [str(complaint).removeprefix(f"{file}:") for complaint in refusal.value.complaints]


def test_a_good_file_is_read(shipped: Path) -> None:
    menu = definitions.read(KIND, write(shipped, GOOD)).definition

    assert menu.name == "lunch"
    assert menu.dishes == (Dish(title={"en": "Soup", "fr": "Soupe"}, price=4),)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("price: 4", "prise: 4", "5:5: dishes[1].prise: unknown key; did you mean 'price'?"),
        ("name: lunch", "name: lunch\ncolour: red", "2:1: colour: unknown key; remove it or check its spelling"),
        ("    price: 4\n", "", "4:5: dishes[1].price: this is required and missing"),
        ("name: lunch\n", "", "1:1: name: this is required and missing"),
        ("price: 4", "price: four", "5:5: dishes[1].price: input should be a valid integer"),
        ("price: 4", "price: -4", "5:5: dishes[1].price: input should be greater than or equal to 0 (found -4)"),
        ("dishes:\n", "dishes: soup\nother:\n", "3:1: dishes: input should be a valid tuple (found 'soup')"),
        (", fr: Soupe}", "}", "4:5: dishes[1].title: give the text in fr too"),
        ("fr: Soupe", "fr: ' '", "4:5: dishes[1].title: give the text in fr too"),
        ("fr: Soupe", "fr: Soupe, de: Suppe", "4:5: dishes[1].title: de is not a language here"),
        ("name: lunch", "name: Lunch Time", "1:1: name: string should match pattern"),
        ("name: lunch", "name: supper", "1:1: the name is 'supper' and the file 'lunch.yaml': give both the same name"),
    ],
)
def test_a_mistake_is_named_by_line_and_column(shipped: Path, right: str, wrong: str, said: str) -> None:
    assert right in GOOD

    found = complaints(write(shipped, GOOD.replace(right, wrong)))

    assert any(one.startswith(said) for one in found), found


def test_all_mistakes_of_a_file_are_named_at_once(shipped: Path) -> None:
    found = complaints(write(shipped, GOOD.replace("price: 4", "prise: 4").replace("name:", "nome:")))

    assert len(found) == 4


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("name: lunch\ntitle: {en: Lunch\n", "3:1", "not readable as YAML"),
        ("name: lunch\ntitle: 'Lunch\n", "3:1", "not readable as YAML"),
        ("name: lunch\n\ttitle: x\n", "2:1", "not readable as YAML"),
        ("name: lunch\nname: supper\n", "2:1", "duplicate key"),
        ("name: lunch\n---\nname: supper\n", "2:1", "not readable as YAML"),
        ("name: *nowhere\n", "1:7", "undefined alias"),
        ("name: @lunch\n", "1:7", "not readable as YAML"),
        ("", "1:1", "a definition is a mapping; begin with `name: ...`"),
        ("# nothing\n", "1:1", "a definition is a mapping"),
        ("- name: lunch\n", "1:1", "a definition is a mapping"),
        ("lunch", "1:1", "a definition is a mapping"),
        ("name: lunch\ntitle: a\x07b\n", "1:1", "control character"),
        (b"name: lunch\ntitle: D\xeener\n", "2:9", "this is not UTF-8 text"),
        (b"\xff\xfen\x00a\x00", "1:1", "this is not UTF-8 text"),
    ],
)
def test_what_is_no_definition_at_all_is_refused(shipped: Path, text: str | bytes, place: str, words: str) -> None:
    (said,) = complaints(write(shipped, text))

    assert said.startswith(f"{place}: ")
    assert words in said


def test_a_byte_order_mark_does_no_harm(shipped: Path) -> None:
    assert definitions.read(KIND, write(shipped, b"\xef\xbb\xbf" + GOOD.encode())).name == "lunch"


def test_an_enormous_file_is_not_even_read(shipped: Path) -> None:
    (said,) = complaints(write(shipped, GOOD + "# padding\n" * 100_000))

    assert "longer than any definition" in said


def test_repetition_cannot_blow_a_file_up(shipped: Path) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"

    (said,) = complaints(write(shipped, bomb))

    assert "longer or deeper than any definition" in said


def test_what_holds_itself_is_refused(shipped: Path) -> None:
    found = complaints(write(shipped, "name: lunch\ndishes: &all\n  - *all\n"))

    assert any(said.startswith("2:9: dishes[1]: ") for said in found), found


def test_a_tower_of_brackets_is_refused(shipped: Path) -> None:
    (said,) = complaints(write(shipped, "name: " + "[\n" * 20_000))

    assert "nested more deeply" in said


def test_a_harmless_repetition_is_read_and_its_mistakes_are_found(shipped: Path) -> None:
    merged = GOOD.replace("  - title:", "  - &soup\n    title:") + "  - <<: *soup\n"

    assert len(definitions.read(KIND, write(shipped, merged)).definition.dishes) == 2
    assert "6:5: dishes[1].price" in complaints(write(shipped, merged.replace("price: 4", "price: -4")))[0]


def test_a_python_object_is_not_made(shipped: Path) -> None:
    found = complaints(write(shipped, GOOD.replace("name: lunch", "name: !!python/object/apply:os.getcwd []")))

    assert found[0].startswith("1:1: name:")


def test_a_folder_with_a_files_name_is_refused(shipped: Path) -> None:
    (shipped / "lunch.yaml").mkdir()

    (said,) = complaints(shipped / "lunch.yaml")

    assert said.startswith("1:1: this cannot be read: Is a directory")


def test_a_file_that_is_not_there_is_refused(shipped: Path) -> None:
    (said,) = complaints(shipped / "supper.yaml")

    assert said.startswith("1:1: this cannot be read: No such file")


def test_ones_own_definition_stands_over_the_shipped_one(kind: Kind[Menu], shipped: Path, tmp_path: Path) -> None:
    write(shipped, GOOD)
    write(shipped, GOOD.replace("lunch", "supper"), "supper.yaml")
    write(tmp_path / "own" / "menus", GOOD.replace("price: 4", "price: 9"))

    menus = definitions.read_all(kind, tmp_path / "own")

    assert {name: menu.dishes[0].price for name, menu in menus.items()} == {"lunch": 9, "supper": 4}


def test_two_files_of_one_name_are_a_mistake(kind: Kind[Menu], shipped: Path) -> None:
    write(shipped, GOOD, "lunch.yaml")
    second = write(shipped, GOOD, "lunch.yml")

    with pytest.raises(DefinitionsWrong, match="defined twice") as refusal:
        definitions.read_all(kind, None)

    assert [complaint.file for complaint in refusal.value.complaints] == [second]


def test_the_mistakes_of_every_file_are_gathered(kind: Kind[Menu], shipped: Path, tmp_path: Path) -> None:
    first = write(shipped, GOOD.replace("4", "-4"))
    second = write(tmp_path / "own" / "menus", "[]", "supper.yaml")

    with pytest.raises(DefinitionsWrong) as refusal:
        definitions.read_all(kind, tmp_path / "own")

    assert {complaint.file for complaint in refusal.value.complaints} == {first, second}


def test_braces_in_a_mistake_are_shown_as_they_are(shipped: Path) -> None:
    (said,) = complaints(write(shipped, GOOD.replace("price: 4", "price: ['{x}']")))

    assert "['{x}']" in said


def test_a_long_value_is_not_repeated_whole(shipped: Path) -> None:
    (said,) = complaints(write(shipped, GOOD.replace("price: 4", f"price: {'x' * 10_000}")))

    assert len(said) < 300


def test_publishing_the_same_again_makes_no_second_version(kind: Kind[Menu], session: Session) -> None:
    menu = Menu(name="lunch", title={"en": "Lunch", "fr": "Dîner"})

    first = definitions.publish(session, kind, menu, now=NOW)
    again = definitions.publish(session, kind, menu, now=LATER)

    assert again.id == first.id
    assert [row.version for row in session.exec(select(DefinitionVersion))] == [1]


def test_what_began_with_a_version_keeps_it(kind: Kind[Menu], session: Session) -> None:
    before = Menu(name="lunch", title={"en": "Lunch", "fr": "Dîner"})
    after = Menu(name="lunch", title={"en": "Long lunch", "fr": "Long dîner"})
    begun = definitions.publish(session, kind, before, now=NOW)

    definitions.publish(session, kind, after, now=LATER)

    assert definitions.as_published(session, kind, begun.id) == before
    newest, version = definitions.current(session, kind, "lunch")
    assert (newest, version.version) == (after, 2)
    assert definitions.all_current(session, kind) == [after]


def test_going_back_to_an_earlier_text_is_a_new_version(kind: Kind[Menu], session: Session) -> None:
    before = Menu(name="lunch", title={"en": "Lunch", "fr": "Dîner"})
    after = Menu(name="lunch", title={"en": "Long lunch", "fr": "Long dîner"})

    versions = [definitions.publish(session, kind, menu, now=NOW).version for menu in (before, after, before)]

    assert versions == [1, 2, 3]


def test_a_definition_that_does_not_exist_is_gone(kind: Kind[Menu], session: Session) -> None:
    with pytest.raises(Gone, match="supper"):
        definitions.current(session, kind, "supper")


def test_everything_shipped_is_right() -> None:
    found = {f"{file.kind.folder}/{file.name}" for file in features.read_definitions(None)}

    assert found >= {"journeys/new-hire", "journeys/offboarding", "surveys/weekly", "desks/it", "desks/hr"}
