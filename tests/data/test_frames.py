"""Data frames of several libraries, and columns of pandas."""

import numpy as np
import pytest

from unspool.data.frames import frame_of_column, is_frame

pandas = pytest.importorskip("pandas")

ROWS = {"text": ["a fine film", "a bore, größer"], "stars": [4, 1]}


def test_frames_of_several_libraries_are_known_and_other_things_are_not():
    assert is_frame(pandas.DataFrame(ROWS))
    pyarrow = pytest.importorskip("pyarrow")
    assert is_frame(pyarrow.table(ROWS))
    assert not any(map(is_frame, (ROWS, ["a"], np.zeros((2, 2)), "a.csv", None)))


@pytest.mark.parametrize(
    ("index", "columns"),
    [
        (None, ["value"]),
        (range(1, 4), ["time", "value"]),
        (pandas.period_range("2020", periods=3, freq="M", name="month"), ["month", "value"]),
        (["a", "b", "c"], ["time", "value"]),
    ],
)
def test_a_column_of_pandas_becomes_a_frame_with_its_index(index, columns):
    assert list(frame_of_column(pandas.Series([1.0, 2.0, 3.0], index=index))) == columns
    named = pandas.Series([1.0, 2.0, 3.0], index=index, name=columns[0])
    assert list(frame_of_column(named)) == columns
    assert list(frame_of_column(named, "load")) == [*columns[:-1], "load"]


@pytest.mark.parametrize("data", [[1, 2], np.ones(3), pandas.Index([1, 2]), "a.csv", None])
def test_what_is_no_column_stays_as_it_is(data):
    assert frame_of_column(data) is data
