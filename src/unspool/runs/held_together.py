"""Which training examples cross-validation holds out together."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.duplicates import rare_copies
from unspool.data.splits import FEWEST, in_one_group
from unspool.runs.groups import several
from unspool.runs.reading.preparation import PreparedPart
from unspool.tasks import Task

FEW_COPIES = 0.01
"""If a smaller share of series has copies, they can hardly raise a score, and are not held out together."""


def of_all_parts(known: Iterable[NDArray[Any] | None]) -> NDArray[Any] | None:
    """What is known of the examples of several parts, end to end; None where it is unknown of one."""
    every = list(known)
    there = [one for one in every if one is not None]
    return np.concatenate(there) if len(there) == len(every) else None


def classes_of(task: Task, targets: NDArray[Any]) -> NDArray[Any] | None:
    """The targets, where each example has one of several classes."""
    return targets if task.names and targets.ndim == 1 else None


def held_out_together(
    parts: Sequence[PreparedPart], kind: str, classes: NDArray[Any] | None
) -> NDArray[np.int64] | None:
    """The groups that cross-validation holds out whole: those given, or the copies of each example.

    If examples are split by time, copies are not held out together: a model may learn from earlier ones.

    Args:
        parts: to learn from, N examples.
        kind: of them, see `Prepared`.
        classes: (N,) of them, or None where each has not one.
    """
    groups, prints = (
        several(of_all_parts(part.groups for part in parts)),
        of_all_parts(part.fingerprints for part in parts),
    )
    if groups is not None or prints is None or any(part.times is not None for part in parts):
        return groups
    return copies_to_hold_out(prints, kind, classes)


def copies_to_hold_out(prints: NDArray[np.int64], kind: str, classes: NDArray[Any] | None) -> NDArray[np.int64] | None:
    """Number the examples so that copies, which cross-validation holds out together, share a number; None if none do.

    With a copy in training, a model could recall the label of a held-out example, and the one that memorises best would
    be chosen. If a class has only copies of one example, they are not held out together: nothing could be learned of
    the class without them. Most models of series are scored without a fit to each fold; a few copies are not worth one.

    Args:
        prints: (N,) equal for copies.
        kind: of the examples, see `Prepared`.
        classes: (N,) the class of each example, or None unless each has exactly one.
    """
    different, number = np.unique(rare_copies(prints), return_inverse=True)
    if not FEWEST <= len(different) < len(prints):
        return None
    if kind == "series" and np.mean(np.bincount(number)[number] > 1) < FEW_COPIES:
        return None
    if classes is not None:
        alone = in_one_group(classes, number)
        number[alone] = len(different) + np.arange(alone.sum())
    return number
