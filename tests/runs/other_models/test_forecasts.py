"""Another tool's forecasts of the steps of a run's test: matched by series and time, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from unspool.data.tables.problems import Place
from unspool.data.tables.table import Chunk
from unspool.errors import UserError
from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.runs.other_models.forecasts import read_forecast_array, read_forecast_table
from unspool.tasks import Forecasting

STEPS = {
    "shop": ["b", "b", "a", "a"],
    "day": ["2026-01-07", "2026-01-08", "2026-01-05", "2026-01-06"],
    "ahead": ["1", "2", "1", "2"],
}


@pytest.fixture
def examples(tmp_path):
    """Two forecasts of two steps, each scored in two blocks."""
    return ExamplesOfTest(tmp_path, Forecasting(horizon=2), np.zeros(4), STEPS, blocks=2)


def read(examples, **cells):
    rows = [Place(row) for row in range(1, 1 + len(next(iter(cells.values()))))]
    chunks = iter([Chunk(rows, {name: list(map(str, some)) for name, some in cells.items()}, problems=[])])
    return read_forecast_table("theirs.csv", tuple(cells), chunks, examples)


def test_steps_in_any_order_are_matched_whatever_the_form_of_times(examples):
    days = ["2026-01-05 00:00:00", "2026-01-08", "2026-01-06T00:00", "2026-01-07", "2027-01-01"]
    found = read(examples, shop="ababb", day=days, forecast=[1, 4, 2, 3, 9])
    assert found.outputs is None, "there are no intervals"
    assert found.decided[..., 1].tolist() == [[3, 4], [3, 4], [1, 2], [1, 2]]
    assert found.notes[0].endswith("matched by columns shop and day; rows that are not test examples were ignored: 1.")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (("2026-01-05T00:00:00Z", "2026-01-05T01:00:00Z"), ("2026-01-05 01:00+01:00", "2026-01-05 02:00+01:00")),
        (("2026-01-01", "2026-02-01"), ("2026-01", "Feb 2026")),
        (("1949.1666659999999", "0.30000000000000004"), ("1949.166666", "0.3")),
    ],
)
def test_times_are_matched_in_other_forms(tmp_path, ours, theirs):
    steps = {"day": list(ours), "ahead": ["1", "2"]}
    examples = ExamplesOfTest(tmp_path, Forecasting(horizon=2), np.zeros(2), steps)
    found = read(examples, day=theirs[::-1], forecast=[2, 1])
    assert found.decided[..., 1].tolist() == [[1, 2]]


def test_a_step_that_is_missing_beside_dates_in_another_form_is_named(tmp_path):
    steps = {"day": ["2026-01-30", "2026-01-31"], "ahead": ["1", "2"]}
    examples = ExamplesOfTest(tmp_path, Forecasting(horizon=2), np.zeros(2), steps)
    with pytest.raises(UserError, match=r"no prediction for 1 of the 2 test examples .* The first is .*2026-01-31"):
        read(examples, day=["30.01.2026", "29.01.2026"], forecast=[1, 2])


DAYS = ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"]


def test_a_table_may_have_a_column_for_each_series(examples):
    found = read(examples, ds=DAYS, a=[1, 2, "", ""], b=["", "", 3, 4], c=[9, 9, 9, 9])
    assert found.decided[..., 1].tolist() == [[3, 4], [3, 4], [1, 2], [1, 2]]
    assert found.notes[0] == "theirs.csv was read as a table with a column for each series."
    assert found.notes[1].endswith("matched by columns shop and day.")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"ds": DAYS, "a": [1, 2, 5, 6], "b": [7, 8, 3, ""]}, "shop b, day 2026-01-08"),
        ({"ds": DAYS, "a": [1, 2, 3, 4]}, "has no column forecast"),
        ({"a": [1, 2, 3, 4], "b": [1, 2, 3, 4]}, "has no column forecast"),  # and no times
    ],
)
def test_a_column_for_each_series_must_have_all_steps(examples, cells, message):
    with pytest.raises(UserError, match=message):
        read(examples, **cells)


def test_a_series_without_a_column_is_named(tmp_path):
    steps = {"shop": ["a", "b", "c"], "day": DAYS[:1] * 3, "ahead": ["1"] * 3}
    examples = ExamplesOfTest(tmp_path, Forecasting(horizon=1), np.zeros(3), steps)
    with pytest.raises(UserError, match="a column for series a, but not exactly one for series c"):
        read(examples, ds=DAYS[:1], a=[1], b=[2], C=[3])


def test_a_series_with_the_name_of_the_target_does_not_hide_the_forecast(tmp_path):
    steps = {"shop": ["sales", "sales"], "day": DAYS[:2], "ahead": ["1", "2"]}
    examples = ExamplesOfTest(
        tmp_path, Forecasting(horizon=2), np.array([7.0, 8.0]), steps, labelled=("sales", "label")
    )
    found = read(examples, ds=DAYS[:2], yhat=[1, 2], sales=[7, 8])
    assert found.decided[..., 1].tolist() == [[1, 2]]


def test_names_of_series_are_no_times(tmp_path):
    steps = {"shop": ["007", "7"], "day": ["1", "1"], "ahead": ["1", "1"]}
    examples = ExamplesOfTest(tmp_path, Forecasting(horizon=1), np.zeros(2), steps)
    found = read(examples, shop=["7", "007"], day=["1.0", "1"], forecast=[2, 1])
    assert found.decided[..., 1].tolist() == [[1], [2]]


@pytest.mark.parametrize(
    "days",
    [
        ["07/01/2026", "08/01/2026", "05/01/2026", "06/01/2026"],
        ["01/07/2026", "01/08/2026", "01/05/2026", "01/06/2026"],
        ["20260107", "20260108", "20260105", "20260106"],
    ],
)
def test_columns_of_any_name_are_recognised_by_the_names_and_times_in_them(examples, days):
    order = [3, 0, 2, 1]
    cells = {"unique_id": STEPS["shop"], "ds": days, "ETS": [1, 2, 3, 4]}
    found = read(examples, **{name: [some[row] for row in order] for name, some in cells.items()})
    assert found.decided[::2, :, 1].tolist() == [[1, 2], [3, 4]]
    assert found.notes[1].endswith("were interpreted: unique_id as shop, ds as day, ETS as forecast.")


def test_other_times_are_named_if_the_column_of_forecasts_has_another_name_too(examples):
    with pytest.raises(UserError, match=r"no column forecast, and no columns together contain every shop and day"):
        read(examples, unit=STEPS["shop"], date=["2026-01-14", *STEPS["day"][1:]], ETS=[1, 2, 3, 4])


def test_times_that_are_nowhere_in_the_test_are_not_read_in_order(examples):
    ends = ["2026-01-14", "2026-01-15", "2026-01-12", "2026-01-13"]
    with pytest.raises(
        UserError, match=r"no column contains every day .* is day 2026-01-07.; its other columns are date\."
    ):
        read(examples, shop=STEPS["shop"], date=ends, forecast=[1, 2, 3, 4])
    with pytest.raises(UserError, match=r"for 4 of the 4 .*; the first row of the table is shop b, day 2026-01-14"):
        read(examples, shop=STEPS["shop"], day=ends, forecast=[1, 2, 3, 4])


def test_an_index_that_could_be_names_is_not_taken_for_them(tmp_path):
    steps = {"shop": ["0", "1", "2"], "day": ["5", "5", "5"], "ahead": ["1", "1", "1"]}
    examples = ExamplesOfTest(tmp_path, Forecasting(horizon=1), np.zeros(3), steps)
    cells = {"": ["0", "1", "2"], "unique_id": ["2", "1", "0"], "day": ["5", "5", "5"], "yhat": [20, 10, 0]}
    assert read(examples, **cells).decided[..., 1].tolist() == [[0], [10], [20]]
    with pytest.raises(
        UserError, match="can be read from it in several ways, by index and day or by unique_id and day"
    ):
        read(examples, index=["0", "1", "2"], **cells)


def test_dates_that_may_begin_with_the_day_or_the_month_are_refused(tmp_path):
    steps = {"day": ["2026-01-02", "2026-02-01"], "ahead": ["1", "2"]}
    examples = ExamplesOfTest(tmp_path, Forecasting(horizon=2), np.zeros(2), steps)
    with pytest.raises(UserError, match="its dates may begin with the day or the month"):
        read(examples, day=["01/02/2026", "02/01/2026"], forecast=[1, 2])
    found = read(examples, day=["01/02/2026", "02/01/2026", "01/13/2026"], forecast=[1, 2, 3])
    assert found.decided[..., 1].tolist() == [[1, 2]]


def test_what_came_must_be_that_of_the_test(examples):
    known = replace(examples, truth=np.array([1.5, np.nan, 2.5, 3.5]), labelled=("sales", "label"))
    assert read(known, **STEPS, sales=[1.5, 9, 2.5, ""], forecast=[1, 2, 3, 4]).decided.shape == (4, 2, 3)
    with pytest.raises(UserError, match=r"row 3: column sales has '2\.6', but the test example .* is labelled '2\.5'"):
        read(known, **STEPS, sales=[1.5, 9, 2.6, 3.5], forecast=[1, 2, 3, 4])


def test_intervals_are_read(examples):
    found = read(examples, **STEPS, prediction=[5, 6, 7, 8], low=[4, 5, 6, 7], high=[6, 7, 8, 9])
    np.testing.assert_array_equal(found.outputs, found.decided)
    assert found.outputs[0].tolist() == [[4, 5, 6], [5, 6, 7]]


def test_without_names_and_times_the_order_counts(examples):
    assert read(examples, forecast=[5, 6, 7, 8]).decided[::2, :, 1].tolist() == [[5, 6], [7, 8]]
    for numbers in ([5, 6, 7, 8], np.array([[5], [6], [7], [8]]), np.array([[5, 6], [7, 8]])):
        assert read_forecast_array("theirs", numbers, examples).decided[::2, :, 1].tolist() == [[5, 6], [7, 8]]


def test_the_row_of_the_table_is_named_whatever_its_order(examples):
    turned = {name: cells[::-1] for name, cells in STEPS.items()}
    with pytest.raises(UserError, match="row 1: low is greater than high"):
        read(examples, **turned, forecast=[1, 2, 3, 4], low=[9, 2, 3, 4], high=[2, 3, 4, 5])


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            {"mean": [1, 2, 3, 4], "median": [1, 2, 3, 4]},
            r"theirs.csv \(columns shop, day, ahead, mean, median\) has no column forecast",
        ),
        ({"forecast": [1, 2, 3, 4], "low": [1, 2, 3, 4]}, "has a column low but no column high"),
        ({"forecast": [1, 2, 3, 4], "low": [0, 5, 2, 3], "high": [2, 3, 4, 5]}, "row 2: low is greater than high"),
        ({"forecast": [1, 2, 3, 4], "low": [0, "", 2, 3], "high": [2, 3, 4, 5]}, "row 2: the low is missing"),
        ({"forecast": [1, 2, 3, "nan"]}, r"theirs\.csv, row 4: the forecast"),
    ],
)
def test_what_cannot_be_used_is_refused(examples, cells, message):
    with pytest.raises(UserError, match=message):
        read(examples, **STEPS, **cells)


def test_a_step_without_a_forecast_is_named(examples):
    with pytest.raises(
        UserError, match=r"no prediction for 1 of the 4 test examples .* The first is shop b, day 2026-01-08\. "
    ):
        read(examples, shop="baa", day=["2026-01-07", "2026-01-05", "2026-01-06"], forecast=[1, 2, 3])
    with pytest.raises(UserError, match=r"theirs has 3 forecasts, but .* has 4 rows"):
        read_forecast_array("theirs", [1, 2, 3], examples)
