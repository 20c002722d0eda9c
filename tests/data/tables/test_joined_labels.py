from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.tables.joined_labels import joined_labels
from unspool.data.tables.problems import Flaw
from unspool.data.tables.table import read_table
from unspool.errors import UserError

YES = [1, 1.0, True, "1", " 1.0", "true", "Yes"]
NO = [0, 0.0, False, "0", "0.0 ", "False", "no"]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=6))
def test_a_row_has_the_labels_whose_cells_say_so(said: list[tuple[bool, int]]) -> None:
    names = [f"label {number}" for number in range(len(said))]
    cells = [(YES if has else NO)[which] for has, which in said]
    assert joined_labels(names, cells) == [name for name, (has, _) in zip(names, said, strict=True) if has]


@pytest.mark.parametrize("empty", [None, "", " ", float("nan")])
def test_a_row_without_any_cell_has_no_label_and_one_with_some_is_refused(empty: object) -> None:
    assert joined_labels(["a", "b"], [empty, empty]) is None
    flaw = joined_labels(["a", "b"], [1, empty])
    assert isinstance(flaw, Flaw)
    assert (flaw.column, flaw.detail) == ("b", "it is empty, although another column of labels is not; write 1 or 0")


@pytest.mark.parametrize("cell", ["2", -1, "spam", 0.5])
def test_a_cell_that_is_neither_1_nor_0_is_refused(cell: object) -> None:
    flaw = joined_labels(["a", "b"], ["0", cell])
    assert isinstance(flaw, Flaw)
    assert flaw.column == "b"
    assert flaw.detail.startswith(f"'{cell}' is neither 1 nor 0")


def test_a_table_joins_the_columns_of_labels_as_well_as_those_of_a_time(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,toxic,threat,year,month\nfine,0,0,2026,1\nbad,1,0,2026,2\nworse,1,1,2026,3\nnew,,,2026,4\n")
    table = read_table(path, times=("year,month",), label="toxic,threat")
    assert table.columns == ("year,month", "toxic,threat", "text")
    (chunk,) = table.chunks()
    assert chunk.cells["toxic,threat"] == [[], ["toxic"], ["toxic", "threat"], None]
    assert chunk.cells["year,month"] == ["2026-01", "2026-02", "2026-03", "2026-04"]
    assert chunk.cells["text"] == ["fine", "bad", "worse", "new"]


def test_a_wrong_cell_is_named_with_its_place_or_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,toxic,threat\nfine,0,0\nbad,1,-1\n")
    with pytest.raises(UserError, match=r"row 2 \(line 3\), column threat: '-1' is neither 1 nor 0"):
        list(read_table(path, label="toxic,threat").chunks())
    (chunk,) = read_table(path, "skip", label="toxic,threat").chunks()
    assert chunk.cells == {"toxic,threat": [[]], "text": ["fine"]}


@pytest.mark.parametrize(
    ("label", "message"), [("toxic,insult", "no column 'insult' for the label"), ("toxic,toxic", "named twice")]
)
def test_columns_of_labels_that_cannot_be_joined_are_refused(tmp_path: Path, label: str, message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,toxic\nfine,0\n")
    with pytest.raises(UserError, match=message):
        read_table(path, label=label)
