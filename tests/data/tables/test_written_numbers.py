import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import unspool
from unspool.data.cell_values import number_of
from unspool.data.columns import find_columns
from unspool.data.labels import as_number, label_of
from unspool.data.tables import written_numbers
from unspool.data.tables.comma_numbers import CommaNumber, comma_words, has_decimal_comma
from unspool.data.tables.problems import Flaw
from unspool.data.tables.table import read_table
from unspool.data.tables.writing import inert
from unspool.data.tables.written_numbers import (
    PointNumber,
    columns_with_grouped_numbers,
    columns_with_signs,
    has_unit,
    is_point_number,
    without_sign,
)
from unspool.data.texts.examples import read_examples
from unspool.tasks import find_task

Write = Callable[[str, bytes | str], Path]


@given(
    st.floats(-1e9, 1e9).map(lambda number: round(number, 2)),
    st.sampled_from(["{:,.2f} %", "{:.2f}%", "${:,.2f}", "€ {:,.2f}", "{:,.2f}£", "\u00a0{:.2f}\u00a0€"]),
)
def test_a_number_means_the_same_with_its_sign_and_its_thousands_separated(number: float, form: str) -> None:
    written = form.format(number)
    assert is_point_number(written, grouped=True)
    read = PointNumber(written)
    assert float(read) == number
    assert read == written  # as a text, it stays as it is
    label = label_of(read)
    assert isinstance(label, str)
    assert (label, as_number(label)) == (written.strip(), number)
    assert pickle.loads(pickle.dumps(read)).with_point == read.with_point


@pytest.mark.parametrize("written", ["-$1,234.5", "$-1,234.5", "- $1,234.5", "-1,234.5 $"])
def test_the_minus_stands_before_or_behind_the_sign(written: str) -> None:
    assert float(PointNumber(written)) == -1234.5
    assert inert(PointNumber(written)) == inert(written) == written  # a number is no formula


@pytest.mark.parametrize("written", ["(1,234.5)", "($1,234.5)", "$(1,234.5)", "(1,234.5) $", "(1,234.5 km/h)"])
def test_a_number_in_parentheses_is_negative(written: str) -> None:
    assert is_point_number(written, grouped=True)
    assert float(PointNumber(written)) == -1234.5


@pytest.mark.parametrize("written", ["12 kg", "12kg", "12 km/h", "12 °C", "12°", "12 m²", "12 EUR", "12円"])
def test_a_unit_is_left_out(written: str) -> None:
    assert has_unit(written)
    assert float(PointNumber(written)) == 12


@pytest.mark.parametrize(
    "cell",
    [
        "5% of $3",
        "%5",
        "kg 5",
        "$",
        "%",
        "5%%",
        "$5 or less",
        "",
        "--$5",
        "3 PM",
        "2026 Jan",
        "1½",
        "(555) 12",
        "(5",
        "$" + 50 * "1",
    ],
)
def test_other_cells_are_no_such_numbers(cell: str) -> None:
    assert without_sign(cell).strip() == cell.strip() or cell == "--$5"
    assert not is_point_number(cell, grouped=True)


def test_a_column_has_one_sign_and_few_cells_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written_numbers, "_OF_A_NAME", 5)
    cells = {
        "rate": ["12%", "", "n/a", "0", "7 %", "8%"],
        "mixed currencies": ["$5", "€5", "$1", "$2", "$3"],
        "shares and percent": ["12%", "0.12", "3%", "4%", "5%"],
        "mostly texts": ["12%", "a half", "a third", "none", "all"],
        "without": ["1", "2", "3", "4", "5"],
        "one unit": ["5 kg", "7 kg", "0", "1.5 kg", ""],
        "one name": ["3a", "3a", "3a", "3a", "3a"],
        "one dose": ["5 mg", "5 mg", "5 mg", "5 mg", "5 mg"],
        "several units": ["5 kg", "7 g", "3 kg", "4 kg", "5 kg"],
        "unit or none": ["5 kg", "7", "3 kg", "4 kg", "5 kg"],
        "mostly missing": ["5%", "NA", "n/a", "?"],
        "accounts": ["(5)", "7", "(1,234.50)", "n/a", "0"],
        "accounts in dollars": ["($5)", "$7", "$(3)", "$0", "$1"],
        "dollars or none": ["(5)", "$7", "$3", "$4", "$5"],
        "all in parentheses": ["(5)", "(7)", "(3)", "(4)", "(5)"],  # of notes, perhaps
        "texts with numbers": ["(5)", "7", "some", "text", "here"],
    }
    signs = {
        "rate": "%",
        "one unit": "kg",
        "one dose": "mg",
        "mostly missing": "%",
        "accounts": "",
        "accounts in dollars": "$",
    }
    assert columns_with_signs(cells) == signs


def test_commas_separate_thousands_only_where_that_is_certain() -> None:
    cells = {
        "two commas": ["1,234", "7", "1,234,567"],
        "a point, too": ["1,234", "2,345.5"],
        "prices": ["$1,234", "$7", "-$2,000"],
        "either": ["1,234", "7"],
        "either, the sign behind": ["1,599 €", "1,649 €"],  # petrol by the litre
        "decimals": ["1,5", "1,234"],
        "lists": ["1,2,3", "1,234,567"],
        "few": ["1,234,567", "a", "b"],
        "mostly missing": ["1,234.5", "NA", "none"],
    }
    assert columns_with_grouped_numbers(cells) == {"two commas", "a point, too", "prices", "mostly missing"}


