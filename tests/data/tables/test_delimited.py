import csv
import gzip
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.tables.problems import MAX_CELL, MAX_LINE, Reason
from unspool.data.tables.table import read_table

Write = Callable[[str, bytes | str], Path]
Refusal = Callable[[Path], str]


def found(path: Path) -> tuple[list[tuple[str, ...]], list[tuple[int, Reason]]]:
    """The good rows, and row and reason of the others."""
    rows, problems = [], []
    for chunk in read_table(path, on_error="skip").chunks(rows=2):
        rows += zip(*chunk.cells.values(), strict=True)
        problems += [(problem.place.row, problem.flaw.reason) for problem in chunk.problems]
    return rows, problems


@pytest.mark.parametrize("name", ["a.tsv", "a.csv", "a.tsv.gz"])
def test_quotes_are_text_in_a_file_with_tabs_that_quotes_nothing(write: Write, name: str) -> None:
    lines = [
        'good\t"Fine" is too ""little".',
        'bad\t"A bore',
        "good\tA joy",
        'bad\twith "dull" talk"',
        'bad\t"All of it"',
    ]
    text = "label\ttext\n" + "\n".join(lines) + "\n"
    table = read_table(write(name, gzip.compress(text.encode()) if name.endswith(".gz") else text))
    assert next(table.chunks()).cells["text"] == [line.split("\t")[1] for line in lines]
    assert table.words_on_quotes() == ('quotes (") are kept as text, because some lines contain unpaired ones',)


ALL_QUOTED = "".join(f'good\t"Text {i}"\n' for i in range(5))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('label\ttext\ngood\t"A joy" indeed\nbad\t"A bore\nas ever"\n', "row 1 (line 2): text follows"),  # a line break
        ('"label"\t"text"\n"good"\t"A \\"joy\\""\nNA\tNA\n"bad"\t"A bore"\n', "row 1 (line 2): text follows"),  # of R
        (f'label\ttext\n{ALL_QUOTED}bad\t"A "bore" again"\nbad\t\n', "row 6 (line 7): text follows"),
        ('label\ttext\ngood\t"A joy" indeed\nbad\t"A ""bore"""\nbad\tdull\n', "row 1 (line 2): text follows"),
        ('label,text\ngood,"A joy" indeed\nbad,A bore\n', "row 1 (line 2): text follows"),
    ],
)
def test_quotes_are_no_text_where_the_file_quotes_cells(
    write: Write, refusal: Refusal, text: str, problem: str
) -> None:
    path = write("a.csv", text)
    assert problem in refusal(path)
    assert not read_table(path, on_error="skip").words_on_quotes()


def test_quoted_cells_may_have_line_breaks_tabs_and_any_length(write: Write) -> None:
    rows = [["py", "def f(x):\n\treturn x"], ["py", "x" * 140_000 + '"'], ["c", "int x;"]]
    file = io.StringIO()
    csv.writer(file, delimiter="\t").writerows([["label", "code"], *rows])
    limit = csv.field_size_limit(131_072)  # as it is in a new process
    try:
        (chunk,) = read_table(write("a.tsv", file.getvalue())).chunks()
    finally:
        csv.field_size_limit(limit)
    assert [*map(list, zip(*chunk.cells.values(), strict=True))] == rows


@pytest.mark.parametrize("text", ['text\n"A bore\nfine\n', 'id\ttext\n1\t"A bore\n'])
def test_few_lines_are_enough_to_see_that_a_quote_is_unpaired(write: Write, text: str) -> None:
    (chunk,) = read_table(write("a.tsv", text)).chunks()
    assert chunk.cells["text"][0] == '"A bore'


def test_quotes_are_text_where_pairs_would_swallow_rows(write: Write) -> None:
    rows = [("1", '"', "O"), ("1", "Ada", "B"), ("1", '"', "O"), ("2", "No", "O")]
    text = "".join("\t".join(row) + "\n" for row in [("text", "token", "tag"), *rows])
    (chunk,) = read_table(write("a.tsv", text)).chunks()
    assert [*zip(*chunk.cells.values(), strict=True)] == rows


