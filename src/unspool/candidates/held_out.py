"""Which training examples candidates are fitted to and which are held out: chronologically, or by whole groups."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates import texts as of_texts
from unspool.candidates.registry import Kind
from unspool.candidates.texts.arithmetic import ARITHMETIC
from unspool.candidates.texts.folds import folds
from unspool.candidates.windows import Rows, expanding_windows, usable

GROUP_FOLDS = 5
"""How many folds series are divided into if whole groups are held out."""


def held_out_parts(
    kind: Kind,
    targets: NDArray[Any],
    task: str,
    seed: int = 0,
    *,
    groups: NDArray[np.int64] | None = None,
    times: NDArray[np.float64] | None = None,
) -> list[tuple[Rows, Rows]]:
    """The rows that `compare_baselines` fits to and holds out, in turn; none where it holds out one by one.

    Example:
        >>> [len(held) for _, held in held_out_parts("text", np.arange(20) % 2, "binary")]
        [4, 4, 4, 4, 4]
    """
    if kind == "text":
        return of_texts.splits(targets, task, groups=groups, times=times, seed=seed)  # type: ignore[arg-type]
    return windows(targets, task, groups, times) or _parted_groups(targets, task, seed, groups)


def windows(
    targets: NDArray[Any], task: Any, groups: NDArray[np.int64] | None, times: NDArray[np.float64] | None
) -> list[tuple[Rows, Rows]]:
    """What to learn from and what to hold out in the order of time; nothing without times."""
    labels = targets if ARITHMETIC[task].single_label else None
    return [] if times is None else expanding_windows(times, labels=labels, groups=groups)


def _parted_groups(
    targets: NDArray[Any], task: Any, seed: int, groups: NDArray[np.int64] | None
) -> list[tuple[Rows, Rows]]:
    """The same by whole groups; nothing without groups: each example may then be held out by itself."""
    if groups is None:
        return []
    labels = None if ARITHMETIC[task].numbers else targets
    return usable(folds(targets, task, GROUP_FOLDS, groups=groups, seed=seed), labels)
