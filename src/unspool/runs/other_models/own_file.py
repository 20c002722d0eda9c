"""Finds the answer to each test example by its text, its id or another column of the run's data file."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from unspool.data.labels import as_number
from unspool.data.tables.table import Table, read_table
from unspool.data.tables.writing import without_apostrophe
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
    if not rows or [*rows][-1] != ROW:
        return {}
    try:
        data = settings_of_own_file(run)
        if data is None:
            return {}
        return _cells_at(read_table(data.test or data.path, "skip"), [int(row) for row in rows[ROW]], columns)
    except (UserError, ValueError):
        return {}


def settings_of_own_file(run: Path) -> FileSettings | None:
    """The settings of the file that a run was trained on; None if it was no file.

    Raises:
        UserError: the recipe in the run's folder cannot be read.
    """
    data = load_recipe(run / RECIPE).data
    return data if isinstance(data, FileSettings) else None


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


def same_form(cell: Any) -> str:
    """A cell in one form, whatever program wrote it: without other spaces, and a number in its fewest digits.

    Example:
        >>> same_form(" a  text"), same_form("3.10"), same_form(3.1), same_form("007")
        ('a text', '3.1', '3.1', '007')
    """
    text = " ".join(str(without_apostrophe(str(cell))).split())
    if text[:1] == "0" and text[1:2].isdigit():  # a name, such as a postcode
        return text
    number = as_number(text)
    return text if number is None else f"{number:.15g}"


class SharedColumn:
    """A column that both a table of answers and a run's data file have.

    Args:
        name: of it.
        given: the cells of the table, m.
        of_test: those of the test examples, n.

    Attributes:
        name: of it.
        found: the share of the test examples whose cell is somewhere in the table.
        distinct: the number of distinct cells of the test examples, as a share of n.
    """

    def __init__(self, name: str, given: Sequence[Any], of_test: Sequence[Any]):
        self.name = name
        self._given, self._of_test = list(map(same_form, given)), list(map(same_form, of_test))
        here, there = Counter(self._given), Counter(self._of_test)
        self.found = sum(min(times, here[cell]) for cell, times in there.items()) / len(self._of_test)
        self.distinct = len(there) / len(self._of_test)

    @property
    def identifies(self) -> bool:
        """Whether it tells the test examples apart, and no two rows of the table have the same cell."""
        return all(len({*cells}) == len(cells) for cells in (self._given, self._of_test))

    @property
    def first_lacking(self) -> Any:
        """The first cell of a test example that is not in the table; None if there is none."""
        here = {*self._given}
        return next((cell for cell in self._of_test if cell not in here), None)

    def places(self, answers: Sequence[Any]) -> list[int] | None:
        """For each test example the place of its answer in the table, see `places_by_cells`."""
        return places_by_cells(self._given, self._of_test, answers)

    def agreeing(self, places: Sequence[int]) -> float:
        """The share of the test examples that have the same cell as the table at these places."""
        same = sum(self._given[place] == cell for place, cell in zip(places, self._of_test, strict=True))
        return same / len(self._of_test)

    def first_moved(self, places: Sequence[int]) -> int:
        """The position of the first test example whose cell is in the table, but not at its place; one must exist."""
        here = {*self._given}
        return next(
            position
            for position, (place, cell) in enumerate(zip(places, self._of_test, strict=True))
            if cell in here and self._given[place] != cell
        )


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
