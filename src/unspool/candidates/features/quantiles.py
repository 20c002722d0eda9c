"""Series to vectors by quantiles of intervals: QUANT, for series of any lengths and channels.

See `formulas`; how many quantiles each interval gives is set by the median length in training.
"""

from dataclasses import dataclass

import numpy as np

from unspool.candidates.features.formulas import interval_quantiles
from unspool.candidates.features.scaling import Arrays, Features
from unspool.kernels import FlatSeries


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
        return interval_quantiles(series, self.depth, self.steps, self.length)

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""
        return {"quantiles": np.array([self.depth, self.steps, self.length])}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "FittedQuantiles":
        """The same encoder again, with the same bits."""
        depth, steps, length = (int(value) for value in arrays["quantiles"])
        Quantiles(depth, steps)
        return cls(depth, steps, length)
