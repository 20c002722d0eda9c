"""Features of dilated convolutions with 84 fixed kernels, and their pooling: native, and a readable reference.

MiniRocket: Dempster, Schmidt & Webb, "MiniRocket: A Very Fast (Almost) Deterministic Transform for Time Series
Classification", 2021. MultiRocket: Tan, Dempster, Bergmeir & Webb, "MultiRocket: multiple pooling operators and
transformations for fast and effective time series classification", 2022.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from unspool.kernels import plain
from unspool.kernels.flat_series import FlatSeries
from unspool.kernels.plain import pointer
from unspool.kernels.series_reference import KERNELS, pooled_convolutions


@dataclass(frozen=True, slots=True, eq=False)
class ConvolutionPlan:
    """What is computed: dilations, biases, channels, pools. Names and formulas are those of `convolution_features.h`.

    Attributes:
        dilations: (D,) int64, each at least 1.
        bias_counts: (D,) int64, how many biases each kernel has at that dilation.
        biases: (B, 84) float32, B the sum of `bias_counts`.
        channels: (D, 84, C) uint8, the channels whose sum each kernel sees; None: all.
        pools: 1, the share of steps above the bias (MiniRocket), or 4, all of `POOLS` (MultiRocket).

    Raises:
        ValueError: shapes or types do not fit together.
    """

    dilations: NDArray[np.int64]
    bias_counts: NDArray[np.int64]
    biases: NDArray[np.float32]
    channels: NDArray[np.uint8] | None = None
    pools: Literal[1, 4] = 1

    def __post_init__(self) -> None:
        if self.dilations.dtype != np.int64 or self.bias_counts.dtype != np.int64 or self.biases.dtype != np.float32:
            raise ValueError("dilations and bias_counts are int64, biases float32")
        if self.dilations.ndim != 1 or self.dilations.shape != self.bias_counts.shape:
            raise ValueError("there must be one count of biases for each dilation")
        if np.any(self.dilations < 1) or np.any(self.dilations > 1 << 40) or np.any(self.bias_counts < 0):
            raise ValueError("dilations are at least 1, counts at least 0")
        if self.biases.shape != (self.bias_counts.sum(), KERNELS):
            raise ValueError(f"biases must be {(int(self.bias_counts.sum()), KERNELS)}, not {self.biases.shape}")
        if self.channels is not None and (
            self.channels.dtype != np.uint8 or self.channels.shape[:2] != (len(self.dilations), KERNELS)
        ):
            raise ValueError("channels must be (D, 84, C) uint8")
        if self.pools not in (1, 4):
            raise ValueError(f"{self.pools} pools: there are 1 and 4")

    @property
    def size(self) -> int:
        """How many features a series gets."""
        return int(self.pools * self.biases.size)


def convolution_features(series: FlatSeries, plan: ConvolutionPlan) -> NDArray[np.float32]:
    """Pool the responses of 84 dilated kernels.

    Each series is computed over its own length. The bits depend neither on the instruction set, nor on threads, nor
    on the other series, and equal those of `convolution_features_reference`.

    Args:
        series: N series.
        plan: what is computed.

    Returns:
        (N, pools * B * 84): pool after pool, in each bias after bias, in each kernel after kernel.

    Raises:
        ValueError: the plan is for another number of channels.
        MemoryError: there is not enough memory.

    Example:
        >>> plan = ConvolutionPlan(np.array([1, 2]), np.array([1, 1]), np.zeros((2, 84), np.float32))
        >>> steps = np.sin(np.arange(30.0))[:, None]
        >>> convolution_features(FlatSeries.of([steps, steps[:7]]), plan).shape
        (2, 168)
    """
    series.check_planned(plan.channels)
    library = plain.library()
    if library is None:
        return convolution_features_reference(series, plan)
    features = np.empty((len(series), plan.size), np.float32)
    values, offsets = np.ascontiguousarray(series.values), np.ascontiguousarray(series.offsets, np.int64)
    failed = library.code.unspool_convolution_features(
        pointer(values, np.float32),
        pointer(offsets, np.int64),
        len(series),
        series.channels,
        len(plan.dilations),
        pointer(plan.dilations, np.int64),
        pointer(plan.bias_counts, np.int64),
        pointer(plan.biases, np.float32),
        pointer(plan.channels, np.uint8),
        plan.pools,
        pointer(features, np.float32),
        library.threads,
    )
    if failed:
        raise MemoryError("no memory for the features of series")
    return features


def convolution_features_reference(series: FlatSeries, plan: ConvolutionPlan) -> NDArray[np.float32]:
    """What `convolution_features` computes, in NumPy, one series after the other."""
    series.check_planned(plan.channels)
    how = plan.dilations, plan.bias_counts, plan.biases, plan.channels, plan.pools
    return series.each(plan.size, lambda one: pooled_convolutions(one, *how))
