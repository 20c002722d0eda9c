"""What rounding to 32 bits does to a series."""

import numpy as np
from numpy.typing import NDArray

_ROUNDED, _NOISE = 0.25, 1e-11


def is_rounded_away(values: NDArray[np.float64]) -> bool:
    """Whether rounding to 32 bits hides much of how a series changes: more than a quarter of its mean step.

    Args:
        values: (T,) in 64 bits, NaN where one is missing. Changes that may be their own rounding do not count.

    Example:
        >>> steps = np.arange(5.0)
        >>> is_rounded_away(1e9 + steps), is_rounded_away(1e6 + steps), is_rounded_away(np.full(5, 0.1))
        (True, False, False)
    """
    there = values[~np.isnan(values)]
    changed = float(np.abs(np.diff(there)).mean()) if len(there) > 1 else 0.0
    lost = float(np.abs(there.astype(np.float32) - there).mean()) if changed else 0.0
    largest = float(np.abs(there).max(initial=0.0))
    return lost > _ROUNDED * changed and changed > _NOISE * largest
