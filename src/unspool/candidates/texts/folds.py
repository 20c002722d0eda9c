"""Folds of training texts for cross-validation."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.candidates import folds as of_examples
from unspool.candidates.texts.arithmetic import ARITHMETIC, Task

Rows = NDArray[np.int64]
REPEATED, MOST_REPEATS = 1_500, 5


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
    return of_examples.folds(target, count, one_class=ARITHMETIC[task].single_label, groups=groups, seed=seed)


def first_fold(
    target: ArrayLike, task: Task, count: int, *, groups: ArrayLike | None = None, seed: int = 0
) -> tuple[Rows, Rows]:
    """The first of `folds`, without the memory that the others would take.

    Example:
        >>> [rows.tolist() for rows in first_fold([0, 0, 1, 1], "binary", 2)]
        [[0, 3], [1, 2]]
    """
    one_class = ARITHMETIC[task].single_label
    return of_examples.folds(target, count, one_class=one_class, groups=groups, seed=seed, first=1)[0]
