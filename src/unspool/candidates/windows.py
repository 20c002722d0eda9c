"""Cross-validation in the order of time: models learn from earlier examples and are scored on later ones."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Rows = NDArray[np.int64]
WINDOWS = 5
_NONE: Rows = np.zeros(0, np.int64)


def expanding_windows(
    times: ArrayLike, count: int = WINDOWS, *, labels: ArrayLike | None = None, groups: ArrayLike | None = None
) -> list[tuple[Rows, Rows]]:
    """Hold out later examples in turn; what came before them is learned from.

    As scikit-learn's `TimeSeriesSplit`, but examples of one time stay together, examples of a group that is held out
    are not learned from (unless every group lasts so long that nothing would be left), and there must be two labels to
    learn from.

    Args:
        times: (N,) of the examples, in any order.
        count: how many windows at most.
        labels: (N,) one class each, or None where there are no classes.
        groups: (N,) names of groups that stay together, or None.

    Returns:
        For each window the rows to learn from and those held out, each rising. Empty if all times are equal, or if all
        held-out examples have the same label, as models cannot be compared on it.

    Example:
        >>> [(rest.tolist(), held.tolist()) for rest, held in expanding_windows([3, 1, 2, 2, 1, 3], 2)]
        [([1, 4], [2, 3]), ([1, 2, 3, 4], [0, 5])]
    """
    moments, spans = _spans(times, count)
    windows = [_window(moments, *span) for span in spans]
    parted = [] if groups is None else [_without(np.asarray(groups), *window) for window in windows]
    found = usable(parted, labels) or usable(windows, labels)
    return found if _has_two_labels(labels, np.concatenate([_NONE, *(held for _, held in found)])) else []


def last_window(
    times: ArrayLike, count: int, *, labels: ArrayLike | None = None, groups: ArrayLike | None = None
) -> tuple[Rows, Rows] | None:
    """The last window of `expanding_windows` whose held-out rows have two labels, without building the others.

    None if there is none.

    Example:
        >>> [rows.tolist() for rows in last_window([3, 1, 2, 2, 1, 3], 2)]
        [[1, 2, 3, 4], [0, 5]]
    """
    moments, spans = _spans(times, count)
    for grouped in (None,) if groups is None else (np.asarray(groups), None):
        some = False
        for span in reversed(spans):
            window = _window(moments, *span)
            for found in usable([window if grouped is None else _without(grouped, *window)], labels):
                if _has_two_labels(labels, found[1]):
                    return found
                some = True
        if some:
            return None
    return None


def _has_two_labels(labels: ArrayLike | None, held: Rows) -> bool:
    """Whether the rows have two labels or more; True without labels."""
    return labels is None or len(np.unique(np.asarray(labels)[held])) > 1


def _spans(times: ArrayLike, count: int) -> tuple[NDArray[np.int64], list[tuple[int, int]]]:
    """(N,) the ranks of the times, and for each window the first rank that it holds out and the one after the last."""
    _, moments = np.unique(np.asarray(times), return_inverse=True)
    ordered = np.sort(moments)
    cuts = np.unique(ordered[np.arange(1, count + 1) * len(ordered) // (count + 1)])
    cuts = cuts[cuts > 0] if cuts[-1] > 0 else np.unique(ordered[ordered > 0])[:1]
    ends = [*cuts[1:], len(ordered)]
    return moments, list(zip(cuts, ends, strict=False))


def _window(moments: NDArray[np.int64], begin: int, end: int) -> tuple[Rows, Rows]:
    return np.flatnonzero(moments < begin), np.flatnonzero((moments >= begin) & (moments < end))


def _without(groups: NDArray[np.generic], rest: Rows, held: Rows) -> tuple[Rows, Rows]:
    """A window without the training rows of groups that it holds out."""
    return rest[~np.isin(groups[rest], groups[held])], held


def usable(parts: list[tuple[Rows, Rows]], labels: ArrayLike | None) -> list[tuple[Rows, Rows]]:
    """Those parts where rows to learn from show two classes, one of which is held out too; without labels, two rows.

    Example:
        >>> usable([(np.array([0, 1]), np.array([2])), (np.array([0, 1, 2]), np.array([3]))], [1, 1, 0, 0])
        [(array([0, 1, 2]), array([3]))]
    """
    if labels is None:
        return [(rest, held) for rest, held in parts if len(rest) > 1]
    known = np.asarray(labels)
    shown = [(np.unique(known[rest]), rest, held) for rest, held in parts]
    return [(rest, held) for names, rest, held in shown if len(names) > 1 and np.isin(known[held], names).any()]
