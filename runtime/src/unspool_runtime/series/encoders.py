"""Series to vectors: convolutions, competing kernels, quantiles, raw values, statistics."""

from collections.abc import Callable
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.node import Node
from unspool_runtime.series.flat import FlatSeries, Floats32, prepared, resampled
from unspool_runtime.series.kernels import CompetitionPlan, ConvolutionPlan
from unspool_runtime.series.scaling import Scaling

MOST_LENGTH = 1 << 24
MOST_REFERENCE = 1 << 20
"""Length that decides how many quantiles there are: what a file may ask for, whatever else it holds."""
SMOOTHED = 5
"""Steps whose mean takes the place of each first difference."""
SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
AT_ONCE = 1 << 20


class Encoder(Protocol):
    """Makes features of series."""

    def __call__(self, series: FlatSeries) -> Floats32:
        """(N, F)."""


def read_encoder(node: Node, channels: int) -> Encoder:
    """Read an encoder from a description.

    Raises:
        ModelError: it is damaged, or of a kind that this version does not know.
    """
    makers: dict[str, Callable[[Node, int], Encoder]] = {
        "convolutions": Convolutions,
        "competing kernels": CompetingKernels,
        "quantiles": Quantiles,
        "raw values": RawValues,
        "statistics": Statistics,
    }
    return makers[node.choice("kind", *makers)](node, channels)


class Convolutions:
    """Pooled dilated convolutions of the series, and of its differences; beside them its level, scale and length."""

    def __init__(self, node: Node, channels: int):
        self._scale = node.flag("scale")
        self._origin = node.array("origin", np.float64, channels) if node.has("origin") else None
        self._plans = [ConvolutionPlan(one, channels) for one in node.nodes("plans")]
        if len(self._plans) not in (1, 2):
            raise node.wrong("there are one or two plans")
        self._scaling = Scaling(node.node("scaling"), sum(one.size for one in self._plans) + 2 * channels + 1)

    def __call__(self, series: FlatSeries) -> Floats32:
        """(N, F)."""
        seen, level = prepared(series, self._scale, self._origin)
        found = [self._plans[0](seen)]
        if len(self._plans) == 2:
            found.append(self._plans[1](seen.differences()))
        return self._scaling(np.concatenate([*found, level], axis=1))


class CompetingKernels:
    """Competing kernels over the series, and over its differences."""

    def __init__(self, node: Node, channels: int):
        self._scale = node.flag("scale")
        self._plans = [CompetitionPlan(one, channels) for one in node.nodes("plans")]
        if len(self._plans) != 2:
            raise node.wrong("there are two plans")
        self._scaling = Scaling(node.node("scaling"), sum(one.size for one in self._plans))

    def __call__(self, series: FlatSeries) -> Floats32:
        """(N, F)."""
        seen, _ = prepared(series, self._scale)
        found = [self._plans[0](seen), self._plans[1](seen.differences())]
        return self._scaling(np.sqrt(np.maximum(np.concatenate(found, axis=1), 0)))


class RawValues:
    """The values, resampled to one length."""

    def __init__(self, node: Node, channels: int):
        self._length = node.whole("length", 1, MOST_LENGTH)
        self._scaling = Scaling(node.node("scaling"), self._length * channels)

    def __call__(self, series: FlatSeries) -> Floats32:
        """(N, length * C)."""
        return self._scaling(resampled(series, self._length).reshape(len(series), -1))


class Statistics:
    """The length; of each channel and of its differences mean, standard deviation and quantiles."""

    def __init__(self, node: Node, channels: int):
        self._scaling = Scaling(node.node("scaling"), 1 + 18 * channels)

    def __call__(self, series: FlatSeries) -> Floats32:
        """(N, 1 + 18 C)."""
        found = np.zeros((len(series), 1 + 18 * series.channels), np.float32)
        lengths = series.lengths
        for length in np.unique(lengths).tolist():
            rows = np.flatnonzero(lengths == length)
            for some in np.array_split(rows, -(-len(rows) * max(length, 1) * series.channels // AT_ONCE)):
                values = np.stack([series[row] for row in some.tolist()]).astype(np.float64)  # (n, length, C)
                found[some, 0] = np.log1p(length)
                found[some, 1:] = np.concatenate([_spread(values), _spread(np.diff(values, axis=1))], axis=1)
        return self._scaling(found)


def _spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean, standard deviation and quantiles over the steps of (n, T, C): (n, 9 C); zeros where there is no step."""
    values = values if values.shape[1] else np.zeros((len(values), 1, values.shape[2]))
    quantiles = np.quantile(values, SHARES, axis=1).transpose(1, 0, 2).reshape(len(values), -1)
    return np.concatenate([values.mean(axis=1), values.std(axis=1), quantiles], axis=1)


class Quantiles:
    """Quantiles of intervals of the series, of its differences and of its spectrum (QUANT: Dempster et al., 2024)."""

    def __init__(self, node: Node, channels: int):
        self._depth, self._steps = node.whole("depth", 1, 16), node.whole("steps", 1, MOST_LENGTH)
        self._length = node.whole("length", 1, MOST_REFERENCE)

    def __call__(self, series: FlatSeries) -> Floats32:
        """(N, F), not scaled."""
        lengths = series.lengths
        found: list[Floats32 | None] = [None] * len(series)
        for length in np.unique(lengths):
            chosen = np.flatnonzero(lengths == length)
            rows = np.stack([series[int(i)] for i in chosen]).transpose(0, 2, 1).reshape(-1, int(length))
            features = np.concatenate([self._intervals(*one) for one in self._represent(rows)], axis=1)
            for index, row in zip(chosen, features.reshape(len(chosen), -1), strict=True):
                found[index] = row
        stacked = np.array(found, dtype=np.float32)
        return np.concatenate((stacked, np.log1p(lengths)[:, None]), axis=1, dtype=np.float32)

    def _represent(self, rows: Floats32) -> list[tuple[Floats32, int]]:
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
        less = [self._length, max(self._length - 1, 1), max(self._length - 2, 1), self._length // 2 + 1]
        return list(zip((rows, smooth, second, spectrum), less, strict=True))

    def _intervals(self, rows: Floats32, reference: int) -> Floats32:
        found = []
        for start, stop in _shares(self._depth, reference):
            low = min(int(start * rows.shape[1]), rows.shape[1] - 1)
            high = max(int(stop * rows.shape[1]), low + 1)
            count = 1 + (max(int(stop * reference) - int(start * reference), 1) - 1) // self._steps
            inside = np.ascontiguousarray(rows[:, low:high])
            found.append(_quantiles(inside, count))
            if count > 1:
                found[-1][:, 1::2] -= inside.mean(axis=1, keepdims=True)
        return np.concatenate(found, axis=1)


def _shares(depth: int, reference: int) -> list[tuple[float, float]]:
    """Where intervals begin and end, as shares of a series.

    Example:
        >>> _shares(2, 8)
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
    """`count` evenly spaced quantiles of each row, from the least to the greatest; of one, the median: (R, count)."""
    ordered = np.sort(rows, axis=1)
    place = (np.linspace(0, 1, count) if count > 1 else np.array([0.5])) * (rows.shape[1] - 1)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, rows.shape[1] - 1)
    share = (place - low).astype(np.float32)
    found: Floats32 = (ordered[:, low] * (1 - share) + ordered[:, high] * share).astype(np.float32)
    return found
