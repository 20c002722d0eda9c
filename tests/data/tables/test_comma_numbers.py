import math
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unspool.data.cell_values import is_number, step_of
from unspool.data.labels import as_number, label_of
from unspool.data.tables.comma_numbers import CommaNumber, columns_with_commas, has_decimal_comma, is_comma_number
from unspool.data.tables.table import read_table

Write = Callable[[str, bytes | str], Path]


def german(number: float, digits: int, separator: str = ".") -> str:
    return f"{number:,.{digits}f}".replace(",", "_").replace(".", ",").replace("_", separator)


@given(
    st.floats(-1e9, 1e9),
    st.integers(1, 6),
    st.sampled_from([".", "", " ", "\u00a0", "\u202f"]),
    st.sampled_from(["", " ", "\u00a0"]),
)
@example(-0.5, 1, ".", "")
@example(1234567.5, 2, ".", " ")
def test_a_number_means_the_same_however_its_thousands_are_separated(
    number: float, digits: int, separator: str, around: str
) -> None:
    written = around + german(number, digits, separator) + around
    assert has_decimal_comma(written)
    assert is_comma_number(written)
    read = CommaNumber(written)
    assert float(read) == float(f"{number:.{digits}f}")
    assert read == written  # as a text, it stays as it is
    label = label_of(read)
    assert isinstance(label, str)
    assert (label, as_number(label)) == (written.strip(), float(read))


@pytest.mark.parametrize(("written", "number"), [(",5", 0.5), ("-1,5E+03", -1500.0), ("1.234", 1234.0), ("+7,0", 7.0)])
def test_spreadsheets_write_numbers_in_further_ways(written: str, number: float) -> None:
    assert is_comma_number(written)
    assert float(CommaNumber(written)) == number


@pytest.mark.parametrize(
    "written", ["1.5", "1,5,2", "a,5", ",", "1,", "12.34,5", "1.234.56", "", "1,5 or so", "31.01.2026"]
)
def test_other_cells_are_no_such_numbers(written: str) -> None:
    assert not is_comma_number(written)
    assert not has_decimal_comma(written)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.integers(1, 2), st.sampled_from(";\t"))
def test_a_file_with_commas_holds_what_it_holds_with_points(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[float], digits: int, delimiter: str
) -> None:
    path = tmp_path_factory.mktemp("files") / "a.csv"
    rows = "".join(f"a, b{delimiter}{german(one, digits)}\n" for one in numbers)
    path.write_text(f"text{delimiter}x\n{rows}")
    (chunk,) = read_table(path).chunks()
    assert [step_of(cell, "x") for cell in chunk.cells["x"]] == [float(f"{one:.{digits}f}") for one in numbers]
    assert chunk.cells["text"] == ["a, b"] * len(numbers)


def test_whole_numbers_gaps_and_words_stand_beside_numbers_with_a_comma(write: Write) -> None:
    table = read_table(write("a.csv", "x;note\n1,5;a\n2;b\n;c\nNaN;3,5 or more\n1.250;1,5 kg\n"))
    cells = table.first().cells
    numbers = [step_of(cell, "x") for cell in cells["x"]]
    assert numbers[:2] == [1.5, 2.0]
    assert all(map(math.isnan, numbers[2:4]))  # type: ignore[arg-type]
    assert numbers[4] == 1250.0
    assert not any(isinstance(cell, CommaNumber) for cell in cells["note"])
    assert table.words_on(("note", "x")) == ("numbers in column x are written with a decimal comma",)
    assert table.words_on(("note", None)) == ()


def test_a_point_behind_a_zero_separates_no_thousands(write: Write) -> None:
    table = read_table(write("a.csv", "x;y\n0.500;1,5\n0.250;2\n"))
    assert [step_of(cell, "x") for cell in table.first().cells["x"]] == [0.5, 0.25]
    assert float(table.first().cells["y"][0]) == 1.5


def test_a_point_that_may_separate_thousands_is_pointed_out(write: Write) -> None:
    table = read_table(write("a.csv", "x;y\n1.500;1\n12.250;2\n;3\n900;4\n"))
    assert [step_of(cell, "x") for cell in table.first().cells["x"][:2]] == [1.5, 12.25]
    assert table.words_on(("x", "y")) == (
        "numbers in column x, such as 1.500, are read with a decimal point; write 1500 if it separates thousands",
    )
    sure = [
        "x;y\n1.500;1\n12.25;2\n",
        "x;y\n1.500;0.1\n12.250;2\n",
        "x;y\n0.500;1\n1.250;2\n",
        "x,y\n1.500,1\n12.250,2\n",
    ]
    for number, text in enumerate(sure):
        assert read_table(write(f"{number}.csv", text)).words_on(("x", "y")) == ()


def test_what_the_first_rows_say_holds_for_all(write: Write) -> None:
    rows = ["1,5"] + ["2"] * 1200 + ["3,25"]
    chunks = list(read_table(write("a.csv", "y;x\n" + "".join(f"a;{row}\n" for row in rows))).chunks(rows=7))
    assert float(chunks[0].cells["x"][0]) == 1.5
    assert float(chunks[-1].cells["x"][-1]) == 3.25


@pytest.mark.parametrize(
    ("cells", "delimiter", "found"),
    [
        ({"a": ["1,5", "2"]}, ";", {"a"}),
        ({"a": ["1,5", "2"]}, "\t", {"a"}),
        ({"a": ["1,5", "2"]}, ",", set()),  # quoted: perhaps a list
        ({"a": ["1,5", "2.5"]}, ";", set()),
        ({"a": ["1,5", "x", "y"]}, ";", set()),
        ({"a": ["1,234", "2"]}, ";", {"a"}),
        ({"a": ["1,234", "2"]}, "\t", set()),
        ({"a": ["1,234"], "b": ["0.5", "NA", "NA"]}, ";", set()),
        ({"a": ["1,234"], "b": ["1.234"], "c": ["1,5", "n/a", "?"]}, "\t", {"a", "b", "c"}),
        ({"a": ["1,234"], "b": ["0,5"]}, "\t", {"a", "b"}),
        ({"a": ["1,234"], "b": ["0.5"]}, ";", set()),
        ({"a": ["0,234"]}, "\t", {"a"}),  # no thousands begin with 0
        ({"a": ["1,234"], "b": ["0.5"], "c": ["0,5"]}, ";", {"c"}),
        ({"a": ["1,5"], "b": ["1.234", "900"]}, ";", {"a", "b"}),
        ({"a": ["1,5"], "b": ["1.234"], "c": ["0.5"]}, ";", {"a"}),
        ({"a": ["1,5"], "b": ["1.234"], "c": ["9.5", "a bore", "a fine film"]}, ";", {"a", "b"}),  # a text, no number
        ({"a": ["1.234"]}, ";", set()),
        ({"a": ["1.234"], "b": ["31.01.2026"]}, ";", set()),
        ({"a": ["", " "]}, ";", set()),
    ],
)
def test_columns_are_judged_together(cells: dict[str, list[str]], delimiter: str, found: set[str]) -> None:
    assert columns_with_commas(cells, lambda: delimiter) == found


def test_a_number_survives_being_copied_to_another_process() -> None:
    copied = pickle.loads(pickle.dumps(CommaNumber("1.234,5")))
    assert (copied, float(copied), is_number(copied)) == ("1.234,5", 1234.5, True)
