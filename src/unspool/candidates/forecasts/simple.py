"""Forecasts from the history alone, without training: naive, seasonal naive, drift, means and medians."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

_SEASONS = 8
_MOST_STEPS = 1_000

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
    return np.resize(_last_seasons(history, season).mean(axis=0), horizon)


def seasonal_median(history: NDArray[np.float64], horizon: int, season: int) -> NDArray[np.float64]:
    """The same with the median.

    Example:
        >>> seasonal_median(np.array([9.0, 1.0, 2.0, 3.0, 6.0, 0.0, 7.0]), 3, 2).tolist()
        [1.0, 6.0, 1.0]
    """
    return np.resize(np.median(_last_seasons(history, season), axis=0), horizon)


def median(history: NDArray[np.float64], horizon: int, season: int) -> NDArray[np.float64]:
    """The median of all values of the last eight seasons, or of a shorter history.

    Of small counts, many of them 0, such as daily sales of an item, it is hard to beat by the absolute error.

    Example:
        >>> median(np.array([9.0, 0.0, 0.0, 4.0, 0.0]), 2, 7).tolist()
        [0.0, 0.0]
    """
    return np.full(horizon, np.median(history[-_SEASONS * season :]))


def without_pattern(
    history: NDArray[np.float64], horizon: int, season: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The last steps of a history without the pattern of a season, (S,), and the pattern of the steps ahead, (H,).

    The pattern is the mean difference, at each place of the season, from the centred moving average. The last 1,000
    steps are read, or the last three seasons if these are longer; there must be two seasons. Sums are in the order of
    the steps, so that exported pages give the same bits.

    Example:
        >>> rest, ahead = without_pattern(np.array([1.0, 3.0, 2.0, 4.0, 3.0, 5.0]), 3, 2)
        >>> rest.tolist(), ahead.tolist()
        ([1.75, 2.25, 2.75, 3.25, 3.75, 4.25], [-0.75, 0.75, -0.75])
    """
    history = history[-max(_MOST_STEPS, 3 * season) :]
    sums = np.concatenate([[0.0], np.cumsum(history - history[0])])
    totals = sums[season:] - sums[:-season]
    middle = totals / season if season % 2 else (totals[1:] + totals[:-1]) / (2 * season)
    before = season // 2
    off = history[before : before + len(middle)] - (middle + history[0])
    found, counts = np.zeros(season), np.zeros(season)
    for start in range(0, len(off), season):
        part = off[start : start + season]
        places = (before + start + np.arange(len(part))) % season
        found[places] += part
        counts[places] += 1
    found /= counts
    found -= np.cumsum(found)[-1] / season
    pattern = found[np.arange(len(history) + horizon) % season]
    return history - pattern[: len(history)], pattern[len(history) :]


def _last_seasons(history: NDArray[np.float64], season: int) -> NDArray[np.float64]:
    """(S, m) the last seasons, at most eight; (1, 1) the last value of a history of less than one."""
    seasons = min(_SEASONS, len(history) // season)
    if not seasons:
        return history[-1:, None]
    return history[len(history) - seasons * season :].reshape(seasons, season)


SIMPLE: dict[str, Continue] = {
    "naive": naive,
    "seasonal-naive": seasonal_naive,
    "drift": drift,
    "median": median,
    "seasonal-mean": seasonal_mean,
    "seasonal-median": seasonal_median,
}
"""By name."""
NAIVE = (*(name for name in SIMPLE if name != "median"), "seasonal-naive-week")
"""Those that a blend leaves out unless they are the best. Of small counts, little is better than the median."""
