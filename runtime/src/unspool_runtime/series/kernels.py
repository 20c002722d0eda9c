"""Features by dilated convolutions with 84 fixed kernels (MiniRocket, MultiRocket) and by competing ones (Hydra).

Equations: native/convolution_features.h and native/competing_kernels.h; in NumPy: series_reference.py, with the same
bits.
"""

import ctypes

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import native
from unspool_runtime.native import pointer
from unspool_runtime.node import Node
from unspool_runtime.series.flat_series import FlatSeries, Floats32
from unspool_runtime.series.series_reference import COMPETITORS, KERNELS, TAPS, competition, pooled_convolutions

MOST_DILATION = 1 << 40


class ConvolutionPlan:
    """Which convolutions are computed: "dilations" (D,), "counts" (D,), "biases" (B, 84), "pools", "channels"."""

    def __init__(self, node: Node, channels: int):
        self.dilations, self.counts = _dilations(node), node.array("counts", np.int64, None)
        if len(self.dilations) != len(self.counts) or (self.counts < 0).any() or (self.counts > 1 << 32).any():
            raise node.wrong("there is not one count of biases for each dilation")
        self.biases = node.array("biases", np.float32, int(self.counts.sum()), KERNELS)
        self.pools = 4 if node.whole("pools", 1, 4) == 4 else 1
        self.channels = _channels(node, len(self.dilations), KERNELS, channels)
        self.size = self.pools * self.biases.size

    def __call__(self, series: FlatSeries) -> Floats32:
        """(N, pools * B * 84)."""
        code = native.library()
        if code is None:
            return self._plain(series)
        features = np.empty((len(series), self.size), np.float32)
        failed = code.unspool_convolution_features(
            pointer(np.ascontiguousarray(series.values), np.float32),
            pointer(series.offsets, np.int64),
            *map(ctypes.c_int64, (len(series), series.channels, len(self.dilations))),
            pointer(self.dilations, np.int64),
            pointer(self.counts, np.int64),
            pointer(self.biases, np.float32),
            pointer(self.channels, np.uint8),
            ctypes.c_int64(self.pools),
            pointer(features, np.float32),
            ctypes.c_int64(min(native.threads(), len(series))),
        )
        if failed:
            raise MemoryError("not enough memory for the features of these series")
        return features

    def _plain(self, series: FlatSeries) -> Floats32:
        how = self.dilations, self.counts, self.biases, self.channels, self.pools
        return series.each(self.size, lambda one: pooled_convolutions(one, *how))


class CompetitionPlan:
    """Which kernels compete: "dilations" (D,), "weights" (D, 8, 9, G) and "channels"."""

    def __init__(self, node: Node, channels: int):
        self.dilations = _dilations(node)
        self.weights = node.array("weights", np.float32, len(self.dilations), COMPETITORS, TAPS, None)
        self.channels = _channels(node, len(self.dilations), self.weights.shape[3], channels)
        self.size = len(self.dilations) * 2 * COMPETITORS * self.weights.shape[3]

    def __call__(self, series: FlatSeries) -> Floats32:
        """(N, D * 2 * 8 * G)."""
        code = native.library()
        if code is None:
            return self._plain(series)
        features = np.empty((len(series), self.size), np.float32)
        failed = code.unspool_competing_kernels(
            pointer(np.ascontiguousarray(series.values), np.float32),
            pointer(series.offsets, np.int64),
            *map(ctypes.c_int64, (len(series), series.channels, len(self.dilations))),
            pointer(self.dilations, np.int64),
            ctypes.c_int64(self.weights.shape[3]),
            pointer(self.weights, np.float32),
            pointer(self.channels, np.uint8),
            pointer(features, np.float32),
            ctypes.c_int64(min(native.threads(), len(series))),
        )
        if failed:
            raise MemoryError("not enough memory for the features of these series")
        return features

    def _plain(self, series: FlatSeries) -> Floats32:
        how = self.dilations, self.weights, self.channels
        return series.each(self.size, lambda one: competition(one, *how))


def _dilations(node: Node) -> NDArray[np.int64]:
    found = node.array("dilations", np.int64, None)
    if (found < 1).any() or (found > MOST_DILATION).any():
        raise node.wrong("dilations are at least 1")
    return found


def _channels(node: Node, dilations: int, kernels: int, channels: int) -> NDArray[np.uint8] | None:
    if not node.has("channels"):
        return None
    return node.array("channels", np.uint8, dilations, kernels, channels)
