"""Reads another tool's forecasts of the steps of a run's test: a file, a data frame or numbers in memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unspool.data.names_in_words import first_few
from unspool.data.tables.table import Chunk
from unspool.errors import UserError
from unspool.evaluation.contenders import OtherModel
from unspool.runs.answer_columns import FORECAST, PREDICTION
from unspool.runs.other_models.column_names import columns_meant, notes_on, renamed
from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.runs.other_models.forecast_columns import Form, find_columns
from unspool.runs.other_models.matching import in_order, matched
from unspool.runs.other_models.true_labels import refuse_other_labels
from unspool.runs.other_models.wide_forecasts import columns_of_series, one_row_per_step
from unspool.runs.records.forecasts_of_test import AHEAD
from unspool.tasks import Forecasting
from unspool.tasks.other_answers import UnusableAnswer, number_of_answer

_POINT, *_ENDS = FORECAST


def read_forecast_table(
    source: str, columns: Sequence[str], chunks: Iterator[Chunk], examples: ExamplesOfTest
) -> OtherModel:
    """Read a table with a row for each step, or with a row for each time and a column for each series.

    In the first case, the forecast is in a column `forecast` or `prediction`, the ends of its 80% interval in `low` and
    `high`, if there are any. In the second, columns are named after the series, and there are no intervals. Columns of
    the names and times of the test's steps are recognised under any name.

    Raises:
        UserError: a forecast is missing, duplicated or not a number, only one of `low` and `high` is there, `low` is
            greater than `high`, or a column of labels has others than those of the test.
    """
    of_series = _columns_of_series(source, columns, examples)
    wide: tuple[str, ...] = ()
    if of_series:
        series = next(iter(examples.rows))
        others = [name for name in columns if name not in of_series.values()]
        if len(others) == 1:
            chunks, others = renamed(chunks, {others[0]: _time_of(examples)}), [_time_of(examples)]
        chunks = one_row_per_step(chunks, of_series, series=series, forecast=_POINT)
        columns = (series, *others, _POINT)
        wide = (f"{source} was read as a table with a column for each series.",)
    table = _Table.of(source, columns, chunks, examples)
    wanted = [*table.answers, *([table.labels] if table.labels is not None else [])]
    rows = iter(table.rows)
    if table.naming:
        places, cells, notes = matched(source, table.naming, wanted, rows, examples, table.forms)
    else:
        places, cells, notes = in_order(source, table.columns, wanted, rows, examples, lambda names: {})

    def where(row: int) -> str:
        return f"{source}, {places[row]}"

    if table.labels is not None:
        refuse_other_labels(table.labels, cells.pop(table.labels), where, examples)
    answers = {name: cells[name] for name in table.answers}
    return _read(source, answers, where, examples, (*wide, *notes, *notes_on(source, table.names)))


def _columns_of_series(source: str, columns: Sequence[str], examples: ExamplesOfTest) -> dict[str, str]:
    """The column of each series of the test; none in a table with a row for each step.

    Raises:
        UserError: some series have a column, and others none or several.
    """
    naming = list(examples.rows)[: list(examples.rows).index(_time_of(examples))] if examples.rows else []
    if len(naming) != 1 or naming[0] in columns:
        return {}
    series = naming[0]
    meant = columns_meant(columns, FORECAST, prediction=_POINT)
    if {PREDICTION, _POINT} & {meant.get(name, name) for name in columns}:
        return {}
    free = [name for name in columns if name not in examples.labelled]
    names = list(dict.fromkeys(examples.rows[series]))
    found = columns_of_series(free, names)
    lacking = next((name for name in names if name not in found), None)
    if lacking is not None and len(found) > 1:
        raise UserError(
            f"{source} has a column for series {next(iter(found))}, but not exactly one for series {lacking}. Add one "
            f"for each series, or give a row for each step with a column {_POINT}."
        )
    return found if lacking is None and len(free) > len(found) else {}


@dataclass(frozen=True)
class _Table:
    """A table of forecasts whose columns are known.

    Attributes:
        columns: under the names that are meant.
        rows: likewise.
        names: what is meant by columns with other names.
        naming: the columns that identify steps.
        forms: how their cells are normalised.
        answers: the columns of the forecast and the ends of its interval.
        labels: the column of what came, or None.
    """

    columns: list[str]
    rows: list[Chunk]
    names: dict[str, str]
    naming: list[str]
    forms: dict[str, Form]
    answers: list[str]
    labels: str | None

    @classmethod
    def of(cls, source: str, given: Sequence[str], chunks: Iterator[Chunk], examples: ExamplesOfTest) -> "_Table":
        """Recognise the columns."""
        known = (*examples.rows, *FORECAST, PREDICTION, *examples.labelled)
        names = columns_meant(given, known, prediction=None if PREDICTION in given else _POINT)
        columns, rows = [names.get(name, name) for name in given], list(renamed(chunks, names))
        found, form = _columns_of_steps(source, columns, rows, examples)
        names |= found
        columns, rows = [found.get(name, name) for name in columns], list(renamed(rows, found))
        naming = [name for name in examples.rows if name in columns]
        point = next((name for name in (_POINT, PREDICTION) if name in columns and name not in naming), None)
        ends = [name for name in _ENDS if name in columns and name not in naming]
        labels = next((name for name in examples.labelled if name in columns and name not in naming), None)
        unknown = [name for name in columns if name not in (*naming, *ends, point, labels)]
        if point is None and len(unknown) + (labels is not None) == 1:
            point, labels, unknown = labels or unknown[0], None, []
            names |= {point: _POINT}
        lacking = [name for name in examples.rows if name not in (*naming, AHEAD)]
        unfound = "no columns together contain" if len(lacking) > 1 else "no column contains"
        unfound += f" every {' and '.join(lacking)} of the test forecasts of {examples.run}"
        if point is None:
            problem, advice = f"{source} (columns {first_few(given)}) has no column {_POINT}", "Add one"
            if lacking and len(unknown) > 1:
                problem += f", and {unfound} (the first is {examples.named(0, lacking)})"
                advice = f"Name the forecasts {_POINT}, and use the {' and '.join(lacking)} in {examples.file}"
            raise UserError(f"{problem}. {advice}.")
        if len(ends) == 1:
            other = next(name for name in _ENDS if name not in ends)
            raise UserError(f"{source} has a column {ends[0]} but no column {other}. Add it, or leave out both.")
        if lacking and len(unknown) > (not naming):  # without any name, an index may number the rows
            raise UserError(
                f"{source}: {unfound} (the first is {examples.named(0, lacking)}); its other columns "
                f"are {first_few(unknown)}. Use the values in {examples.file}."
            )
        return cls(columns, rows, names, naming, {_time_of(examples): form}, [point, *ends], labels)


def _columns_of_steps(
    source: str, columns: Sequence[str], rows: Sequence[Chunk], examples: ExamplesOfTest
) -> tuple[dict[str, str], Form]:
    """What columns of other names are in the test, by their names in the table, and the form of times."""
    taken = (*FORECAST, PREDICTION, *examples.labelled)
    cells = {name: [cell for chunk in rows for cell in chunk.cells[name]] for name in columns if name not in taken}
    needed = {name: some for name, some in examples.rows.items() if name in columns or name != AHEAD}
    found, form = find_columns(source, needed, cells, _time_of(examples))
    return {column: name for name, column in found.items()}, form


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
    return _read(name, columns, lambda row: f"{name}, entry {row} (counted from 0)", examples, notes=())


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
