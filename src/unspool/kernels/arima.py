"""Forecasts by seasonal ARIMA models: native, see `native/arima.h`, or by its reference."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unspool.kernels import arima_reference
from unspool.kernels.histories import forecast_histories


def arima(histories: Sequence[NDArray[np.float64]], horizon: int, season: int) -> NDArray[np.float64]:
    """Forecast histories, each estimated by itself: the bits depend neither on threads nor on the other histories.

    Args:
        histories: N, (T_i,) float64, finite and not empty.
        horizon: H, steps to forecast.
        season: steps of a season; 1 where there is none.

    Returns:
        (N, H).

    Raises:
        ValueError: a history is empty or not finite.
        MemoryError: there is not enough memory.

    Example:
        >>> arima([np.arange(20.0)], 3, 1).round(1).tolist()
        [[20.0, 21.0, 22.0]]
    """
    return forecast_histories("arima", arima_reference.arima, histories, horizon, season)