def test_what_remains_ambiguous_is_refused_with_its_sign() -> None:
    assert has_decimal_comma("1,599 €")
    assert "may separate thousands or decimals" in comma_words(["1,599 €"])
    assert "decimal comma, such as '9,8 %'" in comma_words(["9,8 %"])


def test_a_file_of_percent_and_prices_is_read_as_numbers(write: Write) -> None:
    table = read_table(write("a.csv", 'share,price,name\n12.5%,"$1,200",a\n-7%,"$12,000.50",5% off\n'))
    cells = table.first().cells
    assert list(map(float, cells["share"])) == [12.5, -7]
    assert list(map(float, cells["price"])) == [1200, 12000.5]
    assert cells["name"] == ["a", "5% off"]
    assert table.words_on(["share", "price", "name"]) == (
        "numbers in column share, such as 12.5%, are read as 12.5",
        "numbers in column price, such as $1,200, are read as 1200",
    )


def test_signs_go_with_decimal_commas(write: Write) -> None:
    table = read_table(write("a.csv", "Quote;Preis\n9,8 %;€ 1.200\n-10 %;€ 12,50\n"))
    cells = table.first().cells
    assert all(isinstance(cell, CommaNumber) for cell in (cells["Quote"][0], *cells["Preis"]))
    assert list(map(float, cells["Quote"])) == [9.8, -10]
    assert list(map(float, cells["Preis"])) == [1200, 12.5]


def test_a_price_with_thousands_is_no_decimal_among_semicolons(write: Write) -> None:
    table = read_table(write("a.csv", "name;price\na;$1,200\nb;$950\n"))
    assert list(map(float, table.first().cells["price"])) == [1200, 950]


def test_percentages_as_labels_are_numbers_to_predict(write: Write) -> None:
    rows = "".join(f"a film of {number} scenes,{number}%\n" for number in range(60))
    inspected = str(unspool.inspect(write("a.csv", f"text,rating\n{rows}")))
    assert "regression" in inspected
    assert "numbers in column rating, such as 1%, are read as 1" in inspected


@pytest.mark.parametrize(
    ("header", "labels"),
    [("text,label", ("-5%", "10%", "12.5%")), ("text;label", ("1,5", "2,0", "12,5")), ("text\tlabel", ("$5", "$10"))],
)
def test_classes_are_named_as_their_file_writes_them(write: Write, header: str, labels: tuple[str, ...]) -> None:
    separator = header[4]
    rows = [f"a film of {n} scenes{separator}{labels[n % len(labels)]}\n" for n in range(60)]
    path = write("a.tsv" if separator == "\t" else "a.csv", f"{header}\n{''.join(rows)}")
    table, task = read_table(path), "multiclass" if len(labels) > 2 else "binary"
    examples = read_examples(table, find_columns(table), find_labels=lambda found: find_task(found, task))
    assert examples.labels.names == labels  # by value, not by letter
    assert set(map(type, examples.labels.names)) == {str}
    assert not [one for one in examples.decisions if "are read as" in one or "decimal comma" in one]


def test_a_file_of_accounts_is_read_as_numbers(write: Write) -> None:
    table = read_table(write("a.csv", 'result,weight\n"(1,234.50)",12 kg\n"2,000.00",7.5 kg\n(3.00),\n'))
    cells = table.first().cells
    assert list(map(float, cells["result"])) == [-1234.5, 2000, -3]
    assert list(map(float, cells["weight"][:2])) == [12, 7.5]
    assert "numbers in column weight, such as 12 kg, are read as 12" in table.words_on(["result", "weight"])
    european = read_table(write("b.csv", "result;price\n(1.234,50);1,5 EUR\n2,5;(3 EUR)\n"))
    cells = european.first().cells
    assert list(map(float, cells["result"])) == [-1234.5, 2.5]
    assert list(map(float, cells["price"])) == [1.5, -3]


def test_different_units_are_refused_by_name() -> None:
    flaw = number_of("12 kg", "weight")
    assert isinstance(flaw, Flaw)
    assert flaw.detail == (
        "'12 kg' has a sign or a unit; write the number alone (in CSV and TSV, a whole column may have the same one)"
    )


@pytest.mark.parametrize(
    ("last", "detail"),
    [
        ("5 g", "'5 g' has a sign or a unit"),
        ("7%", "'7%' has a sign or a unit"),
        ("0.12", "'0.12' has no sign or unit, unlike the numbers above it; add the same one"),
        ("(0.12)", "'(0.12)' has no sign or unit"),
    ],
)
def test_another_unit_far_below_is_refused(write: Write, last: str, detail: str) -> None:
    rows = "".join(f"a,{number} kg\n" for number in range(1, 1001))
    *_, chunk = read_table(write("a.csv", f"text,weight\n{rows}b,{last}\nc,0\nd,3 kg\ne,n/a\n")).chunks()
    flaw, *others = (number_of(cell, "weight") for cell in chunk.cells["weight"])
    assert isinstance(flaw, Flaw)
    assert flaw.detail.startswith(detail)
    assert others[:2] == [0, 3]
    assert chunk.cells["weight"] == [last, "0", "3 kg", "n/a"]


@pytest.mark.parametrize("cells", [["$1,200", "€1,300"], ["1,234.5", "7 kg", "5 g"], ["1,234,567 kg", "0.5"]])
def test_numbers_with_thousands_have_one_sign_too(write: Write, cells: list[str]) -> None:
    rows = "".join(f'a,"{cell}"\n' for cell in cells)
    (chunk,) = read_table(write("a.csv", f"text,price\n{rows}")).chunks()
    assert any(isinstance(number_of(cell, "price"), Flaw) for cell in chunk.cells["price"])
