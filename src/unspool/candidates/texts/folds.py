"""Folds of training texts for cross-validation."""

import warnings
from itertools import islice

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.candidates.texts.arithmetic import ARITHMETIC, Task

Rows = NDArray[np.int64]
REPEATED, MOST_REPEATS = 1_500, 5
_MANY_GROUPS = 2_000  # scikit-learn takes half a second to stratify this many, and a minute for 25,000


def repeats(count: int) -> int:
    """How often cross-validation of `count` texts is repeated: 1 to 5 times, so that about 1,500 texts are held out.

    A single split of few texts is a noisy estimate.

    Example:
        >>> [repeats(count) for count in (100, 500, 2_000)]
        [5, 3, 1]
    """
    return max(min(REPEATED // count, MOST_REPEATS), 1)


def folds(
    target: ArrayLike, task: Task, count: int, *, groups: ArrayLike | None = None, seed: int = 0
) -> list[tuple[Rows, Rows]]:
    """Split texts into folds, each of which is held out once; stratified where each text has one class.

    If there are many groups, each is stratified by the class of its first text.

    Args:
        target: (N,) or (N, K), as of `targets.columns`.
        task: of the targets.
        count: the number of folds, at least 2.
        groups: (N,) names of groups that stay together, or None.
        seed: of the shuffling.

    Returns:
        For each fold the rows to train on and those held out, both ascending.

    Example:
        >>> [held.tolist() for _, held in folds([0, 0, 1, 1], "binary", 2)]
        [[1, 2], [0, 3]]
    """
    return _folds(target, task, count, groups, seed, count)


def first_fold(
    target: ArrayLike, task: Task, count: int, *, groups: ArrayLike | None = None, seed: int = 0
) -> tuple[Rows, Rows]:
    """The first of `folds`, without the memory that the others would take.

    Example:
        >>> [rows.tolist() for rows in first_fold([0, 0, 1, 1], "binary", 2)]
        [[0, 3], [1, 2]]
    """
    return _folds(target, task, count, groups, seed, 1)[0]


def _folds(
    target: ArrayLike, task: Task, count: int, groups: ArrayLike | None, seed: int, first: int
) -> list[tuple[Rows, Rows]]:
    """The first `first` folds."""
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    wanted = np.asarray(target)
    by_class = ARITHMETIC[task].single_label and np.unique(wanted, return_counts=True)[1].max() >= count
    kind = StratifiedKFold if by_class else KFold
    if groups is not None:
        _, firsts, number = np.unique(np.asarray(groups), return_index=True, return_inverse=True)
        if len(firsts) > _MANY_GROUPS:
            of_groups = _folds(wanted[firsts], task, count, None, seed, first)
            return [_rows_of(held, number) for _, held in of_groups]
        count = min(count, len(firsts))
        kind = StratifiedGroupKFold if by_class else GroupKFold
    splitter = kind(count, shuffle=True, random_state=seed)
    given = wanted if by_class else None
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        return list(islice(splitter.split(np.zeros(len(wanted)), given, groups), first))


def _rows_of(held: NDArray[np.int64], number: NDArray[np.int64]) -> tuple[Rows, Rows]:
    """The rows to train on and those to hold out, for held-out groups `held`; `number` is (N,), each row's group."""
    out = np.isin(number, held)
    return np.flatnonzero(~out), np.flatnonzero(out)
