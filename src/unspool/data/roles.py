"""The roles of optional columns: the group, the id, the time and the part of each row."""

from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import TimesOfColumn, fingerprint, is_missing, part_of
from unspool.data.tables.problems import Flaw, Reason


def name_of(value: object, column: str) -> int | Flaw:
    """A number that stands for the name of a group or an id, or what is wrong with it.

    Example:
        >>> name_of(" ann ", "by") == name_of("ann", "by"), name_of("", "by").detail
        (True, 'the value is missing')
    """
    if is_missing(value):
        return Flaw(Reason.NO_VALUE, "the value is missing", column)
    return fingerprint(str(value).strip())


@dataclass(frozen=True, slots=True)
class Role:
    """What an optional column is for.

    Attributes:
        typecode: of an array of its values.
        parser: returns a function for one column, which turns a cell and the column's name into a number or a `Flaw`.
    """

    typecode: str
    parser: Callable[[], Callable[[Any, str], int | float | Flaw]]


ROLES = {
    "group": Role("q", lambda: name_of),
    "id": Role("q", lambda: name_of),
    "time": Role("d", lambda: TimesOfColumn().read),
    "split": Role("b", lambda: part_of),
}
"""The optional columns, by their names in `Columns`."""


class RoleValues:
    """The values of optional columns, collected row by row.

    Args:
        columns: the name of the column of each role; None where there is none.
    """

    def __init__(self, columns: Mapping[str, str | None]) -> None:
        self.names = {role: name for role, name in columns.items() if name is not None}
        self._values: dict[str, array[Any]] = {role: array(ROLES[role].typecode) for role in self.names}
        self._parsers = [ROLES[role].parser() for role in self.names]

    def parse(self, cells: Iterable[Any]) -> list[int | float | Flaw]:
        """What the cells of a row mean, in the order of `names`, or what is wrong with them."""
        return [parse(cell, name) for parse, name, cell in zip(self._parsers, self.names.values(), cells, strict=True)]

    def keep(self, parsed: Iterable[Any]) -> None:
        """Keep the parsed values of a row, none of which is a flaw."""
        for values, value in zip(self._values.values(), parsed, strict=True):
            values.append(value)

    def of(self, role: str) -> NDArray[Any] | None:
        """(N,) the values of a role in the rows that were kept; None if it has no column."""
        return np.array(self._values[role]) if role in self.names else None
