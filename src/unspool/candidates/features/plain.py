"""Series to vectors as a person would first try: their values, or a few statistics of each channel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.features.scaling import Arrays, Features, Scaling
from unspool.kernels import FlatSeries

MOST_STEPS = 1000
"""That a series is resampled to, at most."""
AT_ONCE = 2**20
"""Numbers whose statistics are computed at once."""
SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


def resampled(series: FlatSeries, length: int) -> Features:
    """Each series at `length` steps by linear interpolation over its own length: (N, length, C).

    Example:
        >>> resampled(FlatSeries.of([[[0.0], [2.0]], [[5.0]]]), 3)[:, :, 0].tolist()
        [[0.0, 1.0, 2.0], [5.0, 5.0, 5.0]]
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
        scaling = Scaling.fit(raw)
        return FittedRawValues(length, scaling), scaling.apply_to(raw)


@dataclass(frozen=True, slots=True, eq=False)
class FittedRawValues:
    """An encoder that can be used: what `RawValues.fit` returns."""

    length: int
    scaling: Scaling

    def transform(self, series: FlatSeries) -> Features:
        """Return (N, F) float32, each feature of mean 0 and standard deviation 1 over the training series."""
        return self.scaling.apply_to(resampled(series, self.length).reshape(len(series), -1))

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
        raw = _statistics(series)
        scaling = Scaling.fit(raw)
        return FittedStatistics(scaling), scaling.apply_to(raw)


@dataclass(frozen=True, slots=True, eq=False)
class FittedStatistics:
    """An encoder that can be used: what `Statistics.fit` returns."""

    scaling: Scaling

    def transform(self, series: FlatSeries) -> Features:
        """Return (N, F) float32, each feature of mean 0 and standard deviation 1 over the training series."""
        return self.scaling.apply_to(_statistics(series))

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""
        return self.scaling.arrays("scaling")

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "FittedStatistics":
        """The same encoder again, with the same bits."""
        return cls(Scaling.from_arrays(arrays, "scaling"))


def _statistics(series: FlatSeries) -> Features:
    """The length; of each channel and of its differences mean, standard deviation and quantiles: (N, 1 + 18 C)."""
    found = np.zeros((len(series), 1 + 18 * series.channels), np.float32)
    lengths = series.lengths
    for length in np.unique(lengths).tolist():
        rows = np.flatnonzero(lengths == length)
        for some in np.array_split(rows, -(-len(rows) * max(length, 1) * series.channels // AT_ONCE)):
            values = np.stack([series[row] for row in some.tolist()]).astype(np.float64)  # (n, length, C)
            found[some, 0] = np.log1p(length)
            found[some, 1:] = np.concatenate([_spread(values), _spread(np.diff(values, axis=1))], axis=1)
    return found


def _spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean, standard deviation and quantiles over the steps of (n, T, C): (n, 9 C); zeros where there is no step."""
    values = values if values.shape[1] else np.zeros((len(values), 1, values.shape[2]))
    quantiles = np.quantile(values, SHARES, axis=1).transpose(1, 0, 2).reshape(len(values), -1)
    return np.concatenate([values.mean(axis=1), values.std(axis=1), quantiles], axis=1)
