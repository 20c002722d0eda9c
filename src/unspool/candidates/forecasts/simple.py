"""Forecasts from the history alone, without training: naive, seasonal naive, drift, seasonal mean."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

_MEAN_SEASONS = 8

Continue = Callable[[NDArray[np.float64], int, int], NDArray[np.float64]]
"""Gives (H,) from a history (T,), the horizon and the season."""


def naive(history: NDArray[np.float64], horizon: int, season: int) -> NDArray[np.float64]:
    """The last value.

    Example:
        >>> naive(np.array([1.0, 3.0]), 2, 1).tolist()
        [3.0, 3.0]
    """
    return np.full(horizon, history[-1])


def seasonal_naive(history: NDArray[np.float64], horizon: int, season: int) -> NDArray[np.float64]:
    """The value a season before; of a shorter history the last one.

    Example:
        >>> seasonal_naive(np.array([9.0, 1.0, 2.0, 3.0]), 5, 3).tolist()
        [1.0, 2.0, 3.0, 1.0, 2.0]
    """
    if len(history) < season:
        return naive(history, horizon, season)
    return np.resize(history[len(history) - season :], horizon)


def drift(history: NDArray[np.float64], horizon: int, season: int) -> NDArray[np.float64]:
    """The last value, and the mean change of the history added at each step.

    Example:
        >>> drift(np.array([1.0, 5.0, 3.0]), 2, 1).tolist()
        [4.0, 5.0]
    """
    slope = (history[-1] - history[0]) / max(1, len(history) - 1)
    return np.asarray(history[-1] + slope * np.arange(1, horizon + 1))


def seasonal_mean(history: NDArray[np.float64], horizon: int, season: int) -> NDArray[np.float64]:
    """The mean of the last eight seasons, or of as many as there are; of a history of less than one, the last value.

    Example:
        >>> seasonal_mean(np.array([9.0, 1.0, 2.0, 3.0, 6.0]), 3, 2).tolist()
        [2.0, 4.0, 2.0]
    """
    seasons = min(_MEAN_SEASONS, len(history) // season)
    if not seasons:
        return naive(history, horizon, season)
    return np.resize(history[len(history) - seasons * season :].reshape(seasons, season).mean(axis=0), horizon)


SIMPLE: dict[str, Continue] = {
    "naive": naive,
    "seasonal-naive": seasonal_naive,
    "drift": drift,
    "seasonal-mean": seasonal_mean,
}
"""By name."""
