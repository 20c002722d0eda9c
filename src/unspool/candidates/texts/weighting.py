"""The values of n-grams in texts: naive Bayes or TF-IDF weights and rows of length 1, or scaled counts."""

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats32 = NDArray[np.float32]

Weighting = Literal["nb", "tfidf", "counts"]

MEAN_SQUARE = 30.0
"""The mean squared length of the rows of training texts for "counts": the best penalty then lies within the grids."""

_AT_ONCE = 16
_ENTRIES = 1 << 20  # of a matrix that are weighed at a time


def amounts(counts: NDArray[Any], weighting: Weighting) -> Floats32:
    """The term frequencies of n-grams: 1 for "nb", 1 + log(count) for "tfidf", the count for "counts".

    Args:
        counts: (M,) whole numbers above 0.
        weighting: "nb", "tfidf" or "counts".

    Returns:
        (M,).
    """
    if weighting == "nb":
        return np.ones(len(counts), np.float32)
    found: Floats32 = counts.astype(np.float32)
    if weighting == "tfidf":
        found = 1 + np.log(found)
    return found


def values(counts: csr_array, weighting: Weighting) -> csr_array:
    """A matrix of counts, (N, F), as one of their `amounts`."""
    return csr_array((amounts(counts.data, weighting), counts.indices, counts.indptr), shape=counts.shape)


def row_blocks(counts: csr_array, entries: int = 0) -> Iterator[tuple[slice, csr_array]]:
    """Iterate over blocks of rows without a copy, since results for all entries at once would fill the memory.

    Args:
        counts: (N, F).
        entries: in a block, if more than a million.

    Example:
        >>> [(rows, block.shape) for rows, block in row_blocks(csr_array(np.eye(3)))]
        [(slice(0, 3, None), (3, 3))]
    """
    ends = counts.indptr.astype(np.int64)
    first, count = 0, counts.shape[0]
    while first < count:
        end = int(np.searchsorted(ends, ends[first] + max(entries, _ENTRIES), side="right")) - 1
        end = min(max(end, first + 1), count)
        some, starts = slice(ends[first], ends[end]), counts.indptr[first : end + 1] - counts.indptr[first]
        shape = (end - first, counts.shape[1])
        yield slice(first, end), csr_array((counts.data[some], counts.indices[some], starts), shape=shape)
        first = end


def column_weights(
    counts: csr_array,
    wanted: NDArray[np.float64],
    weighting: Weighting,
    least: int,
    chosen: NDArray[np.int64] | None = None,
) -> Floats32:
    """The weight of each column, from training texts.

    For "nb", the log-count ratio with add-one smoothing (Wang and Manning, 2012): the n-gram's share among the n-grams
    of the texts with the label, over its share among those of the others. For "tfidf", log((1 + N) / (1 + df)) + 1.
    For "counts", one over the square root of the largest count, times a number that gives rows a mean squared length
    of `MEAN_SQUARE`: n-grams that are frequent in a text count more, but do not hide the others.

    Args:
        counts: (N, F).
        wanted: (N, K) 0 and 1, for "nb".
        weighting: "nb", "tfidf" or "counts".
        least: columns that occur in fewer training texts get weight 0.
        chosen: rows of the training texts; None for all.

    Returns:
        (F, K), or (F, 1) for "tfidf" and "counts".

    Example:
        >>> counts = csr_array(np.array([[1, 1], [1, 0], [0, 1]], np.float32))
        >>> column_weights(counts, np.array([[1.0], [1.0], [0.0]]), "nb", 1).round(2).T
        array([[ 0.59, -0.51]], dtype=float32)
    """
    training = np.ones(counts.shape[0], bool)
    if chosen is not None:
        training[:] = False
        training[chosen] = True
    texts = np.zeros(counts.shape[1], np.int64)
    for rows, block in row_blocks(counts, counts.shape[1]):  # as each block's sums take as many numbers
        texts += np.bincount(_of(block, training[rows]).indices, minlength=len(texts))
    if weighting == "tfidf":
        weights = np.log((1 + np.count_nonzero(training)) / (1 + texts))[:, None] + 1
        weights[texts < least] = 0
        found: Floats32 = weights.astype(np.float32)
        return found
    if weighting == "counts":
        return _scales(counts, training, texts >= least)
    kept = (texts >= least)[:, None]
    found = np.empty((counts.shape[1], wanted.shape[1]), np.float32, order="F")  # read column by column
    for some in in_turns(wanted.shape[1]):
        inside = np.zeros((len(found), len(range(*some.indices(wanted.shape[1])))))
        for rows, block in row_blocks(counts, counts.shape[1]):
            held = _of(values(block, "nb"), training[rows])
            inside += held.T @ wanted[rows, some][training[rows]]
        found[:, some] = np.log(_shares(inside, kept) / _shares(texts[:, None] - inside, kept))
    found[texts < least] = 0
    return found


