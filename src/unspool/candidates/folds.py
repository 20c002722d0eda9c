"""Folds for cross-validation: stratified where each example has one class, and with whole groups."""

import warnings
from itertools import islice

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.candidates.windows import Rows, usable

_MANY_GROUPS = 2_000  # scikit-learn takes half a second to stratify this many, and a minute for 25,000


def folds(
    target: ArrayLike,
    count: int,
    *,
    one_class: bool,
    groups: ArrayLike | None = None,
    seed: int = 0,
    first: int | None = None,
) -> list[tuple[Rows, Rows]]:
    """Split examples into folds, each of which is held out once; stratified where each example has one class.

    If there are many groups, each is stratified by the class of its first example.

    Args:
        target: (N,) or (N, K) classes, labels or numbers.
        count: the number of folds, at least 2.
        one_class: whether `target` is (N,), the class of each example.
        groups: (N,) names of groups that stay together, or None.
        seed: of the shuffling.
        first: how many folds to return; None for all.

    Returns:
        For each fold the rows to fit to and those held out, both ascending.

    Example:
        >>> [held.tolist() for _, held in folds([0, 0, 1, 1], 2, one_class=True, groups=[7, 8, 7, 8])]
        [[1, 3], [0, 2]]
    """
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    wanted = np.asarray(target)
    by_class = one_class and np.unique(wanted, return_counts=True)[1].max() >= count
    kind = StratifiedKFold if by_class else KFold
    if groups is not None:
        _, firsts, number = np.unique(np.asarray(groups), return_index=True, return_inverse=True)
        if len(firsts) > _MANY_GROUPS:
            of_groups = folds(wanted[firsts], count, one_class=one_class, seed=seed, first=first)
            return [_rows_of(held, number) for _, held in of_groups]
        count = min(count, len(firsts))
        kind = StratifiedGroupKFold if by_class else GroupKFold
    splitter = kind(count, shuffle=True, random_state=seed)
    given = wanted if by_class else None
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        return list(islice(splitter.split(np.zeros(len(wanted)), given, groups), first))


def folds_of_classes(
    labels: NDArray[np.int64], count: int, groups: NDArray[np.int64] | None, seed: int
) -> list[tuple[Rows, Rows]]:
    """Folds on which probabilities of classes can be calibrated: stratified, and of whole groups if that is possible.

    Rows whose class is missing from the rest are not held out: a fit to the rest cannot predict that class.

    Args:
        labels: (N,) the class of each example.
        count: the number of folds; fewer if no class has as many examples.
        groups: (N,) of the examples, at least two; or None.
        seed: of the shuffling.

    Returns:
        As `folds`; empty if every class has only one example.

    Example:
        >>> parts = folds_of_classes(np.array([0, 1, 0, 1, 2]), 2, np.array([0, 0, 1, 1, 1]), seed=0)
        >>> sorted(held.tolist() for _, held in parts)
        [[0, 1], [2, 3]]
    """
    if groups is None:
        count = min(count, max(int(np.bincount(labels).max()), 2))
    parts = folds(labels, count, one_class=True, groups=groups, seed=seed)
    found = usable([(rest, held[np.isin(labels[held], labels[rest])]) for rest, held in parts], labels)
    return found if found or groups is None else folds_of_classes(labels, count, None, seed)


def numbered(groups: NDArray[np.generic] | None) -> NDArray[np.int64] | None:
    """Number the groups of N examples from 0; None if there is only one, or if each example is its own.

    Example:
        >>> numbered(np.array([7, 3, 7])).tolist(), numbered(np.array([7, 7])), numbered(np.array([7, 3]))
        ([1, 0, 1], None, None)
    """
    if groups is None:
        return None
    names, number = np.unique(groups, return_inverse=True)
    return number.astype(np.int64) if 1 < len(names) < len(number) else None


def _rows_of(held: NDArray[np.int64], number: NDArray[np.int64]) -> tuple[Rows, Rows]:
    """The rows to fit to and those to hold out, for held-out groups `held`; `number` is (N,), each row's group."""
    out = np.isin(number, held)
    return np.flatnonzero(~out), np.flatnonzero(out)
