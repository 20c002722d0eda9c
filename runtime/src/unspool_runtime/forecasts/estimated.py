"""Methods whose parameters are estimated from each history: native code, or NumPy with the same bits."""

import ctypes

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import native
from unspool_runtime.forecasts.arima_reference import arima
from unspool_runtime.forecasts.setup import within_reach
from unspool_runtime.forecasts.smoothing_reference import exponential_smoothing, theta
from unspool_runtime.native import pointer

_SMOOTHING = {"theta method": theta, "exponential smoothing": exponential_smoothing}
"""In the order of their numbers in native code."""
_REFERENCES = _SMOOTHING | {"ARIMA": arima}
KINDS = tuple(_REFERENCES)
"""The kinds of these models."""


def continued(kind: str, history: NDArray[np.float64], horizon: int, season: int) -> NDArray[np.float64]:
    """Forecast the next steps of a history (T,), (H,).

    Raises:
        MemoryError: there is not enough memory.
    """
    return within_reach(_continued(kind, history, horizon, season), history)


def _continued(kind: str, history: NDArray[np.float64], horizon: int, season: int) -> NDArray[np.float64]:
    code = native.library()
    if code is None:
        return _REFERENCES[kind](history, horizon, season)
    found, offsets = np.empty(horizon), np.array([0, len(history)])
    histories = (pointer(np.ascontiguousarray(history), np.float64), pointer(offsets, np.int64))
    sizes, ends = map(ctypes.c_int64, (1, season)), (pointer(found, np.float64), ctypes.c_int64(1))
    if kind in _SMOOTHING:
        method = ctypes.c_int64(list(_SMOOTHING).index(kind))
        failed = code.unspool_smoothing(*histories, *sizes, method, ctypes.c_int64(horizon), *ends)
    else:
        failed = code.unspool_arima(*histories, *sizes, ctypes.c_int64(horizon), *ends)
    if failed:
        raise MemoryError("not enough memory to forecast")
    return found
