"""Counts of n-grams as a sparse matrix, built without a second copy in memory."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from unspool.kernels import ngrams

_TOKENS = 1 << 21
"""Tokens that are counted at a time, unless one text has more."""

Offsets = NDArray[np.int64]
_Block = tuple[NDArray[np.int32], NDArray[np.unsignedinteger], Offsets]  # columns, counts, where each text's begin


def narrowed(rows: NDArray[np.integer]) -> NDArray[np.integer]:
    """Row pointers, (N + 1,), as int32 if they fit: with int64 ones, SciPy copies all column indices to int64."""
    return rows.astype(np.int32) if rows[-1] <= np.iinfo(np.int32).max else rows


class CountMatrix:
    """Counts of n-grams in N texts, added for one kind of n-gram after the other.

    Counts are kept in as few bytes each as the largest needs.

    Example:
        >>> counts = CountMatrix()
        >>> for _ in range(2):
        ...     counts.add(np.array([2, -1, 2, 0], np.int32), np.array([0, 3, 4]), 3)
        >>> found = counts.joined()
        >>> found.dtype.name, found.toarray().tolist()
        ('uint8', [[0, 0, 2, 0, 0, 2], [1, 0, 0, 1, 0, 0]])
    """

    def __init__(self) -> None:
        self._parts: list[tuple[int, int]] = []  # the first text of each, and the one after its last
        self._blocks: list[list[_Block]] = []  # of each part, by kind
        self._widths: list[int] = []

    def add(self, grams: NDArray[np.int32], offsets: Offsets, width: int) -> None:
        """Count the next kind.

        Args:
            grams: (M,) the number of the n-gram at each token of the concatenated texts, or -1; not kept.
            offsets: (N + 1,) where each text begins; the same for all kinds.
            width: the number of different n-grams.
        """
        if not self._widths:
            self._parts = list(_parts(offsets))
            self._blocks = [[] for _ in self._parts]
        self._widths.append(width)
        for (first, end), blocks in zip(self._parts, self._blocks, strict=True):
            start, stop = offsets[first], offsets[end]
            columns, counts, rows = ngrams.distinct(grams[start:stop], offsets[first : end + 1] - start, width)
            blocks.append((columns, counts.astype(_type_for(counts)), rows))

    def joined(self) -> csr_array:
        """The counts of all kinds, (N, F) unsigned, with the columns of one kind after another; may be called once."""
        lengths = [sum(np.diff(rows) for _, _, rows in blocks) for blocks in self._blocks]
        starts = np.concatenate((np.zeros(1, np.int64), *lengths)).cumsum()
        of_all = [counts.dtype for blocks in self._blocks for _, counts, _ in blocks]
        columns = np.empty(int(starts[-1]), np.int32)
        counts = np.empty(len(columns), np.result_type(np.uint8, *of_all))
        before = np.concatenate((np.zeros(1, np.int64), np.cumsum(self._widths, dtype=np.int64)))
        for part, (first, end) in enumerate(self._parts):
            into = starts[first:end].copy()
            blocks, self._blocks[part] = self._blocks[part], []
            for kind, (some, found, rows) in enumerate(blocks):
                sizes = np.diff(rows)
                at = np.repeat(into - rows[:-1], sizes) + np.arange(len(some))
                columns[at], counts[at] = some + np.int32(before[kind]), found
                into += sizes
        return csr_array((counts, columns, narrowed(starts)), shape=(len(starts) - 1, int(before[-1])))


def _parts(offsets: Offsets) -> Iterator[tuple[int, int]]:
    """Ranges of texts, as (first, end), with about `_TOKENS` tokens each."""
    first, count = 0, len(offsets) - 1
    while first < count:
        end = int(np.searchsorted(offsets, offsets[first] + _TOKENS, side="right")) - 1
        end = min(max(end, first + 1), count)
        yield first, end
        first = end


def _type_for(counts: NDArray[np.int32]) -> type[np.unsignedinteger]:
    most = int(counts.max(initial=0))
    return np.uint8 if most < 1 << 8 else np.uint16 if most < 1 << 16 else np.uint32
