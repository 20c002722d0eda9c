"""Series to vectors as a person would first try: their values, a few statistics of each channel, or totals."""

from dataclasses import dataclass

import numpy as np

from unspool.candidates.features.formulas import resampled, statistics, totals
from unspool.candidates.features.scaling import Arrays, Features, Scaling
from unspool.kernels import FlatSeries

MOST_STEPS = 1000
"""That a series is resampled to, at most."""


@dataclass(frozen=True, slots=True)
class RawValues:
    """A description of an encoder: the values, resampled to the median length of the training series."""

    def fit(self, series: FlatSeries, seed: int = 0) -> "FittedRawValues":
        """Learn length and scale. Nothing is random.

        Example:
            >>> waves = FlatSeries.of([np.sin(np.arange(n) * 0.3)[:, None] for n in (40, 50, 60)])
            >>> RawValues().fit(waves).transform(waves).shape
            (3, 50)
        """
        return self.fit_transform(series, seed)[0]

    def fit_transform(self, series: FlatSeries, seed: int = 0) -> "tuple[FittedRawValues, Features]":
        """The same, and what `transform` makes of the series."""
        length = int(np.clip(np.median(series.lengths), 1, MOST_STEPS))
        raw = resampled(series, length).reshape(len(series), -1)
        scaling = Scaling.fit(raw, np.tile(_largest(series), length))
        return FittedRawValues(length, scaling), scaling.scale_in_place(raw)


@dataclass(frozen=True, slots=True, eq=False)
class FittedRawValues:
    """An encoder that can be used: what `RawValues.fit` returns."""

    length: int
    scaling: Scaling

    def transform(self, series: FlatSeries) -> Features:
        """Return (N, F) float32, each feature of mean 0 and standard deviation 1 over the training series."""
        return self.scaling.scale_in_place(resampled(series, self.length).reshape(len(series), -1))

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""
        return {"length": np.array(self.length), **self.scaling.arrays("scaling")}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "FittedRawValues":
        """The same encoder again, with the same bits."""
        return cls(int(arrays["length"]), Scaling.from_arrays(arrays, "scaling"))


@dataclass(frozen=True, slots=True)
class Statistics:
    """A description of an encoder: statistics of each channel and of its differences."""

    def fit(self, series: FlatSeries, seed: int = 0) -> "FittedStatistics":
        """Learn the scale. Nothing is random.

        Example:
            >>> waves = FlatSeries.of([np.sin(np.arange(n) * 0.3)[:, None] for n in (40, 50, 60)])
            >>> Statistics().fit(waves).transform(waves).shape
            (3, 19)
        """
        return self.fit_transform(series, seed)[0]

    def fit_transform(self, series: FlatSeries, seed: int = 0) -> "tuple[FittedStatistics, Features]":
        """The same, and what `transform` makes of the series."""
        raw = statistics(series)
        scaling = Scaling.fit(raw, np.append(1.0, np.tile(_largest(series), (raw.shape[1] - 1) // series.channels)))
        return FittedStatistics(scaling), scaling.scale_in_place(raw)


@dataclass(frozen=True, slots=True, eq=False)
class FittedStatistics:
    """An encoder that can be used: what `Statistics.fit` returns."""

    scaling: Scaling

    def transform(self, series: FlatSeries) -> Features:
        """Return (N, F) float32, each feature of mean 0 and standard deviation 1 over the training series."""
        return self.scaling.scale_in_place(statistics(series))

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""
        return self.scaling.arrays("scaling")

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "FittedStatistics":
        """The same encoder again, with the same bits."""
        return cls(Scaling.from_arrays(arrays, "scaling"))


@dataclass(frozen=True, slots=True)
class Totals:
    """A description of an encoder: the length, and what adds up over the steps of each channel.

    If all training series have the same length, totals are divided by it: such series cannot show whether a target
    grows with the length.
    """

    def fit(self, series: FlatSeries, seed: int = 0) -> "FittedTotals":
        """Learn the scale. Nothing is random.

        Example:
            >>> waves = FlatSeries.of([np.sin(np.arange(n) * 0.3)[:, None] for n in (40, 50, 60)])
            >>> Totals().fit(waves).transform(waves)[:, 0].astype(float).round(2).tolist()
            [-1.22, 0.0, 1.22]
        """
        return self.fit_transform(series, seed)[0]

    def fit_transform(self, series: FlatSeries, seed: int = 0) -> "tuple[FittedTotals, Features]":
        """The same, and what `transform` makes of the series."""
        per_step = len(np.unique(series.lengths)) == 1
        raw, largest = totals(series, per_step), _largest(series)
        scaling = Scaling.fit(raw, np.concatenate([[1.0], largest, largest, np.ones_like(largest)]))
        return FittedTotals(per_step, scaling), scaling.scale_in_place(raw)


@dataclass(frozen=True, slots=True, eq=False)
class FittedTotals:
    """An encoder that can be used: what `Totals.fit` returns."""

    per_step: bool
    scaling: Scaling

    def transform(self, series: FlatSeries) -> Features:
        """Return (N, 1 + 3 C) float32, each feature of mean 0 and standard deviation 1 over the training series."""
        return self.scaling.scale_in_place(totals(series, self.per_step))

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""
        return {"per_step": np.array(self.per_step), **self.scaling.arrays("scaling")}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "FittedTotals":
        """The same encoder again, with the same bits."""
        return cls(bool(arrays["per_step"]), Scaling.from_arrays(arrays, "scaling"))


def _largest(series: FlatSeries) -> Features:
    """(C,) the largest absolute value of each channel."""
    largest: Features = np.abs(series.values).max(axis=0, initial=0)
    return largest
