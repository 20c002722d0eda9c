"""The unit of a series: how far, on average, a value is from the one a season before; how that differs over time."""

import numpy as np
from numpy.typing import NDArray

_MOST_SEASONS = 64
"""The last ones of a history that tell how places in a season differ."""
_USUAL = 4
"""Seasons that a place in a season counts as having changed as much as the others."""
_RECENT_SEASONS, _RECENT_STEPS = 4, 40
"""What is recent: the last 4 seasons, or 40 steps if these are more. A quarter as many count as usual, too."""


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


def change_by_place(history: NDArray[np.floating], season: int, horizon: int) -> NDArray[np.float64]:
    """How much values change from season to season at the place of each step ahead, as a multiple of the usual change.

    At night, the sun shines as little as the night before; at noon, much more or less than the day before. As few
    seasons tell little about a place, each place counts as having changed as usual in four more.

    Args:
        history: (T,) values.
        season: in steps.
        horizon: H, steps ahead.

    Returns:
        (H,) all 1 if there is no season, if fewer than three are known, or if nothing changes.

    Example:
        >>> change_by_place(np.tile([0.0, 5.0, 0.0, 9.0], 50), season=2, horizon=3).round(2).tolist()
        [0.06, 1.94, 0.06]
    """
    seasons = min(len(history) // season, _MOST_SEASONS + 1)
    if season == 1 or seasons < 3:
        return np.ones(horizon)
    values = np.asarray(history[len(history) - seasons * season :], dtype=np.float64).reshape(seasons, season)
    changes = np.abs(np.diff(values, axis=0))
    usual = float(changes.mean())
    if not usual > 0:
        return np.ones(horizon)
    of_places = (changes.sum(axis=0) / usual + _USUAL) / (len(changes) + _USUAL)
    return np.asarray(of_places[np.arange(horizon) % season])


def recent_change(history: NDArray[np.floating], season: int) -> float:
    """How much values have changed from season to season recently, as a multiple of the usual change.

    Prices change more in a crisis, and sunshine varies less in winter. The mean change over the last 4 seasons, or 40
    steps if these are more, is drawn towards the usual one, as if a quarter as many steps had changed as usual.

    Args:
        history: (T,) values.
        season: in steps.

    Returns:
        1 if nothing changes.

    Example:
        >>> round(recent_change(np.concatenate([np.tile([0.0, 9.0], 60), np.zeros(40)]), season=1), 2)
        0.23
    """
    lag = season if len(history) > season else 1
    values = np.asarray(history, dtype=np.float64)
    changes = np.abs(values[lag:] - values[:-lag])
    usual = float(changes.mean()) if len(changes) else 0.0
    if not usual > 0:
        return 1.0
    recent = max(_RECENT_SEASONS * season, _RECENT_STEPS)
    counted, as_usual = min(len(changes), recent), recent / 4
    return (float(changes[-counted:].sum()) / usual + as_usual) / (counted + as_usual)
