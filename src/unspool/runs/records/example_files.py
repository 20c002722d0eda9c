"""The part of each example of a user's file, and the test predictions of any run: parts.csv and test_predictions.csv.

With them, another program can be trained on the same examples and tested on the same test examples.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.parts import TEST
from unspool.data.tables.split_names import PARTS
from unspool.data.tables.table import Table, read_table
from unspool.data.tables.writing import write_columns
from unspool.errors import UserError
from unspool.evaluation.result import Predictions
from unspool.runs.answer_columns import answer_cells, answer_columns, in_one_cell
from unspool.runs.reading.example_rows import LABEL, PART
from unspool.runs.reading.model_inputs import SERIES
from unspool.runs.reading.preparation import ROW, ExampleRows
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.folder import PARTS_OF_FILE, RECIPE, TEST_PREDICTIONS
from unspool.tasks import Task

_AT_ONCE = 1000

_COUNTED = (ROW, "line", "text", SERIES)

Columns = dict[str, list[Any]]


def write_example_files(
    rows: ExampleRows | None, task: Task, predictions: Predictions, threshold: float | None, folder: Path
) -> None:
    """Write parts.csv and, if a table can hold the task's predictions, test_predictions.csv.

    Args:
        rows: where the examples are in the file; None for a named dataset, whose test examples are numbered from 1 and
            whose parts are not written.
        task: of the model.
        predictions: for the test examples.
        threshold: of the model.
        folder: of the run.
    """
    if rows is not None:
        write_columns(_parts(rows), folder / PARTS_OF_FILE, [*rows.columns, PART])
    if not task.without_others:
        rows = rows or _rows_of_test(len(predictions))
        columns = [*rows.columns, LABEL, *answer_columns(task)]
        write_columns(_answers(rows, task, predictions, threshold), folder / TEST_PREDICTIONS, columns)


def _rows_of_test(count: int) -> ExampleRows:
    """The test examples of a named dataset, in the order of its test set."""
    return ExampleRows({ROW: np.arange(1, count + 1)}, np.full(count, TEST, np.int8), np.arange(count))


def _parts(rows: ExampleRows) -> Iterator[Columns]:
    for start in range(0, len(rows.parts), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        yield {name: _cells(column[some]) for name, column in rows.columns.items()} | {
            PART: [PARTS[part] for part in rows.parts[some]]
        }


def _answers(rows: ExampleRows, task: Task, predictions: Predictions, threshold: float | None) -> Iterator[Columns]:
    for start in range(0, len(predictions), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        where = rows.tested[some].tolist()
        labels, probabilities = task.decide(predictions.outputs[some], threshold)
        found = {name: [column[position] for position in where] for name, column in rows.columns.items()}
        found[LABEL] = [task.cell(label) for label in task.true_labels(predictions.targets[some])]
        answers = [answer_cells(task, *one) for one in zip(labels, probabilities or labels, strict=True)]
        found |= {name: [answer[name] for answer in answers] for name in answer_columns(task)}
        yield {name: list(map(in_one_cell, cells)) for name, cells in found.items()} if task.by_step else found


def _cells(column: Any) -> list[Any]:
    return column.tolist() if isinstance(column, np.ndarray) else list(column)


def read_rows_of_test(folder: Path, task: Task, examples: int) -> dict[str, list[Any]]:
    """The columns of test_predictions.csv that identify the test examples, in the order of the run's predictions.

    Returns:
        Cells by column; empty if the folder has no such file.

    Raises:
        UserError: it is damaged, or has another number of rows.
    """
    path = folder / TEST_PREDICTIONS
    if not path.is_file():
        return {}
    table = read_table(path)
    names = _naming(table, [LABEL, *answer_columns(task)])
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for chunk in table.chunks():
        for name in names:
            columns[name] += chunk.cells[name]
        if names and len(columns[names[0]]) > examples:
            break  # however long it is
    if not names or len(columns[names[0]]) != examples:
        raise UserError(f"{path} is damaged: it does not have a row for each of the {examples:,} test examples.")
    return columns


def are_counted(columns: Iterable[str], folder: Path) -> bool:
    """Whether the examples of a run are identified by their number from 1, not by the name of a file or a series.

    Raises:
        UserError: its recipe cannot be read.
    """
    if not set(_COUNTED).intersection(columns):
        return False
    data = load_recipe(folder / RECIPE).data
    return not isinstance(data, FileSettings) or data.series is None or data.kind == "tokens"


def read_positions(folder: Path, part: str) -> NDArray[np.int64]:
    """The indices of the examples of a part in their file or in memory, (n,), counted from 0.

    Raises:
        UserError: there is no such part, the folder has no parts.csv, or the examples are not numbered.
    """
    if part not in PARTS:
        raise UserError(f"There is no part {part!r}. The parts are {', '.join(PARTS)}.")
    path = folder / PARTS_OF_FILE
    if not path.is_file():
        raise UserError(without_file(folder, PARTS_OF_FILE))
    table = read_table(path)
    naming = _naming(table, [PART])
    if not are_counted(naming, folder):
        named = " and ".join(naming)
        raise UserError(f"{path} identifies examples by column {named}, not by number. Read that file instead.")
    data = load_recipe(folder / RECIPE).data
    if isinstance(data, FileSettings) and data.series is not None:
        raise UserError(
            f"{path} identifies each text by its first row, as the table has a row for each token. Read that file "
            "instead."
        )
    found = [
        names
        for chunk in table.chunks()
        for *names, its_part in zip(*(chunk.cells[name] for name in [*naming, PART]), strict=True)
        if its_part == part
    ]
    if len({tuple(names[:-1]) for names in found}) > 1:
        raise UserError(f"{path}: the {part} examples come from several files. Read that file instead.")
    cells = [names[-1] for names in found]
    if not all(cell.isdecimal() for cell in cells):
        raise UserError(f"{path} is damaged: column {naming[-1]} has a cell that is not a number.")
    return np.array(cells, dtype=np.int64) - 1


def without_file(folder: Path, name: str) -> str:
    """Say why a run has no such file, and what to do."""
    again = f"rain it again: unspool run {folder / RECIPE} --out ANOTHER."
    if name == TEST_PREDICTIONS:
        return f"{folder} has no {name}: it was made by an earlier version of unspool or came from a hub. T{again}"
    return (
        f"{folder} has no {name}: it was made by an earlier version of unspool, came from a hub, or was not trained on "
        f"a file. If it was trained on a file, t{again}"
    )


def _naming(table: Table, others: Sequence[str]) -> list[str]:
    return [name for name in table.columns if name not in others]
