"""Features of series in NumPy: resampled values, statistics, quantiles of intervals; and their distances when warped.

The trainer and the runtime share this file.

Source of the quantiles: Dempster, Schmidt & Webb, "QUANT: a minimalist interval method for time series classification",
2024. Intervals are shares of a series' own length.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]

SMOOTHED = 5
"""Each first difference is replaced by the mean of this many around it."""
SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
AT_ONCE = 1 << 20
"""Numbers whose statistics are computed at once."""
LARGEST_TOTAL = 3e38
"""Larger totals are cut to this, as they overflow in single precision."""


class Series(Protocol):
    """N series (T_i, C), end to end."""

    @property
    def values(self) -> Floats32:
        """(M, C)."""

    @property
    def offsets(self) -> NDArray[np.int64]:
        """(N + 1,) from 0 to M."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Floats32: ...


def standardised(
    series: Series, scale: bool, origin: NDArray[np.float64] | None = None
) -> tuple[Floats32, NDArray[np.float32]]:
    """Subtract the mean of each channel of each series and, with `scale`, divide by its standard deviation.

    With `origin`, (C,), that is subtracted instead, and nothing is divided.

    Returns:
        (M, C) the values; without an origin, a constant channel is zero. And (N, 2 C + 1) for each series the mean of
        each channel, the logarithm of its standard deviation, and the logarithm of the length.
    """
    values = np.empty_like(series.values)
    level = np.zeros((len(series), 2 * values.shape[1] + 1), np.float32)
    for rows in _batches(series):
        starts, lengths = series.offsets[rows], np.diff(series.offsets)[rows]
        steps = slice(starts[0], starts[-1] + lengths[-1])
        some, starts = series.values[steps].astype(np.float64), starts - starts[0]
        mean = np.add.reduceat(some, starts) / lengths[:, None]
        centred = some - np.repeat(mean, lengths, axis=0)
        deviation = np.sqrt(np.add.reduceat(centred**2, starts) / lengths[:, None])
        level[rows] = np.concatenate((mean, np.log(deviation + 1e-8), np.log(lengths)[:, None]), axis=1)
        if origin is not None:
            values[steps] = some - origin
            continue
        constant = deviation <= 1e-6 * (np.abs(mean) + 1e-30)
        divisor = np.where(constant, 1.0, deviation) if scale else np.ones_like(deviation)
        zeros, divisors = (np.repeat(of_series, lengths, axis=0) for of_series in (constant, divisor))
        values[steps] = np.where(zeros, 0.0, centred) / divisors
    return values, level


def _batches(series: Series) -> list[NDArray[np.int64]]:
    """The rows of series that have steps, `AT_ONCE` numbers or one series at a time."""
    rows = np.flatnonzero(np.diff(series.offsets))
    block = series.offsets[rows] * series.values.shape[1] // AT_ONCE
    return [some for some in np.split(rows, np.flatnonzero(np.diff(block)) + 1) if len(some)]


def resampled(series: Series, length: int) -> Floats32:
    """Each series at `length` steps by linear interpolation over its own length: (N, length, C)."""
    channels = series.values.shape[1]
    found = np.zeros((len(series), length, channels), np.float32)
    for index in range(len(series)):
        one = series[index]
        if len(one) == length:
            found[index] = one
        elif len(one):
            place = np.linspace(0, len(one) - 1, length)
            for channel in range(channels):
                found[index, :, channel] = np.interp(place, np.arange(len(one)), one[:, channel])
    return found


def statistics(series: Series) -> Floats32:
    """The log length; mean, standard deviation and quantiles of each channel and its differences: (N, 1 + 18 C)."""
    channels = series.values.shape[1]
    found = np.zeros((len(series), 1 + 18 * channels), np.float32)
    for rows, values in _by_length(series):
        found[rows, 0] = np.log1p(values.shape[1])
        found[rows, 1:] = np.concatenate([_spread(values), _spread(np.diff(values, axis=1))], axis=1)
    return found


