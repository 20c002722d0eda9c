"""Series to vectors by pooled dilated convolutions: MiniRocket and MultiRocket, for series of any lengths and channels.

What differs from the papers: the mean of all training series is subtracted from each channel first, so that padding
with zeros shows the level, whatever the unit; a series is computed over its own length; and its level, scale and length
are features too, which matter where series are not already standardised.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from unspool.candidates.features.preparation import PreparedSeries, prepare
from unspool.candidates.features.scaling import Arrays, Features, Scaling
from unspool.kernels import ConvolutionPlan, FlatSeries, convolution_features
from unspool.kernels.ranked_responses import ranked_responses
from unspool.kernels.series_reference import KERNELS, TAPS

GOLDEN = (np.sqrt(5) + 1) / 2
MOST_CHANNELS = 9
"""That a kernel sees."""
_AT_ONCE = 1 << 22  # steps that kernels see, of all series that biases are drawn from at a time


@dataclass(frozen=True, slots=True)
class Convolution:
    """A description of an encoder.

    Attributes:
        biases: for all 84 kernels and all dilations together, in each representation.
        pools: 1 is MiniRocket's pooling, 4 MultiRocket's.
        differences: whether the series' first differences are a second representation.
        most_dilations: of a kernel.
        scale: whether each channel of each series is brought to mean 0 and standard deviation 1.

    Raises:
        ValueError: fewer than 84 biases, or another number of pools than 1 and 4.
    """

    biases: int = 6216
    pools: Literal[1, 4] = 4
    differences: bool = True
    most_dilations: int = 32
    scale: bool = False

    def __post_init__(self) -> None:
        if self.biases < KERNELS or self.pools not in (1, 4) or self.most_dilations < 1:
            raise ValueError(f"{self}: there must be 84 biases or more, 1 or 4 pools, and a dilation")

    def fit(self, series: FlatSeries, seed: int) -> "FittedConvolution":
        """Choose dilations, channels and biases by training series, without their labels.

        Args:
            series: N >= 1 series.
            seed: of the series that biases are taken from, and of the channels.

        Example:
            >>> waves = FlatSeries.of([np.sin(np.arange(40.0) * f)[:, None] for f in (0.1, 0.2, 0.4)])
            >>> encoder = Convolution(biases=84, pools=1, differences=False).fit(waves, seed=0)
            >>> encoder.transform(waves).shape
            (3, 87)
        """
        return self.fit_transform(series, seed)[0]

    def fit_transform(self, series: FlatSeries, seed: int) -> "tuple[FittedConvolution, Features]":
        """The same, and what `transform` makes of the series."""
        generator = np.random.default_rng(seed)
        known = len(series.values) and not self.scale
        origin = series.values.mean(axis=0, dtype=np.float64) if known else None
        prepared = prepare(series, self.scale, origin)
        plans = tuple(self._plan(one, generator) for one in _representations(prepared.series, self.differences))
        raw = _raw(prepared, plans)
        scaling = Scaling.fit(raw)
        return FittedConvolution(self.scale, plans, scaling, origin), scaling.scale_in_place(raw)

    def _plan(self, series: FlatSeries, generator: Generator) -> ConvolutionPlan:
        dilations, counts = dilations_for(int(np.median(series.lengths)), self.biases // KERNELS, self.most_dilations)
        channels = _draw_channels(len(dilations), series.channels, generator) if series.channels > 1 else None
        biases = _draw_biases(series, dilations, counts, channels, generator)
        return ConvolutionPlan(dilations, counts, biases, channels, self.pools)


@dataclass(frozen=True, slots=True, eq=False)
class FittedConvolution:
    """An encoder that can be used: what `Convolution.fit` returns.

    Attributes:
        scale: see `Convolution`.
        plans: of the series, and of its differences.
        scaling: of the features.
        origin: (C,) what is subtracted from each channel; None for each series' own mean, as in older models.
    """

    scale: bool
    plans: tuple[ConvolutionPlan, ...]
    scaling: Scaling
    origin: NDArray[np.float64] | None = None

    def transform(self, series: FlatSeries) -> Features:
        """Return (N, F) float32, each feature of mean 0 and standard deviation 1 over the training series."""
        return self.scaling.scale_in_place(_raw(prepare(series, self.scale, self.origin), self.plans))

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""
        found: Arrays = {"scale": np.array(self.scale), **self.scaling.arrays("scaling")}
        found |= {} if self.origin is None else {"origin": self.origin}
        for index, plan in enumerate(self.plans):
            found |= {f"{index}.dilations": plan.dilations, f"{index}.counts": plan.bias_counts}
            found |= {f"{index}.biases": plan.biases, f"{index}.pools": np.array(plan.pools)}
            if plan.channels is not None:
                found[f"{index}.channels"] = plan.channels
        return found

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "FittedConvolution":
        """The same encoder again, with the same bits."""
        plans: list[ConvolutionPlan] = []
        while f"{len(plans)}.biases" in arrays:
            index = len(plans)
            channels = arrays.get(f"{index}.channels")
            plans.append(
                ConvolutionPlan(
                    arrays[f"{index}.dilations"].astype(np.int64),
                    arrays[f"{index}.counts"].astype(np.int64),
                    arrays[f"{index}.biases"].astype(np.float32),
                    None if channels is None else channels.astype(np.uint8),
                    4 if int(arrays[f"{index}.pools"]) == 4 else 1,
                )
            )
        origin = arrays["origin"].astype(np.float64) if "origin" in arrays else None
        if origin is not None and (origin.ndim != 1 or not np.isfinite(origin).all()):
            raise ValueError(f"the origin of its series is {origin.tolist()}")
        return cls(bool(arrays["scale"]), tuple(plans), Scaling.from_arrays(arrays, "scaling"), origin)


def _representations(series: FlatSeries, differences: bool) -> list[FlatSeries]:
    return [series, series.differences()] if differences else [series]


def _raw(prepared: PreparedSeries, plans: tuple[ConvolutionPlan, ...]) -> Features:
    found = [
        convolution_features(one, plan)
        for one, plan in zip(_representations(prepared.series, len(plans) == 2), plans, strict=True)
    ]
    return np.concatenate([*found, prepared.level], axis=1)


def dilations_for(length: int, per_kernel: int, most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Dilations, exponentially spaced until a kernel spans the series, and how many biases each has per kernel.

    Example:
        >>> [values.tolist() for values in dilations_for(33, 10, 32)]
        [[1, 2, 3, 4], [5, 3, 1, 1]]
    """
    steps = min(per_kernel, most)
    widest = max(np.log2(max(length - 1, 1) / (TAPS - 1)), 0)
    spaced = np.floor(np.logspace(0, widest, steps, base=2) + 1e-9).astype(np.int64)
    dilations, counts = np.unique(spaced, return_counts=True)
    counts = counts * per_kernel // steps
    short = per_kernel - int(counts.sum())
    counts += short // len(counts)
    counts[: short % len(counts)] += 1
    return dilations, counts.astype(np.int64)


