"""The weighted mean of what several models say."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def weighted_mean(outputs: Sequence[NDArray[np.float64]], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of arrays of one shape, each times its weight; its bits do not depend on threads.

    Example:
        >>> weighted_mean([np.array([1.0, 2.0]), np.array([3.0, 6.0])], np.array([0.75, 0.25])).tolist()
        [1.5, 3.0]
    """
    total = np.zeros_like(outputs[0])
    for one, weight in zip(outputs, weights, strict=True):
        total += weight * one
    return total
