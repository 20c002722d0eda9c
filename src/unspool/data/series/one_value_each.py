"""Columns of a table with a row for each time step that have one value in each series."""

from collections.abc import Sequence
from itertools import compress
from typing import Any

from unspool.data.cell_values import is_missing
from unspool.data.tables.table import Chunk


class OneValueEach:
    """Tells which columns have one value in each series, and which value, while rows go by.

    Args:
        series: the column that tells the series apart.
        names: of the columns.

    Example:
        >>> rows = {"id": [*"aab"], "who": [*"ppq"], "x": [1, 2, 3]}
        >>> found = OneValueEach("id", ["who", "x"])
        >>> found.add(Chunk([], rows, []))
        >>> found.of(["a", "b"])
        {'who': ['p', 'q']}
    """

    def __init__(self, series: str, names: Sequence[str]) -> None:
        self.series = series
        self._values: dict[str, dict[str, str]] = {name: {} for name in names}

    def add(self, chunk: Chunk) -> None:
        """Look at some rows; a column with two values in a series, or without one, is given up."""
        kept = [self._is_kept(name, chunk.cells[self.series], chunk.cells[name]) for name in self._values]
        self._values = {name: self._values[name] for name in compress(self._values, kept)}

    def of(self, series: Sequence[str]) -> dict[str, list[str]]:
        """The values of some series, by column."""
        return {name: [values[one] for one in series] for name, values in self._values.items()}

    def _is_kept(self, name: str, series: Sequence[Any], cells: Sequence[Any]) -> bool:
        known = self._values[name]
        pairs = dict.fromkeys(zip(map(str, series), map(str, cells), strict=True))
        return not any(map(is_missing, cells)) and all(
            known.setdefault(one.strip(), value.strip()) == value.strip() for one, value in pairs
        )
