"""Series of any lengths as the kernels over them take them.

The trainer and the runtime share this file.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class FlatSeries:
    """N series of C channels, end to end. Series i is `values[offsets[i]:offsets[i + 1]]`.

    Attributes:
        values: (M, C) float32, finite.
        offsets: (N + 1,) from 0 to M.

    Raises:
        ValueError: the offsets do not describe the values, or there is no channel.

    Example:
        >>> series = FlatSeries.of([np.ones((5, 2)), np.ones((3, 2))])
        >>> len(series), series.channels, series.lengths.tolist()
        (2, 2, [5, 3])
    """

    values: Floats32
    offsets: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] == 0 or self.values.dtype != np.float32:
            raise ValueError(f"values must be (M, C) float32 with a channel, not {self.values.shape}")
        steps = np.diff(self.offsets)
        if len(self.offsets) == 0 or self.offsets[0] != 0 or self.offsets[-1] != len(self.values) or np.any(steps < 0):
            raise ValueError("offsets must rise from 0 to the number of rows of values")

    @classmethod
    def of(cls, series: Iterable[ArrayLike], channels: int = 1) -> "FlatSeries":
        """Lay N series, each (T, C), end to end; of no series, C is `channels`.

        Raises:
            ValueError: a value is not finite.
        """
        given = [np.asarray(one, dtype=np.float32) for one in series]
        values = np.concatenate(given) if given else np.zeros((0, channels), np.float32)
        if not np.isfinite(values).all():
            raise ValueError("values must be finite: fill what is missing first")
        return cls(np.ascontiguousarray(values), bounds([len(one) for one in given]))

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
        position = range(len(self))[index]
        return self.values[self.offsets[position] : self.offsets[position + 1]]

    def part(self, start: int, stop: int) -> "FlatSeries":
        """Return series start, start + 1, ..., stop - 1, without a copy."""
        offsets = self.offsets[start : stop + 1]
        return FlatSeries(self.values[offsets[0] : offsets[-1]], offsets - offsets[0])

    def differences(self) -> "FlatSeries":
        """Return x[t + 1] - x[t] of each series; of a series of fewer than two steps, nothing.

        Example:
            >>> FlatSeries.of([[[1.0], [4.0], [9.0]], [[2.0]]]).differences()[0].ravel().tolist()
            [3.0, 5.0]
        """
        lengths = np.maximum(self.lengths - 1, 0)
        within = np.ones(len(self.values), dtype=bool)
        within[self.offsets[1:][self.lengths > 0] - 1] = False
        follows = np.flatnonzero(within)
        differences = self.values[np.minimum(follows + 1, len(self.values) - 1)] - self.values[follows]
        return FlatSeries(np.ascontiguousarray(differences), bounds(lengths))

    def check_planned(self, channels: NDArray[np.uint8] | None) -> None:
        """Check that a plan has as many channels: (D, G, C) says which of them each group sees, None that it sees all.

        Raises:
            ValueError: it is not.
        """
        if channels is not None and channels.shape[2] != self.channels:
            raise ValueError(f"the plan is for {channels.shape[2]} channels, the series have {self.channels}")

    def each(self, size: int, features: Callable[[Floats32], Floats32]) -> Floats32:
        """Compute features of one series after the other, (N, size)."""
        found = np.zeros((len(self), size), np.float32)
        for row in range(len(self)):
            found[row] = features(self[row]).ravel()
        return found


def bounds(lengths: ArrayLike) -> NDArray[np.int64]:
    """Where each of N series begins, and where the last ends: (N,) to (N + 1,)."""
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
