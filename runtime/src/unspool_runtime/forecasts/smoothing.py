"""The theta method and exponential smoothing, estimated from each history: native code, or NumPy with the same bits."""

import ctypes

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import native
from unspool_runtime.forecasts.smoothing_reference import exponential_smoothing, theta
from unspool_runtime.native import pointer

METHODS = {"theta method": theta, "exponential smoothing": exponential_smoothing}
"""The reference of each kind of model, in the order of their numbers in native code."""


def smoothed(kind: str, history: NDArray[np.float64], horizon: int, season: int) -> NDArray[np.float64]:
    """Forecast the next steps of a history (T,), (H,).

    Raises:
        MemoryError: there is not enough memory.
    """
    code = native.library()
    if code is None:
        return METHODS[kind](history, horizon, season)
    found, offsets = np.empty(horizon), np.array([0, len(history)])
    failed = code.unspool_smoothing(
        pointer(np.ascontiguousarray(history), np.float64),
        pointer(offsets, np.int64),
        *map(ctypes.c_int64, (1, season, list(METHODS).index(kind), horizon)),
        pointer(found, np.float64),
        ctypes.c_int64(1),
    )
    if failed:
        raise MemoryError("not enough memory to forecast")
    return found
