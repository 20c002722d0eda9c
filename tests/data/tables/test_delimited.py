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
from unspool.errors import UserError

Write = Callable[[str, bytes | str], Path]


def found(path: Path) -> tuple[list[tuple[str, ...]], list[tuple[int, Reason]]]:
    """The good rows, and row and reason of the others."""
    rows, problems = [], []
    for chunk in read_table(path, on_error="skip").chunks(rows=2):
        rows += zip(*chunk.cells.values(), strict=True)
        problems += [(problem.place.row, problem.flaw.reason) for problem in chunk.problems]
    return rows, problems


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as refused:
        list(read_table(path).chunks())
    return str(refused.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_what_the_header_has_most_of(write: Write, delimiter: str) -> None:
    table = read_table(write("a.csv", f'text{delimiter}label\n"a{delimiter} b"{delimiter}good\n'))
    assert table.columns == ("text", "label")
    assert next(table.chunks()).cells == {"text": [f"a{delimiter} b"], "label": ["good"]}


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("kind;399,5;440,25", ("kind", "399,5", "440,25")),
        ("kind; -1,5 nm;2,5 nm", ("kind", "-1,5 nm", "2,5 nm")),
        ("a,b;c", ("a", "b;c")),
        ("5,1,2,hello; there; you", ("5", "1", "2", "hello; there; you")),
    ],
)
def test_decimal_commas_in_names_separate_none(write: Write, header: str, columns: tuple[str, ...]) -> None:
    assert read_table(write("a.csv", f"{header}\n")).columns == columns


