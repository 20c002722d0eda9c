"""Logistic and ridge regression on sparse rows, in native code and by a reference: see `native/dual_descent.h`."""

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from unspool.kernels import plain
from unspool.kernels.plain import checked, pointer

PASSES = 40
"""Over the rows, at most: rows that sit out do not count."""

TOLERANCE = 1e-3
"""Ends when every row's dual variable is nearer than this to the probability that it is at the optimum."""

QUIET = 0.1
"""Rows that are nearer by this factor sit out until all others are near enough, too."""


class _Rows(ctypes.Structure):
    _fields_ = (
        ("count", ctypes.c_int64),
        ("features", ctypes.c_int64),
        ("rows", ctypes.c_void_p),
        ("columns", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
        ("chosen", ctypes.c_void_p),
        ("picked", ctypes.c_int64),
    )


def logistic(
    features: csr_array,
    targets: NDArray[np.bool_],
    c: float,
    *,
    chosen: NDArray[np.integer] | None = None,
    tolerance: float = TOLERANCE,
    passes: int = PASSES,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Fit a logistic regression with an L2 penalty, by dual coordinate descent (Yu, Huang and Lin, 2011).

    It minimises |w|^2 / 2 + C sum_i log(1 + exp(-y_i w x_i)), and each x_i has a last feature that is 1.

    Args:
        features: (N, F), float32.
        targets: (N,) which rows are positive.
        c: C, the inverse of the penalty.
        chosen: the rows to learn from; None for all.
        tolerance: when to end, in probability.
        passes: over the rows, at most.
        seed: of the order of the rows.

    Returns:
        (F + 1,) the weights, that of the constant feature last.

    Example:
        >>> rows = csr_array(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], np.float32))
        >>> logistic(rows, np.array([True, False, True]), 1.0).round(2).tolist()
        [0.65, -0.16, 0.15]
    """
    signs = np.where(targets, 1, -1).astype(np.int8)
    if len(signs) != features.shape[0]:
        raise ValueError(f"{features.shape[0]} rows have {len(signs)} targets.")
    if plain.code() is None:
        return _logistic_reference(features, signs, c, chosen, tolerance, passes, seed)
    return _solve("logistic", features, pointer(signs, np.int8), c, chosen, tolerance, passes, seed)


def ridge(
    features: csr_array,
    targets: NDArray[np.floating],
    c: float,
    *,
    chosen: NDArray[np.integer] | None = None,
    tolerance: float = TOLERANCE,
    passes: int = PASSES,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Fit a ridge regression by dual coordinate descent (Ho and Lin, 2012).

    It minimises |w|^2 / 2 + C sum_i (y_i - w x_i)^2, and each x_i has a last feature that is 1. `tolerance` is in the
    units of the targets; the other arguments and the result are those of `logistic`.

    Example:
        >>> rows = csr_array(np.array([[1.0], [2.0], [3.0]], np.float32))
        >>> ridge(rows, np.array([3.0, 5.0, 7.0]), 1e4, passes=1000).round(2).tolist()
        [2.0, 1.0]
    """
    numbers = np.ascontiguousarray(targets, np.float64)
    if len(numbers) != features.shape[0]:
        raise ValueError(f"{features.shape[0]} rows have {len(numbers)} targets.")
    if plain.code() is None:
        return _ridge_reference(features, numbers, c, chosen, tolerance, passes, seed)
    return _solve("ridge", features, pointer(numbers, np.float64), c, chosen, tolerance, passes, seed)


def _solve(
    name: str,
    features: csr_array,
    targets: ctypes.c_void_p,
    c: float,
    chosen: NDArray[np.integer] | None,
    tolerance: float,
    passes: int,
    seed: int,
) -> NDArray[np.float64]:
    count, width = features.shape
    rows = np.ascontiguousarray(features.indptr, np.int64)
    columns = np.ascontiguousarray(features.indices, np.int32)
    values = np.ascontiguousarray(features.data, np.float32)
    picked = np.arange(count, dtype=np.int32) if chosen is None else np.ascontiguousarray(chosen, np.int32)
    given = _Rows(
        count,
        width,
        pointer(rows, np.int64),
        pointer(columns, np.int32),
        pointer(values, np.float32),
        pointer(picked, np.int32),
        len(picked),
    )
    weights = np.empty(width + 1)
    solve: Any = getattr(plain.code(), f"unspool_{name}")
    solve.restype = ctypes.c_int64
    checked(
        solve(
            ctypes.byref(given),
            targets,
            ctypes.c_double(c),
            ctypes.c_double(tolerance),
            ctypes.c_int64(passes),
            ctypes.c_uint64(seed),
            pointer(weights, np.float64),
        )
    )
    return weights


