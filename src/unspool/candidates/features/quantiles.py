"""Series to vectors by quantiles of intervals: QUANT, for series of any lengths and channels.

Dempster, Schmidt & Webb, "QUANT: a minimalist interval method for time series classification", 2024. Intervals are
shares of a series' own length; how many quantiles each gives is set by the median length in training.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.features.scaling import Arrays, Features
from unspool.kernels import FlatSeries

Rows = NDArray[np.float32]
SMOOTHED = 5
"""Steps whose mean takes the place of each first difference."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """A description of an encoder.

    Attributes:
        depth: intervals are the whole series, its halves, ... its 2^(depth - 1)-ths, and the same shifted by a half.
        steps: of an interval for each of its quantiles.

    Raises:
        ValueError: a number that is not positive.
    """

    depth: int = 6
    steps: int = 4

    def __post_init__(self) -> None:
        if self.depth < 1 or self.steps < 1 or self.depth > 16:
            raise ValueError(f"{self}: depth is from 1 to 16, steps at least 1")

    def fit(self, series: FlatSeries, seed: int = 0) -> "FittedQuantiles":
        """Learn the length that decides the number of quantiles. Nothing is random.

        Example:
            >>> waves = FlatSeries.of([np.sin(np.arange(n) * 0.3)[:, None] for n in (40, 50, 60)])
            >>> Quantiles().fit(waves).transform(waves).shape[0]
            3
        """
        return FittedQuantiles(self.depth, self.steps, max(int(np.median(series.lengths)), 1))

    def fit_transform(self, series: FlatSeries, seed: int = 0) -> "tuple[FittedQuantiles, Features]":
        """The same, and what `transform` makes of the series."""
        fitted = self.fit(series, seed)
        return fitted, fitted.transform(series)


@dataclass(frozen=True, slots=True)
class FittedQuantiles:
    """An encoder that can be used: what `Quantiles.fit` returns."""

    depth: int
    steps: int
    length: int

    def transform(self, series: FlatSeries) -> Features:
        """Return (N, F) float32, not scaled."""
        lengths = series.lengths
        found: list[Features | None] = [None] * len(series)
        for length in np.unique(lengths):
            chosen = np.flatnonzero(lengths == length)
            rows = np.stack([series[int(i)] for i in chosen]).transpose(0, 2, 1).reshape(-1, int(length))
            features = np.concatenate([self._intervals(*one) for one in self._represent(rows)], axis=1)
            for index, row in zip(chosen, features.reshape(len(chosen), -1), strict=True):
                found[index] = row
        stacked = np.array(found, dtype=np.float32)
        return np.concatenate((stacked, np.log1p(lengths)[:, None]), axis=1, dtype=np.float32)

    def _represent(self, rows: Rows) -> list[tuple[Rows, int]]:
        """The series, smoothed differences, second differences and spectra, each with its reference length."""
        rows = rows if rows.shape[1] else np.zeros((len(rows), 1), np.float32)
        first = np.diff(rows, axis=1) if rows.shape[1] > 1 else np.zeros_like(rows)
        second = np.diff(first, axis=1) if first.shape[1] > 1 else np.zeros_like(first)
        padded = np.pad(first, ((0, 0), (SMOOTHED // 2, SMOOTHED // 2)), mode="edge")
        smooth = np.zeros_like(first)
        for start in range(SMOOTHED):
            smooth += padded[:, start : start + first.shape[1]]
        smooth /= SMOOTHED
        spectrum = np.abs(np.fft.rfft(rows.astype(np.float64), axis=1)).astype(np.float32)
        less = [self.length, max(self.length - 1, 1), max(self.length - 2, 1), self.length // 2 + 1]
        return list(zip((rows, smooth, second, spectrum), less, strict=True))

    def _intervals(self, rows: Rows, reference: int) -> Features:
        found = []
        for start, stop in shares(self.depth, reference):
            low = min(int(start * rows.shape[1]), rows.shape[1] - 1)
            high = max(int(stop * rows.shape[1]), low + 1)
            count = 1 + (max(int(stop * reference) - int(start * reference), 1) - 1) // self.steps
            inside = np.ascontiguousarray(rows[:, low:high])
            found.append(_quantiles(inside, count))
            if count > 1:
                found[-1][:, 1::2] -= inside.mean(axis=1, keepdims=True)
        return np.concatenate(found, axis=1)

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""
        return {"quantiles": np.array([self.depth, self.steps, self.length])}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "FittedQuantiles":
        """The same encoder again, with the same bits."""
        depth, steps, length = (int(value) for value in arrays["quantiles"])
        Quantiles(depth, steps)
        return cls(depth, steps, length)


def shares(depth: int, reference: int) -> list[tuple[float, float]]:
    """Where intervals begin and end, as shares of a series.

    Example:
        >>> shares(2, 8)
        [(0.0, 1.0), (0.0, 0.5), (0.5, 1.0), (0.25, 0.75)]
    """
    found: list[tuple[float, float]] = []
    for level in range(min(depth, int(np.log2(reference)) + 1)):
        parts = 2**level
        edges = np.linspace(0, 1, parts + 1)
        found += [(float(a), float(b)) for a, b in pairwise(edges)]
        if parts > 1 and reference / parts > 1:
            found += [(float(a), float(b)) for a, b in pairwise(edges[:-1] + 0.5 / parts)]
    return found


def _quantiles(rows: Rows, count: int) -> Features:
    """`count` evenly spaced quantiles of each row, from the least to the greatest; of one, the median: (R, count)."""
    ordered = np.sort(rows, axis=1)
    place = (np.linspace(0, 1, count) if count > 1 else np.array([0.5])) * (rows.shape[1] - 1)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, rows.shape[1] - 1)
    share = (place - low).astype(np.float32)
    found: Features = (ordered[:, low] * (1 - share) + ordered[:, high] * share).astype(np.float32)
    return found
