"""Forecasts by the theta method and exponential smoothing: native, see `native/smoothing.h`, or by its reference."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unspool.kernels.histories import forecast_histories
from unspool.kernels.smoothing_reference import exponential_smoothing, theta

METHODS = {"theta": theta, "ets": exponential_smoothing}
"""The reference of each method by name, in the order of their numbers in native code."""


def smoothing(method: str, histories: Sequence[NDArray[np.float64]], horizon: int, season: int) -> NDArray[np.float64]:
    """Forecast histories, each estimated by itself: the bits depend neither on threads nor on the other histories.

    Args:
        method: "theta" or "ets", exponential smoothing.
        histories: N, (T_i,) float64, finite and not empty.
        horizon: H, steps to forecast.
        season: steps of a season; 1 where there is none.

    Returns:
        (N, H).

    Raises:
        ValueError: a history is empty or not finite.
        MemoryError: there is not enough memory.

    Example:
        >>> smoothing("ets", [np.arange(20.0)], 3, 1).round(1).tolist()
        [[20.0, 21.0, 22.0]]
    """
    return forecast_histories("smoothing", METHODS[method], histories, horizon, season, list(METHODS).index(method))
