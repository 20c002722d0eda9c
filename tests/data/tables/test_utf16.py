import codecs
from collections.abc import Callable
from pathlib import Path

import pytest

from unspool.data.tables.problems import MAX_LINE, Reason
from unspool.data.tables.table import read_table
from unspool.data.texts.line_files import line_table

Write = Callable[[str, bytes | str], Path]

EXCEL = "text\tlabel\r\nein \U0001f600 Café, „schön“\tgut\r\nžluťoučký kůň\tschlecht\r\n"
"""As Excel saves "Unicode Text", with a character beyond 16 bits."""


@pytest.mark.parametrize(("encoding", "mark"), [("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_a_table_in_utf_16_is_read_as_one_in_utf_8(write: Write, encoding: str, mark: bytes, name: str) -> None:
    table = read_table(write(name, mark + EXCEL.encode(encoding)))
    cells = next(table.chunks()).cells
    assert cells == next(read_table(write(f"8{name}", EXCEL)).chunks()).cells
    assert cells["label"] == ["gut", "schlecht"]
    assert [str(place) for place in next(table.chunks()).places] == ["row 1 (line 2)", "row 2 (line 3)"]


def test_lines_of_text_may_be_utf_16(write: Write) -> None:
    path = write("new.de", "Ein Mann.\nEin Hund, žlutý.".encode("utf-16"))
    (chunk,) = line_table(path, "source").chunks()
    assert chunk.cells == {"source": ["Ein Mann.", "Ein Hund, žlutý."]}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_texts_in_folders_may_be_utf_16(tmp_path: Path, write: Write, encoding: str) -> None:
    write("pos/1.txt", "\ufeffžlutý \U0001f600 kůň".encode(encoding))
    write("neg/1.txt", "in UTF-8")
    assert next(read_table(tmp_path).chunks()).cells["text"] == ["in UTF-8", "žlutý \U0001f600 kůň"]


def test_a_file_in_a_folder_that_ends_within_a_character_is_refused(tmp_path: Path, write: Write) -> None:
    write("pos/1.txt", "\ufeffgut".encode("utf-16-le")[:-1])
    write("neg/1.txt", "schlecht")
    (chunk,) = read_table(tmp_path, on_error="skip").chunks()
    assert [problem.flaw.reason for problem in chunk.problems] == [Reason.NOT_UTF8]


def test_a_long_file_is_read_to_its_end(write: Write) -> None:
    rows = "".join(f"ü{number},\U0001f600\n" for number in range(30_000))
    chunks = list(read_table(write("a.csv", f"text,label\n{rows}".encode("utf-16"))).chunks())
    assert [text for chunk in chunks for text in chunk.cells["text"]] == [f"ü{number}" for number in range(30_000)]
    assert {label for chunk in chunks for label in chunk.cells["label"]} == {"\U0001f600"}


def test_a_line_that_is_too_long_costs_one_row(write: Write) -> None:
    content = f"text,label\na,b\n{'ü' * MAX_LINE},b\nc,d\n".encode("utf-16")
    (chunk,) = read_table(write("a.csv", content), on_error="skip").chunks()
    assert chunk.cells["text"] == ["a", "c"]
    assert [problem.flaw.reason for problem in chunk.problems] == [Reason.TOO_LONG]


@pytest.mark.parametrize("torn", [b"b", b"\x00\xd8"])
def test_a_file_that_ends_within_a_character_is_not_read_as_whole(write: Write, torn: bytes) -> None:
    content = codecs.BOM_UTF16_LE + "text,label\na,b\nc,d".encode("utf-16-le") + torn
    (chunk,) = read_table(write("a.csv", content), on_error="skip").chunks()
    assert chunk.cells["text"] == ["a"]
    assert [problem.flaw.reason for problem in chunk.problems] == [Reason.NOT_UTF8]
