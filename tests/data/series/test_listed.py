"""Series as lists of numbers in the cells of a table."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.series.examples import read_series
from unspool.data.series.layout import layout_of
from unspool.data.series.listed import list_columns, listed_steps, steps_first
from unspool.data.series.wide import read_wide
from unspool.data.series.wide_columns import WideColumns, find_wide_columns
from unspool.data.tables.problems import Flaw, Reason
from unspool.data.tables.table import Chunk, read_table
from unspool.errors import UserError
from unspool.tasks import find_task

NAN = float("nan")


def table(tmp_path: Path, rows: list[dict], on_error="stop"):
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return read_table(path, on_error)


@pytest.mark.parametrize(
    ("cell", "steps"),
    [
        ([1, 2.5, -3], [1, 2.5, -3]),
        ("[1, 2.5, -3]", [1, 2.5, -3]),
        ("[ 1.   2.5\n -3. ]", [1, 2.5, -3]),
        ("1 2.5 -3", [1, 2.5, -3]),
        ("1;2.5;-3", [1, 2.5, -3]),
        ([1, None, 3], [1, NAN, 3]),
        ("[1, NaN, None, null, 5]", [1, NAN, NAN, NAN, 5]),
        (["1", "2e0"], [1, 2]),
    ],
)
def test_a_list_is_read_however_it_is_written(cell: object, steps: list[float]) -> None:
    np.testing.assert_array_equal(listed_steps([cell], ["x"]), np.array(steps, np.float32)[:, np.newaxis])


@pytest.mark.parametrize(
    "cell", [[[1, 2], [3, 4], [5, 6]], "[[1, 2], [3, 4], [5, 6]]", "[[1. 2.]\n [3. 4.]\n [5. 6.]]"]
)
def test_a_list_of_lists_has_two_axes(cell: object) -> None:
    assert listed_steps([cell], ["x"]).tolist() == [[1, 2], [3, 4], [5, 6]]


@given(st.lists(st.lists(st.floats(width=32, allow_infinity=False), min_size=2, max_size=2), min_size=1, max_size=9))
def test_what_json_and_numpy_write_is_what_is_read(steps: list[list[float]]) -> None:
    expected = np.array(steps, np.float32)
    for cell in (steps, json.dumps(steps), np.array2string(expected, floatmode="unique")):
        np.testing.assert_array_equal(listed_steps([cell], ["x"]), expected)


@pytest.mark.parametrize(
    ("cells", "detail", "reason"),
    [
        (["[1. 2. ... 9.]"], "numbers were left out when it was printed", Reason.TYPE),
        ([["1", "high"]], "'high' is not a finite number", Reason.NOT_FINITE),
        ([[1, 1e300]], "too large", Reason.NOT_FINITE),
        ([[1, 2, 4], [1e9 + 1, 1e9 + 2, 1e9 + 4]], "too large and too close together", Reason.ROUNDED),
        ([[[1, 2, 4], [1e9 + 1, 1e9 + 2, 1e9 + 4]]], "too large and too close together", Reason.ROUNDED),
        ([[[1, 1e9 + 1], [2, 1e9 + 2], [4, 1e9 + 4]]], "too large and too close together", Reason.ROUNDED),
        ([[]], "the series has no steps", Reason.NO_VALUE),
        ([None], "the series has no steps", Reason.NO_VALUE),
        (["[]"], "the series has no steps", Reason.NO_VALUE),
        ([7], "'7' is not a list of numbers", Reason.TYPE),
        ([[[1, 2], [3]]], "differ in length: 1 to 2", Reason.TYPE),
        ([[[1, 2], None]], "differ in length: 0 to 2", Reason.TYPE),
        ([[1, 2, 3], [4, 5]], "2 numbers, but 3 in column x", Reason.TYPE),
        ([[1, 2], [[4], [5]]], "a list of lists is read only if no other column is a channel", Reason.TYPE),
    ],
)
def test_what_cannot_be_read_is_reported(cells: list[object], detail: str, reason: Reason) -> None:
    flaw = listed_steps(cells, ["x", "y"][: len(cells)])
    assert isinstance(flaw, Flaw)
    assert (detail in flaw.detail, flaw.reason, flaw.column) == (True, reason, ["x", "y"][len(cells) - 1])


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"label": "up"}, ("x",)),
        ({"label": [4, 5, 6]}, ("x",)),
        ({"time": [0.1, 0.2, 0.3]}, ("x",)),
        ({"y": "up", "z": [4, 5, 6]}, ("x", "z")),
        ({"text": "fine"}, ()),
        ({"note": "a film that I liked a lot"}, ()),
    ],
)
def test_lists_are_series_unless_a_column_holds_texts(other: dict, found: tuple[str, ...]) -> None:
    cells = {name: [cell] * 3 for name, cell in ({"x": [1, 2, 3.5]} | other).items()}
    assert list_columns(Chunk([], cells, [])) == found


@pytest.mark.parametrize(
    ("shapes", "channels", "first"),
    [
        ([(30, 3), (25, 3)], None, True),
        ([(3, 30), (3, 25)], None, False),
        ([(30, 3), (30, 3)], None, True),
        ([(3, 30), (3, 30)], None, False),
        ([(3, 3)], None, True),
        ([(2, 3), (3, 2)], None, None),
        ([(2, 3)], 2, False),
        ([(2, 3)], 3, True),
        ([(2, 3)], 4, None),
    ],
)
def test_the_axis_of_the_channels_has_the_same_length_in_all_series(shapes, channels, first) -> None:
    assert steps_first([np.zeros(shape) for shape in shapes], channels) is first


ROWS = [{"id": n, "x": [n, 1.5, 2, 4][: 3 + n % 2], "mood": "ab"[n % 2]} for n in range(4)]


def test_the_other_column_is_the_label(tmp_path: Path) -> None:
    columns = find_wide_columns(listed := table(tmp_path, ROWS))
    assert columns == WideColumns("mood", (), ignored=("id",), lists=("x",))
    assert columns.roles["steps"] == ("x",)
    series = read_wide(listed, columns)
    assert [one.ravel().tolist() for one in series.arrays(np.arange(2))] == [[0, 1.5, 2], [1, 1.5, 2, 4]]
    assert (series.labels[:2], series.names[:2], series.channels) == (["a", "b"], ["1", "2"], ("0",))


def test_numbers_beside_lists_may_be_the_label(tmp_path: Path) -> None:
    rows = [{"x": [n, 1.5, 2], "strength": n / 2} for n in range(4)]
    assert find_wide_columns(table(tmp_path, rows)).label == "strength"


def test_each_of_several_columns_is_a_channel(tmp_path: Path) -> None:
    rows = [{"x": [n, 1.5, 2], "y": [3, 4, 5], "label": "ab"[n % 2]} for n in range(4)]
    series = read_wide(listed := table(tmp_path, rows), find_wide_columns(listed))
    assert (series.channels, series.values[:3].tolist()) == (("x", "y"), [[0, 3], [1.5, 4], [2, 5]])
    one = read_wide(listed, find_wide_columns(listed, channels=["y"]))
    assert (one.channels, one.values[:3].ravel().tolist()) == (("0",), [3, 4, 5])


@pytest.mark.parametrize("turned", [False, True])
def test_lists_of_lists_are_turned_steps_first(tmp_path: Path, turned: bool) -> None:
    arrays = [np.arange(2.0 * n).reshape(n, 2) for n in (3, 4, 5)]
    rows = [{"x": (one.T if turned else one).tolist(), "label": "aba"[n]} for n, one in enumerate(arrays)]
    series = read_wide(listed := table(tmp_path, rows), find_wide_columns(listed))
    for found, expected in zip(series.arrays(np.arange(3)), arrays, strict=True):
        np.testing.assert_array_equal(found, expected)
    assert series.channels == ("0", "1")


def test_steps_at_the_end_that_are_nan_in_all_channels_are_none(tmp_path: Path) -> None:
    rows = [{"x": [[1, None], [2, 3], [None, None]], "label": "a"}, {"x": [[1, 2], [2, 3], [4, 5]], "label": "b"}]
    series = read_wide(listed := table(tmp_path, rows), find_wide_columns(listed))
    assert series.lengths.tolist() == [2, 3]


def test_lists_whose_axes_cannot_be_told_apart_are_refused(tmp_path: Path) -> None:
    rows = [{"x": [[1, 2], [2, 3], [4, 5]], "label": "a"}, {"x": [[1, 2, 3], [2, 3, 4]], "label": "b"}]
    listed = table(tmp_path, rows)
    with pytest.raises(UserError, match=r"column x need the same number of lists .*\(3, 2\) and \(2, 3\)"):
        read_wide(listed, find_wide_columns(listed))
    with pytest.raises(UserError, match=r"column x need 4 lists in each row, one for each channel, or 4 numbers"):
        read_wide(listed, find_wide_columns(listed), channels=4)


def test_a_label_for_each_step_is_refused(tmp_path: Path) -> None:
    rows = [{"x": [1, 2, 3, 4, n + 0.5], "label": ["a", "b", "a", "b", "a"]} for n in range(4)]
    listed = table(tmp_path, rows)
    with pytest.raises(UserError, match=r"column label: there is a label for each time step\. Give a \.npz file"):
        read_wide(listed, find_wide_columns(listed))


def test_a_row_with_a_bad_list_is_reported_or_left_out(tmp_path: Path) -> None:
    rows = [*ROWS, {"id": 9, "x": ["a", 1, 2], "mood": "b"}]
    listed = table(tmp_path, rows)
    with pytest.raises(UserError, match=r"row 5, column x: 'a' is not a finite number"):
        read_wide(listed, find_wide_columns(listed))
    listed = table(tmp_path, rows, on_error="skip")
    assert len(read_wide(listed, find_wide_columns(listed))) == 4


def test_whole_numbers_without_brackets_are_series_only_if_they_are_named(tmp_path: Path) -> None:
    path = tmp_path / "faces.csv"
    path.write_text("emotion,pixels\n" + "".join(f"{n % 2},{n} 80 82 {n}\n" for n in range(20)))
    assert (layout_of(path), layout_of(path, channels=["pixels"])) == (None, "wide")
    examples = read_series(path, find_labels=find_task, channels=["pixels"], label="emotion")
    assert examples.series.values[:4].ravel().tolist() == [0, 80, 82, 0]
    assert not any("ids" in one for one in examples.decisions)


def test_what_was_read_is_reported(tmp_path: Path) -> None:
    rows = [{"x": [[n, 1], [1.5, 2], [3, 4]], "label": "ab"[n % 2]} for n in range(40)]
    decisions = read_series(table(tmp_path, rows).path, find_labels=find_task).decisions
    assert decisions[:3] == (
        "each row is a series of 2 channels, its steps are in the lists of column x",
        "the first series has 3 steps of 2 numbers",
        "labels are in column label",
    )


def test_whole_numbers_that_may_be_ids_are_pointed_out(tmp_path: Path) -> None:
    rows = [{"input_ids": [101, 2000 + n, 102], "label": "ab"[n % 2]} for n in range(40)]
    decisions = read_series(table(tmp_path, rows).path, find_labels=find_task).decisions
    assert any("if the numbers are ids, such as those of words, their size means nothing" in one for one in decisions)
