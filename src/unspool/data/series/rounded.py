"""Channels whose numbers are so large and so close together that 32 bits hide how they change, such as Unix times."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.rounding import exceeds, is_rounded_away
from unspool.data.tables.problems import Flaw, Reason

Floats = NDArray[np.float64]

LARGE = 1e5
"""Only channels with a number of at least this size are looked at: of smaller ones, rounding changes less than .004."""

FIX = "Subtract the same number from all of them, in all series"
FIX_IN_USE = "Train a model on such numbers with the same number subtracted from all of them, and subtract it here, too"


def rounded_channel(series: NDArray[Any]) -> int | None:
    """The first channel of a series, (T, C) in 64 bits, of which rounding to 32 bits hides how it changes.

    Example:
        >>> seconds = 1.7e9 + np.arange(5.0)
        >>> rounded_channel(np.stack([np.arange(5.0), seconds], axis=1)), rounded_channel(seconds[:, None] - 1.7e9)
        (1, None)
    """
    if series.dtype.itemsize <= 4:
        return None
    large = np.flatnonzero((np.abs(series) >= LARGE).any(axis=0)).tolist()
    return next((channel for channel in large if is_rounded_away(series[:, channel])), None)


def rounded(detail: str, column: str | None, fix: str = FIX) -> Flaw:
    """What is wrong with such a series; the detail names what has the numbers."""
    detail = f"{detail} has numbers too large and too close together for 32-bit precision"
    return Flaw(Reason.ROUNDED, detail, column, fix, FIX_IN_USE)


class RoundedSeries:
    """Finds such series while their rows go by, without keeping them in 64 bits.

    Numbers change from one row of a series to the next in the file, whatever their times.
    """

    def __init__(self) -> None:
        self._channels: dict[int, _Sums] = {}  # only of those with a large number

    def add(self, numbers: NDArray[np.int64], columns: Iterable[Floats]) -> None:
        """Take N rows: (N,) the numbers of their series, and each channel, (N,), NaN where a number is missing."""
        for channel, values in enumerate(columns):
            there = ~np.isnan(values)
            if (np.abs(values[there]) >= LARGE).any():
                self._channels.setdefault(channel, _Sums()).add(numbers[there], values[there])

    def found(self) -> dict[int, int]:
        """The first such channel of each series that has one, by the series' number."""
        first: dict[int, int] = {}
        for channel, sums in sorted(self._channels.items()):
            for number in sums.exceeding():
                first.setdefault(number, channel)
        return first


class _Sums:
    """Of each series, what rounding loses of one channel, and how its numbers change."""

    def __init__(self) -> None:
        self._sums, self._last = np.zeros((5, 0)), np.zeros(0)

    def add(self, numbers: NDArray[np.int64], values: Floats) -> None:
        self._make_room(int(numbers.max()) + 1)
        order = np.argsort(numbers, kind="stable")
        numbers, values = numbers[order], values[order]
        begins = np.diff(numbers, prepend=-1) > 0
        ends = np.append(begins[1:], True)
        steps = np.abs(values - np.where(begins, self._last[numbers], np.roll(values, 1)))  # NaN: the first of a series
        lost, rows, changed, changes, largest = self._sums
        np.add.at(lost, numbers, np.abs(values.astype(np.float32) - values))
        np.add.at(rows, numbers, 1)
        np.add.at(changed, numbers, np.nan_to_num(steps))
        np.add.at(changes, numbers, ~np.isnan(steps))
        np.maximum.at(largest, numbers, np.abs(values))
        self._last[numbers[ends]] = values[ends]

    def exceeding(self) -> list[int]:
        """The numbers of the series of which too much is lost."""
        lost, rows, changed, changes, largest = self._sums
        found = exceeds(lost / np.maximum(rows, 1), changed / np.maximum(changes, 1), largest)
        return np.flatnonzero(found).tolist()

    def _make_room(self, count: int) -> None:
        if count > len(self._last):
            more = max(count, 2 * len(self._last)) - len(self._last)
            self._sums = np.pad(self._sums, ((0, 0), (0, more)))
            self._last = np.pad(self._last, (0, more), constant_values=np.nan)
