"""Numbers that stand for missing ones, such as -9999."""

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_NINES = re.compile(r"-?9{2,}(\.9+)?")
_LIMITS = np.array([2.0**15, 2.0**16 - 1, 2.0**31, 1e20, 1e30, 1e36])
"""Of the usual types of whole numbers, and very large numbers."""


class StandIn(NamedTuple):
    """A number, and how often it occurs."""

    number: float
    times: int

    def in_words(self, where: str) -> str:
        """What it may be, as a remark on a column or a channel."""
        often = "once" if self.times == 1 else f"{self.times:,} times"
        return f"{where} contains {self.number:.7g} ({often}), far from all its other numbers"


def stand_in(values: NDArray[np.floating]) -> StandIn | None:
    """The number that probably stands for missing ones, if there is one.

    It has a usual form, is the least or the greatest number, and is further from the others than they are apart.

    Args:
        values: (N,), NaN where there is no number.

    Example:
        >>> stand_in(np.array([3.0, -9999, 5, 4, -9999])), stand_in(np.array([97.0, 98, 99]))
        (StandIn(number=-9999.0, times=2), None)
    """
    there = values[~np.isnan(values)]
    if not len(there):
        return None
    for end in (float(there.min()), float(there.max())):
        written = np.format_float_positional(values.dtype.type(end), trim="-")  # a float32 of 999.9 as such
        if not _NINES.fullmatch(written) and not np.isclose(abs(end), _LIMITS, rtol=1e-4, atol=0).any():
            continue
        others = there[there != end]
        if len(others) and float(np.abs(others - end).min()) > float(np.ptp(others)) > 0:
            return StandIn(end, len(there) - len(others))
    return None
