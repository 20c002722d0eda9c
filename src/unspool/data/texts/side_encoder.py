"""Numbers and categories beside a text as the columns that a linear model weighs.

The trainer and the runtime share this file.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

QUANTILES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_USUAL, _FAR = (0.05, 0.95), 10.0
"""A number is far from the others if it lies this many times as far beyond these quantiles as they are apart."""
"""Of the training numbers: between two of them a number's effect is linear, and beyond the outer ones constant."""
LEAST = 2
"""Training rows that a category must occur in to have a column of its own; all others share one."""
MOST = 200
"""Categories of one column that have a column of their own, the most frequent ones."""

Floats = NDArray[np.float64]
Cells = tuple[float | str, ...]
"""Beside a text: numbers, NaN where one is missing, then categories."""

_NUMBER = re.compile(r"(-?)0*([0-9]+?)(?:\.([0-9]*?)0*)?")
"""Its sign, its whole part and its decimals, without zeros that change nothing."""
_BOOLEANS = ("true", "false")
_NO_NUMBERS = ("NaN", "nan", "-NaN", "-nan", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN")
_MISSING = frozenset((*_NO_NUMBERS, "NA", "N/A", "n/a", "NULL", "null", "None", "<NA>", "#NA", "#N/A", "#N/A N/A"))
"""Cells that pandas reads as empty in CSV files."""


class Places:
    """Finds the place of a category among those that are known.

    A category that is not known, but is the same number or boolean as a known one, is that one: where numbers are
    missing, pandas writes 1 as 1.0, and it reads 01 as 1; it writes true as True. Likewise, an empty cell and texts
    such as NA are one category unless more of them are known: pandas reads NA as an empty cell.

    Args:
        names: the known categories.

    Example:
        >>> places = Places(("1", "2.50", "a", "True"))
        >>> [places.get(name) for name in ("1", "01", "1.0", "2.5", "a", "10", "A", "true")]
        [0, 0, 0, 1, 2, None, None, 3]
        >>> Places(("a", "NA")).get(""), Places(("", "a")).get("NA"), Places(("", "NA")).get("NA")
        (1, 0, 1)
    """

    def __init__(self, names: Sequence[str]):
        self._values = {_meaning_of(name): place for place, name in reversed([*enumerate(names)])}
        self._names = {name: place for place, name in enumerate(names)}

    def get(self, name: str) -> int | None:
        """The place of a category, from 0; None if it is not known."""
        place = self._names.get(name)
        return self._values.get(_meaning_of(name)) if place is None else place


def category_numbers(columns: Sequence[Places], rows: Sequence[Cells]) -> NDArray[np.int64]:
    """The categories of N rows as an ONNX graph takes them, (N, columns): one more than their places, or 0."""
    found = np.zeros((len(rows), len(columns)), np.int64)
    for row, cells in enumerate(rows):
        places = (own.get(str(cell)) for own, cell in zip(columns, cells, strict=True))
        found[row] = [0 if place is None else place + 1 for place in places]
    return found


def _meaning_of(name: str) -> str:
    return "" if name in _MISSING else value_of(name)


def value_of(name: str) -> str:
    """A text that is the same for all ways to write a number or a boolean; any other name as it is."""
    found = _NUMBER.fullmatch(name)
    if found is not None:
        return f"{found[1]}{found[2]}.{found[3] or ''}"
    return name.lower() if name.lower() in _BOOLEANS else name


@dataclass(frozen=True)
class Numbers:
    """What training showed of a column of numbers.

    Attributes:
        mean: of the numbers that are not missing, of which those that are `_FAR` from the others count as less far.
        scale: their standard deviation, 1 where it is 0.
        knots: the different ones of their `QUANTILES`, standardised and rising; none where all were missing.
    """

    mean: float
    scale: float
    knots: tuple[float, ...]

    @classmethod
    def fit(cls, numbers: Floats) -> Self:
        """Learn from (N,) numbers, NaN where one is missing."""
        there = numbers[~np.isnan(numbers)]
        if not len(there):
            return cls(0.0, 1.0, ())
        low, high = np.quantile(there, _USUAL)
        if high > low:  # one number far from all others would make them equal
            there = np.clip(there, low - _FAR * (high - low), high + _FAR * (high - low))
        mean, scale = float(there.mean()), float(there.std()) or 1.0
        return cls(mean, scale, tuple(np.unique(np.quantile((there - mean) / scale, QUANTILES)).tolist()))

    @property
    def width(self) -> int:
        """How many columns `encode` gives."""
        return 2 + max(len(self.knots) - 2, 0)

    def encode(self, numbers: Floats) -> Floats:
        """(N,) numbers to (N, D): standardised, whether it is missing, and how far it lies above each inner knot."""
        missing = np.isnan(numbers)
        standard = np.zeros(len(numbers))
        if self.knots:
            known = np.clip((numbers - self.mean) / self.scale, self.knots[0], self.knots[-1])
            standard = np.where(missing, 0, known)
        above = [np.maximum(standard - knot, 0) for knot in self.knots[1:-1]]
        return np.column_stack([standard, missing, *above])


@dataclass(frozen=True)
class SideEncoder:
    """Standardises numbers and one-hot encodes categories, with what training rows showed.

    A missing number counts as the mean, and a column of its own says that it is missing. Further columns let the effect
    of a number change its slope at the quintiles. Rare and unseen categories share a column. All is divided by the root
    of the number of columns read, so that a row has a length of about 1, as rows of n-grams have.

    Attributes:
        numbers: of each numeric column.
        categories: those of each categorical column that have a column of their own.

    Example:
        >>> encoder = SideEncoder.fit([(1.0, "a"), (3.0, "b")] * 5)
        >>> encoder.encode([(3.0, "a"), (float("nan"), "c")]).round(2)
        array([[0.71, 0.  , 0.71, 0.  , 0.  ],
               [0.  , 0.71, 0.  , 0.  , 0.71]], dtype=float32)
    """

    numbers: tuple[Numbers, ...]
    categories: tuple[tuple[str, ...], ...]

    @classmethod
    def fit(cls, rows: Sequence[Cells]) -> Self:
        """Learn from N training rows, of which there is at least one."""
        numeric = sum(not isinstance(cell, str) for cell in rows[0])
        columns = list(zip(*rows, strict=True))
        numbers = tuple(Numbers.fit(np.array(column, np.float64)) for column in columns[:numeric])
        return cls(numbers, tuple(_frequent(list(map(str, column))) for column in columns[numeric:]))

    @property
    def width(self) -> int:
        """How many columns `encode` gives."""
        return sum(one.width for one in self.numbers) + sum(len(names) + 1 for names in self.categories)

    def encode(self, rows: Sequence[Cells]) -> NDArray[np.float32]:
        """Turn the cells of N rows into numbers, (N, D): what `Numbers` gives, then the categories.

        Raises:
            ValueError: a row has other cells than those that were learned from.
        """
        kinds = [False] * len(self.numbers) + [True] * len(self.categories)
        if any([isinstance(cell, str) for cell in cells] != kinds for cells in rows):
            raise ValueError("the cells beside a text are not those that the model reads")
        found = [np.zeros((len(rows), 0))]
        for position, one in enumerate(self.numbers):
            found.append(one.encode(np.array([cells[position] for cells in rows], np.float64)))
        for position, names in enumerate(self.categories, start=len(self.numbers)):
            places = Places(names)
            found_at = [places.get(str(cells[position])) for cells in rows]
            chosen = [len(names) if place is None else place for place in found_at]
            one_hot = np.zeros((len(rows), len(names) + 1))
            one_hot[np.arange(len(rows)), chosen] = 1
            found.append(one_hot)
        encoded: NDArray[np.float32] = (np.hstack(found) / np.sqrt(max(len(kinds), 1))).astype(np.float32)
        return encoded

    def state(self) -> dict[str, Any]:
        """Plain values that `from_state` makes the encoder of again."""
        numbers = [{"mean": one.mean, "scale": one.scale, "knots": list(one.knots)} for one in self.numbers]
        return {"numbers": numbers, "categories": [*map(list, self.categories)]}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Make an encoder of what `state` gave.

        Raises:
            ValueError, KeyError, TypeError: it is not a state of one.
        """
        numbers = []
        for one in state["numbers"]:
            found = Numbers(float(one["mean"]), float(one["scale"]), tuple(map(float, one["knots"])))
            if not np.isfinite([found.mean, found.scale, *found.knots]).all() or found.scale <= 0:
                raise ValueError("mean, scale and knots of a column are not finite numbers")
            if len(found.knots) > len(QUANTILES) or any(low >= high for low, high in pairwise(found.knots)):
                raise ValueError("the knots of a column do not rise, or are too many")
            numbers.append(found)
        categories = tuple(tuple(map(str, names)) for names in state["categories"])
        if any(len(set(names)) != len(names) or len(names) > MOST for names in categories):
            raise ValueError("a category occurs twice, or there are too many categories")
        return cls(tuple(numbers), categories)


def _frequent(column: list[str]) -> tuple[str, ...]:
    counts = Counter(column)
    often = sorted((name for name, count in counts.items() if count >= LEAST), key=lambda name: (-counts[name], name))
    return tuple(sorted(often[:MOST]))
