"""Forecast histories by native code or by a method's reference, see `native/histories.h`."""

import ctypes
from collections.abc import Sequence

import numpy as np

from unspool.kernels import plain
from unspool.kernels.flat_series import bounds
from unspool.kernels.histories_reference import Floats, Method
from unspool.kernels.plain import pointer


def forecast_histories(
    name: str,
    reference: Method,
    histories: Sequence[Floats],
    horizon: int,
    season: int,
    *method: int,
) -> Floats:
    """Forecast N histories, each by itself, with a function of native/unspool.h or with its reference: (N, H).

    Args:
        name: of the function, without `unspool_`.
        reference: forecasts one history, given the horizon and the season.
        histories: N, (T_i,) float64.
        horizon: H, steps to forecast.
        season: steps of a season; 1 where there is none.
        method: the arguments of the function between season and horizon.

    Raises:
        ValueError: a history is empty or not finite.
        MemoryError: there is not enough memory.
    """
    if not all(one.size and np.isfinite(one).all() for one in histories):
        raise ValueError("histories must be finite and not empty")
    library = plain.library()
    found = np.empty((len(histories), horizon))
    if library is None:
        for row, one in enumerate(histories):
            found[row] = reference(one, horizon, season)
        return found
    if not len(histories):
        return found
    values = np.ascontiguousarray(np.concatenate(histories), np.float64)
    offsets = bounds([len(one) for one in histories])
    failed = getattr(library.code, f"unspool_{name}")(
        pointer(values, np.float64),
        pointer(offsets, np.int64),
        *map(ctypes.c_int64, (len(histories), season, *method, horizon)),
        pointer(found, np.float64),
        ctypes.c_int64(library.threads),
    )
    if failed:
        raise MemoryError("not enough memory to forecast these series")
    return found
