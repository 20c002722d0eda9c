"""Reads another tool's forecasts of the steps of a run's test: a file, a data frame or numbers in memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from unspool.data.cell_values import time_of
from unspool.data.labels import first_few
from unspool.data.tables.problems import Flaw
from unspool.data.tables.table import Chunk
from unspool.errors import UserError
from unspool.evaluation.contenders import OtherModel
from unspool.runs.answer_columns import FORECAST, PREDICTION
from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.runs.other_models.matching import in_order, matched
from unspool.runs.records.forecasts_of_test import AHEAD
from unspool.tasks import Forecasting
from unspool.tasks.other_answers import UnusableAnswer, number_of_answer

_POINT, *_ENDS = FORECAST


def read_forecast_table(
    source: str, columns: Sequence[str], chunks: Iterator[Chunk], examples: ExamplesOfTest
) -> OtherModel:
    """Read a table with a row for each step, see `answers_of`.

    The forecast is in a column `forecast` or `prediction`, the ends of its 80% interval in `low` and `high`, if there
    are any.

    Raises:
        UserError: a forecast is missing, duplicated or not a number, only one of `low` and `high` is there, or `low` is
            greater than `high`.
    """
    naming = [name for name in examples.rows if name in columns]
    point = next((name for name in (_POINT, PREDICTION) if name in columns and name not in naming), None)
    ends = [name for name in _ENDS if name in columns and name not in naming]
    if point is None:
        raise UserError(f"{source} (columns {first_few(columns)}) has no column {_POINT}. Add one.")
    if len(ends) == 1:
        other = next(name for name in _ENDS if name not in ends)
        raise UserError(f"{source} has a column {ends[0]} but no column {other}. Add it, or leave out both.")
    wanted = [point, *ends]
    if naming:
        places, cells, notes = matched(source, naming, wanted, chunks, examples, {_time_of(examples): _same_time})
    else:
        places, cells, notes = in_order(source, columns, wanted, chunks, examples)
    return _read(
        source, {name: cells[name] for name in wanted}, lambda row: f"{source}, {places[row]}", examples, notes
    )


def read_forecast_array(name: str, numbers: Any, examples: ExamplesOfTest) -> OtherModel:
    """Read forecasts without intervals, in the order of the run's test_predictions.csv.

    Raises:
        UserError: there are more or fewer forecasts than rows, or one is not a number.
    """
    if isinstance(numbers, np.ndarray) and numbers.size == len(examples):
        numbers = numbers.ravel()  # perhaps a row for each forecast
    if len(numbers) != len(examples):
        raise UserError(
            f"{name} has {len(numbers):,} forecasts, but {examples.file} has {len(examples):,} rows. Give one for each "
            "row, in the same order."
        )
    columns = {_POINT: list(numbers)}
    return _read("data in memory", columns, lambda row: f"{name}, entry {row} (counted from 0)", examples, notes=())


def _read(
    source: str,
    columns: Mapping[str, Sequence[Any]],
    where: Callable[[int], str],
    examples: ExamplesOfTest,
    notes: tuple[str, ...],
) -> OtherModel:
    """Turn the forecasts of all steps, in their order, into outputs to score; columns are the point, low and high."""
    assert isinstance(examples.task, Forecasting)
    numbers = []
    for name, cells in columns.items():
        try:
            numbers.append(np.array([number_of_answer(cell, position) for position, cell in enumerate(cells)]))
        except UnusableAnswer as error:
            raise UserError(f"{where(error.position)}: {error.why.replace('prediction', name, 1)}.") from error
    point, *ends = numbers
    low, high = ends or (point, point)
    crossed = np.flatnonzero(low > high)
    if len(crossed):
        raise UserError(f"{where(int(crossed[0]))}: {_ENDS[0]} is greater than {_ENDS[1]}.")
    steps = np.stack([low, point, high], axis=1).reshape(-1, examples.task.horizon, len(FORECAST))
    outputs = np.repeat(steps, examples.blocks, axis=0)
    return OtherModel(source, outputs, outputs if ends else None, notes)


def _time_of(examples: ExamplesOfTest) -> str:
    """The column of times, which is the one before that of the steps ahead."""
    names = [*examples.rows]
    return names[names.index(AHEAD) - 1]


def _same_time(cell: Any) -> str:
    """A time in one form, because programs write several; anything else unchanged.

    Example:
        >>> len({_same_time(one) for one in ("2026-01-01", "2026-01", "2026-01-01T01:00+01:00", "2026-01-01 00:00Z")})
        1
        >>> _same_time("0.30000000000000004"), _same_time("later")
        ('0.3', 'later')
    """
    written = str(cell).strip()
    time = time_of(written, "")
    return written if isinstance(time, Flaw) else f"{time:.15g}"
