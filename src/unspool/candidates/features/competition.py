"""Series to vectors by competing random kernels: Hydra, for series of any lengths and channels."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from unspool.candidates.features.preparation import prepare
from unspool.candidates.features.scaling import Arrays, Features, Scaling
from unspool.kernels import CompetitionPlan, FlatSeries, competing_kernels
from unspool.kernels.series_reference import COMPETITORS, TAPS

MOST_CHANNELS = 8
"""That a group sees."""


@dataclass(frozen=True, slots=True)
class Competition:
    """A description of an encoder.

    Attributes:
        groups: of 8 kernels, at each dilation; half of them see the series, half its first differences.
        scale: whether each channel of each series is brought to standard deviation 1.

    Raises:
        ValueError: fewer than two groups.
    """

    groups: int = 64
    scale: bool = True

    def __post_init__(self) -> None:
        if self.groups < 2:
            raise ValueError(f"{self.groups} groups: there must be two or more")

    def fit(self, series: FlatSeries, seed: int) -> "FittedCompetition":
        """Draw kernels; learn the scale of their features by training series, without their labels.

        Args:
            series: N >= 1 series.
            seed: of the kernels.

        Example:
            >>> waves = FlatSeries.of([np.sin(np.arange(40.0) * f)[:, None] for f in (0.1, 0.2, 0.4)])
            >>> Competition(groups=4).fit(waves, seed=0).transform(waves).shape
            (3, 192)
        """
        return self.fit_transform(series, seed)[0]

    def fit_transform(self, series: FlatSeries, seed: int) -> "tuple[FittedCompetition, Features]":
        """The same, and what `transform` makes of the series."""
        generator = np.random.default_rng(seed)
        length = int(np.median(series.lengths))
        dilations = 2 ** np.arange(int(max(np.log2(max(length - 1, 1) / (TAPS - 1)), 0)) + 1)
        plans = tuple(self._plan(dilations, series.channels, generator) for _ in range(2))
        raw = _raw(series, plans, self.scale)
        scaling = Scaling.fit_sparse(raw)
        return FittedCompetition(self.scale, plans, scaling), scaling.scale_in_place(raw)

    def _plan(
        self, dilations: "np.ndarray[tuple[int], np.dtype[np.int64]]", channels: int, generator: Generator
    ) -> CompetitionPlan:
        groups = self.groups // 2
        weights = generator.normal(size=(len(dilations), COMPETITORS, TAPS, groups))
        weights -= weights.mean(axis=2, keepdims=True)
        weights /= np.abs(weights).sum(axis=2, keepdims=True)
        seen = None
        if channels > 1:
            ranks = generator.random((len(dilations), groups, channels)).argsort(axis=2).argsort(axis=2)
            seen = (ranks < min(MOST_CHANNELS, max(channels // 2, 1))).astype(np.uint8)
        return CompetitionPlan(dilations.astype(np.int64), weights.astype(np.float32), seen)


@dataclass(frozen=True, slots=True, eq=False)
class FittedCompetition:
    """An encoder that can be used: what `Competition.fit` returns."""

    scale: bool
    plans: tuple[CompetitionPlan, ...]
    scaling: Scaling

    def transform(self, series: FlatSeries) -> Features:
        """Return (N, F) float32."""
        return self.scaling.scale_in_place(_raw(series, self.plans, self.scale))

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""
        found: Arrays = {"scale": np.array(self.scale), **self.scaling.arrays("scaling")}
        for index, plan in enumerate(self.plans):
            found |= {f"{index}.dilations": plan.dilations, f"{index}.weights": plan.weights}
            if plan.channels is not None:
                found[f"{index}.channels"] = plan.channels
        return found

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "FittedCompetition":
        """The same encoder again, with the same bits."""
        plans = []
        for index in range(2):
            channels = arrays.get(f"{index}.channels")
            plans.append(
                CompetitionPlan(
                    arrays[f"{index}.dilations"].astype(np.int64),
                    arrays[f"{index}.weights"].astype(np.float32),
                    None if channels is None else channels.astype(np.uint8),
                )
            )
        return cls(bool(arrays["scale"]), tuple(plans), Scaling.from_arrays(arrays, "scaling"))


def _raw(series: FlatSeries, plans: tuple[CompetitionPlan, ...], scale: bool) -> Features:
    seen = prepare(series, scale).series
    found = [competing_kernels(one, plan) for one, plan in zip((seen, seen.differences()), plans, strict=True)]
    return np.sqrt(np.maximum(np.concatenate(found, axis=1), 0))
