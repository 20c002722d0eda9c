"""Extremely randomised trees in native code, see `native/random_trees.h`; their reference is scikit-learn."""

import ctypes
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unspool.kernels import plain
from unspool.kernels.library import Library
from unspool.kernels.plain import pointer

LARGEST = 2**31 - 1
"""Below which scikit-learn draws seeds."""


class Trees(NamedTuple):
    """Grown trees, whose M nodes stand end to end.

    Attributes:
        roots: (trees,) int32, where each begins.
        feature: (M,) int32, what a node looks at; -1 for a leaf.
        threshold: (M,) float64; at most that much goes left.
        left: (M,) int32, the number of the left child; of no consequence for a leaf, as all but the values.
        right: (M,) int32.
        values: (M, K) float64, what a node says: the share of each class, or the mean of each number.
    """

    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    values: NDArray[np.float64]


def grow(
    features: NDArray[np.float32],
    targets: NDArray[np.int32],
    outputs: int,
    *,
    tried: int,
    trees: int,
    seed: int,
    said: NDArray[np.float64] | None = None,
) -> Trees | None:
    """Grow trees until their leaves are pure; None where there is no native code.

    Args:
        features: (N, F).
        targets: (N,) labels from 0 to K - 1, or (N, K) whole numbers by which nodes are split. The sum of all squares
            is at most 2^53: so sums are exact, in whatever order.
        outputs: K.
        tried: features that a node tries.
        trees: how many.
        seed: as scikit-learn's `random_state`.
        said: (N, K), numbers of whose means nodes say what they say; by default `targets` that are whole numbers.

    Raises:
        ValueError: a feature is not finite.
        MemoryError: there is not enough memory.

    Example:
        >>> x, labels = np.array([[0.0], [1.0], [2.0]], np.float32), np.array([0, 1, 1], np.int32)
        >>> grown = grow(x, labels, 2, tried=1, trees=3, seed=0)
        >>> grown is None or grown.values[grown.roots].round(2).tolist()
        [[0.33, 0.67], [0.33, 0.67], [0.33, 0.67]]
    """
    library = plain.library()
    if library is None:
        return None
    if not np.isfinite(features).all():
        raise ValueError("features of trees must be finite")
    code, labels = _prepared(library), targets.ndim == 1
    seeds = _seeds(seed, trees)
    dense = np.ascontiguousarray(features, np.float32)
    learned = np.ascontiguousarray(targets, np.int32)
    meant = None if labels else np.ascontiguousarray(targets if said is None else said, np.float64)
    given = _Examples(
        *dense.shape,
        pointer(dense, np.float32),
        outputs,
        pointer(learned if labels else None, np.int32),
        pointer(None if labels else learned, np.int32),
        pointer(meant, np.float64),
        tried,
    )
    forest = code.unspool_forest_grow(ctypes.byref(given), pointer(seeds, np.uint32), trees, library.threads)
    if not forest:
        raise MemoryError("there is no memory for random trees")
    try:
        nodes = code.unspool_forest_nodes(forest)
        whole, number = np.empty((4, max(nodes, trees)), np.int32), np.empty(nodes)
        grown = Trees(
            whole[0, :trees], whole[1, :nodes], number, whole[2, :nodes], whole[3, :nodes], np.empty((nodes, outputs))
        )
        code.unspool_forest_copy(forest, *(pointer(one, one.dtype.type) for one in grown))
    finally:
        code.unspool_forest_free(forest)
    return grown


def sums(trees: Any, features: NDArray[np.float32]) -> NDArray[np.float64] | None:
    """What trees say of (N, F) features, added up: (N, K); None where there is no native code.

    Args:
        trees: with the arrays of `Trees`, but for float32 values. Nodes lead from the roots to leaves.
        features: (N, F), at least as many as nodes look at.
    """
    library = plain.library()
    if library is None:
        return None
    dense = np.ascontiguousarray(features, np.float32)
    said = np.empty((len(dense), trees.values.shape[1]))
    _prepared(library).unspool_forest_sums(
        pointer(trees.roots, np.int32),
        len(trees.roots),
        pointer(trees.feature, np.int32),
        pointer(trees.threshold, np.float64),
        pointer(trees.left, np.int32),
        pointer(trees.right, np.int32),
        pointer(trees.values, np.float32),
        said.shape[1],
        pointer(dense, np.float32),
        *dense.shape,
        pointer(said, np.float64),
        library.threads,
    )
    return said


def _seeds(seed: int, trees: int) -> NDArray[np.uint32]:
    """The state from which each tree draws, by the detours that scikit-learn takes."""
    drawn, own, found = np.random.RandomState(seed), np.random.RandomState(), np.empty(trees, np.uint32)
    for number in range(trees):
        own.seed(drawn.randint(LARGEST))
        found[number] = own.randint(0, LARGEST)
    return found


class _Examples(ctypes.Structure):
    _fields_ = (
        ("rows", ctypes.c_int64),
        ("columns", ctypes.c_int64),
        ("features", ctypes.c_void_p),
        ("outputs", ctypes.c_int64),
        ("labels", ctypes.c_void_p),
        ("targets", ctypes.c_void_p),
        ("said", ctypes.c_void_p),
        ("tried", ctypes.c_int64),
    )


def _prepared(library: Library) -> ctypes.CDLL:
    code, array, whole = library.code, ctypes.c_void_p, ctypes.c_int64
    code.unspool_forest_grow.restype = array
    code.unspool_forest_grow.argtypes = [array, array, whole, whole]
    code.unspool_forest_nodes.restype = whole
    code.unspool_forest_nodes.argtypes = [array]
    code.unspool_forest_copy.argtypes = [array] * 7
    code.unspool_forest_copy.restype = None
    code.unspool_forest_free.argtypes = [array]
    code.unspool_forest_free.restype = None
    code.unspool_forest_sums.argtypes = [array, whole, *[array] * 5, whole, array, whole, whole, array, whole]
    code.unspool_forest_sums.restype = None
    return code
