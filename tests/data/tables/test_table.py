from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from unspool.data.tables.problems import Reason, reasons
from unspool.data.tables.table import read_table
from unspool.errors import UserError

Write = Callable[[str, bytes | str], Path]


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.csv", "CSV"), ("a.CSV", "CSV"), ("a.tsv", "TSV"), ("a.tab", "TSV")],
)
def test_the_ending_tells_the_format(write: Write, name: str, form: str) -> None:
    assert read_table(write(name, "text,label\na,b\n")).format.name == form


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.xlsx", r"a\.xlsx has the ending '\.xlsx': a table ends in one of \.csv, \.tsv.* Save the sheet as CSV"),
        ("a.csv.gz", r"a\.csv\.gz has the ending '\.gz': .* Unpack it, and give the table inside\."),
        ("a.json", r"Write one JSON object on each line, and let its name end in \.jsonl\."),
        ("table", "table has no ending: a table ends in one of"),
    ],
)
def test_an_unknown_ending_is_told(write: Write, name: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_table(write(name, "text\na\n"))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"absent\.csv is not there"):
        read_table(tmp_path / "absent.csv")


def test_what_to_do_about_an_error_is_one_of_two(write: Write) -> None:
    with pytest.raises(UserError, match="on_error is 'ignore'"):
        read_table(write("a.csv", "text\na\n"), on_error="ignore")  # type: ignore[arg-type]


def test_reading_stops_at_the_first_bad_row_but_good_chunks_come_before(write: Write) -> None:
    chunks = read_table(write("a.csv", "text,label\na,b\na,b\na\n")).chunks(rows=2)
    assert len(next(chunks)) == 2
    with pytest.raises(UserError, match="row 3"):
        next(chunks)


def test_a_chunk_of_bad_rows_alone_is_empty(write: Write) -> None:
    [chunk] = read_table(write("a.csv", "text,label\na\n"), on_error="skip").chunks()
    assert len(chunk) == 0
    assert chunk.cells == {"text": [], "label": []}
    assert len(chunk.problems) == 1


def test_reasons_are_counted_in_words() -> None:
    assert reasons(Counter([Reason.TORN])) == "1 with an end in the middle"
