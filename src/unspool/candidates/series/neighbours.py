"""The nearest training series: Euclidean, or by dynamic time warping. For small sets of short series."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.features import fill_missing
from unspool.candidates.features.formulas import resampled, warped_distances
from unspool.candidates.pace import UNHURRIED, Pace
from unspool.candidates.series.base import LOADERS, Arrays, Outputs, Rows, Series, Target, Task, Terms
from unspool.candidates.series.truth import Truth
from unspool.data.splits import in_one_group
from unspool.kernels import FlatSeries

MOST_STEPS = 200
"""That series are resampled to, at most."""
MOST_WORK = 2**29
"""Cells of the warping's tables for leaving each training series out."""
HARDLY_KNOWN = 0.75
"""The assumed share of series whose nearest has the same class, if no series could be left out to measure it."""
AT_ONCE = 2**16
"""Numbers of one step of the warping: more fall out of the processor's cache, fewer are mostly overhead."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A candidate: the target of the nearest training series.

    Series are resampled to the median length, at most `MOST_STEPS`. The probability of the neighbour's class is how
    often that was right where each training series was left out; the only series of a class does not count.

    Attributes:
        name: by which it is asked for.
        cost: of fitting, beside the others'.
        window: how far steps may be warped, as a share of the length (Sakoe & Chiba, 1978); 0 is Euclidean.
    """

    name: str
    cost: float
    window: float = 0.0

    def terms(self, count: int, task: Task) -> Terms:
        """It reads all of them, at the same cost."""
        return Terms()

    def serves(self, series: Series, task: Task, outputs: int = 1) -> str:
        """It does not serve for large sets."""
        length = min(int(np.median([len(one) for one in series])), MOST_STEPS)
        work = len(series) ** 2 * length * (2 * _band(length, self.window) + 1) * series[0].shape[1]
        too_many = f"{len(series):,} series of {length:,} steps are too many to compare each with each"
        return too_many if work > MOST_WORK else ""

    def leaving_out(self, parts: Sequence[tuple[Rows, Rows]], count: int) -> None:
        """Each part needs a fit to the rest."""

    def without_folds(self) -> "Neighbour":
        """Itself: leaving out a series needs no other fit."""
        return self

    def fit(
        self,
        series: Series,
        target: Target,
        task: Task,
        seed: int,
        pace: Pace = UNHURRIED,
        groups: Rows | None = None,
    ) -> "NeighbourModel":
        """Keep N series; nothing is random, and it never takes long."""
        truth = Truth.of(target, task)
        flat = FlatSeries.of(fill_missing(list(series)))
        length = int(np.clip(np.median(flat.lengths), 1, MOST_STEPS))
        kept = resampled(flat, length)
        nearest = _nearest(kept, kept, _band(length, self.window), np.arange(len(kept)) if groups is None else groups)
        if truth.numbers:
            values = truth.values if truth.task == "regression" else _as_sure_as_right(truth.values, nearest)
            return NeighbourModel(self.window, kept, values, values[nearest])
        alone = in_one_group(truth.labels, np.arange(len(kept)) if groups is None else groups)
        right = (truth.labels[nearest] == truth.labels)[~alone]
        share = float(right.mean()) if len(right) else HARDLY_KNOWN
        sure = float(np.clip(share, 1 / truth.classes, 1 - 1 / (len(kept) + truth.classes)))
        values = np.full(truth.values.shape, (1 - sure) / (truth.classes - 1))
        values[truth.values == 1] = sure
        held_out = values[nearest]
        held_out[alone] = np.nan
        return NeighbourModel(self.window, kept, values, held_out)


def _as_sure_as_right(values: Outputs, nearest: NDArray[np.int64]) -> Outputs:
    """(N, K) probabilities of several labels, as certain as the nearest series are often right about them."""
    right = float(np.mean((values[nearest] > 0.5) == (values > 0.5)))
    sure = float(np.clip(right, 0.5, values.max()))
    return np.where(values > 0.5, sure, 1 - sure)


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
        found: Outputs = self.values[_nearest(asked, self.kept, _band(length, self.window))]
        return found

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, and its arrays."""
        return {"kind": "neighbour", "window": self.window}, {"kept": self.kept, "values": self.values}

    @classmethod
    def from_state(cls, description: dict[str, Any], arrays: Arrays) -> "NeighbourModel":
        """The model again."""
        window = float(description["window"])
        if not 0 <= window <= 1:
            raise ValueError(f"the window is {window:g}, and not a share of the length")
        return cls(window, arrays["kept"].astype(np.float32), arrays["values"].astype(np.float64))


LOADERS["neighbour"] = NeighbourModel.from_state


def constant(values: Outputs, channels: int) -> NeighbourModel:
    """Make a model that predicts the same (K,) numbers for every series (T, `channels`).

    Example:
        >>> constant(np.array([7.0]), 2).outputs([np.ones((3, 2), np.float32), np.zeros((5, 2), np.float32)]).tolist()
        [[7.0], [7.0]]
    """
    return NeighbourModel(0.0, np.zeros((1, 1, channels), np.float32), values[np.newaxis])


def _band(length: int, window: float) -> int:
    return round(window * length)


def _nearest(asked: NDArray[np.float32], kept: NDArray[np.float32], band: int, groups: Rows | None = None) -> Rows:
    """For each of (M, T, C) the number of the nearest of (N, T, C); if they are the same, of another of `groups`."""
    found = np.zeros(len(asked), np.int64)
    at_once = max(AT_ONCE // max(kept[:, 0].size * (2 * band + 1), 1), 1)
    for start in range(0, len(asked), at_once):
        block = asked[start : start + at_once]
        distances = warped_distances(block, kept, band)
        if groups is not None:
            distances[groups[start : start + len(block), np.newaxis] == groups] = np.inf
        found[start : start + len(block)] = distances.argmin(axis=1)
    return found


EUCLIDEAN = Neighbour("nearest neighbour", 1)
WARPED = Neighbour("nearest neighbour, warped", 15, window=0.1)
