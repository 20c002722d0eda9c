"""Columns of numbers and of categories beside a text: read from rows, and weighed by models."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np

from unspool_runtime.errors import InputError
from unspool_runtime.node import Node
from unspool_runtime.texts.side_encoder import Cells, Numbers, SideEncoder

SEPARATOR = " | "
"""Stands between the texts of several columns that are read as one."""
MISSING = ""
"""Stands for an empty cell of a category."""
MOST_KNOTS, MOST_COLUMNS = 64, 4096
_NO_NUMBER = ("na", "n/a", "<na>", "#n/a", "#nv", "#n/d", "nan", "null", "none", "?", ".")
_LARGEST = 3.4028235e38  # that 32 bits hold
_MOST_BITS = 1024  # of a whole number: Python writes no number of any length


class TextRow(str):
    """A text with the cells beside it: numbers, NaN where one is missing, then categories."""

    __slots__ = ("cells",)

    cells: Cells

    def __new__(cls, text: str, cells: Cells) -> "TextRow":
        """Put cells beside a text."""
        row = super().__new__(cls, text)
        row.cells = cells
        return row


@dataclass(frozen=True)
class RowReader:
    """Turns rows into texts with the cells beside them.

    Attributes:
        text: the column of the text.
        numeric: columns of numbers.
        categorical: columns of categories.
    """

    text: str
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]

    @classmethod
    def read(cls, node: Node) -> "RowReader":
        """Read the "reader" of a description.

        Raises:
            ModelError: it is damaged.
        """
        found = cls(node.text("text"), node.texts("numeric"), node.texts("categorical"))
        names = (found.text, *found.numeric, *found.categorical)
        if len({*names}) != len(names) or not 1 < len(names) <= MOST_COLUMNS:
            raise node.wrong("its columns are too few, too many or not all different")
        return found

    @property
    def beside(self) -> tuple[int, int]:
        """How many columns of numbers and of categories there are."""
        return len(self.numeric), len(self.categorical)

    def rows(self, examples: Sequence[Any]) -> list[str]:
        """N rows to texts, each a `TextRow`.

        Raises:
            InputError: an example is not a row, lacks a column or has a value that cannot be read; says which.
        """
        return [self._row(one, f"Example {place} (counted from 0)") for place, one in enumerate(examples)]

    def _row(self, example: Any, where: str) -> TextRow:
        if not isinstance(example, Mapping):
            raise InputError(
                f"{where} is {type(example).__name__}, and this model reads rows: a dict with the columns "
                f"{', '.join(map(repr, (self.text, *self.numeric, *self.categorical)))}."
            )
        parts = tuple(name if name in example else name.strip() for name in self.text.split(","))
        several = self.text not in example and any(name in example for name in parts)  # as in training
        texts = parts if several else (self.text,)
        kinds = (texts, "text"), (self.numeric, "numeric"), (self.categorical, "categorical")
        for names, kind in kinds:
            for name in names:
                if name not in example:
                    raise InputError(f"{where} has no column {name!r} ({kind}), which this model reads.")
        cells = ["" if several and _is_missing(example[name]) else example[name] for name in texts]
        for name, cell in zip(texts, cells, strict=True):
            if not isinstance(cell, str):
                raise InputError(f"{where}: the column {name!r} holds {type(cell).__name__}, where a text should be.")
        text = SEPARATOR.join(cell.strip() for cell in cells) if several and any(cells) else cells[0]
        numbers = tuple(_number(example[name], name, where) for name in self.numeric)
        return TextRow(text, numbers + tuple(_category(example[name], name, where) for name in self.categorical))


def _number(value: Any, name: str, where: str) -> float:
    if _is_missing(value) or (isinstance(value, str) and value.strip().lower() in _NO_NUMBER):
        return math.nan
    try:
        number = math.inf if isinstance(value, str) and "_" in value else float(value)  # Python takes 1_0 for 10
    except (TypeError, ValueError, OverflowError):
        number = math.inf
    if not abs(number) <= _LARGEST:
        raise InputError(
            f"{where}: the column {name!r} holds {str(value)[:40]!r}, which is not a finite number of 32 bits."
        )
    return number


def _category(value: Any, name: str, where: str) -> str:
    value = value.item() if isinstance(value, np.generic) else value
    if _is_missing(value):
        return MISSING
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() < _MOST_BITS:
        return str(value)
    if isinstance(value, float | Decimal) and math.isfinite(value):
        return str(int(value)) if value == int(value) else str(value)
    raise InputError(
        f"{where}: the column {name!r} holds {str(value)[:40]!r} ({type(value).__name__}), where a category should be: "
        "a text, a number, true or false."
    )


def _is_missing(value: Any) -> bool:
    if isinstance(value, float | np.floating | Decimal):
        return bool(value.is_nan() if isinstance(value, Decimal) else np.isnan(value))
    return value is None or (isinstance(value, str) and not value.strip())


def read_columns(node: Node, beside: tuple[int, int]) -> SideEncoder:
    """Read what a model weighs of the cells beside a text.

    Args:
        node: "numbers", with "mean", "scale" and "knots" each, and "categories", lists of texts.
        beside: how many columns of numbers and of categories there are.

    Raises:
        ModelError: it is damaged.
    """
    numbers = tuple(map(_read_numbers, node.nodes("numbers")))
    categories = tuple(one.texts("names") for one in node.nodes("categories"))
    if (len(numbers), len(categories)) != beside or any(len({*one}) != len(one) for one in categories):
        raise node.wrong("they are not the columns that are read, or a category occurs twice")
    return SideEncoder(numbers, categories)


def _read_numbers(node: Node) -> Numbers:
    found = Numbers(node.number("mean"), node.number("scale"), tuple(node.numbers("knots")))
    if found.scale <= 0 or len(found.knots) > MOST_KNOTS or any(low >= high for low, high in pairwise(found.knots)):
        raise node.wrong("its scale is not positive, or its knots do not rise")
    return found


def cells_of(texts: list[str]) -> list[Cells]:
    """The cells beside each of N `TextRow`."""
    return [text.cells for text in texts if isinstance(text, TextRow)]
