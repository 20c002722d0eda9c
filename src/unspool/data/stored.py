"""Many sequences of different lengths in a file: more of them than memory holds."""

import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool import files
from unspool.data.ragged import Ragged

_PIECE = 10_000


class StoredRagged:
    """N sequences of whole numbers from 0 on, which lie in a file and are read from there by position.

    `unspool.fit`, `evaluate` and `predict` take it as they take a `Ragged`, with the same results to the bit. Memory
    holds 16 bytes a sequence. The file has no name: it is gone as soon as nothing refers to it any more, or the process
    ends, however it ends.

    Attributes:
        lengths: (N,) how long each sequence is.

    Example:
        >>> parts = (Ragged.from_sequences(s) for s in ([[7, 8, 9], []], [[5]]))
        >>> stored = StoredRagged.write(parts, folder=Path("."), size=10)
        >>> len(stored), stored.lengths.tolist(), stored.take([2, 0]).load().tolist()
        (3, [3, 0, 1], [[5], [7, 8, 9]])
    """

    def __init__(self, file: "_File", starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> None:
        self._file = file
        self._starts = starts
        self.lengths = lengths

    @classmethod
    def write(cls, sequences: Iterable[Ragged], folder: Path, size: int) -> "StoredRagged":
        """Write sequences as they come to a file in a folder.

        Args:
            sequences: some at a time, which are not kept.
            folder: on a disk with room for 2 bytes a number, or 4 where they may be 65,536 or more.
            size: every number is smaller.

        Raises:
            UserError: the folder cannot be written or its disk is full.
        """
        lengths = [np.zeros(0, dtype=np.int64)]
        try:
            with tempfile.TemporaryFile(dir=folder) as handle:
                file = _File(handle.fileno(), np.dtype(np.uint16 if size <= 1 << 16 else np.int32))
                for some in sequences:
                    handle.write(some.flat.astype(file.dtype).data)
                    lengths.append(some.lengths)
                handle.flush()
        except OSError as error:
            raise files.unwritable(folder, error) from error
        offsets = np.concatenate(([0], np.cumsum(np.concatenate(lengths))))
        return cls(file, offsets[:-1], np.diff(offsets))

    def __len__(self) -> int:
        return len(self.lengths)

    def take(self, indices: ArrayLike) -> "StoredRagged":
        """Return the sequences at `indices`, (K,), in that order, without reading them."""
        chosen = np.asarray(indices, dtype=np.int64)
        return StoredRagged(self._file, self._starts[chosen], self.lengths[chosen])

    def load(self) -> Ragged:
        """Read all of the sequences into memory, from the front of the file to its end."""
        order = np.argsort(self._starts, kind="stable")
        lengths = self.lengths[order]
        flat = self._file.read(self._starts[order], lengths)
        return Ragged.from_lengths(flat, lengths).take(np.argsort(order))

    def pieces(self) -> Iterator[Ragged]:
        """Read the sequences in their order, some thousands at a time."""
        for start in range(0, len(self), _PIECE):
            yield self.take(np.arange(start, min(start + _PIECE, len(self)))).load()


Sequences: TypeAlias = Ragged | StoredRagged
"""N sequences of token ids, in memory or in a file."""


class _File:
    """A file of numbers that is open as long as something refers to this."""

    def __init__(self, descriptor: int, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self._descriptor = os.dup(descriptor)
        weakref.finalize(self, os.close, self._descriptor)

    def read(self, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int32]:
        size = self.dtype.itemsize
        places = zip((starts * size).tolist(), (lengths * size).tolist(), strict=True)
        # Not a memory map: the pages of one that were read count as this process's memory.
        content = b"".join([os.pread(self._descriptor, count, start) for start, count in places])
        return np.frombuffer(content, dtype=self.dtype).astype(np.int32)
