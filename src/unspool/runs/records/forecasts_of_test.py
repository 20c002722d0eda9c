"""The forecasts of a run's test in test_predictions.csv, so that another program's can be compared with them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from unspool.data.forecasting.columns import ForecastColumns
from unspool.data.tables.writing import Row, write_table
from unspool.evaluation.forecast_examples import ForecastPlaces
from unspool.evaluation.result import Predictions
from unspool.runs.answer_columns import FORECAST, STEP
from unspool.runs.reading.example_rows import LABEL
from unspool.runs.records.folder import TEST_PREDICTIONS

AHEAD = "ahead"
"""The column that counts the steps of a forecast from 1."""


def write_forecasts_of_test(
    places: ForecastPlaces, columns: ForecastColumns, predictions: Predictions, folder: Path
) -> None:
    """Write a row for each step of each test forecast: its series, its time, what came, and the forecast.

    What came is empty if the file has no value for the step; such steps are not scored.

    Args:
        places: where the forecasts are made.
        columns: of the file.
        predictions: for these places.
        folder: of the run.
    """
    named = [*([] if columns.series is None else [columns.series]), columns.time or STEP]
    rows = _rows(places, columns, predictions)
    write_table(rows, folder / TEST_PREDICTIONS, [*named, AHEAD, LABEL, *FORECAST])


def _rows(places: ForecastPlaces, columns: ForecastColumns, predictions: Predictions) -> Iterator[Row]:
    targets, outputs = np.asarray(predictions.targets), np.asarray(predictions.outputs)
    of_each: dict[tuple[int, int], list[int]] = {}  # a forecast may be in several blocks of steps
    for row, place in enumerate(zip(places.series.tolist(), places.origins.tolist(), strict=True)):
        of_each.setdefault(place, []).append(row)
    for (series, _), rows in sorted(of_each.items()):
        named = {} if columns.series is None else {columns.series: places.names[series]}
        values, known = targets[rows[0], :, 0].tolist(), np.any(targets[rows, :, 1], axis=0)
        for step, time in enumerate(places.times(rows[0])):
            forecast = dict(zip(FORECAST, outputs[rows[0], step, [1, 0, 2]].tolist(), strict=True))
            came = values[step] if known[step] else ""
            yield named | {columns.time or STEP: time, AHEAD: step + 1, LABEL: came} | forecast
