"""Features by dilated convolutions with 84 fixed kernels (MiniRocket, MultiRocket) and by competing ones (Hydra).

Equations: native/convolution_features.h and native/competing_kernels.h; here the same in NumPy, one series after the
other. The bits are the same.
"""

import ctypes
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import native
from unspool_runtime.native import pointer
from unspool_runtime.node import Node
from unspool_runtime.series.flat import FlatSeries, Floats32

TAPS = 9
TRIPLES = np.array(list(combinations(range(TAPS), 3)))
"""(84, 3) the taps at which a kernel has weight 2; it has weight -1 at the others."""
KERNELS = len(TRIPLES)
COMPETITORS = 8
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
        features = np.zeros((len(series), self.pools, len(self.biases), KERNELS), np.float32)
        for number, found in enumerate(features):
            one, row = series[number], 0
            for index, (dilation, count) in enumerate(zip(self.dilations.tolist(), self.counts.tolist(), strict=True)):
                z = _responses(one, dilation, None if self.channels is None else self.channels[index])
                margin = TAPS // 2 * dilation if len(one) > (TAPS - 1) * dilation else 0
                for bias in range(row, row + count):
                    for padded in (True, False):
                        kernels = np.arange(KERNELS)[((np.arange(KERNELS) + index) % 2 == 0) == padded]
                        pools = _pool(z[:, kernels], self.biases[bias, kernels], 0 if padded else margin)
                        found[:, bias, kernels] = pools[: self.pools]
                row += count
        return features.reshape(len(series), self.size)


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
        features = np.zeros((len(series), len(self.dilations), 2, COMPETITORS, self.weights.shape[3]), np.float32)
        for number, found in enumerate(features):
            one = series[number]
            if not len(one):
                continue
            for index, dilation in enumerate(self.dilations.tolist()):
                window = _windows(_seen(one, None if self.channels is None else self.channels[index]), dilation)
                response = window[0][:, None, :] * self.weights[index, :, 0]
                for tap in range(1, TAPS):
                    response = response + window[tap][:, None, :] * self.weights[index, :, tap]
                high, low = response.max(axis=1, keepdims=True), response.min(axis=1, keepdims=True)
                won = np.where(response == high, response, np.float32(0))
                found[index, 0] = np.add.accumulate(won, axis=0, dtype=np.float32)[-1] / np.float32(len(one))
                found[index, 1] = (response == low).sum(axis=0).astype(np.float32) / np.float32(len(one))
        return features.reshape(len(series), self.size)


def _dilations(node: Node) -> NDArray[np.int64]:
    found = node.array("dilations", np.int64, None)
    if (found < 1).any() or (found > MOST_DILATION).any():
        raise node.wrong("dilations are at least 1")
    return found


def _channels(node: Node, dilations: int, kernels: int, channels: int) -> NDArray[np.uint8] | None:
    if not node.has("channels"):
        return None
    return node.array("channels", np.uint8, dilations, kernels, channels)


def _responses(one: Floats32, dilation: int, channels: NDArray[np.uint8] | None) -> Floats32:
    """The responses of the 84 kernels to one series: (T, C) to (T, 84)."""
    window = _windows(_seen(one, channels), dilation)
    first, second, third = (np.float32(3) * _taken(window, TRIPLES[:, i]) for i in range(3))
    everything = window[0]
    for tap in range(1, TAPS):
        everything = everything + window[tap]
    response: Floats32 = (first - everything) + second + third
    return response


def _taken(window: Floats32, taps: NDArray[np.int64]) -> Floats32:
    whole = np.broadcast_to(window, (*window.shape[:2], KERNELS))
    taken: Floats32 = np.take_along_axis(whole, taps[None, None, :], axis=0)[0]
    return taken


def _pool(z: Floats32, bias: Floats32, margin: int) -> Floats32:
    """The four pools of (T, K) responses, without `margin` steps at either end: (4, K)."""
    length = len(z)
    if length == 0:
        return np.zeros((4, z.shape[1]), np.float32)
    inner = z[margin : length - margin]
    over = inner > bias
    count = over.sum(axis=0).astype(np.float32)
    safe = np.maximum(count, 1)
    steps = np.arange(margin, length - margin, dtype=np.float32)[:, None]
    # Sums step by step, as the kernel takes them; `sum` would add pairs.
    excess = np.add.accumulate(np.where(over, inner - bias, np.float32(0)), axis=0, dtype=np.float32)[-1]
    place = np.add.accumulate(np.where(over, steps, np.float32(0)), axis=0, dtype=np.float32)[-1]
    run, best = np.zeros(z.shape[1], np.int64), np.zeros(z.shape[1], np.int64)
    for now in over:
        run = np.where(now, run + 1, 0)
        best = np.maximum(best, run)
    total = np.float32(len(inner))
    return np.stack([count / total, excess / safe, place / safe / np.float32(length), best.astype(np.float32) / total])


def _windows(series: Floats32, dilation: int) -> Floats32:
    """What a kernel sees at each step of one series: (T, K) to (9, T, K), zeros beyond the ends."""
    margin = TAPS // 2 * min(dilation, max(len(series), 1))
    step = margin // (TAPS // 2)
    padded = np.pad(series, [(margin, margin), (0, 0)])
    return np.stack([padded[tap * step : tap * step + len(series)] for tap in range(TAPS)])


def _seen(series: Floats32, allowed: NDArray[np.uint8] | None) -> Floats32:
    """The sum of the channels that each kernel may see, in their order: (T, C) and (K, C) to (T, K); (T, 1) for all."""
    if allowed is None:
        allowed = np.ones((1, series.shape[1]), np.uint8)
    total = np.zeros((len(series), len(allowed)), np.float32)
    for channel in range(series.shape[1]):
        total += series[:, channel, None] * allowed[None, :, channel].astype(np.float32)
    return total