def test_quoted_cells_of_a_single_column_may_have_line_breaks(write: Write) -> None:
    (chunk,) = read_table(write("a.tsv", 'text\n"A bore\nas ever"\nfine\n')).chunks()
    assert chunk.cells["text"] == ["A bore\nas ever", "fine"]


def test_a_file_that_is_changed_is_judged_anew(write: Write) -> None:
    assert read_table(write("a.tsv", 'label\ttext\ngood\t"A joys\nbad\tdull\n')).words_on_quotes()
    path = write("a.tsv", 'label\ttext\ngood\t"A joy"\nbad\tdull\n')  # as many bytes
    os.utime(path, (0, 0))  # clocks of files may be too coarse to tell the two apart
    again = read_table(path)
    assert not again.words_on_quotes()
    assert next(again.chunks()).cells["text"] == ["A joy", "dull"]


def test_a_row_knows_its_number_and_its_line(write: Write) -> None:
    table = read_table(write("a.csv", 'text,label\n"one\ntwo",a\n\nthree,b\r\n'))
    chunk = next(table.chunks())
    assert chunk.cells["text"] == ["one\ntwo", "three"]
    assert [str(place) for place in chunk.places] == ["row 1 (line 2)", "row 2 (line 5)"]


def test_chunks_are_of_the_asked_size_and_read_anew_each_time(write: Write) -> None:
    table = read_table(write("a.csv", "text\n" + "a\n" * 5))
    assert [len(chunk) for chunk in table.chunks(rows=2)] == [2, 2, 1]
    assert [len(chunk) for chunk in table.chunks(rows=2)] == [2, 2, 1]


