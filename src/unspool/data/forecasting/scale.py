"""The unit of a series: how far, on average, a value is from the one a season before it."""

import numpy as np
from numpy.typing import NDArray


def seasonal_error(history: NDArray[np.floating], season: int) -> float:
    """The in-sample mean absolute error of the seasonal naive forecast, the unit of MASE (Hyndman and Koehler, 2006).

    Of a history of no more than a season, or one that repeats itself season by season, the error of the naive forecast;
    0 of a constant history.

    Args:
        history: (T,) values.
        season: in steps.

    Example:
        >>> seasonal_error(np.array([1.0, 5.0, 2.0, 7.0]), 2), seasonal_error(np.array([1.0, 4.0]), 2)
        (1.5, 3.0)
    """
    numbers = np.asarray(history, dtype=np.float64)
    for lag in (season, 1):
        if len(numbers) > lag:
            error = float(np.abs(numbers[lag:] - numbers[:-lag]).mean())
            if error > 1e-9 * max(1e-30, float(np.abs(numbers).max())):
                return error
    return 0.0
