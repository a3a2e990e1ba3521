"""A people file is read as spreadsheets write it, and what cannot be read is named with its line."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from integrations.directory import CsvDirectory
from workbot.errors import WorkbotError
from workbot.people.directories import Entry

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
            b"email,name\nada@city.example,Ada\nzoe@city.example,Zo\xd0\n",
            "people.csv:3: this is not UTF-8 text, and it is not certain which letters were meant; save the file again "
            "as “CSV UTF-8”.",
        ),
        (
            b"PK\x03\x04\x14\0",
            "people.csv is a workbook and not CSV, whatever its name says; save it as “CSV UTF-8” in Excel.",
        ),
        (
            b"\xff\xfee\0m\0a\0i\0l\0\n\0\x00\xdcx\0",
            "people.csv:2: the file is damaged here (UTF-16-LE); save it again as “CSV UTF-8”.",
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


FRENCH = "courriel;email;name;department\r\n1;zoe.tremblay@city.example;Zoé Tremblay;Écoles à l’été\r\n"


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-32-le",
        "utf-32-be",
        "cp1252",
        "mac-roman",
    ],
)
@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("first", ["", "sep=;\r\n"])
def test_a_file_is_read_however_it_was_saved(tmp_path: Path, encoding: str, ends: str, first: str) -> None:
    text = (first + FRENCH).replace("\r\n", ends)

    (entry,) = read(tmp_path, text.encode(encoding))

    assert entry.values["name"] == "Zoé Tremblay"
    assert entry.values["department"] == "Écoles à l’été"
    assert entry.row == (3 if first else 2)


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE])
def test_a_mark_says_how_a_file_was_saved(tmp_path: Path, mark: bytes) -> None:
    names = {2: "utf-16", 4: "utf-32"}
    encoding = f"{names[len(mark)]}-{'le' if mark[0] == 0xFF else 'be'}"

    (entry,) = read(tmp_path, mark + "email\tname\nzoe@city.example\tZoé\n".encode(encoding))

    assert entry.values == {"email": "zoe@city.example", "name": "Zoé"}


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "sep=;;;"])
def test_a_first_line_for_excel_says_what_separates(tmp_path: Path, first: str) -> None:
    (entry,) = read(
        tmp_path, f'\ufeff{first}\r\nemail;"name, first"\r\n'.replace('"name, first"', "name") + "a@b.example;A, B"
    )

    assert (entry.row, entry.values["name"]) == (3, "A, B")


def test_what_is_quoted_in_the_header_does_not_separate(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, '"a, b, c, d";email;name\n1;a@b.example;A\n')

    assert entry.values == {"a, b, c, d": "1", "email": "a@b.example", "name": "A"}


def test_a_file_of_mixed_line_ends_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, "email,name\r\na@b.example,A\nb@b.example,B\rc@b.example,C")

    assert [entry.values["name"] for entry in found] == ["A", "B", "C"]


def test_what_nobody_sees_is_in_no_column_name(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, "\u200bemail,na\u00adme\u2060,Cost\u200b Centre\na@b.example,A,1\n")

    assert list(entry.values) == ["email", "name", "Cost Centre"]
