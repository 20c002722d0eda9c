"""Reads another tool's forecasts of the steps of a run's test: a file, a data frame or numbers in memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from unspool.data.labels import first_few
from unspool.data.tables.table import Chunk
from unspool.errors import UserError
from unspool.evaluation.contenders import OtherModel
from unspool.runs.answer_columns import FORECAST, PREDICTION
from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.runs.other_models.matching import in_order, matched
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
        UserError: a forecast is missing, duplicated or no number, or an interval has only one end, or crossed ends.
    """
    naming = [name for name in examples.rows if name in columns]
    point = next((name for name in (_POINT, PREDICTION) if name in columns and name not in naming), None)
    ends = [name for name in _ENDS if name in columns and name not in naming]
    if point is None:
        raise UserError(f"{source} (columns {first_few(columns)}) has no column {_POINT}. Add one.")
    if len(ends) == 1:
        other = next(name for name in _ENDS if name not in ends)
        raise UserError(f"{source} has a column {ends[0]}, but none {other}. Add it, or leave out both.")
    wanted = [point, *ends]
    if naming:
        of_test = replace(examples, rows={name: list(map(_same_time, cells)) for name, cells in examples.rows.items()})
        places, cells, notes = matched(source, naming, wanted, _with_same_times(chunks, naming), of_test)
    else:
        places, cells, notes = in_order(source, columns, wanted, chunks, examples)
    return _read(source, [cells[name] for name in wanted], lambda row: f"{source}, {places[row]}", examples, notes)


def read_forecast_array(name: str, numbers: Sequence[Any], examples: ExamplesOfTest) -> OtherModel:
    """Read forecasts without intervals, in the order of the run's test_predictions.csv.

    Raises:
        UserError: their number is another one, or one is no number.
    """
    if len(numbers) != len(examples):
        raise UserError(
            f"{name} has {len(numbers):,} forecasts, but {examples.file} has {len(examples):,} rows. Give one for each "
            "row, in their order."
        )
    return _read(
        "data in memory", [list(numbers)], lambda row: f"{name}, entry {row} (counted from 0)", examples, notes=()
    )


def _read(
    source: str,
    columns: Sequence[Sequence[Any]],
    where: Callable[[int], str],
    examples: ExamplesOfTest,
    notes: tuple[str, ...],
) -> OtherModel:
    """Turn the forecasts of all steps, in their order, into outputs to score; columns are the point, low and high."""
    assert isinstance(examples.task, Forecasting)
    try:
        point, *ends = (
            np.array([number_of_answer(cell, position) for position, cell in enumerate(cells)]) for cells in columns
        )
    except UnusableAnswer as error:
        raise UserError(f"{where(error.position)}: {error.why}.") from error
    low, high = ends or (point, point)
    crossed = np.flatnonzero(low > high)
    if len(crossed):
        raise UserError(f"{where(int(crossed[0]))}: {_ENDS[0]} is greater than {_ENDS[1]}.")
    steps = np.stack([low, point, high], axis=1).reshape(-1, examples.task.horizon, len(FORECAST))
    outputs = np.repeat(steps, examples.blocks, axis=0)
    return OtherModel(source, outputs, outputs if ends else None, notes)


def _with_same_times(chunks: Iterator[Chunk], naming: Sequence[str]) -> Iterator[Chunk]:
    for chunk in chunks:
        same = {name: list(map(_same_time, chunk.cells[name])) for name in naming}
        yield replace(chunk, cells={**chunk.cells, **same})


def _same_time(cell: Any) -> str:
    """A date and time in one form, as programs write them in several; anything else as it is.

    Example:
        >>> _same_time("2026-01-05"), _same_time("2026-01-05 00:00"), _same_time("shop 1")
        ('2026-01-05T00:00:00', '2026-01-05T00:00:00', 'shop 1')
    """
    written = str(cell).strip()
    try:
        return datetime.fromisoformat(written).isoformat() if "-" in written else written
    except ValueError:
        return written
