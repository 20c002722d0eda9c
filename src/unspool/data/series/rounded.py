"""Channels whose numbers are so large and so close together that 32 bits hide how they change, such as Unix times."""

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.tables.problems import Flaw, Reason

Floats = NDArray[np.float64]

LARGE = 1e5
"""Only channels with a number of at least this size are looked at: of smaller ones, rounding changes less than .004."""

FIX = "Subtract the same number from all of them, in all series"
FIX_IN_USE = "Train a model on such numbers with the same number subtracted from all of them, and subtract it here, too"

_LOST, _NOISE = 0.5, 1e-11


def rounded_channel(series: NDArray[Any]) -> int | None:
    """The first channel of a series, (T, C) in 64 bits, of whose changes rounding to 32 bits loses over half.

    Changes that may be their own rounding do not count, nor do missing numbers, NaN.

    Example:
        >>> seconds = 1.7e9 + np.arange(5.0)
        >>> rounded_channel(np.stack([np.arange(5.0), seconds], axis=1)), rounded_channel(seconds[:, None] - 1.7e9)
        (1, None)
    """
    if series.dtype.itemsize <= 4:
        return None
    large = np.flatnonzero((np.abs(series) >= LARGE).any(axis=0)).tolist()
    one = np.zeros(len(series), np.int64)
    return next((channel for channel in large if _lose_changes(one, series[:, channel], 1)[0]), None)


def _lose_changes(numbers: NDArray[np.int64], values: NDArray[Any], count: int) -> NDArray[np.bool_]:
    """Whether rounding loses over half of the changes of each of so many series, one after the other in N rows."""
    there = ~np.isnan(values)
    numbers, values = numbers[there], values[there].astype(np.float64)
    follows = numbers[1:] == numbers[:-1]
    steps, rounded_steps = (np.diff(one)[follows] for one in (values, values.astype(np.float32).astype(np.float64)))
    lost, changed, steps_of = (
        np.bincount(numbers[1:][follows], weights, count)
        for weights in (np.abs(rounded_steps - steps), np.abs(steps), None)
    )
    largest = np.zeros(count)
    np.maximum.at(largest, numbers, np.abs(values))
    enough = changed > _NOISE * largest * steps_of
    found: NDArray[np.bool_] = (largest >= LARGE) & enough & (lost > _LOST * changed)
    return found


def rounded(detail: str, column: str | None, fix: str = FIX) -> Flaw:
    """What is wrong with such a series; the detail names what has the numbers."""
    detail = f"{detail} has numbers too large and too close together for 32-bit precision"
    return Flaw(Reason.ROUNDED, detail, column, fix, FIX_IN_USE)


class Remainders:
    """What rounding to 32 bits takes from the rows of a table, of channels with large numbers alone.

    With it, their numbers are known as they were, without keeping all in 64 bits.
    """

    def __init__(self) -> None:
        self._of_channels: dict[int, array[float]] = {}

    def add(self, before: int, columns: Sequence[Floats]) -> None:
        """Take the numbers of N rows, each channel (N,), after so many rows before them."""
        for channel, values in enumerate(columns):
            if channel in self._of_channels or (np.abs(values) >= LARGE).any():
                kept = self._of_channels.setdefault(channel, array("f", bytes(4 * before)))
                kept.frombytes((values - values.astype(np.float32)).astype(np.float32).tobytes())

    def found(
        self, series: NDArray[np.int64], values: NDArray[np.float32], order: NDArray[np.int64]
    ) -> dict[int, tuple[int, int]]:
        """The first channel of each series of whose changes too much is lost, and the series' first row.

        Args:
            series: (N,) the number of each row's series, in order.
            values: (N, C) in 32 bits.
            order: (N,) which of the rows that were added each is.
        """
        first: dict[int, tuple[int, int]] = {}
        for channel, kept in sorted(self._of_channels.items()):
            exact = values[:, channel] + np.frombuffer(kept, np.float32)[order].astype(np.float64)
            for number in np.flatnonzero(_lose_changes(series, exact, int(series.max(initial=-1)) + 1)).tolist():
                first.setdefault(number, (channel, int(np.searchsorted(series, number))))
        return first