@pytest.mark.parametrize(
    "header", ['text;"price, net\nin EUR"', '"text";"price, net \r\nin EUR"', '"text";"price, net in EUR"']
)
def test_quoted_names_may_contain_line_breaks_and_delimiters(write: Write, header: str) -> None:
    table = read_table(write("a.csv", f"{header}\nfine;2\n"))
    assert table.columns == ("text", "price, net in EUR")
    (chunk,) = table.chunks()
    assert chunk.cells == {"text": ["fine"], "price, net in EUR": ["2"]}
    assert [str(place) for place in chunk.places] == [f"row 1 (line {header.count(chr(10)) + 2})"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_quote_that_is_never_closed_in_the_header_is_refused(write: Write, end: str) -> None:
    path = write("a.csv", f'text;"label{end}' + f"fine;2{end}" * 100)
    assert "line 1: the header is not a row of names" in refusal(path)


def test_a_line_for_excel_names_the_delimiter_of_the_header_below_it(write: Write) -> None:
    table = read_table(write("a.csv", "sep=;\r\ntext, or not;label\r\na, b;good\r\nc\r\n"), on_error="skip")
    (chunk,) = table.chunks()
    assert chunk.cells == {"text, or not": ["a, b"], "label": ["good"]}
    assert [str(problem.place) for problem in chunk.problems] == ["row 2 (line 4)"]
    assert "the header is blank" in refusal(write("b.csv", "sep=;\n"))


@pytest.mark.parametrize(
    ("above", "columns"),
    [
        ("# station 5\ntext,label\n", ("text", "label")),
        ("# made by a tool, on 2026-01-01\n\ntext,label\n", ("text", "label")),
        ("# station: 5, height: 3\ntext,label\n", ("text", "label")),
        ("#\n# made by a tool\n# text,label\n", ("text", "label")),  # as NumPy writes a header
        ("#text,label\n", ("#text", "label")),
        ("#text,label\n#fun,pos\n", ("#text", "label")),  # hashtags
        ("#,label\n", ("#", "label")),
        ("#,What did you like most?\n", ("#", "What did you like most?")),
        ("#id,2023\n", ("#id", "2023")),
    ],
)
def test_comments_above_the_header_are_skipped(write: Write, above: str, columns: tuple[str, ...]) -> None:
    path = write("a.csv", f"{above}7,good\n8,bad\n")
    table = read_table(path)
    assert table.columns == columns
    (chunk,) = table.chunks()
    assert list(zip(*chunk.cells.values(), strict=True))[-2:] == [("7", "good"), ("8", "bad")]
    assert str(chunk.places[-1]).endswith(f"(line {above.count(chr(10)) + 2})")


@pytest.mark.parametrize(
    ("text", "columns", "first"),
    [
        ('#,text,label\n1,"Nice, good",pos\n', ("#", "text", "label"), ("1", "Nice, good", "pos")),
        ('#,text,label\n1,"Nice\ngood",pos\n', ("#", "text", "label"), ("1", "Nice\ngood", "pos")),
        ("#;text;label\n1;a, b, c, d;pos\n", ("#", "text", "label"), ("1", "a, b, c, d", "pos")),
        ('#text,label\n#fun,pos\n"plain, yes",neg\n', ("#text", "label"), ("#fun", "pos")),
        ("#tag\nfun\nsad\n", ("#tag",), ("fun",)),
        ("# of a station\nlevel\n3\n", ("level",), ("3",)),
        ("# level\n3\n4\n", ("level",), ("3",)),
    ],
)
def test_a_header_that_begins_with_a_hash_is_no_comment(
    write: Write, text: str, columns: tuple[str, ...], first: tuple[str, ...]
) -> None:
    table = read_table(write("a.csv", text))
    assert table.columns == columns
    (chunk,) = table.chunks()
    assert next(zip(*chunk.cells.values(), strict=True)) == first


def test_a_header_below_comments_is_named_by_its_line(write: Write) -> None:
    assert "line 3: two columns are named 'a'" in refusal(write("a.csv", "# made by\n# a tool\na,a\n1,2\n"))


def test_a_file_of_hashtags_alone_has_no_comments(write: Write) -> None:
    (chunk,) = read_table(write("a.csv", "#text\n" + "#fun\n" * 300)).chunks()
    assert chunk.cells == {"#text": ["#fun"] * 300}
    assert read_table(write("b.csv", "#text,label\n")).columns == ("#text", "label")


def test_a_title_above_the_header_is_refused_and_the_header_named(write: Write) -> None:
    path = write("a.csv", "Passengers;;\nAs of 1912;;\n;;\nNo.;Name;Rescued\n1;Dorothy;yes\n")
    with pytest.raises(
        UserError, match=r"line 1: only one of 3 columns has a name here, and line 4 looks like the header: No., Name"
    ) as caught:
        read_table(path)
    assert str(caught.value).endswith("Delete what is above line 4.")
    assert "line 2 looks like the header: day, sold" in refusal(write("b.csv", "Sales;;;\nday;sold;shop;\n1;2;a;\n"))


def test_what_looks_like_a_header_within_a_quoted_cell_is_none(write: Write) -> None:
    (chunk,) = read_table(write("a.csv", 'review,,\n"fine\nnice, good, great\n",1,\nbad,2,\n')).chunks()
    assert chunk.cells["column 2"] == ["1", "2"]
    found = read_table(write("b.csv", "word,,\nfi\rne,1,\nbad,2,\n"), on_error="skip").chunks()
    assert [chunk.cells["word"] for chunk in found] == [["bad"]]


def test_no_title_and_years_are_told_too(write: Write) -> None:
    assert "line 1: none of 3 columns has a name here, and line 2 looks" in refusal(
        write("a.csv", ";;\na;b;c\n1;2;3\n")
    )
    years = "Sales;;;\n\nCountry;2019;2020;2021\nGermany;1;2;3\n"
    assert "line 3 looks like the header: Country, 2019, 2020, 2021." in refusal(write("b.csv", years))


@pytest.mark.parametrize(
    "table",
    [
        "word,,\n1,2,3\n4,5,6\n",
        "word,\nfine,good\n",
        "word,,\nfine,1,\nbad,2,\n",
        "text,,\nfine,1,\nbad,good,\n",
        "text,,\nfine,good,\n",
        "text,,\nfine,,\nbad,good,x\n",
    ],
)
def test_a_header_with_few_names_above_numbers_is_no_title(write: Write, table: str) -> None:
    read = read_table(write("a.csv", table))
    rows = [list(cells) for chunk in read.chunks() for cells in zip(*chunk.cells.values(), strict=True)]
    assert rows == [line.split(",") for line in table.splitlines()[1:]]


def test_tsv_is_parted_by_tabs_whatever_else_its_header_has(write: Write) -> None:
    assert read_table(write("a.tsv", "text, or not, or both\tlabel\na, b\tgood\n")).columns == (
        "text, or not, or both",
        "label",
    )


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
def test_quotes_are_no_text_where_the_file_quotes_cells(write: Write, text: str, problem: str) -> None:
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


def test_a_byte_order_mark_is_no_part_of_the_header(write: Write) -> None:
    assert read_table(write("a.csv", b"\xef\xbb\xbftext,label\na,b\n")).columns == ("text", "label")


def test_an_unnamed_column_is_named_by_its_position(write: Write) -> None:
    assert read_table(write("a.csv", ",text\n0,a\n")).columns == ("column 1", "text")


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
def test_a_bad_row_is_told_with_its_place_and_spoils_no_other(write: Write, row: bytes, message: str) -> None:
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
def test_a_torn_last_line_is_told(write: Write, end: str) -> None:
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
def test_a_file_that_is_no_table_is_told(write: Write, content: bytes, message: str) -> None:
    path = write("a.csv", content)
    assert f"{path}" in refusal(path)
    assert message in refusal(path)
