"""Numbers and categories beside a text as the columns that a linear model weighs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from unspool.data.side_columns import SideCells

LEAST = 5
"""Training rows that a category must occur in to have a column of its own; all others share one."""
MOST = 200
"""Categories of one column that have a column of their own, the most frequent ones."""


@dataclass(frozen=True)
class SideEncoder:
    """Standardises numbers and one-hot encodes categories, with what training rows showed.

    A missing number counts as the mean, and a column of its own says that it is missing. Rare and unseen categories
    share a column. All is divided by the root of the number of columns read, so that a row has a length of some 1, as
    rows of n-grams have.

    Attributes:
        mean: of each numeric column, in training.
        scale: the standard deviation of each, 1 where it is 0.
        categories: those of each categorical column that have a column of their own.

    Example:
        >>> encoder = SideEncoder.fit([(1.0, "a"), (3.0, "b")] * 5)
        >>> encoder.encode([(3.0, "a"), (float("nan"), "c")]).round(2)
        array([[0.71, 0.  , 0.71, 0.  , 0.  ],
               [0.  , 0.71, 0.  , 0.  , 0.71]], dtype=float32)
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    categories: tuple[tuple[str, ...], ...]

    @classmethod
    def fit(cls, rows: Sequence[SideCells]) -> Self:
        """Learn from N training rows, of which there is at least one."""
        numeric = sum(not isinstance(cell, str) for cell in rows[0])
        columns = list(zip(*rows, strict=True))
        means, scales = [], []
        for column in columns[:numeric]:
            numbers = np.array(column, np.float64)
            there = numbers[~np.isnan(numbers)]
            means.append(float(there.mean()) if len(there) else 0.0)
            scales.append((float(there.std()) if len(there) else 0.0) or 1.0)
        categories = []
        for column in columns[numeric:]:
            counts = Counter(map(str, column))
            frequent = sorted((name for name, count in counts.items() if count >= LEAST), key=lambda n: (-counts[n], n))
            categories.append(tuple(sorted(frequent[:MOST])))
        return cls(tuple(means), tuple(scales), tuple(categories))

    @property
    def width(self) -> int:
        """How many columns `encode` gives."""
        return 2 * len(self.mean) + sum(len(names) + 1 for names in self.categories)

    def encode(self, rows: Sequence[SideCells]) -> NDArray[np.float32]:
        """Turn the cells of N rows into numbers, (N, D): each number and whether it is missing, then the categories.

        Raises:
            ValueError: a row has other cells than those that were learned from.
        """
        numeric, count = len(self.mean), len(self.mean) + len(self.categories)
        found = np.zeros((len(rows), self.width), np.float64)
        places = [{name: at for at, name in enumerate(names)} for names in self.categories]
        for row, cells in enumerate(rows):
            if [isinstance(cell, str) for cell in cells] != [position >= numeric for position in range(count)]:
                raise ValueError("the cells beside a text are not those that the model reads")
            start = 2 * numeric
            for names, cell in zip(places, cells[numeric:], strict=True):
                found[row, start + names.get(str(cell), len(names))] = 1
                start += len(names) + 1
        numbers = np.array([cells[:numeric] for cells in rows], np.float64).reshape(len(rows), numeric)
        missing = np.isnan(numbers)
        standard = (numbers - np.array(self.mean)) / np.array(self.scale)
        found[:, : 2 * numeric : 2] = np.where(missing, 0, standard)
        found[:, 1 : 2 * numeric : 2] = missing
        encoded: NDArray[np.float32] = (found / np.sqrt(max(count, 1))).astype(np.float32)
        return encoded

    def state(self) -> dict[str, Any]:
        """Plain values that `from_state` makes the encoder of again."""
        return {"mean": list(self.mean), "scale": list(self.scale), "categories": [*map(list, self.categories)]}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Make an encoder of what `state` gave.

        Raises:
            ValueError, KeyError, TypeError: it is not a state of one.
        """
        mean, scale = (tuple(map(float, state[name])) for name in ("mean", "scale"))
        categories = tuple(tuple(map(str, names)) for names in state["categories"])
        if len(mean) != len(scale) or not np.isfinite([*mean, *scale]).all() or min(scale, default=1.0) <= 0:
            raise ValueError("mean and scale do not suit the columns")
        if any(len(set(names)) != len(names) for names in categories):
            raise ValueError("a category is there twice")
        return cls(mean, scale, categories)
