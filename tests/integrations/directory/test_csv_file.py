"""A people file is read as spreadsheets write it, and what cannot be read is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.directory import CsvDirectory
from workbot.errors import WorkbotError
from workbot.platforms import Entry

ADA = {"email": "ada.roy@city.example", "name": "Ada Roy"}


def read(tmp_path: Path, content: str | bytes) -> list[Entry]:
    file = tmp_path / "people.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(CsvDirectory(file).entries())


def refused(tmp_path: Path, content: str | bytes) -> str:
    with pytest.raises(WorkbotError) as caught:
        read(tmp_path, content)
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_a_plain_file_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, "email,name\nada.roy@city.example,Ada Roy\n") == [Entry(2, ADA)]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found_out(tmp_path: Path, separator: str) -> None:
    rows = ["name|email|title", "Ada Roy|ada.roy@city.example|Lead; roads, water"]
    text = "\n".join(rows).replace("|", separator)
    quoted = text.replace("Lead; roads, water", '"Lead; roads, water"')

    assert read(tmp_path, quoted) == [Entry(2, ADA | {"title": "Lead; roads, water"})]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfemail,name\r\nada.roy@city.example,Ada Roy\r\n"

    assert read(tmp_path, content) == [Entry(2, ADA)]


def test_a_row_is_named_by_the_line_it_begins_on(tmp_path: Path) -> None:
    text = 'email,name,title\n\nada.roy@city.example,Ada Roy,"Lead,\nRoads"\n,,\nbob@city.example,Bob,\n'

    assert [(entry.row, entry.values["title"]) for entry in read(tmp_path, text)] == [(3, "Lead,\nRoads"), (6, "")]


def test_cells_that_a_spreadsheet_left_out_say_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "email,name,title\nada.roy@city.example,Ada Roy\n") == [Entry(2, ADA)]


def test_a_row_with_too_many_cells_has_a_problem(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, "email,name\nada.roy@city.example,Ada Roy,Lead, Roads\n")

    assert entry.problems == ("this row has 4 cells and the header 2; put quotes around a cell that holds a separator",)


def test_our_columns_are_known_however_they_are_written(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, "E-mail,EMAIL, Name ,Manager Email,Cost Centre\nx,a@b.example,A,,4711\n")

    assert list(entry.values) == ["E-mail", "email", "name", "manager_email", "Cost Centre"]


def test_a_cell_may_be_very_long(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, f"email,name,bio\nada.roy@city.example,Ada Roy,{'long ' * 40_000}\n")

    assert len(entry.values["bio"]) == 200_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "people.csv:1: the header lacks email, name; the first line names the columns, such as email,name."),
        ("name\nAda\n", "people.csv:1: the header lacks email; the first line names the columns, such as email,name."),
        ("\nemail,name,name\n", "people.csv:2: the header names name twice; remove one of the columns."),
        (
            b"email,name\nada@city.example,Ada\nzoe@city.example,Zo\xe9\n",
            "people.csv:3: this is not UTF-8 text; save the file again as “CSV UTF-8”.",
        ),
        (
            'email,name\nada@city.example,"Ada\n',
            "people.csv:2: the quotes of this row do not match (unexpected end of data); "
            "write a quote inside a cell twice.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_what_to_do(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    assert refused(tmp_path, content) == message


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(WorkbotError, match="cannot be read: No such file or directory"):
        CsvDirectory(tmp_path / "nobody.csv").entries()
