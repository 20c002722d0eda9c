"""What the calendar says of steps, as columns of numbers that are known ahead.

The trainer and the runtime share this file.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_DAY = 86_400.0
_DAYS_OF_WEEK = 7
_YEAR = 365.2425 * _DAY


def calendar_columns(times: NDArray[np.floating[Any]], step: float, month_days: bool) -> NDArray[np.float32]:
    """(T, K) what the calendar says of T steps.

    For steps shorter than a day: seven columns for the days of the week, Monday first, of which one is 1. For others:
    the time of year as sine and cosine waves and, with `month_days`, the days of the week (unless it is the same for
    all steps) and the day of the month, from 1.

    Args:
        times: (T,) in seconds since 1970.
        step: the length of a step in seconds, at most a week.
        month_days: whether to add the days of the week and of the month; false for models of earlier versions.

    Example:
        >>> thursday_and_friday = np.array([0.0, 86400])
        >>> calendar_columns(thursday_and_friday, 86400, month_days=True)[:, 4:].astype(int).tolist()
        [[0, 0, 0, 1, 0, 0, 0, 1], [0, 0, 0, 0, 1, 0, 0, 2]]
        >>> [calendar_columns(np.zeros(1), days * 86400, True).shape[1] for days in (0.5, 1, 7)]
        [7, 12, 5]
    """
    days = np.floor(times / _DAY).astype(np.int64)
    weekdays = (days[:, None] + 3) % _DAYS_OF_WEEK == np.arange(_DAYS_OF_WEEK)  # 1970 began on a Thursday
    if step < _DAY:
        return np.asarray(weekdays, np.float32)
    angle = 2 * np.pi * times / _YEAR
    columns: list[NDArray[Any]] = [np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)]
    if month_days:
        dates = days.astype("datetime64[D]")
        same_weekday = step % (_DAYS_OF_WEEK * _DAY) == 0
        columns += [] if same_weekday else list(weekdays.T)
        columns.append((dates - dates.astype("datetime64[M]")).astype(np.int64) + 1)
    return np.stack(columns, axis=1).astype(np.float32)
