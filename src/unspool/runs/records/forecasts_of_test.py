"""The forecasts of a run's test in test_predictions.csv, so that another program's can be compared with them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import is_missing
from unspool.data.forecasting.forecast_columns import ForecastColumns
from unspool.data.labels import as_number
from unspool.data.tables.table import read_table
from unspool.data.tables.writing import Row, write_table
from unspool.errors import UserError
from unspool.evaluation.forecast_examples import ForecastPlaces
from unspool.evaluation.result import Predictions
from unspool.runs.answer_columns import FORECAST, SAME_NUMBER, STEP
from unspool.runs.reading.example_rows import LABEL
from unspool.runs.records.example_files import without_file
from unspool.runs.records.folder import TEST_PREDICTIONS

AHEAD = "ahead"
"""The column that counts the steps of a forecast from 1."""


def write_forecasts_of_test(
    places: ForecastPlaces, columns: ForecastColumns, predictions: Predictions, folder: Path
) -> None:
    """Write a row for each step of each test forecast, in their order: series, time, what came, and the forecast.

    What came is empty if the file has no value for the step; such steps are not scored.

    Args:
        places: where the forecasts are made.
        columns: of the file.
        predictions: for these places.
        folder: of the run.
    """
    named = [*columns.naming, columns.time or STEP]
    header = [*named, AHEAD, LABEL, *FORECAST]
    if len({*header}) == len(header):  # else a column of the file has one of these names
        write_table(_rows(places, columns, predictions), folder / TEST_PREDICTIONS, header)


def _rows(places: ForecastPlaces, columns: ForecastColumns, predictions: Predictions) -> Iterator[Row]:
    targets, outputs = np.asarray(predictions.targets), np.asarray(predictions.outputs)
    of_each: dict[tuple[int, int], list[int]] = {}  # a forecast may be in several blocks of steps
    for row, place in enumerate(zip(places.series.tolist(), places.origins.tolist(), strict=True)):
        of_each.setdefault(place, []).append(row)
    for (series, _), rows in of_each.items():
        named = columns.named(places.names[series])
        values, known = targets[rows[0], :, 0].tolist(), np.any(targets[rows, :, 1], axis=0)
        for step, time in enumerate(places.times(rows[0])):
            forecast = dict(zip(FORECAST, outputs[rows[0], step, [1, 0, 2]].tolist(), strict=True))
            came = float(str(np.float32(values[step]))) if known[step] else ""  # as it was read, in its fewest digits
            yield named | {columns.time or STEP: time, AHEAD: step + 1, LABEL: came} | forecast


def read_steps_of_test(folder: Path, truth: NDArray[Any]) -> dict[str, list[Any]]:
    """The columns of test_predictions.csv that identify the steps of the test forecasts.

    Args:
        folder: of the run.
        truth: (N, H, 3), as forecasts are scored; one that is scored in blocks of steps occurs once per block.

    Raises:
        UserError: there is no such file, as in runs of earlier versions, or it is damaged or was sorted.
    """
    path = folder / TEST_PREDICTIONS
    if not path.is_file():
        raise UserError(without_file(folder, TEST_PREDICTIONS))
    table = read_table(path)
    columns: dict[str, list[Any]] = {name: [] for name in table.columns if name not in FORECAST}
    for chunk in table.chunks():
        for name, cells in columns.items():
            cells += chunk.cells[name]
    if not _are_steps_of(truth, columns.get(AHEAD, []), columns.pop(LABEL, [])):
        raise UserError(
            f"{path} is damaged or was sorted: it does not have a row for each step of the test forecasts, in their "
            "order."
        )
    return columns


def _are_steps_of(truth: NDArray[Any], ahead: list[Any], labels: list[Any]) -> bool:
    """Whether the rows of a table are the steps of test forecasts, by their numbers and by what came."""
    horizon = truth.shape[1]
    count, rest = divmod(len(ahead), horizon)
    if rest or not count or len(truth) % count or len(labels) != len(ahead):
        return False
    if list(map(str, ahead)) != [str(step + 1) for step in range(horizon)] * count:
        return False
    values = truth[:: len(truth) // count, :, 0].ravel().tolist()
    known = [(as_number(label), value) for label, value in zip(labels, values, strict=True) if not is_missing(label)]
    return all(number is not None and np.isclose(number, value, rtol=SAME_NUMBER) for number, value in known)
