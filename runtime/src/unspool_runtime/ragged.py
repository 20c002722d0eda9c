"""Many sequences of different lengths in two flat arrays."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Ragged:
    """N sequences end to end. Sequence i is `flat[offsets[i]:offsets[i + 1]]`.

    Attributes:
        flat: (M, ...) the steps of all sequences.
        offsets: (N + 1,) int64, from 0 to M.
    """

    flat: NDArray[Any]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, sequences: Iterable[Sequence[int]]) -> "Ragged":
        """Lay sequences of whole numbers end to end.

        Example:
            >>> Ragged.of([[7, 8], []])[0].tolist()
            [7, 8]
        """
        given = list(sequences)
        offsets = bounds([len(one) for one in given])
        return cls(np.fromiter(chain.from_iterable(given), np.int32, int(offsets[-1])), offsets)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(N,) how long each sequence is."""
        return np.diff(self.offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> NDArray[Any]:
        return self.flat[self.offsets[index] : self.offsets[index + 1]]

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[index] for index in range(len(self)))


def bounds(lengths: Sequence[int] | NDArray[np.integer]) -> NDArray[np.int64]:
    """Where each of N sequences begins, and the end of the last: (N + 1,)."""
    found = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=found[1:])
    return found


def sums(values: NDArray[Any], offsets: NDArray[np.int64]) -> NDArray[Any]:
    """The sum of the rows of each of N sequences, 0 of an empty one: (M, ...) to (N, ...).

    Example:
        >>> sums(np.array([1.0, 2.0, 4.0]), np.array([0, 2, 2, 3])).tolist()
        [3.0, 0.0, 4.0]
    """
    found = np.zeros((len(offsets) - 1, *values.shape[1:]), values.dtype)
    starts = offsets[:-1]
    filled = starts < offsets[1:]
    if filled.any():
        found[filled] = np.add.reduceat(values, starts[filled], axis=0)
    return found
