"""Responses of the kernels of `convolution_features` at each step: native code, and a readable reference."""

import ctypes

import numpy as np
from numpy.typing import NDArray

from unspool.kernels import plain
from unspool.kernels.plain import pointer
from unspool.kernels.series_reference import TAPS, TRIPLES

Floats32 = NDArray[np.float32]


def kernel_responses(
    values: Floats32, starts: NDArray[np.int64], lengths: NDArray[np.int64], first: int, dilation: int
) -> Floats32:
    """The responses of consecutive kernels, each to its own series.

    They equal the responses that `convolution_features` pools up to rounding. Their bits do not depend on the
    instruction set.

    Args:
        values: (M,) what the kernels see of all series, end to end.
        starts: (K,) where each kernel's series begins in `values`.
        lengths: (K,) how many steps each of these series has.
        first: the index of the first kernel, among all 84.
        dilation: of all these kernels.

    Returns:
        (K, T), where T is the largest length, with infinity after the end of each series.

    Raises:
        ValueError: a series lies outside `values`, there are not that many kernels, or the dilation is below 1.
        MemoryError: there is not enough memory.

    Example:
        >>> steps = np.float32([1, 0, 2])
        >>> kernel_responses(steps, np.array([0, 1]), np.array([3, 2]), 64, 1).tolist()
        [[0.0, 6.0, 3.0], [-2.0, 4.0, inf]]
    """
    starts, lengths = np.ascontiguousarray(starts, np.int64), np.ascontiguousarray(lengths, np.int64)
    inside = np.all((starts >= 0) & (lengths >= 0) & (starts + lengths <= len(values)))
    if len(starts) != len(lengths) or not inside or not 0 <= first <= len(TRIPLES) - len(starts) or dilation < 1:
        raise ValueError("a series lies outside the values, or there is no such kernel or dilation")
    z = np.empty((len(starts), int(lengths.max(initial=0))), np.float32)
    code = plain.code()
    if code is None:
        return _reference(values, starts, lengths, first, dilation, z)
    seen = np.ascontiguousarray(values, np.float32)
    failed = code.unspool_kernel_responses(
        pointer(seen, np.float32),
        pointer(starts, np.int64),
        pointer(lengths, np.int64),
        *(ctypes.c_int64(number) for number in (first, len(starts), dilation, z.shape[1])),
        pointer(z, np.float32),
    )
    if failed:
        raise MemoryError("no memory for the responses of kernels to series")
    return z


def _reference(
    values: Floats32,
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    first: int,
    dilation: int,
    z: Floats32,
) -> Floats32:
    step = min(dilation, max(z.shape[1], 1))  # all taps but the middle one are beyond the ends already
    for row, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        padded = np.pad(values[start : start + length], TAPS // 2 * step)
        x = [padded[tap * step : tap * step + length] for tap in range(TAPS)]
        a, b, c = TRIPLES[first + row]
        total = x[0]
        for tap in x[1:]:
            total = total + tap
        z[row, :length] = np.float32(3) * ((x[a] + x[b]) + x[c]) - total
        z[row, length:] = np.inf
    return z
