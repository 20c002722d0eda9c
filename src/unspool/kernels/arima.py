"""Forecasts by seasonal ARIMA models: native, see `native/arima.h`, or by its reference."""

import ctypes
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unspool.kernels import arima_reference
from unspool.kernels.flat_series import native_library, pointer, threads_of


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
    if not all(one.size and np.isfinite(one).all() for one in histories):
        raise ValueError("histories must be finite and not empty")
    library = native_library()
    found = np.empty((len(histories), horizon))
    if library is None:
        for row, one in enumerate(histories):
            found[row] = arima_reference.arima(one, horizon, season)
        return found
    if not len(histories):
        return found
    values = np.ascontiguousarray(np.concatenate(histories), np.float64)
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in histories])]).astype(np.int64)
    failed = library.code.unspool_arima(
        pointer(values),
        pointer(offsets),
        *map(ctypes.c_int64, (len(histories), season, horizon)),
        pointer(found),
        ctypes.c_int64(threads_of(library)),
    )
    if failed:
        raise MemoryError("not enough memory to forecast these series")
    return found