def _draw_channels(dilations: int, channels: int, generator: Generator) -> NDArray[np.uint8]:
    """Random channels for each kernel at each dilation, few more often than many: (D, 84, C)."""
    widest = np.log2(min(channels, MOST_CHANNELS) + 1)
    counts = (2 ** generator.uniform(0, widest, size=(dilations, KERNELS))).astype(np.int64)
    ranks = generator.random((dilations, KERNELS, channels)).argsort(axis=2).argsort(axis=2)
    return (ranks < np.maximum(counts, 1)[:, :, None]).astype(np.uint8)


def _draw_biases(
    series: FlatSeries,
    dilations: NDArray[np.int64],
    counts: NDArray[np.int64],
    channels: NDArray[np.uint8] | None,
    generator: Generator,
) -> NDArray[np.float32]:
    """Quantiles of each kernel's responses to a series drawn for it; a low-discrepancy sequence says which.

    Between two responses, quantiles are interpolated linearly.
    """
    used = np.flatnonzero(series.lengths > 0)
    if len(used) == 0:
        return np.zeros((int(counts.sum()), KERNELS), np.float32)
    whole = series.values.sum(axis=1) if channels is None else np.empty(0, np.float32)
    found, done = [], 0
    for index, (dilation, count) in enumerate(zip(dilations.tolist(), counts.tolist(), strict=True)):
        drawn = generator.choice(used, size=KERNELS)
        quantiles = ((done + np.arange(1, count * KERNELS + 1)) * GOLDEN % 1).reshape(count, KERNELS)
        done += count * KERNELS
        biases, at_once = np.empty(quantiles.shape), max(_AT_ONCE // int(series.lengths[drawn].max()), 1)
        for first in range(0, KERNELS, at_once):
            some = slice(first, first + at_once)
            starts, lengths, seen = series.offsets[drawn[some]], series.lengths[drawn[some]], whole
            if channels is not None:
                rows = zip(drawn[some].tolist(), channels[index, some], strict=True)
                seen = np.concatenate([series[position] @ allowed for position, allowed in rows])
                starts = np.cumsum(lengths) - lengths
            place = quantiles[:, some] * (lengths - 1)
            low = np.floor(place).astype(np.int64)
            ranks = np.concatenate([low, np.minimum(low + 1, lengths - 1)])
            below, above = np.split(ranked_responses(seen, starts, lengths, first, dilation, ranks.T).T, 2)
            biases[:, some] = below * (1 - (place - low)) + above * (place - low)
        found.append(biases)
    return np.concatenate(found).astype(np.float32)
