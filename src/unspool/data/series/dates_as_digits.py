"""Times that are the digits of dates in a table of numbers: 202401, 20240131 or 20240131235950."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from unspool.data.tables.periods import no_such_week

_MONTHS = ("%Y%m", "", "%Y-%m", 190_001, 209_912, 0)
_WEEKS = ("%G%V%u", "1", "%G-W%V", 190_001, 209_953, 0)
_DAYS = ("%Y%m%d", "", "%Y-%m-%d", 19_000_101, 20_991_231, 0)
_MINUTES = ("%Y%m%d", "", "%Y-%m-%d %H:%M", 190_001_010_000, 209_912_312_359, 4)
_SECONDS = ("%Y%m%d", "", "%Y-%m-%d %H:%M:%S", 19_000_101_000_000, 20_991_231_235_959, 6)
"""How a date is written as a number, a suffix needed for parsing, its format in messages, the numbers that are usual,
and how many digits of the time of day follow."""


@dataclass(frozen=True, slots=True)
class DatesAsDigits:
    """Times that are the digits of dates, such as 20260131 for 31 January 2026.

    Attributes:
        seconds: (N,) since 1970.
        example: how the first one is written, and how it is read.
    """

    seconds: NDArray[np.float64]
    example: tuple[str, str]


def digits_of_dates(
    times: NDArray[np.float64], *, months: bool = True, weeks: bool = False, dates: bool = False
) -> DatesAsDigits | None:
    """Find out whether (N,) numbers are the digits of dates: 202412 and 202501 are a month apart, not 89 steps.

    Args:
        times: the numbers.
        months: whether six digits may be dates.
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
    least, most = times.min(initial=np.inf), times.max(initial=-np.inf)
    six_digits = [_WEEKS if weeks else _MONTHS] if months else []
    for read, added, write, usual, latest, clock in (*six_digits, _DAYS, _MINUTES, _SECONDS):
        if not usual <= least <= most <= latest or (least == most and not dates) or (times % 1).any():
            continue
        days, of_day = np.divmod(times, 10.0**clock)
        different, places = np.unique(days, return_inverse=True)
        seconds = _seconds_of_day(of_day if clock == 6 else 100 * of_day)
        try:
            found = [datetime.strptime(f"{day:.0f}{added}", read).replace(tzinfo=UTC).timestamp() for day in different]
        except ValueError:
            continue
        if seconds is not None:
            seconds += np.array(found)[places]
            return DatesAsDigits(seconds, (f"{times[0]:.0f}", datetime.fromtimestamp(seconds[0], UTC).strftime(write)))
    return None


def first_of_no_week(times: NDArray[np.float64]) -> int | None:
    """If (N,) numbers look like years and weeks, the place of the first that is none in ISO 8601; else None.

    Example:
        >>> first_of_no_week(np.array([201452.0, 201453.0, 201501.0])), first_of_no_week(np.array([201553.0]))
        (1, None)
    """
    years, weeks = np.divmod(times, 100.0)
    if not len(times) or not 1900 <= years.min() <= years.max() <= 2099 or (times % 1).any() or weeks.max() > 53:
        return None
    for place in np.flatnonzero((weeks == 0) | (weeks == 53)).tolist():
        if no_such_week(int(years[place]), int(weeks[place])):
            return int(place)
    return None


def _seconds_of_day(digits: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Times of day such as 235950 as (N,) seconds; None if one is none."""
    hours, rest = np.divmod(digits, 10_000.0)
    minutes, seconds = np.divmod(rest, 100.0)
    if (hours > 23).any() or (minutes > 59).any() or (seconds > 59).any():
        return None
    found: NDArray[np.float64] = 3600 * hours + 60 * minutes + seconds
    return found
