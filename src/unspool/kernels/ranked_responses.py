"""Responses of the kernels of `convolution_features` by their rank: native code, and a readable reference."""

import ctypes

import numpy as np
from numpy.typing import NDArray

from unspool.kernels import plain
from unspool.kernels.plain import pointer
from unspool.kernels.series_reference import TAPS, TRIPLES

Floats32 = NDArray[np.float32]
Counts = NDArray[np.int64]


def ranked_responses(
    values: Floats32, starts: Counts, lengths: Counts, first: int, dilation: int, ranks: Counts
) -> Floats32:
    """Sort the responses of consecutive kernels, each to its own series, and take those of some ranks.

    They equal the responses that `convolution_features` pools up to rounding; one that has no value, as inf - inf, is
    infinity. Their bits do not depend on the instruction set.

    Args:
        values: (M,) what the kernels see of all series, end to end; finite.
        starts: (K,) where each kernel's series begins in `values`.
        lengths: (K,) how many steps each of these series has.
        first: the index of the first kernel, among all 84.
        dilation: of all these kernels.
        ranks: (K, R) from 0 for the least to the length - 1 for the greatest.

    Returns:
        (K, R).

    Raises:
        ValueError: a series lies outside `values`, a rank outside its series, there are not that many kernels, or the
            dilation is below 1.
        MemoryError: there is not enough memory.

    Example:
        >>> steps, ranks = np.float32([1, 0, 2]), np.array([[0, 2], [1, 1]])
        >>> ranked_responses(steps, np.array([0, 1]), np.array([3, 2]), 64, 1, ranks).tolist()
        [[0.0, 6.0], [4.0, 4.0]]
    """
    starts, lengths, ranks = (np.ascontiguousarray(given, np.int64) for given in (starts, lengths, ranks))
    inside = np.all((starts >= 0) & (lengths >= 0) & (starts + lengths <= len(values)))
    if len(starts) != len(lengths) or not inside or not 0 <= first <= len(TRIPLES) - len(starts) or dilation < 1:
        raise ValueError("a series lies outside the values, or there is no such kernel or dilation")
    if ranks.ndim != 2 or len(ranks) != len(starts) or np.any((ranks < 0) | (ranks >= lengths[:, None])):
        raise ValueError("a rank lies outside its series")
    code = plain.code()
    if code is None:
        return _reference(values, starts, lengths, first, dilation, ranks)
    seen, found = np.ascontiguousarray(values, np.float32), np.empty(ranks.shape, np.float32)
    failed = code.unspool_ranked_responses(
        pointer(seen, np.float32),
        pointer(starts, np.int64),
        pointer(lengths, np.int64),
        *(ctypes.c_int64(number) for number in (first, len(starts), dilation)),
        pointer(ranks, np.int64),
        ctypes.c_int64(ranks.shape[1]),
        pointer(found, np.float32),
    )
    if failed:
        raise MemoryError("no memory for the responses of kernels to series")
    return found


def _reference(values: Floats32, starts: Counts, lengths: Counts, first: int, dilation: int, ranks: Counts) -> Floats32:
    found = np.empty(ranks.shape, np.float32)
    step = min(dilation, max(int(lengths.max(initial=0)), 1))  # all taps but the middle one are beyond the ends already
    for row, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        padded = np.pad(values[start : start + length], TAPS // 2 * step)
        x = [padded[tap * step : tap * step + length] for tap in range(TAPS)]
        a, b, c = TRIPLES[first + row]
        total = x[0]
        for tap in x[1:]:
            total = total + tap
        response = np.float32(3) * ((x[a] + x[b]) + x[c]) - total
        found[row] = np.sort(np.where(np.isnan(response), np.float32(np.inf), response))[ranks[row]]
    return found
