"""Columns beside a text that alone almost give the label: known only afterwards, or the label in other words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import Label, as_number
from unspool.data.texts.side_columns import MISSING, SideCells, SideColumns

MOST_ROWS = 10_000
"""Training rows that are looked at, the first ones."""
_FEWEST_ROWS = 40
"""With fewer, chance may do as much."""
_RIGHT = 0.98
"""Of the labels, which a column alone must give..."""
_MISTAKES = 0.1
"""...and of the mistakes that always predicting the most frequent label makes, the share that may remain."""
_LEAF = 5
"""Rows that a rule must hold for, at least."""
_MOST_CLASSES = 20
"""Numbers of more classes would need many rules."""
_SAME_ORDER = 0.999
"""Rank correlation of numbers that are the label in another unit, or almost."""


@dataclass(frozen=True, slots=True)
class TellingColumn:
    """A column that alone almost gives the label.

    Attributes:
        name: of the column.
        right: share of the training rows whose label it gives; NaN if labels are numbers.
        empty: whether it is enough to know if the cell is empty.
    """

    name: str
    right: float
    empty: bool = False


def telling_columns(
    columns: SideColumns, rows: Sequence[SideCells], labels: Sequence[Label], *, numbers: bool
) -> tuple[TellingColumn, ...]:
    """The columns that alone almost give the label of training rows.

    Args:
        columns: beside the text.
        rows: N cells, in the order of `columns.names`.
        labels: N labels.
        numbers: whether labels are numbers to predict.

    Example:
        >>> columns = SideColumns(("boat",), ("port",))
        >>> rows = [(float(n), "ab"[n % 3 == 0]) if n % 2 else (float("nan"), "a") for n in range(100)]
        >>> telling_columns(columns, rows, ["died", "lived"] * 50, numbers=False)
        (TellingColumn(name='boat', right=1.0, empty=True),)
    """
    if len(rows) < _FEWEST_ROWS or not len(columns) or any(isinstance(label, tuple) for label in labels):
        return ()
    found = _of_numbers(columns, rows, labels) if numbers else _of_classes(columns, rows, labels)
    return tuple(found)


def _of_classes(columns: SideColumns, rows: Sequence[SideCells], labels: Sequence[Label]) -> Iterator[TellingColumn]:
    classes, truth = np.unique([str(label) for label in labels], return_inverse=True)
    usual = np.bincount(truth).max() / len(truth)
    least = max(_RIGHT, 1 - _MISTAKES * (1 - usual))
    if not 1 < len(classes) <= _MOST_CLASSES:
        return
    for place, name in enumerate(columns.names):
        values = [row[place] for row in rows]
        empty = _is_empty(values)
        by_empty = _share_right(empty.astype(np.int64), truth)
        if by_empty >= least:
            yield TellingColumn(name, by_empty, empty=True)
        else:
            numeric = place < len(columns.numeric)
            right = _share_right(_sorted_out(values, empty, truth) if numeric else _categories(values), truth)
            if right >= least:
                yield TellingColumn(name, right)


def _of_numbers(columns: SideColumns, rows: Sequence[SideCells], labels: Sequence[Label]) -> Iterator[TellingColumn]:
    from scipy import stats

    truth = np.array([as_number(label) for label in labels], dtype=np.float64)
    for place, name in enumerate(columns.numeric):
        values = np.array([row[place] for row in rows], dtype=np.float64)
        there = ~np.isnan(values) & ~np.isnan(truth)
        few = there.sum() < max(_FEWEST_ROWS, len(rows) / 2)
        if few or min(len(np.unique(values[there])), len(np.unique(truth[there]))) < 2:
            continue
        if abs(stats.spearmanr(values[there], truth[there]).statistic) >= _SAME_ORDER:
            yield TellingColumn(name, float("nan"))


def _is_empty(values: Sequence[float | str]) -> NDArray[np.bool_]:
    return np.array([value == MISSING if isinstance(value, str) else bool(np.isnan(value)) for value in values])


def _categories(values: Sequence[float | str]) -> NDArray[np.int64]:
    """The number of each category; rare ones share one."""
    _, numbers, counts = np.unique([str(value) for value in values], return_inverse=True, return_counts=True)
    return np.where(counts[numbers] >= _LEAF, numbers + 1, 0)


def _sorted_out(values: Sequence[float | str], empty: NDArray[np.bool_], truth: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rule of a small tree that each number falls under; empty cells count as smaller than all."""
    from sklearn.tree import DecisionTreeClassifier

    numbers = np.array(values, dtype=np.float64)
    if empty.all():
        return np.zeros(len(numbers), np.int64)
    order = np.where(empty, -1, np.unique(np.where(empty, numbers[~empty].min(), numbers), return_inverse=True)[1])
    tree = DecisionTreeClassifier(max_leaf_nodes=2 * (int(truth.max()) + 1), min_samples_leaf=_LEAF, random_state=0)
    return np.asarray(tree.fit(order[:, None], truth).apply(order[:, None]), dtype=np.int64)


def _share_right(rules: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    """The share of the rows that have the most frequent label of their rule."""
    counts = np.zeros((rules.max() + 1, truth.max() + 1), np.int64)
    np.add.at(counts, (rules, truth), 1)
    return float(counts.max(axis=1).sum() / len(truth))
