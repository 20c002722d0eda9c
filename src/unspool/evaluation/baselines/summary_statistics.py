"""Series of any lengths to a fixed number of plain figures, for a linear model to stand on."""

import numpy as np
from numpy.typing import NDArray

STATISTICS = ("mean", "standard deviation", "least", "most", "first", "last", "slope")
"""Of each channel; the length of the series comes with them."""


def summary_statistics(series: NDArray[np.floating]) -> NDArray[np.float64]:
    """Compute the `STATISTICS` of each channel, and the length.

    The slope is that of the least-squares line through a channel's numbers, a step.

    Args:
        series: (N, T, C), each of at least one step, NaN beyond its end.

    Returns:
        (N, 7 C + 1): the mean of each channel, then the standard deviation of each, and so on; the length last.

    Example:
        >>> summary_statistics(np.array([[[1.0], [3.0], [np.nan]]])).tolist()
        [[2.0, 1.0, 1.0, 3.0, 1.0, 3.0, 2.0, 2.0]]
    """
    values = series.astype(np.float64)
    there = np.asarray(~np.isnan(values).all(axis=2))
    lengths = there.sum(axis=1)
    count, shown = lengths[:, np.newaxis], there[:, :, np.newaxis]
    known = np.where(shown, values, 0.0)
    mean = known.sum(axis=1) / count
    apart = np.where(shown, values - mean[:, np.newaxis], 0.0)
    steps = np.where(there, np.arange(values.shape[1]) - (count - 1) / 2, 0.0)
    spread = (steps**2).sum(axis=1, keepdims=True)
    slope = np.einsum("nt,ntc->nc", steps, apart) / np.where(spread > 0, spread, 1.0)
    return np.concatenate(
        [
            mean,
            np.sqrt((apart**2).sum(axis=1) / count),
            np.where(shown, values, np.inf).min(axis=1),
            np.where(shown, values, -np.inf).max(axis=1),
            known[:, 0],
            known[np.arange(len(known)), lengths - 1],
            slope,
            count,
        ],
        axis=1,
    )
