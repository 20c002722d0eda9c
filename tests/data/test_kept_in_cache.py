"""Examples in memory: data frames, lists and arrays as files that a run can read again."""

import json

import numpy as np
import pytest

from unspool import files
from unspool.data.examples_in_memory import texts_of
from unspool.data.frames import is_frame
from unspool.data.kept_in_cache import kept_frame, kept_lists
from unspool.data.series.npz import read_npz
from unspool.data.tables.table import read_table
from unspool.data.texts.side_columns import SideColumns
from unspool.errors import UserError

pandas = pytest.importorskip("pandas")

ROWS = {"text": ["a fine film", "a bore, größer"], "stars": [4, 1]}
MONTHS = pandas.date_range("2026-01-01", periods=2, freq="MS")


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_an_empty_list_is_refused():
    with pytest.raises(UserError, match="There are no examples: the list is empty"):
        kept_lists([], [], "films")


def test_a_frame_becomes_a_table_and_equal_frames_the_same(tmp_path):
    frame = pandas.DataFrame(ROWS)
    path = kept_frame(frame, "films")
    assert path.is_relative_to(files.cache_folder())
    assert path.name == "films.jsonl"
    assert rows_of(path) == [
        {"text": text, "stars": stars} for text, stars in zip(ROWS["text"], ROWS["stars"], strict=True)
    ]
    assert kept_frame(frame.copy(), "films") == path
    assert kept_frame(frame.assign(stars=[4, 2]), "films") != path
    assert kept_frame(pytest.importorskip("pyarrow").table(ROWS), "films") == path
    assert read_table(path).columns == ("text", "stars")


def test_missing_numbers_are_null_and_dates_are_texts():
    frame = pandas.DataFrame({"x": [1.5, float("nan")], "day": pandas.to_datetime(["2026-01-31", "2026-02-01"])})
    first, second = rows_of(kept_frame(frame, "a"))
    assert (first["x"], second["x"]) == (1.5, None)
    assert first["day"].startswith("2026-01-31")


def test_what_pandas_calls_missing_is_null():
    columns = {
        "stars": pandas.array([1, None], "Int64"),
        "sure": pandas.array([True, None], "boolean"),
        "text": pandas.array(["a", None], "string"),
        "day": pandas.to_datetime(["2026-01-31", None]),
    }
    first, second = rows_of(kept_frame(pandas.DataFrame(columns), "a"))
    assert (first["stars"], first["sure"], first["text"]) == (1, True, "a")
    assert second == dict.fromkeys(columns)
    with pytest.raises(UserError, match=r"Entry 1 .* is None, and a text was expected"):
        texts_of(pandas.DataFrame(columns), "text")


def test_two_columns_of_one_name_are_refused():
    frame = pandas.DataFrame([[1, 2]], columns=["a", "a"])
    assert is_frame(frame)
    with pytest.raises(UserError, match=r"has two columns named a\. Rename one"):
        kept_frame(frame, "a")


def test_texts_with_their_labels_become_a_table():
    path = kept_lists(["a fine film", "a bore"], np.array([1, 0]), "films")
    assert rows_of(path) == [{"text": "a fine film", "label": 1}, {"text": "a bore", "label": 0}]
    assert rows_of(kept_lists(["a"], None, "films")) == [{"text": "a"}]
    assert rows_of(kept_lists(["a"], ["x"], "films", ["test"])) == [{"text": "a", "label": "x", "split": "test"}]


def test_series_become_arrays_without_the_steps_that_fill_up():
    x = np.array([[[1, 2], [3, 4], [np.nan, np.nan]], [[5, 6], [7, 8], [9, 10]]])
    found = read_npz(kept_lists(x, ["up", "down"], "walks"))
    assert [one.tolist() for one in found.arrays(np.arange(2))] == [[[1, 2], [3, 4]], [[5, 6], [7, 8], [9, 10]]]
    assert found.labels == ["up", "down"]
    assert read_npz(kept_lists([[1.0, 2.0], [3.0]], ["a", "b"], "walks")).lengths.tolist() == [2, 1]
    parted = read_npz(kept_lists([[1.0, 2.0], [3.0]], ["a", "b"], "walks", ["training", "validation"]))
    assert parted.parts.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (pandas.Series(["up", None]), r"Label 1 \(counted from 0\) is missing\. Leave this series out\."),
        ([float("nan"), "up"], r"Label 0 \(counted from 0\) is missing"),
        (pandas.array([1, None], "Int64"), r"Label 1 \(counted from 0\) is missing"),
        (
            [["up"], ["up", "down", "up"]],
            "Labels are lists of different lengths. Give one label for each series, several as in 'a;b', or a list",
        ),
        ([{"up"}, {"up", "down"}], "Labels are lists of different lengths"),
        (
            [["up", float("nan")], ["up"]],
            r"Label 0 \(counted from 0\) has a missing tag, in step 1\. Leave this series",
        ),
        ([["up", "down"], [None]], r"Label 1 \(counted from 0\) has a missing tag, in step 0"),
        ([["up", "down"], [pandas.NA]], r"Label 1 \(counted from 0\) has a missing tag, in step 0"),
        ([["up", "down"], ["up", None]], r"Label 1 \(counted from 0\) is a list with a missing label\. Leave this"),
        ([["up", float("nan")], ["up", "down"]], r"Label 0 \(counted from 0\) is a list with a missing label"),
    ],
)
def test_each_series_needs_a_label(labels, message):
    with pytest.raises(UserError, match=message):
        kept_lists([[1.0, 2.0], [3.0]], labels, "walks")


