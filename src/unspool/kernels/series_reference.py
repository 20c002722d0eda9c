"""Features of one series in NumPy: what `native/convolution_features.h` and `native/competing_kernels.h` specify.

The trainer and the runtime share this file. Sums are taken step by step, so that the bits are those of the native
code.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]

TAPS = 9
"""Weights of a kernel, `dilation` steps apart, centred on each step."""
TRIPLES = np.array(list(combinations(range(TAPS), 3)))
"""(84, 3) the taps at which a kernel has weight 2; it has weight -1 at the others."""
KERNELS = len(TRIPLES)
POOLS = ("share", "mean", "place", "stretch")
COMPETITORS = 8
"""Kernels of a group that compete."""


def pooled_convolutions(
    series: Floats32,
    dilations: NDArray[np.int64],
    counts: NDArray[np.int64],
    biases: Floats32,
    channels: NDArray[np.uint8] | None,
    pools: int,
) -> Floats32:
    """The first `pools` of `POOLS`, of the responses of 84 kernels above each bias: (pools, B, 84).

    Args:
        series: (T, C).
        dilations: (D,).
        counts: (D,) how many biases each kernel has at a dilation.
        biases: (B, 84).
        channels: (D, 84, C) the channels whose sum each kernel sees, or None for all.
        pools: 1 to 4.
    """
    found, row = np.zeros((pools, len(biases), KERNELS), np.float32), 0
    for index, (dilation, count) in enumerate(zip(dilations.tolist(), counts.tolist(), strict=True)):
        z = responses(series, dilation, None if channels is None else channels[index])
        margin = TAPS // 2 * dilation if len(series) > (TAPS - 1) * dilation else 0
        for bias in range(row, row + count):
            for padded in (True, False):
                kernels = np.arange(KERNELS)[((np.arange(KERNELS) + index) % 2 == 0) == padded]
                found[:, bias, kernels] = _pool(z[:, kernels], biases[bias, kernels], 0 if padded else margin)[:pools]
        row += count
    return found


def responses(series: Floats32, dilation: int, channels: NDArray[np.uint8] | None = None) -> Floats32:
    """The responses of the 84 kernels to one series: (T, C) to (T, 84); `channels` is (84, C) or None for all."""
    window = windows(seen(series, channels), dilation)
    first, second, third = (np.float32(3) * _taken(window, TRIPLES[:, i]) for i in range(3))
    everything = window[0]
    for tap in range(1, TAPS):
        everything = everything + window[tap]
    response: Floats32 = (first - everything) + second + third
    return response


def competition(
    series: Floats32, dilations: NDArray[np.int64], weights: Floats32, channels: NDArray[np.uint8] | None
) -> Floats32:
    """Let the eight kernels of each group compete at every step: (D, 2, 8, G).

    For each kernel: the sum of the responses with which it is first, and the number of steps at which it is last, both
    divided by T.

    Args:
        series: (T, C).
        dilations: (D,).
        weights: (D, 8, 9, G).
        channels: (D, G, C) the channels whose sum a group sees, or None for all.
    """
    found = np.zeros((len(dilations), 2, COMPETITORS, weights.shape[3]), np.float32)
    for index, dilation in enumerate(dilations.tolist() if len(series) else ()):
        window = windows(seen(series, None if channels is None else channels[index]), dilation)
        response = window[0][:, None, :] * weights[index, :, 0]
        for tap in range(1, TAPS):
            response = response + window[tap][:, None, :] * weights[index, :, tap]
        high, low = response.max(axis=1, keepdims=True), response.min(axis=1, keepdims=True)
        won = np.where(response == high, response, np.float32(0))
        found[index, 0] = np.add.accumulate(won, axis=0, dtype=np.float32)[-1] / np.float32(len(series))
        found[index, 1] = (response == low).sum(axis=0).astype(np.float32) / np.float32(len(series))
    return found


def windows(series: Floats32, dilation: int) -> Floats32:
    """What a kernel sees at each step of one series: (T, K) to (9, T, K), zeros beyond the ends.

    Example:
        >>> windows(np.float32([[1.0], [2.0], [3.0]]), 1)[3:6, :, 0].tolist()
        [[0.0, 1.0, 2.0], [1.0, 2.0, 3.0], [2.0, 3.0, 0.0]]
    """
    step = min(dilation, max(len(series), 1))  # beyond both ends already
    margin = TAPS // 2 * step
    padded = np.pad(series, [(margin, margin), (0, 0)])
    return np.stack([padded[tap * step : tap * step + len(series)] for tap in range(TAPS)])


def seen(series: Floats32, allowed: NDArray[np.uint8] | None) -> Floats32:
    """The sum of the channels that each kernel may see, in their order: (T, C) and (K, C) to (T, K); (T, 1) for all."""
    if allowed is None:
        allowed = np.ones((1, series.shape[1]), np.uint8)
    total = np.zeros((len(series), len(allowed)), np.float32)
    for channel in range(series.shape[1]):
        total += series[:, channel, None] * allowed[None, :, channel].astype(np.float32)
    return total


def _taken(window: Floats32, taps: NDArray[np.int64]) -> Floats32:
    """What each kernel sees at one of its taps: (9, T, 84) or (9, T, 1) to (T, 84)."""
    whole = np.broadcast_to(window, (*window.shape[:2], KERNELS))
    taken: Floats32 = np.take_along_axis(whole, taps[None, None, :], axis=0)[0]
    return taken


def _pool(z: Floats32, bias: Floats32, margin: int) -> Floats32:
    """The four pools of (T, K) responses, without `margin` steps at either end: (4, K)."""
    length = len(z)
    if length == 0:
        return np.zeros((len(POOLS), z.shape[1]), np.float32)
    inner = z[margin : length - margin]
    over = inner > bias
    count = over.sum(axis=0).astype(np.float32)
    safe = np.maximum(count, 1)
    steps = np.arange(margin, length - margin, dtype=np.float32)[:, None]
    excess = np.add.accumulate(np.where(over, inner - bias, np.float32(0)), axis=0, dtype=np.float32)[-1]
    place = np.add.accumulate(np.where(over, steps, np.float32(0)), axis=0, dtype=np.float32)[-1]
    run, best = np.zeros(z.shape[1], np.int64), np.zeros(z.shape[1], np.int64)
    for now in over:
        run = np.where(now, run + 1, 0)
        best = np.maximum(best, run)
    total = np.float32(len(inner))
    return np.stack([count / total, excess / safe, place / safe / np.float32(length), best.astype(np.float32) / total])
