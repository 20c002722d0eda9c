"""Series that several columns tell apart together."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.tables.joined_names import joined_name, named_cells
from unspool.data.tables.table import read_table
from unspool.errors import UserError

TEXT = "person,trial,x\nada,1,5\nada,2,6\nbob, 1 ,7\nbob,,8\n"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "trials.csv"
    path.write_text(TEXT)
    return path


def test_names_are_joined_beside_their_columns(path):
    table = read_table(path, series="person, trial")
    assert table.columns == ("person, trial", "person", "trial", "x")
    assert table.first().cells["person, trial"] == ["ada, 1", "ada, 2", "bob, 1", None]
    assert table.first().cells["person"] == ["ada", "ada", "bob", "bob"]
    assert table.parts("person, trial") == ("person", "trial")
    assert table.parts("person") == table.parts(None) == ()


@pytest.mark.parametrize(
    ("series", "said"),
    [
        ("person,day", r"no column 'day' for the series person,day. Its columns are person, trial, x"),
        ("trial,trial", "column trial is named twice for the series. Name it once"),
    ],
)
def test_names_that_cannot_be_joined_are_refused(path, series, said):
    with pytest.raises(UserError, match=said):
        read_table(path, series=series)


@pytest.mark.parametrize(
    ("cell", "written"), [(1.0, "1"), ("-2.00", "-2"), ("10.05", "10.05"), ("v1.0.2", "v1.0.2"), ("1.0 kg", "1.0 kg")]
)
def test_only_whole_numbers_lose_their_decimals(cell, written):
    assert joined_name(["person", "trial"], ["a", cell]) == f"a, {written}"


@given(st.lists(st.text(min_size=1).filter(lambda text: text.strip()), min_size=2, max_size=4))
def test_names_give_their_cells_back_and_no_two_are_the_same(cells):
    columns = [str(number) for number in range(len(cells))]
    expected = [re.sub(r"^(-?\d+)\.0+$", r"\1", cell.strip()) for cell in cells]
    assert [*named_cells(columns, joined_name(columns, cells)).values()] == expected
