"""What an n-gram that occurs in a text counts for, before the linear model weighs it."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats32 = NDArray[np.float32]

Weighting = Literal["nb", "tfidf"]

_AT_ONCE = 16


def values(counts: csr_array, weighting: Weighting) -> csr_array:
    """What stands for how often each n-gram occurs: 1 of "nb", 1 + log(count) of "tfidf".

    Args:
        counts: (N, F) float32.
        weighting: which.
    """
    data = np.ones_like(counts.data) if weighting == "nb" else 1 + np.log(counts.data)
    return csr_array((data.astype(np.float32), counts.indices, counts.indptr), shape=counts.shape)


def column_weights(counts: csr_array, wanted: NDArray[np.float64], weighting: Weighting, least: int) -> Floats32:
    """The weight of each column, from training texts.

    Of "nb" the log-count ratio with one added (Wang and Manning, 2012): of the n-gram's share among the n-grams of the
    texts that are wanted, to its share among those of the others. Of "tfidf" log((1 + N) / (1 + df)) + 1, for all.

    Args:
        counts: (N, F).
        wanted: (N, K) 0 and 1, for "nb".
        weighting: which.
        least: columns of fewer texts have no weight.

    Returns:
        (F, K), or (F, 1) for "tfidf".

    Example:
        >>> counts = csr_array(np.array([[1, 1], [1, 0], [0, 1]], np.float32))
        >>> column_weights(counts, np.array([[1.0], [1.0], [0.0]]), "nb", 1).round(2).T
        array([[ 0.59, -0.51]], dtype=float32)
    """
    texts = np.bincount(counts.indices, minlength=counts.shape[1])
    if weighting == "tfidf":
        weights = np.log((1 + counts.shape[0]) / (1 + texts))[:, None] + 1
        weights[texts < least] = 0
        found: Floats32 = weights.astype(np.float32)
        return found
    held = csr_array((np.ones_like(counts.data), counts.indices, counts.indptr), shape=counts.shape)
    kept = (texts >= least)[:, None]
    found = np.empty((counts.shape[1], wanted.shape[1]), np.float32)
    for some in in_turns(wanted.shape[1]):
        inside = np.asarray(held.T @ wanted[:, some])
        found[:, some] = np.log(_shares(inside, kept) / _shares(texts[:, None] - inside, kept))
    found[texts < least] = 0
    return found


def in_turns(count: int) -> list[slice]:
    """So many scores, a few at a time: arrays of all n-grams and all of several hundred classes would fill the memory.

    Example:
        >>> in_turns(20)
        [slice(0, 16, None), slice(16, 20, None)]
    """
    return [slice(start, min(start + _AT_ONCE, count)) for start in range(0, count, _AT_ONCE)]


def _shares(counts: NDArray[np.float64], kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    more = counts + 1
    shares: NDArray[np.float64] = more / np.maximum((more * kept).sum(axis=0), 1)
    return shares


def row_norms(given: csr_array, weights: Floats32) -> NDArray[np.float64]:
    """The Euclidean length of each row once its columns are weighted.

    Args:
        given: (N, F), from `values`.
        weights: (F, K).

    Returns:
        (N, K); 1 where a row is empty.
    """
    squared = csr_array((given.data.astype(np.float64) ** 2, given.indices, given.indptr), shape=given.shape)
    found = np.empty((given.shape[0], weights.shape[1]))
    for some in in_turns(weights.shape[1]):
        norms = np.sqrt(np.asarray(squared @ weights[:, some].astype(np.float64) ** 2))
        found[:, some] = np.where(norms == 0, 1, norms)
    return found


def weighted(given: csr_array, weights: Floats32, norms: NDArray[np.float64]) -> csr_array:
    """Rows of length 1.

    Args:
        given: (N, F), from `values`.
        weights: (F,) of one target.
        norms: (N,) from `row_norms`.
    """
    rows = np.repeat(1 / norms, np.diff(given.indptr)).astype(np.float32)
    return csr_array((given.data * weights[given.indices] * rows, given.indices, given.indptr), shape=given.shape)