@given(st.lists(st.tuples(*[st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"))] * 2)))
def test_whatever_was_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("a", "b"), *rows, ("last", "row")])
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text(buffer.getvalue(), newline="")
    assert found(path) == ([*rows, ("last", "row")], [])


@given(st.binary(max_size=200))
def test_no_bytes_bring_the_reader_down(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "a.csv"
    path.write_bytes(b"text,label\na,b\n" + content)
    rows, problems = found(path)
    assert rows[0] == ("a", "b")
    assert [row for row, _ in problems] == sorted({row for row, _ in problems})


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            b"caf\xe9,good",
            r"row 2 (line 3), column text: byte 0xE9 is not UTF-8. Save it as UTF-8 (iconv -f WINDOWS-1252",
        ),
        (b"fine,go\x00od", r"row 2 (line 3), column label: it holds a NUL byte, which no text does."),
        (b"one,two,three", r"row 2 (line 3): it has 3 cells and the header 2."),
        (b"one", r"row 2 (line 3): it has 1 cell and the header 2."),
        (b" text,label", r"row 2 (line 3): it repeats the header; perhaps files were joined, or"),
        (b'"never closed,good', r'row 2 (line 3): a quote (") that is opened is not closed.'),
        (b'"closed" early,good', r'row 2 (line 3): text follows a closing quote ("); write a quote within a quoted'),
        (b"fine,good\rdull,bad", r"row 2 (line 3): it contains a carriage return; end every row with a line feed."),
        (
            b'"' + b"a\n" * (MAX_CELL // 2 + 1) + b'",good',
            r"row 2 (line 3), column text: the cell has 1,048,578 characters",
        ),
        (b"a" * (MAX_CELL + 1) + b",good", r"row 2 (line 3), column text: the cell has 1,048,577 characters"),
        (b"fine," + b"a" * 10_000_000, r"row 2 (line 3), column label: the cell has over 4,194,304 bytes"),
    ],
)
def test_a_bad_row_is_told_with_its_place_and_spoils_no_other(
    write: Write, refusal: Refusal, row: bytes, message: str
) -> None:
    path = write("a.csv", b"text,label\nfirst,a\n" + row + b"\nthird,b\nfourth,c\n")
    assert f"{path}, {message}" in refusal(path)
    assert "on_error=" in refusal(path)
    rows, problems = found(path)
    assert rows == [("first", "a"), ("third", "b"), ("fourth", "c")]
    assert [row for row, _ in problems] == [2]


def test_a_quote_that_swallows_quoted_rows_costs_one_row(write: Write) -> None:
    path = write("a.csv", 'text,label\n"open,a\n"second, quoted",b\n"third",c\n')
    assert found(path) == ([("second, quoted", "b"), ("third", "c")], [(1, Reason.QUOTE)])


def test_lines_are_counted_right_after_a_quote_that_is_not_closed(write: Write) -> None:
    chunk = next(read_table(write("a.csv", 'text\n"open\n"two\nlines"\nlast\n'), on_error="skip").chunks())
    assert [str(place) for place in chunk.places] == ["row 2 (line 3)", "row 3 (line 5)"]


def test_a_quote_that_is_never_closed_costs_one_row_of_a_large_file(write: Write) -> None:
    count = MAX_LINE // 1000 + 10
    path = write("a.csv", 'text,label\n"open,a\n' + f"{'a' * 1000},b\n" * count)
    rows, problems = found(path)
    assert problems == [(1, Reason.QUOTE)]
    assert len(rows) == count


@pytest.mark.parametrize("end", ["tor", '"torn, with a quote'])
def test_a_torn_last_line_is_told(write: Write, refusal: Refusal, end: str) -> None:
    path = write("a.csv", f"text,label\nfirst,a\n{end}")
    assert "row 2 (line 3): the file ends in the middle of it." in refusal(path)
    assert found(path) == ([("first", "a")], [(2, Reason.TORN)])


def test_a_last_line_without_an_end_is_a_row(write: Write) -> None:
    assert found(write("a.csv", "text,label\nfirst,a")) == ([("first", "a")], [])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty. Give a file with rows."),
        (b"text,label\n", "has no rows, only the columns text, label."),
        (b"text,label\n\n\n", "has no rows, only the columns text, label."),
        (b"text,text\na,b\n", "line 1: two columns are named 'text'."),
        (b"te\xffxt,label\na,b\n", "line 1: byte 0xFF is not UTF-8. Save it as UTF-8 (iconv -f WINDOWS-1252"),
        (b'"text,label\na,b\n', "line 1: the header is not a row of names."),
        (b"\n\na,b\n", "line 1: the header is blank."),
        (
            "text,label\na,b\n".encode("utf-16-le"),
            "seems to be UTF-16 text without a byte order mark. Save it as UTF-8.",
        ),
        (
            "text,label\na,b\n".encode("utf-16-be"),
            "seems to be UTF-16 text without a byte order mark. Save it as UTF-8.",
        ),
        ("text,label\na,b\n".encode("utf-32"), "is UTF-32 text. Save it as UTF-8."),
        (
            gzip.compress(b"text,label\na,b\n", mtime=0),
            "is gzip-compressed. Unpack it (gunzip), or add .gz to its name.",
        ),
        (b"PK\x03\x04" + bytes(40), "is an Excel workbook or a zip archive. Save the sheet as CSV in UTF-8, or unpack"),
        (b"\xd0\xcf\x11\xe0" + bytes(40), "is an Excel workbook. Save the sheet as CSV in UTF-8."),
        (b"<!DOCTYPE html>\n", "is an HTML page. Download the file itself, not the page that shows it."),
        (b"A title\n\ntext,label\n", "it has 2 cells and the header 1, 'A title': the names of the columns must come"),
        (b"PAR1" + bytes(40), "is a Parquet file. Rename it to end in .parquet."),
        (b"text,label\ra,b\rc,d\r", "its lines end in a carriage return alone, as on old Macs."),
        (b"a" * (MAX_LINE + 1), "line 1: the header is over 4,194,304 bytes"),
    ],
)
def test_a_file_that_is_no_table_is_told(write: Write, refusal: Refusal, content: bytes, message: str) -> None:
    path = write("a.csv", content)
    assert f"{path}" in refusal(path)
    assert message in refusal(path)
