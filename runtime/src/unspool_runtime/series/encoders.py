"""Series to vectors: convolutions, competing kernels, quantiles, raw values, statistics, totals."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from unspool_runtime.node import Node
from unspool_runtime.series.flat_series import FlatSeries, Floats32
from unspool_runtime.series.formulas import interval_quantiles, resampled, standardised, statistics, totals
from unspool_runtime.series.kernels import CompetitionPlan, ConvolutionPlan
from unspool_runtime.series.scaling import Scaling

MOST_LENGTH = 1 << 24
MOST_REFERENCE = 1 << 20
"""Length that decides how many quantiles there are: what a file may ask for, whatever else it holds."""


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
        "totals": Totals,
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
        values, level = standardised(series, self._scale, self._origin)
        seen = FlatSeries(values, series.offsets)
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
        seen = FlatSeries(standardised(series, self._scale)[0], series.offsets)
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
        return self._scaling(statistics(series))


class Totals:
    """The length; of each channel the sum, the sum of absolute changes, and the rises above the mean."""

    def __init__(self, node: Node, channels: int):
        self._per_step = node.flag("per_step")
        self._scaling = Scaling(node.node("scaling"), 1 + 3 * channels)

    def __call__(self, series: FlatSeries) -> Floats32:
        """(N, 1 + 3 C)."""
        return self._scaling(totals(series, self._per_step))


class Quantiles:
    """Quantiles of intervals of the series, of its differences and of its spectrum (QUANT: Dempster et al., 2024)."""

    def __init__(self, node: Node, channels: int):
        self._depth, self._steps = node.whole("depth", 1, 16), node.whole("steps", 1, MOST_LENGTH)
        self._length = node.whole("length", 1, MOST_REFERENCE)

    def __call__(self, series: FlatSeries) -> Floats32:
        """(N, F), not scaled."""
        return interval_quantiles(series, self._depth, self._steps, self._length)
