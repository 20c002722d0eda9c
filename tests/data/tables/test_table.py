from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from unspool.data.tables.problems import Reason, reasons
from unspool.data.tables.table import read_table
from unspool.errors import UserError

Write = Callable[[str, bytes | str], Path]


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
