"""A trained recurrent network for series: its weights and its outputs; it needs no JAX."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.series.base import Arrays, Outputs
from unspool.kernels.lstm_states import lstm_states

_STEPS_AT_ONCE = 2**16  # whose states are in memory at once

Floats32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """The weights of one network; the first axis of the LSTM's is the direction, and gates are in Keras's order.

    Attributes:
        kernel: (2, C, 4U) float32, like all weights.
        recurrent: (2, U, 4U).
        bias: (2, 4U).
        head: (4U, K), from the means of both directions, then their maxima.
        intercept: (K,).
    """

    kernel: Floats32
    recurrent: Floats32
    bias: Floats32
    head: Floats32
    intercept: Floats32

    def __post_init__(self) -> None:
        units = self.recurrent.shape[1]
        wanted = {
            "kernel": (2, self.kernel.shape[1], 4 * units),
            "recurrent": (2, units, 4 * units),
            "bias": (2, 4 * units),
            "head": (4 * units, len(self.intercept)),
        }
        if any(one.dtype != np.float32 for one in self.arrays().values()):
            raise ValueError("the weights of a network are not float32")
        if any(getattr(self, name).shape != shape for name, shape in wanted.items()):
            raise ValueError("the weights of a network do not fit together")

    def rescaled(self, centre: NDArray[np.float64], scale: NDArray[np.float64]) -> "Network":
        """The network whose (N, K) scores are those of this one, times `scale` and plus `centre`, (K,) each."""
        intercept = self.intercept * scale + centre
        return replace(self, head=(self.head * scale).astype(np.float32), intercept=intercept.astype(np.float32))

    def scores(self, series: Sequence[Floats32]) -> Outputs:
        """(N, K) of N series (T_i, C)."""
        head, found = self.head.astype(np.float64), np.empty((len(series), len(self.intercept)))
        for rows in _together([len(one) for one in series]):
            some = [series[row] for row in rows]
            pooled = [_mean_and_maximum(one) for one in self._states(some)]
            # One product for each series: the bits of a joint one may depend on how many series there are.
            found[rows] = [one @ head + self.intercept for one in pooled]
        return found

    def _states(self, series: Sequence[Floats32]) -> Iterator[Floats32]:
        """(T_i, 2U) of each series; those of the second direction in the order in which it reads."""
        steps, ends = np.concatenate(series), np.cumsum([len(one) for one in series]).tolist()
        places = np.zeros((len(series), max(map(len, series))), np.int32)
        backwards = places.copy()
        for row, (one, end) in enumerate(zip(series, ends, strict=True)):
            places[row, : len(one)] = np.arange(end - len(one), end)
            backwards[row, : len(one)] = places[row, : len(one)][::-1]
        found = [
            lstm_states(read, steps, self.kernel[way], self.recurrent[way], self.bias[way])
            for way, read in enumerate((places, backwards))
        ]
        for row, one in enumerate(series):
            yield np.concatenate([states[row, : len(one)] for states in found], axis=1)

    def arrays(self) -> Arrays:
        """All weights, by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


def _together(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Batches of rows of similar length, small enough that memory does not grow with the number of rows."""
    order, begin = np.argsort(lengths, kind="stable").tolist(), 0
    while begin < len(order):
        end = begin + 1
        while end < len(order) and (end + 1 - begin) * lengths[order[end]] <= _STEPS_AT_ONCE:
            end += 1
        yield order[begin:end]
        begin = end


def _mean_and_maximum(states: Floats32) -> Floats32:
    """(T, D) to (2 D); zeros if there are no steps."""
    if not len(states):
        return np.zeros(2 * states.shape[1], np.float32)
    return np.concatenate((states.mean(axis=0), states.max(axis=0)))