def test_as_many_labels_as_examples_are_needed():
    with pytest.raises(UserError, match="2 examples, but 1 labels"):
        kept_lists(["a", "b"], ["x"], "a")


def test_a_cache_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(files.CACHE_VARIABLE, str(tmp_path / "file"))
    with pytest.raises(UserError, match="cannot be written"):
        kept_lists(["a"], ["x"], "a")


def test_a_pandas_column_is_read_in_order_whatever_its_index():
    shuffled = pandas.Series(["a fine film", "a bore", "dull"], index=[2, 0, 7])
    assert [row["text"] for row in rows_of(kept_lists(shuffled, ["x", "y", "z"], "films"))] == shuffled.tolist()
    labels = pandas.Series(["x", "y", "z"], index=[1, 2, 0])
    assert [row["label"] for row in rows_of(kept_lists(["a", "b", "c"], labels, "films"))] == ["x", "y", "z"]
    waves = pandas.Series([[1.0, 2.0], [3.0]], index=[7, 5])
    assert read_npz(kept_lists(waves, ["a", "b"], "walks")).lengths.tolist() == [2, 1]


def test_numpy_numbers_in_cells_stay_numbers():
    cells = [
        list(np.arange(2)),
        list(np.float32([0.5, 1])),
        [np.ones(2), np.zeros(2)],
        pandas.Series([3, 4]),
        [pandas.NA],
    ]
    found = [row["wave"] for row in rows_of(kept_frame(pandas.DataFrame({"wave": cells}), "a"))]
    assert found == [[0, 1], [0.5, 1.0], [[1.0, 1.0], [0.0, 0.0]], [3, 4], [None]]


def test_bytes_durations_and_weeks_are_texts_numbers_and_dates():
    cells = {
        "text": ["größer".encode(), b"a\xff"],
        "after": pandas.to_timedelta([90, 1.5], unit="s"),
        "week": pandas.period_range("2026-01-05", periods=2, freq="W"),
        "quarter": pandas.period_range("2026Q1", periods=2, freq="Q"),
    }
    first, second = rows_of(kept_frame(pandas.DataFrame(cells), "a"))
    assert first == {"text": "größer", "after": 90.0, "week": "2026-01-05", "quarter": "2026Q1"}
    assert second == {"text": "a\\xff", "after": 1.5, "week": "2026-01-12", "quarter": "2026Q2"}


def test_a_set_of_labels_becomes_a_list():
    path = kept_lists(["a", "b"], [{"sad", "long"}, {"dull"}], "films")
    assert [row["label"] for row in rows_of(path)] == [["long", "sad"], ["dull"]]
    assert [row["label"] for row in rows_of(kept_frame(pandas.DataFrame({"label": [frozenset("ba")]}), "a"))] == [
        ["a", "b"]
    ]


def test_intervals_and_dates_are_categories_in_new_data_as_in_training():
    frame = pandas.DataFrame(
        {
            "text": ["a film", "a bore"],
            "age": pandas.cut(pandas.Series([3, 50]), [0, 18, 99]),
            "day": pandas.to_datetime(["2026-01-31", "2026-02-01"]),
        }
    )
    trained = rows_of(kept_frame(frame, "a"))
    texts = texts_of(frame, "text", SideColumns((), ("age", "day")))
    assert [text.cells for text in texts] == [(row["age"], row["day"]) for row in trained]
    assert texts[0].cells == ("(0, 18]", "2026-01-31 00:00:00")


def test_column_names_that_are_not_texts_become_texts():
    days = pandas.date_range("2026-01-01", periods=2)
    assert [*rows_of(kept_frame(pandas.DataFrame([[1, 2]], columns=days), "a"))[0]] == [*map(str, days)]
    assert texts_of(pandas.DataFrame({0: ["a"], 1: [3]}), "0") == ["a"]
    with pytest.raises(UserError, match=r"has no column 'text'\. Its columns are 0, 1"):
        texts_of(pandas.DataFrame({0: ["a"], 1: [3]}), "text")


def test_names_of_columns_on_several_levels_are_joined():
    prices = pandas.MultiIndex.from_product([["Close"], ["AAPL", "MSFT"]], names=["price", "ticker"])
    frame = pandas.DataFrame([[1.0, 2.0]] * 2, index=MONTHS.rename("Date"), columns=prices)
    assert [*rows_of(kept_frame(frame, "a"))[0]] == ["Date", "Close_AAPL", "Close_MSFT"]


@pytest.mark.parametrize(
    ("index", "columns"),
    [
        (MONTHS, {"time": ["2026-01-01 00:00:00", "2026-02-01 00:00:00"]}),
        (MONTHS.rename("month").to_period("M"), {"month": ["2026-01", "2026-02"]}),
        (pandas.Index(["a", "a"], name="machine"), {"machine": ["a", "a"]}),
        (pandas.MultiIndex.from_tuples([("a", 0), ("b", 0)], names=["machine", None]), {"machine": ["a", "b"]}),
        (pandas.Index(["a", "b"], name="machine"), {}),
        (pandas.Index([3, 3]), {}),
        (MONTHS.rename("x"), {}),
    ],
)
def test_an_index_of_times_or_series_becomes_columns(index, columns):
    rows = rows_of(kept_frame(pandas.DataFrame({"x": [1, 2]}, index=index), "a"))
    assert {name: [row[name] for row in rows] for name in columns} == columns
    assert [*rows[0]] == [*columns, "x"]


def test_one_series_instead_of_a_list_of_series_is_refused():
    with pytest.raises(UserError, match=r"Entry 0 .* is a number, and a series was expected.*a data frame"):
        kept_lists(pandas.Series([1.0, 2.0]), None, "a")
