"""Series of any lengths end to end."""

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
