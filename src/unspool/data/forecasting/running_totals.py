"""Series that add up, such as the readings of a meter, which begin again when it is replaced."""

import numpy as np
from numpy.typing import NDArray

_FEWEST = 30  # known values that tell
_RESET, _MOST_RESETS = 0.1, 0.05
"""A total that begins again falls below a tenth of what it was; that happens at no more than one step in twenty."""
_RISES = 0.5  # of the steps, at least


def is_running_total(values: NDArray[np.floating]) -> bool:
    """Whether a series only rises, but for falls to nearly nothing, as the readings of a meter do.

    Args:
        values: (T,) NaN where one is missing.

    Example:
        >>> readings = np.cumsum(np.tile([3.0, 0, 5], 20))
        >>> is_running_total(readings), is_running_total(np.append(readings, readings))
        (True, True)
        >>> is_running_total(np.append(readings, readings[-1] - 1)), is_running_total(np.full(40, 5.0))
        (False, False)
    """
    there = values[~np.isnan(values)]
    if len(there) < _FEWEST or there.min() < 0:
        return False
    changes = np.diff(there)
    falls = changes < 0
    begins_again = there[1:][falls] < _RESET * there[:-1][falls]
    return bool(begins_again.all() and falls.mean() <= _MOST_RESETS and (changes > 0).mean() >= _RISES)
