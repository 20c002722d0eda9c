"""What is done to series before features are taken of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.features.formulas import standardised
from unspool.data.series.missing import fill_gaps
from unspool.kernels import FlatSeries


@dataclass(frozen=True, slots=True, eq=False)
class PreparedSeries:
    """Series whose mean, or an origin, has been subtracted, and what they were like before.

    Attributes:
        series: N series; every channel of each has mean 0 and, if scaled, standard deviation 1, or keeps its level with
            an origin.
        level: (N, 2 C + 1) float32: the mean of each channel, the logarithm of its standard deviation, and the
            logarithm of the length in steps.
    """

    series: FlatSeries
    level: NDArray[np.float32]


def prepare(series: FlatSeries, scale: bool, origin: NDArray[np.float64] | None = None) -> PreparedSeries:
    """Take from each channel of each series its mean, and with `scale` its standard deviation.

    A channel that is constant becomes zero. With an `origin` (C,), only that is subtracted from each channel, and the
    series keep their level.

    Example:
        >>> prepared = prepare(FlatSeries.of([[[1.0], [3.0]], [[5.0], [5.0]]]), scale=True)
        >>> prepared.series.values.ravel().tolist()
        [-1.0, 1.0, 0.0, 0.0]
    """
    if origin is not None and origin.shape != (series.channels,):
        raise ValueError(f"the origin of {series.channels} channels is {origin.shape}")
    values, level = standardised(series, scale, origin)
    return PreparedSeries(FlatSeries(values, series.offsets), level)


def flat_series(series: list[NDArray[np.float32]]) -> FlatSeries:
    """N series (T_i, C) as encoders read them, see `fill_missing`."""
    return FlatSeries.of(fill_missing(series))


def fill_missing(series: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Fill missing numbers (NaN) in, see `fill_gaps`; a channel without any number becomes zero.

    What a reader hands on has none missing: it knows what to put in place of an empty channel.

    Example:
        >>> fill_missing([np.array([[np.nan], [1.0], [np.nan], [3.0]])])[0].ravel().tolist()
        [1.0, 1.0, 2.0, 3.0]
    """
    return [np.asarray(fill_gaps(one, np.zeros(one.shape[1]).tolist()), dtype=np.float32) for one in series]