def _logistic_reference(
    features: csr_array,
    signs: NDArray[np.int8],
    c: float,
    chosen: NDArray[np.integer] | None,
    tolerance: float,
    passes: int,
    seed: int,
) -> NDArray[np.float64]:
    """Dense, and by bisection: alpha_i = C sigmoid(t_i), and at the optimum t_i = -y_i w x_i."""
    rows, order = _dense(features, chosen)
    duals = np.full(len(rows), c * min(0.001, 1e-8 / c))
    weights = (duals[order] * signs[order]) @ rows[order]

    def visit(i: int) -> float:
        agreement, square = signs[i] * (rows[i] @ weights), rows[i] @ rows[i]
        off = abs(duals[i] / c - _sigmoid(-agreement))
        low, high = -agreement + square * duals[i] - square * c, -agreement + square * duals[i]
        for _ in range(200):
            t = (low + high) / 2
            over = t + square * c * _sigmoid(t) + agreement - square * duals[i] > 0
            low, high = (low, t) if over else (t, high)
        weights[:] += signs[i] * (c * _sigmoid(low) - duals[i]) * rows[i]
        duals[i] = c * _sigmoid(low)
        return float(off)

    _descend(order, visit, tolerance, passes, seed)
    return weights


def _ridge_reference(
    features: csr_array,
    targets: NDArray[np.float64],
    c: float,
    chosen: NDArray[np.integer] | None,
    tolerance: float,
    passes: int,
    seed: int,
) -> NDArray[np.float64]:
    rows, order = _dense(features, chosen)
    duals, weights = np.zeros(len(rows)), np.zeros(rows.shape[1])

    def visit(i: int) -> float:
        off = targets[i] - rows[i] @ weights - duals[i] / (2 * c)
        step = off / (rows[i] @ rows[i] + 1 / (2 * c))
        duals[i] += step
        weights[:] += step * rows[i]
        return float(abs(off))

    _descend(order, visit, tolerance, passes, seed)
    return weights


def _descend(order: list[int], visit: Callable[[int], float], tolerance: float, passes: int, seed: int) -> None:
    """Visit the rows as `descend` of native/dual_descent.cc does; a visit answers how far a row is from the optimum."""
    active, left, pass_ = order, passes * len(order), 0
    resting: list[int] = []
    while active and left >= len(active):
        left -= len(active)
        _shuffle(active, seed, pass_)
        off = [visit(i) for i in active]
        kept = [k for k in range(len(active)) if off[k] >= QUIET * tolerance]
        everything = not resting
        active, quiet = _parted(active, kept)
        resting = quiet + resting
        if max(off) < tolerance:
            if everything:
                return
            active, resting = active + resting, []
        pass_ += 1


def _parted(rows: list[int], kept: list[int]) -> tuple[list[int], list[int]]:
    """Those at the places `kept` and the others, in the order in which swapping each to the front leaves them."""
    swapped = list(rows)
    for to, at in enumerate(kept):
        swapped[to], swapped[at] = swapped[at], swapped[to]
    return swapped[: len(kept)], swapped[len(kept) :]


def _dense(features: csr_array, chosen: NDArray[np.integer] | None) -> tuple[NDArray[np.float64], list[int]]:
    rows = np.hstack([features.toarray().astype(np.float64), np.ones((features.shape[0], 1))])
    return rows, list(range(len(rows))) if chosen is None else chosen.tolist()


def _shuffle(order: list[int], seed: int, pass_: int) -> None:
    """Shuffle in place, as native/random.h does."""
    stream = draw(seed, pass_)
    for i in range(len(order) - 1, 0, -1):
        other = (draw(stream, i) >> 32) * (i + 1) >> 32
        order[i], order[other] = order[other], order[i]


def draw(stream: int, index: int) -> int:
    """The index-th number of a stream of splitmix64 (Vigna), as in native/random.h; 64 bits."""
    mask = 2**64 - 1
    z = (stream + (index + 1) * 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def _sigmoid(t: float) -> float:
    return float(1 / (1 + np.exp(-t)) if t >= 0 else np.exp(t) / (1 + np.exp(t)))
