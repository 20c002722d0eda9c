"""The day of the month on which steps of months are dated."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_DAY = 86_400.0


def day_of_months(times: NDArray[np.float64], before: int = 0) -> int:
    """The day of the month that all dates have in common, or the last day in shorter months; 0 if there is none.

    Args:
        times: in seconds since 1970.
        before: the day in training, which is taken if the dates agree with it, too; 0 if there was none.

    Example:
        >>> times = np.array([149.0, 180.0]) * 86400  # 30 May and 30 June
        >>> day_of_months(times), day_of_months(times, before=31), day_of_months(times[1:], before=31)
        (30, 30, 31)
        >>> day_of_months(np.array([0.0, 32.0]) * 86400)
        0
    """
    dates = np.floor(times / _DAY).astype(np.int64).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    days = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    lengths = ((months + np.timedelta64(1, "M")).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(
        np.int64
    )
    for day in (before, int(days.max(initial=0))):
        if day and (days == np.minimum(day, lengths)).all():
            return day
    return 0


def days_of_months(times: Sequence[NDArray[np.float64]], before: int = 0) -> NDArray[np.int64]:
    """(N,) the day of each of N series: that of all dates if they agree on one, else that of its own dates.

    Example:
        >>> february_and_april, may = np.array([58.0, 119.0]) * 86400, np.array([134.0]) * 86400
        >>> days_of_months([february_and_april, may]).tolist()
        [30, 15]
    """
    common = day_of_months(np.concatenate(times), before)
    return np.array([common or day_of_months(one, before) for one in times])
