"""Finds the answer to each test example by what the run's own file says of it, such as its text or its id."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from unspool.data.tables.table import Table, read_table
from unspool.errors import UserError
from unspool.runs.reading.preparation import ROW
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.folder import RECIPE

Cells = dict[str, list[Any]]


def cells_of_own_file(run: Path, rows: Mapping[str, Sequence[Any]], columns: Sequence[str]) -> Cells:
    """The cells of the test examples in some columns of the file that a run was tested on.

    Args:
        run: its folder.
        rows: the columns of its test_predictions.csv that identify the examples, n cells each.
        columns: those that are wanted; those that the file lacks are left out.

    Returns:
        n cells by column; none if the file is not there, or does not have a row for each example.
    """
    data = load_recipe(run / RECIPE).data if (run / RECIPE).is_file() else None
    if not isinstance(data, FileSettings) or not rows or [*rows][-1] != ROW:
        return {}
    try:
        return _cells_at(read_table(data.test or data.path, "skip"), [int(row) for row in rows[ROW]], columns)
    except (UserError, ValueError):
        return {}


def _cells_at(table: Table, rows: list[int], columns: Sequence[str]) -> Cells:
    """The cells of some columns in numbered rows, without columns that the table lacks; none if it lacks a row."""
    names = [name for name in dict.fromkeys(columns) if name in table.columns]
    wanted, at = set(rows), dict[int, tuple[Any, ...]]()
    for chunk in table.chunks():
        for index, place in enumerate(chunk.places):
            if place.row in wanted:
                at[place.row] = tuple(chunk.cells[name][index] for name in names)
    if len(at) < len(wanted):
        return {}
    return {name: [at[row][number] for row in rows] for number, name in enumerate(names)}


def places_by_cells(given: Sequence[str], of_test: Sequence[str], answers: Sequence[Any]) -> list[int] | None:
    """For each test example the place of its answer, found by a cell that both have.

    Args:
        given: the cells of a table of answers.
        of_test: those of the test examples.
        answers: of the table. Examples with the same cell are told apart only by their order, so that they must have
            the same answer.

    Returns:
        One place each; None if there are too few with a cell, or several with the same cell and other answers.

    Example:
        >>> places_by_cells(["b", "c", "a"], ["a", "b"], [1, 2, 3])
        [2, 0]
    """
    places = defaultdict[str, list[int]](list)
    for place, cell in enumerate(given):
        places[cell].append(place)
    for cell, times in Counter(of_test).items():
        same = places.get(cell, [])
        if len(same) < times or any(answers[place] != answers[same[0]] for place in same):
            return None
    following = {cell: iter(same) for cell, same in places.items()}
    return [next(following[cell]) for cell in of_test]
