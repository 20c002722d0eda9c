"""The forecasts of a run's test as a table: each step once, with its time."""

import csv

import numpy as np
import pytest

from unspool.data.forecasting.forecast_columns import ForecastColumns
from unspool.errors import UserError
from unspool.evaluation.forecast_examples import ForecastPlaces
from unspool.evaluation.result import Predictions
from unspool.runs.records.forecasts_of_test import read_steps_of_test, write_forecasts_of_test


def places(series, origins):
    """Of forecasts of two steps; the first step after none is called 1."""
    count = len(series)
    pasts, times = [np.ones(3)] * count, [[origin + 1, origin + 2] for origin in origins]
    return ForecastPlaces(
        np.array(series), ("a", "b"), [""] * count, pasts, np.array(origins), 1, "blocks", times.__getitem__
    )


def read(folder):
    with (folder / "test_predictions.csv").open(newline="") as file:
        return list(csv.reader(file))


IN_BLOCKS = np.array([[[7.0, 1, 1], [8.0, 0, 1]], [[7.0, 0, 1], [8.0, 1, 1]]])


def test_each_step_of_a_forecast_in_blocks_is_written_once_and_what_did_not_come_is_empty(tmp_path):
    targets = np.concatenate((IN_BLOCKS, [[[4.0, 1, 1], [5.0, 0, 1]]]))
    outputs = np.array([[[1.0, 2, 3], [4, 5, 6]]] * 2 + [[[7.0, 8, 9], [10, 11, 12]]])
    columns = ForecastColumns("load", "day", "name")
    write_forecasts_of_test(places([1, 1, 0], [9, 9, 4]), columns, Predictions(targets, outputs), tmp_path)
    assert read(tmp_path) == [
        ["name", "day", "ahead", "label", "forecast", "low", "high"],
        ["b", "10", "1", "7.0", "2.0", "1.0", "3.0"],
        ["b", "11", "2", "8.0", "5.0", "4.0", "6.0"],
        ["a", "5", "1", "4.0", "8.0", "7.0", "9.0"],
        ["a", "6", "2", "", "11.0", "10.0", "12.0"],
    ]


@pytest.mark.parametrize(("time", "name"), [(None, "step"), ("t", "t")])
def test_without_names_and_times_steps_are_numbered(tmp_path, time, name):
    predictions = Predictions(np.ones((1, 2, 3)), np.ones((1, 2, 3)))
    write_forecasts_of_test(places([0], [3]), ForecastColumns("y", time), predictions, tmp_path)
    assert [row[:2] for row in read(tmp_path)] == [[name, "ahead"], ["4", "1"], ["5", "2"]]


def test_steps_are_read_again_unless_they_were_sorted(tmp_path):
    columns, path = ForecastColumns("load", "day", "name"), tmp_path / "test_predictions.csv"
    with pytest.raises(UserError, match="made by an earlier version of unspool"):
        read_steps_of_test(tmp_path, IN_BLOCKS)
    write_forecasts_of_test(places([1, 1], [9, 9]), columns, Predictions(IN_BLOCKS, IN_BLOCKS), tmp_path)
    assert read_steps_of_test(tmp_path, IN_BLOCKS) == {"name": ["b", "b"], "day": ["10", "11"], "ahead": ["1", "2"]}
    header, *rows = path.read_text().splitlines()
    for others in (rows[::-1], rows[:1], [rows[0], rows[1].replace("8.0", "9.0", 1)]):
        path.write_text("\n".join([header, *others]))
        with pytest.raises(UserError, match="is damaged or was sorted"):
            read_steps_of_test(tmp_path, IN_BLOCKS)


def test_a_column_of_the_file_with_the_name_of_another_gives_no_table(tmp_path):
    predictions = Predictions(np.ones((1, 2, 3)), np.ones((1, 2, 3)))
    write_forecasts_of_test(places([0], [3]), ForecastColumns("y", "ahead"), predictions, tmp_path)
    assert not list(tmp_path.iterdir())
