"""The nearest training series: Euclidean, or by dynamic time warping. For small sets of short series."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.features import fill_missing
from unspool.candidates.features.formulas import resampled
from unspool.candidates.series.base import LOADERS, Arrays, Outputs, Series, Target, Task
from unspool.candidates.series.truth import Truth
from unspool.kernels import FlatSeries

MOST_STEPS = 200
"""That series are resampled to, at most."""
MOST_WORK = 2**29
"""Cells of the warping's tables for leaving each training series out."""
AT_ONCE = 2**16
"""Numbers of one step of the warping: more fall out of the processor's cache, fewer are mostly overhead."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A candidate: the target of the nearest training series.

    Series are resampled to the median length, at most `MOST_STEPS`. The probability of the neighbour's class is how
    often that was right where each training series was left out.

    Attributes:
        name: by which it is asked for.
        cost: of fitting, beside the others'.
        window: how far steps may be warped, as a share of the length (Sakoe & Chiba, 1978); 0 is Euclidean.
    """

    name: str
    cost: float
    window: float = 0.0

    def serves(self, series: Series, task: Task) -> str:
        """It does not serve for large sets."""
        length = min(int(np.median([len(one) for one in series])), MOST_STEPS)
        work = len(series) ** 2 * length * (2 * _band(length, self.window) + 1) * series[0].shape[1]
        too_many = f"{len(series)} series of {length} steps are too many to compare each with each"
        return too_many if work > MOST_WORK else ""

    def fit(self, series: Series, target: Target, task: Task, seed: int) -> "NeighbourModel":
        """Keep N series; nothing is random."""
        truth = Truth.of(target, task)
        flat = FlatSeries.of(fill_missing(list(series)))
        length = int(np.clip(np.median(flat.lengths), 1, MOST_STEPS))
        kept = resampled(flat, length)
        nearest = _nearest(kept, kept, _band(length, self.window), leave_out=True)
        if truth.numbers:
            return NeighbourModel(self.window, kept, truth.values, truth.values[nearest])
        right = float(np.mean(truth.labels[nearest] == truth.labels))
        sure = float(np.clip(right, 1 / truth.classes, 1 - 1 / (len(kept) + truth.classes)))
        values = np.full(truth.values.shape, (1 - sure) / (truth.classes - 1))
        values[truth.values == 1] = sure
        return NeighbourModel(self.window, kept, values, values[nearest])


@dataclass(frozen=True, slots=True, eq=False)
class NeighbourModel:
    """What `Neighbour.fit` returns: (N, T, C) series and what to say, (N, K), where one of them is the nearest."""

    window: float
    kept: NDArray[np.float32]
    values: Outputs
    held_out: Outputs | None = field(default=None, repr=False)

    def outputs(self, series: Series) -> Outputs:
        """Return (N, K) probabilities or numbers."""
        length = self.kept.shape[1]
        asked = resampled(FlatSeries.of(fill_missing(list(series))), length)
        found: Outputs = self.values[_nearest(asked, self.kept, _band(length, self.window), leave_out=False)]
        return found

    def parts(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, and its arrays."""
        return {"kind": "neighbour", "window": self.window}, {"kept": self.kept, "values": self.values}

    @classmethod
    def from_parts(cls, description: dict[str, Any], arrays: Arrays) -> "NeighbourModel":
        """The model again."""
        window = float(description["window"])
        if not 0 <= window <= 1:
            raise ValueError(f"the window is {window:g}, and not a share of the length")
        return cls(window, arrays["kept"].astype(np.float32), arrays["values"].astype(np.float64))


LOADERS["neighbour"] = NeighbourModel.from_parts


def _band(length: int, window: float) -> int:
    return round(window * length)


def _nearest(asked: NDArray[np.float32], kept: NDArray[np.float32], band: int, leave_out: bool) -> NDArray[np.int64]:
    """For each of (M, T, C) the number of the nearest of (N, T, C); with `leave_out`, other than itself."""
    found = np.zeros(len(asked), np.int64)
    at_once = max(AT_ONCE // max(kept[:, 0].size * (2 * band + 1), 1), 1)
    for start in range(0, len(asked), at_once):
        block = asked[start : start + at_once]
        distances = warped_distances(block, kept, band)
        if leave_out:
            distances[np.arange(len(block)), np.arange(start, start + len(block))] = np.inf
        found[start : start + len(block)] = distances.argmin(axis=1)
    return found


def warped_distances(asked: NDArray[np.float32], kept: NDArray[np.float32], band: int) -> NDArray[np.float64]:
    """Squared distances of series (M, T, C) to each of (N, T, C), where steps may be warped by up to `band`: (M, N).

    Example:
        >>> one = np.array([[[0.0], [0.0], [1.0], [0.0]]], np.float32)
        >>> late = np.array([[[0.0], [0.0], [0.0], [1.0]]], np.float32)
        >>> warped_distances(one, late, 0).tolist(), warped_distances(one, late, 1).tolist()
        ([[2.0]], [[1.0]])
    """
    length = kept.shape[1]
    if band == 0:
        return np.stack([np.square(kept - one, dtype=np.float64).sum(axis=(1, 2)) for one in asked])
    # Row i of the table holds steps j from i - band to i + band, so that row i - 1 stands one column to the right.
    width, pairs = 2 * band + 1, (len(asked), len(kept))
    padded = np.full((length + 2 * band, 1, *kept.shape[::2]), np.inf)
    padded[band : band + length, 0] = kept.transpose(1, 0, 2)
    row = np.full((width, *pairs), np.inf)
    above = np.full((width, *pairs), np.inf)
    for i in range(length):
        costs = np.square(padded[i : i + width] - asked[:, i, None], dtype=np.float64).sum(axis=3)
        above[:-1] = row[1:]
        best = np.minimum(row, above)  # by one step of both, or of the first series alone
        if i == 0:
            best[band] = 0.0
        row[0] = costs[0] + best[0]
        for column in range(1, width):
            row[column] = costs[column] + np.minimum(best[column], row[column - 1])
    found: NDArray[np.float64] = row[band]
    return found


EUCLIDEAN = Neighbour("nearest neighbour", 1)
WARPED = Neighbour("nearest neighbour, warped", 15, window=0.1)
