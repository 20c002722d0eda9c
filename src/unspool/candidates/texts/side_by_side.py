"""Sparse matrices concatenated by columns, whose values are written block by block."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from unspool.candidates.texts.count_matrix import narrowed
from unspool.candidates.texts.weighting import Floats32, row_blocks


class SideBySide:
    """The sparsity pattern of sparse matrices that are concatenated by columns.

    Args:
        matrices: (N, F_i) each.

    Attributes:
        columns: (M,) column indices of all entries, row by row; of a single matrix its own array.
        rows: (N + 1,) where each row begins.
        width: the number of columns.

    Example:
        >>> left, right = csr_array(np.eye(2)), csr_array(np.ones((2, 1)))
        >>> both = SideBySide([left, right])
        >>> data = np.zeros(len(both.columns), np.float32)
        >>> data[both.entries(0, slice(0, 2), left)] = 3
        >>> data[both.entries(1, slice(0, 2), right)] = [4, 5]
        >>> both.matrix(data).toarray().tolist()
        [[3.0, 0.0, 4.0], [0.0, 3.0, 5.0]]
    """

    def __init__(self, matrices: Sequence[csr_array]):
        ends = [matrix.indptr.astype(np.int64) for matrix in matrices]
        self.rows: NDArray[np.int64] = np.sum(ends, axis=0)
        self.width = sum(int(matrix.shape[1]) for matrix in matrices)
        start, self._starts = self.rows[:-1], []
        for one in ends:
            self._starts.append(start)
            start = start + np.diff(one)
        if len(matrices) == 1:
            self.columns: NDArray[np.int32] = matrices[0].indices
            return
        self.columns = np.empty(int(self.rows[-1]), np.int32)
        before = 0
        for which, matrix in enumerate(matrices):
            for some, block in row_blocks(matrix):
                self.columns[self.entries(which, some, block)] = block.indices + np.int32(before)
            before += int(matrix.shape[1])

    def entries(self, which: int, rows: slice, block: csr_array) -> slice | NDArray[np.int64]:
        """The places of the entries of some rows of a matrix among all entries.

        Args:
            which: the index of the matrix.
            rows: of the matrix.
            block: these rows.
        """
        starts, count = self._starts[which][rows], int(block.indptr[-1])
        if len(self._starts) == 1:
            first = int(starts[0]) if len(starts) else 0
            return slice(first, first + count)
        found: NDArray[np.int64] = np.repeat(starts - block.indptr[:-1], np.diff(block.indptr)) + np.arange(count)
        return found

    def matrix(self, data: Floats32) -> csr_array:
        """The (N, F) matrix with these values of its M entries."""
        return csr_array((data, self.columns, narrowed(self.rows)), shape=(len(self.rows) - 1, self.width))
