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


def words_on_numbers(name: str, starts: NDArray[np.float64]) -> Iterator[str]:
    """Say what else the times of a column of numbers may be, by the first time of each series."""
    for (least, most), what, seconds, convert in _CLOCKS:
        if least <= starts.min() and starts.max() <= most:
            date = TimeStep("second").shown_time((float(starts[0]) - (_EXCEL if seconds == _DAY else 0)) * seconds)
            yield (
                f"times in column {name} are plain numbers, without a calendar; if they are {what} ({starts[0]:.0f} is "
                f"{date}), convert them to dates, in pandas with to_datetime(times, {convert})"
            )
