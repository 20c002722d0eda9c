"""Series of any lengths end to end, and what is done to them before features are taken."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.ragged import bounds

Floats32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class FlatSeries:
    """N series of C channels. Series i is `values[offsets[i]:offsets[i + 1]]`.

    Attributes:
        values: (M, C) float32, finite.
        offsets: (N + 1,) from 0 to M.
    """

    values: Floats32
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, series: list[Floats32], channels: int) -> "FlatSeries":
        """Lay N series, each (T, C), end to end."""
        values = np.concatenate(series) if series else np.zeros((0, channels))
        return cls(np.ascontiguousarray(values, np.float32), bounds([len(one) for one in series]))

    @property
    def channels(self) -> int:
        """How many numbers there are at each time step."""
        return int(self.values.shape[1])

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(N,) how many time steps each series has."""
        return np.diff(self.offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> Floats32:
        return self.values[self.offsets[index] : self.offsets[index + 1]]

    def part(self, start: int, stop: int) -> "FlatSeries":
        """Series start, start + 1, ..., stop - 1, without a copy."""
        offsets = self.offsets[start : stop + 1]
        return FlatSeries(self.values[offsets[0] : offsets[-1]], offsets - offsets[0])

    def differences(self) -> "FlatSeries":
        """x[t + 1] - x[t] of each series; of a series of fewer than two steps, nothing.

        Example:
            >>> FlatSeries.of([np.float32([[1.0], [4.0], [9.0]])], 1).differences()[0].ravel().tolist()
            [3.0, 5.0]
        """
        lengths = np.maximum(self.lengths - 1, 0)
        within = np.ones(len(self.values), dtype=bool)
        within[self.offsets[1:][self.lengths > 0] - 1] = False
        follows = np.flatnonzero(within)
        differences = self.values[np.minimum(follows + 1, len(self.values) - 1)] - self.values[follows]
        return FlatSeries(np.ascontiguousarray(differences), bounds(lengths))

    def each(self, size: int, features: Callable[[Floats32], Floats32]) -> Floats32:
        """Compute features of one series after the other, (N, size)."""
        found = np.zeros((len(self), size), np.float32)
        for row in range(len(self)):
            found[row] = features(self[row]).ravel()
        return found


def prepared(series: FlatSeries, scale: bool, origin: NDArray[np.float64] | None = None) -> tuple[FlatSeries, Floats32]:
    """Take from each channel of each series its mean, and with `scale` its standard deviation; or the origin (C,).

    Returns:
        The series, in which a constant channel is zero; and (N, 2 C + 1) what was taken: the mean of each channel, the
        logarithm of its standard deviation, and the logarithm of the length.
    """
    values = np.empty_like(series.values)
    level = np.zeros((len(series), 2 * series.channels + 1), np.float32)
    for index in range(len(series)):
        start, stop = series.offsets[index], series.offsets[index + 1]
        if start == stop:
            continue
        one = series.values[start:stop].astype(np.float64)
        mean, deviation = one.mean(axis=0), one.std(axis=0)
        constant = deviation <= 1e-6 * (np.abs(mean) + 1e-30)
        divisor = np.where(constant, 1.0, deviation) if scale else 1.0
        values[start:stop] = np.where(constant, 0.0, one - mean) / divisor if origin is None else one - origin
        level[index] = np.concatenate((mean, np.log(deviation + 1e-8), [np.log(stop - start)]))
    return FlatSeries(values, series.offsets), level


def resampled(series: FlatSeries, length: int) -> Floats32:
    """Each series at `length` steps by linear interpolation over its own length: (N, length, C).

    Example:
        >>> resampled(FlatSeries.of([np.float32([[0.0], [2.0]])], 1), 3)[0, :, 0].tolist()
        [0.0, 1.0, 2.0]
    """
    found = np.zeros((len(series), length, series.channels), np.float32)
    for index in range(len(series)):
        one = series[index]
        if len(one) == length:
            found[index] = one
        elif len(one):
            place = np.linspace(0, len(one) - 1, length)
            for channel in range(series.channels):
                found[index, :, channel] = np.interp(place, np.arange(len(one)), one[:, channel])
    return found
