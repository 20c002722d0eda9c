"""Features of competing random kernels: native, and a readable reference.

Hydra: Dempster, Schmidt & Webb, "Hydra: competing convolutional kernels for fast and accurate time series
classification", 2023.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool.kernels import plain
from unspool.kernels.flat_series import FlatSeries
from unspool.kernels.plain import pointer
from unspool.kernels.series_reference import COMPETITORS, TAPS, competition


@dataclass(frozen=True, slots=True, eq=False)
class CompetitionPlan:
    """The kernels that compete. Formulas are those of `competing_kernels.h`.

    Attributes:
        dilations: (D,) int64, each at least 1.
        weights: (D, 8, 9, G) float32, for G groups at each dilation.
        channels: (D, G, C) uint8, the channels whose sum a group sees; None: all.

    Raises:
        ValueError: shapes or types do not fit together.
    """

    dilations: NDArray[np.int64]
    weights: NDArray[np.float32]
    channels: NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        if self.dilations.dtype != np.int64 or self.weights.dtype != np.float32:
            raise ValueError("dilations are int64, weights float32")
        if np.any(self.dilations < 1) or np.any(self.dilations > 1 << 40):
            raise ValueError("dilations are at least 1")
        if self.weights.ndim != 4 or self.weights.shape[:3] != (len(self.dilations), COMPETITORS, TAPS):
            raise ValueError(f"weights must be (D, 8, 9, G), not {self.weights.shape}")
        groups = (len(self.dilations), self.weights.shape[3])
        if self.channels is not None and (self.channels.dtype != np.uint8 or self.channels.shape[:2] != groups):
            raise ValueError("channels must be (D, G, C) uint8")

    @property
    def size(self) -> int:
        """How many features a series gets."""
        return int(len(self.dilations) * 2 * COMPETITORS * self.weights.shape[3])


def competing_kernels(series: FlatSeries, plan: CompetitionPlan) -> NDArray[np.float32]:
    """Let kernels compete at each step: how much each won by its greatest response, how often by its least.

    Each series is computed over its own length. The bits depend neither on the instruction set, nor on threads, nor
    on the other series, and equal those of `competing_kernels_reference`.

    Args:
        series: N series.
        plan: what is computed.

    Returns:
        (N, D * 2 * 8 * G).

    Raises:
        ValueError: the plan is for another number of channels.
        MemoryError: there is not enough memory.

    Example:
        >>> weights = np.random.RandomState(0).normal(size=(1, 8, 9, 4)).astype(np.float32)
        >>> plan = CompetitionPlan(np.array([1]), weights)
        >>> competing_kernels(FlatSeries.of([np.ones((12, 1)), np.ones((3, 1))]), plan).shape
        (2, 64)
    """
    series.check_planned(plan.channels)
    library = plain.library()
    if library is None:
        return competing_kernels_reference(series, plan)
    features = np.empty((len(series), plan.size), np.float32)
    values, offsets = np.ascontiguousarray(series.values), np.ascontiguousarray(series.offsets, np.int64)
    failed = library.code.unspool_competing_kernels(
        pointer(values, np.float32),
        pointer(offsets, np.int64),
        len(series),
        series.channels,
        len(plan.dilations),
        pointer(plan.dilations, np.int64),
        plan.weights.shape[3],
        pointer(plan.weights, np.float32),
        pointer(plan.channels, np.uint8),
        pointer(features, np.float32),
        library.threads,
    )
    if failed:
        raise MemoryError("no memory for the features of series")
    return features


def competing_kernels_reference(series: FlatSeries, plan: CompetitionPlan) -> NDArray[np.float32]:
    """What `competing_kernels` computes, in NumPy, one series after the other."""
    series.check_planned(plan.channels)
    return series.each(plan.size, lambda one: competition(one, plan.dilations, plan.weights, plan.channels))