def totals(series: Series, per_step: bool) -> Floats32:
    """The length; of each channel the sum, the sum of absolute changes, the rises above the mean: (N, 1 + 3 C).

    Args:
        series: N series.
        per_step: whether all of these are divided by the length.
    """
    channels = series.values.shape[1]
    found = np.zeros((len(series), 1 + 3 * channels), np.float32)
    for rows, values in _by_length(series):
        length = values.shape[1]
        if not length:
            continue
        above = values > values.mean(axis=1, keepdims=True)
        sums = [
            np.full((len(rows), 1), float(length)),
            values.sum(axis=1),
            np.abs(np.diff(values, axis=1)).sum(axis=1),
            np.count_nonzero(above[:, 1:] & ~above[:, :-1], axis=1),
        ]
        together = np.concatenate(sums, axis=1) / (length if per_step else 1)
        found[rows] = np.clip(together, -LARGEST_TOTAL, LARGEST_TOTAL)
    return found


def _by_length(series: Series) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Give batches of series of the same length: their rows (n,), and their values (n, T, C)."""
    channels, lengths = series.values.shape[1], np.diff(series.offsets)
    for length in np.unique(lengths).tolist():
        rows = np.flatnonzero(lengths == length)
        pieces = -(-len(rows) * max(length, 1) * channels // AT_ONCE)
        for some in np.array_split(rows, min(pieces, len(rows))):
            yield some, np.stack([series[row] for row in some.tolist()]).astype(np.float64)


def _spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean, standard deviation and quantiles over the steps of (n, T, C): (n, 9 C); zeros where there is no step."""
    values = values if values.shape[1] else np.zeros((len(values), 1, values.shape[2]))
    quantiles = np.quantile(values, SHARES, axis=1).transpose(1, 0, 2).reshape(len(values), -1)
    return np.concatenate([values.mean(axis=1), values.std(axis=1), quantiles], axis=1)


def interval_quantiles(series: Series, depth: int, steps: int, length: int) -> Floats32:
    """Quantiles of intervals of the series, of their differences and of their spectra: (N, F).

    Args:
        series: N series.
        depth: intervals are the whole series, its halves, ... its 2^(depth - 1)-ths, and the same shifted by a half.
        steps: how many steps of an interval there are for each of its quantiles.
        length: the length of a series for which the number of quantiles is computed.
    """
    lengths = np.diff(series.offsets)
    found: list[Floats32 | None] = [None] * len(series)
    for one in np.unique(lengths):
        chosen = np.flatnonzero(lengths == one)
        together = np.stack([series[int(i)] for i in chosen]).transpose(0, 2, 1)
        rows = together.reshape(len(chosen) * together.shape[1], int(one))
        read = _represented(rows, length)
        features = np.concatenate([_of_intervals(*each, depth, steps) for each in read], axis=1)
        for index, row in zip(chosen, features.reshape(len(chosen), -1), strict=True):
            found[index] = row
    stacked = np.array(found, dtype=np.float32)
    return np.concatenate((stacked, np.log1p(lengths)[:, None]), axis=1, dtype=np.float32)


def _represented(rows: Floats32, length: int) -> list[tuple[Floats32, int]]:
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
    less = [length, max(length - 1, 1), max(length - 2, 1), length // 2 + 1]
    return list(zip((rows, smooth, second, spectrum), less, strict=True))


def _of_intervals(rows: Floats32, reference: int, depth: int, steps: int) -> Floats32:
    found = []
    for start, stop in shares(depth, reference):
        low = min(int(start * rows.shape[1]), rows.shape[1] - 1)
        high = max(int(stop * rows.shape[1]), low + 1)
        count = 1 + (max(int(stop * reference) - int(start * reference), 1) - 1) // steps
        inside = np.ascontiguousarray(rows[:, low:high])
        found.append(_quantiles(inside, count))
        if count > 1:
            found[-1][:, 1::2] -= inside.mean(axis=1, keepdims=True)
    return np.concatenate(found, axis=1)


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


def _quantiles(rows: Floats32, count: int) -> Floats32:
    """`count` evenly spaced quantiles of each row, from least to greatest; if it is 1, the median: (R, count)."""
    ordered = np.sort(rows, axis=1)
    place = (np.linspace(0, 1, count) if count > 1 else np.array([0.5])) * (rows.shape[1] - 1)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, rows.shape[1] - 1)
    share = (place - low).astype(np.float32)
    found: Floats32 = (ordered[:, low] * (1 - share) + ordered[:, high] * share).astype(np.float32)
    return found


def warped_distances(asked: Floats32, kept: Floats32, band: int) -> NDArray[np.float64]:
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
