from collections.abc import Callable
from pathlib import Path

import pytest

from unspool.data.tables.table import read_table
from unspool.errors import UserError

Write = Callable[[str, bytes | str], Path]
Refusal = Callable[[Path], str]


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
def test_a_quote_that_is_never_closed_in_the_header_is_refused(write: Write, refusal: Refusal, end: str) -> None:
    path = write("a.csv", f'text;"label{end}' + f"fine;2{end}" * 100)
    assert "line 1: the header is not a row of names" in refusal(path)


def test_a_line_for_excel_names_the_delimiter_of_the_header_below_it(write: Write, refusal: Refusal) -> None:
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


def test_a_header_below_comments_is_named_by_its_line(write: Write, refusal: Refusal) -> None:
    assert "line 3: two columns are named 'a'" in refusal(write("a.csv", "# made by\n# a tool\na,a\n1,2\n"))


def test_a_file_of_hashtags_alone_has_no_comments(write: Write) -> None:
    (chunk,) = read_table(write("a.csv", "#text\n" + "#fun\n" * 300)).chunks()
    assert chunk.cells == {"#text": ["#fun"] * 300}
    assert read_table(write("b.csv", "#text,label\n")).columns == ("#text", "label")


def test_a_title_above_the_header_is_refused_and_the_header_named(write: Write, refusal: Refusal) -> None:
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


def test_no_title_and_years_are_told_too(write: Write, refusal: Refusal) -> None:
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


def test_a_byte_order_mark_is_no_part_of_the_header(write: Write) -> None:
    assert read_table(write("a.csv", b"\xef\xbb\xbftext,label\na,b\n")).columns == ("text", "label")


def test_an_unnamed_column_is_named_by_its_position(write: Write) -> None:
    assert read_table(write("a.csv", ",text\n0,a\n")).columns == ("column 1", "text")
