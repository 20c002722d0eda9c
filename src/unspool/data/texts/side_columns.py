"""Columns of numbers and of categories that are read beside a text."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from unspool.data.cell_values import is_missing, is_number, step_of
from unspool.data.labels import label_of
from unspool.data.required_columns import OTHER_FORM, spelled
from unspool.data.tables.problems import Flaw, Reason
from unspool.data.tables.written_numbers import is_no_number
from unspool.errors import AdvisedError

MISSING = ""
"""Stands for an empty cell of a category."""

SideCells: TypeAlias = tuple[float | str, ...]
"""The cells of one row: numbers, NaN where one is missing, then categories, `MISSING` where one is."""


@dataclass(frozen=True, slots=True)
class SideColumns:
    """Which columns are read beside the text.

    Attributes:
        numeric: columns of numbers.
        categorical: columns of categories.
    """

    numeric: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()

    def __len__(self) -> int:
        """How many there are."""
        return len(self.numeric) + len(self.categorical)

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, the numeric ones first."""
        return self.numeric + self.categorical

    def parse(self, cells: Sequence[Any]) -> SideCells | Flaw:
        """Turn the cells of a row, in the order of `names`, into numbers and categories, or tell what is wrong.

        Example:
            >>> SideColumns(("price",), ("brand",)).parse(["2.5", " Acme "])
            (2.5, 'Acme')
            >>> SideColumns(("price",)).parse(["cheap"]).detail
            "'cheap' is not a finite number"
        """
        found: list[float | str] = []
        for position, (name, cell) in enumerate(zip(self.names, cells, strict=True)):
            value = _number_of(cell, name) if position < len(self.numeric) else _category_of(cell, name)
            if isinstance(value, Flaw):
                return value
            found.append(value)
        return tuple(found)

    def rows(self, texts: Sequence[Any], cells: Mapping[str, Sequence[Any]]) -> Iterator[Any | Flaw]:
        """Put the cells of N rows beside their texts; a flaw stands for a row whose cells cannot be used.

        Args:
            texts: N texts, or whatever stands in place of one: that stays as it is.
            cells: N values by the name of the column.
        """
        for text, *beside in zip(texts, *(cells[name] for name in self.names), strict=True):
            parsed = self.parse(beside)
            if isinstance(text, str) and not isinstance(parsed, Flaw):
                yield TextRow(text, parsed)
            else:
                yield parsed if isinstance(parsed, Flaw) and isinstance(text, str) else text

    def require(self, path: Path | str, columns: Iterable[str]) -> None:
        """Refuse a table that lacks one of them.

        Raises:
            UserError: names the first that is missing.
        """
        there = list(columns)
        for name in self.names:
            if name not in there:
                what = "numeric" if name in self.numeric else "categorical"
                raise AdvisedError(
                    f"{path} has no column {name!r}, which the model reads beside the text ({what}).",
                    f"{OTHER_FORM * (spelled(name, there) != name)}Its columns are {', '.join(there)}.",
                )

    def in_words(self) -> str:
        """Name them.

        Example:
            >>> SideColumns(("price", "age"), ("brand",)).in_words()
            'numbers in price, age; categories in brand'
        """
        parts = (("numbers in ", self.numeric), ("categories in ", self.categorical))
        return "; ".join(what + ", ".join(names) for what, names in parts if names)


NO_SIDE = SideColumns()


class TextRow(str):
    """A text with the cells beside it: whatever reads texts alone reads it as any other.

    Attributes:
        cells: the numbers and the categories beside the text.

    Example:
        >>> row = TextRow("a fine film", (97.0, "drama"))
        >>> row.split()[1], row.cells
        ('fine', (97.0, 'drama'))
    """

    __slots__ = ("cells",)

    cells: SideCells

    def __new__(cls, text: str, cells: SideCells) -> "TextRow":
        """Put cells beside a text."""
        row = super().__new__(cls, text)
        row.cells = cells
        return row

    def __getnewargs__(self) -> tuple[str, SideCells]:  # type: ignore[override]
        """What a copy is made of."""
        return str(self), self.cells


def cells_of(texts: Sequence[str]) -> list[SideCells]:
    """The cells beside N texts; N empty ones where there are none.

    Raises:
        ValueError: some have other cells than the first.
    """
    found = [text.cells if isinstance(text, TextRow) else () for text in texts]
    kinds = {tuple(isinstance(cell, str) for cell in cells) for cells in found}
    if len(kinds) > 1:
        raise ValueError("the texts have different cells beside them")
    return found


def side_columns_that_fit(sample: Mapping[str, Sequence[Any]], names: Iterable[str], most: int) -> SideColumns:
    """Tell which columns look as if they could be read beside a text.

    Whole numbers that are all different name the rows, and do not. Booleans are categories, as they are in a CSV file.

    Args:
        sample: the first rows, by column.
        names: of the columns to look at.
        most: different values of a category.
    """
    numeric, categorical = [], []
    for name in names:
        there = [cell for cell in sample[name] if not is_missing(cell)]
        different = len(set(map(str, there)))
        known = [cell for cell in there if not is_no_number(cell)]
        if known and all(is_number(cell) and not isinstance(cell, bool) for cell in known):
            names_rows = different == len(there) and all(float(cell).is_integer() for cell in known)
            if different > 1 and not names_rows:
                numeric.append(name)
        elif 1 < different <= min(most, len(there) - 1) and not any(isinstance(cell, list | dict) for cell in there):
            categorical.append(name)
    return SideColumns(tuple(numeric), tuple(categorical))


def _number_of(value: Any, column: str) -> float | Flaw:
    return math.nan if is_no_number(value) else step_of(value, column)


def _category_of(value: Any, column: str) -> str | Flaw:
    if is_missing(value):
        return MISSING
    found = label_of(value)
    if isinstance(found, str):
        return found
    return Flaw(Reason.TYPE, f"there is {str(value)[:40]!r} where a category should be", column)
