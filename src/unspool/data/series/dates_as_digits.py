"""Times that are the digits of dates in a table of numbers: 202401, 20240131 or 20240131235950."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

_MONTHS = ("%Y%m", "", "%Y-%m", 190_001, 209_912)
_WEEKS = ("%G%V%u", "1", "%G-W%V", 190_001, 209_953)
_DAYS = ("%Y%m%d", "", "%Y-%m-%d", 19_000_101, 20_991_231)
_MINUTES = ("%Y%m%d%H%M", "", "%Y-%m-%d %H:%M", 190_001_010_000, 209_912_312_359)
_SECONDS = ("%Y%m%d%H%M%S", "", "%Y-%m-%d %H:%M:%S", 19_000_101_000_000, 20_991_231_235_959)
"""How a date is written as a number, what to add to read it, how else it is written, and the numbers that are usual."""


@dataclass(frozen=True, slots=True)
class DatesAsDigits:
    """Times that are the digits of dates, such as 20260131 for 31 January 2026.

    Attributes:
        seconds: (N,) since 1970.
        example: how the first one is written, and how it is read.
    """

    seconds: NDArray[np.float64]
    example: tuple[str, str]


def digits_of_dates(times: NDArray[np.float64], *, weeks: bool = False, dates: bool = False) -> DatesAsDigits | None:
    """Find out whether (N,) numbers are the digits of dates: 202412 and 202501 are a month apart, not 89 steps.

    Args:
        times: the numbers.
        weeks: whether six digits are a year and a week, as in ISO 8601, rather than a year and a month.
        dates: whether times are known to be dates: then one is enough, while otherwise it takes two different ones.

    Returns:
        None if they are not.

    Example:
        >>> digits_of_dates(np.array([202411.0, 202412.0, 202501.0])).example
        ('202411', '2024-11')
        >>> digits_of_dates(np.array([20240131.0, 20240201.0])).seconds.tolist()
        [1706659200.0, 1706745600.0]
        >>> digits_of_dates(np.array([20240131235950.0, 20240201000000.0])).example
        ('20240131235950', '2024-01-31 23:59:50')
        >>> digits_of_dates(np.array([202451.0, 202452.0, 202501.0]), weeks=True).example
        ('202451', '2024-W51')
    """
    if not len(times) or times.min() < _MONTHS[3]:
        return None
    different, places = np.unique(times, return_inverse=True)
    for read, added, write, least, most in (_WEEKS if weeks else _MONTHS, _DAYS, _MINUTES, _SECONDS):
        if (
            len(different) < (1 if dates else 2)
            or different[0] < least
            or different[-1] > most
            or (different % 1).any()
        ):
            continue
        try:
            found = [datetime.strptime(f"{time:.0f}{added}", read).replace(tzinfo=UTC) for time in different]
        except ValueError:
            continue
        seconds = np.array([date.timestamp() for date in found])
        return DatesAsDigits(seconds[places], (f"{times[0]:.0f}", found[int(places[0])].strftime(write)))
    return None
