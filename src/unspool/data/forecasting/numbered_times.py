"""Times that are plain numbers in a table, but may be dates: Excel's days, or seconds since 1970."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from unspool.data.forecasting.time_step import TimeStep

_DAY = 86_400.0
_EXCEL = 25_569
"""1970 began on this day, as Excel counts."""
_CLOCKS = (
    ((30_000, 60_000), "days as Excel counts them", _DAY, 'unit="D", origin="1899-12-30"'),
    ((9e8, 2.2e9), "seconds since 1970", 1.0, 'unit="s"'),
    ((9e11, 2.2e12), "milliseconds since 1970", 1e-3, 'unit="ms"'),
)
"""Numbers that are usual for a date of about our time, in which unit."""

_YEARS = (1000, 2200)
_FEWEST = 3  # different numbers that show that they are dates


def words_on_numbers(name: str, starts: NDArray[np.float64]) -> Iterator[str]:
    """Say what else the times of a column of numbers may be, by the first time of each series."""
    for (least, most), what, seconds, convert in _CLOCKS:
        if least <= starts.min() and starts.max() <= most:
            date = TimeStep("second").shown_time((float(starts[0]) - (_EXCEL if seconds == _DAY else 0)) * seconds)
            yield (
                f"times in column {name} are plain numbers, without a calendar; if they are {what} ({starts[0]:.0f} is "
                f"{date}), convert them to dates, in pandas with to_datetime(times, {convert})"
            )


def example_of_points(times: NDArray[np.float64]) -> tuple[str, str] | None:
    """How a number that is a year, a point and a month or a quarter is written, and how its date is; None for others.

    Args:
        times: plain numbers.

    Example:
        >>> example_of_points(np.array([2025.11, 2025.12, 2026.01]))
        ('2025.11', '2025-11')
        >>> example_of_points(np.array([1949.0, 1949.083, 1949.167])) is None
        True
    """
    different = np.unique(times)
    if len(different) < _FEWEST or different[0] < _YEARS[0] or different[-1] > _YEARS[1]:
        return None
    years = np.floor(different)
    for decimals, most, mark in ((2, 12, "-"), (1, 4, "-Q")):
        within = (different - years) * 10**decimals
        whole = np.rint(within)
        # Tenths of years begin so, too, but go on to .9.
        several = decimals == 2 or years[-1] > years[0]
        if several and (np.abs(within - whole) < 1e-6).all() and whole.min() >= 1 and whole.max() <= most:
            return f"{different[0]:.{decimals}f}", f"{years[0]:.0f}{mark}{whole[0]:0{decimals}.0f}"
    return None