def _scales(counts: csr_array, training: NDArray[np.bool_], kept: NDArray[np.bool_]) -> Floats32:
    """(F, 1) weights for "counts"."""
    most, squares = np.zeros((2, counts.shape[1]))
    for rows, block in row_blocks(counts, counts.shape[1]):
        some = _of(block, training[rows])
        found = some.data.astype(np.float64)
        np.maximum.at(most, some.indices, found)
        squares += np.bincount(some.indices, found**2, minlength=len(squares))
    weights = kept / np.sqrt(np.maximum(most, 1))
    mean_square = weights**2 @ squares / max(np.count_nonzero(training), 1)
    scaled: Floats32 = (weights * np.sqrt(MEAN_SQUARE / (mean_square or 1.0)))[:, None].astype(np.float32)
    return scaled


def _of(block: csr_array, training: NDArray[np.bool_]) -> csr_array:
    return block if training.all() else block[np.flatnonzero(training)]


def in_turns(count: int) -> list[slice]:
    """Slices of `count` scores, a few at a time: arrays of all n-grams by hundreds of classes would fill the memory.

    Example:
        >>> in_turns(20)
        [slice(0, 16, None), slice(16, 20, None)]
    """
    return [slice(start, min(start + _AT_ONCE, count)) for start in range(0, count, _AT_ONCE)]


def _shares(counts: NDArray[np.float64], kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    more = counts + 1
    shares: NDArray[np.float64] = more / np.maximum((more * kept).sum(axis=0), 1)
    return shares


def row_norms(counts: csr_array, weights: Floats32, weighting: Weighting) -> NDArray[np.float64]:
    """What each row is divided by: its Euclidean length after its columns are weighted, but 1 for "counts".

    Args:
        counts: (N, F).
        weights: (F, K).
        weighting: "nb", "tfidf" or "counts".

    Returns:
        (N, K), or (N, 1) for "counts"; 1 where a row is empty.
    """
    if weighting == "counts":
        return np.ones((counts.shape[0], 1))
    found = np.empty((counts.shape[0], weights.shape[1]))
    for some in in_turns(weights.shape[1]):
        squares = weights[:, some].astype(np.float64) ** 2
        for rows, block in row_blocks(counts):
            squared = amounts(block.data, weighting).astype(np.float64) ** 2
            norms = np.sqrt(csr_array((squared, block.indices, block.indptr), shape=block.shape) @ squares)
            found[rows, some] = np.where(norms == 0, 1, norms)
    return found


def weighed(block: csr_array, weights: Floats32, norms: NDArray[np.float64], weighting: Weighting) -> Floats32:
    """The values of the entries of some rows, divided by their norms.

    Args:
        block: (N, F) counts with M entries.
        weights: (F,) of one target.
        norms: (N,) from `row_norms`.
        weighting: "nb", "tfidf" or "counts".

    Returns:
        (M,).
    """
    found: Floats32 = weights[block.indices]
    if weighting != "nb":
        found *= amounts(block.data, weighting)
    found *= np.repeat((1 / norms).astype(np.float32), np.diff(block.indptr))
    return found
