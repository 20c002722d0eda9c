"""Features of each step of a series for models that tag steps: the steps around it, in NumPy.

unspool and unspool-runtime share this file.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NEAR = 2
"""Steps on either side whose numbers are features."""
WIDE = 8
"""Steps on either side over which the mean, standard deviation, minimum and maximum are taken."""
FAR = 64
"""Steps on either side over which the means of spans are taken, each twice as long as the one before."""


def near_steps(steps: NDArray[np.floating]) -> NDArray[np.float32]:
    """The numbers of each step of (T, C) and of its neighbours, (T, (2 NEAR + 1) C); end steps are repeated.

    Example:
        >>> near_steps(np.array([[1.0], [2.0], [3.0]])).tolist()
        [[1.0, 1.0, 1.0, 2.0, 3.0], [1.0, 1.0, 2.0, 3.0, 3.0], [1.0, 2.0, 3.0, 3.0, 3.0]]
    """
    return np.concatenate(_shifted(steps, NEAR), axis=1).astype(np.float32)


def wide_steps(steps: NDArray[np.floating]) -> NDArray[np.float32]:
    """`near_steps`, and four statistics of each channel over a wider window, (T, (2 NEAR + 5) C).

    Sums run in the order of time over differences from the step itself, so that every implementation has the same bits:
    trees may tell a deviation of 0 from one of 1e-17.

    Example:
        >>> wide_steps(np.array([[4.0], [4.0]]))[0].tolist()
        [4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 0.0, 4.0, 4.0]
    """
    given = np.asarray(steps, np.float64)
    around = _shifted(given, WIDE)
    total = np.zeros_like(given)
    for one in around:
        total += one - given
    mean = total / len(around)
    squares = np.zeros_like(given)
    for one in around:
        apart = one - given - mean
        squares += apart * apart
    lowest, highest = np.minimum.reduce(around), np.maximum.reduce(around)
    found = (given + mean, np.sqrt(squares / len(around)), lowest, highest)
    return np.concatenate([*_shifted(given, NEAR), *found], axis=1).astype(np.float32)


def far_steps(steps: NDArray[np.floating]) -> NDArray[np.float32]:
    """`wide_steps`, and the means of the 8, 16 and 32 steps beyond, (T, (2 NEAR + 11) C).

    For each of the three, first before the step, then after it. Sums are added up in pairs, so that the mean of equal
    numbers is that number.

    Example:
        >>> far_steps(np.arange(200.0)[:, None])[100, -6:].tolist()
        [87.5, 112.5, 75.5, 124.5, 51.5, 148.5]
    """
    count, size = len(steps), 1
    total = np.pad(np.asarray(steps, np.float64), ((FAR, FAR), (0, 0)), mode="edge")
    found = [wide_steps(steps)]
    while size < FAR:
        if size >= WIDE:
            starts = FAR - 2 * size, FAR + size + 1
            found += [(total[start : start + count] / size).astype(np.float32) for start in starts]
        total = total[:-size] + total[size:]
        size *= 2
    return np.concatenate(found, axis=1)


WINDOWS: dict[str, Callable[[NDArray[np.floating]], NDArray[np.float32]]] = {
    "near": near_steps,
    "wide": wide_steps,
    "far": far_steps,
}
"""By the name that a saved model has for it."""


def _shifted(steps: NDArray[np.floating], most: int) -> list[Floats]:
    """(T, C) the neighbours of all steps at each distance, from `most` before to `most` after."""
    padded = np.pad(np.asarray(steps, np.float64), ((most, most), (0, 0)), mode="edge")
    return [padded[start : start + len(steps)] for start in range(2 * most + 1)]
