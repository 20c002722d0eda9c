"""Many sequences of different lengths in a file: more of them than memory holds."""

import math
import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os import PathLike
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool import files
from unspool.data.ragged import Ragged, offsets_of, refuse_large_integers

_PIECE = 10_000


class StoredRagged:
    """N sequences of numbers, which lie in a file and are read from there by position.

    `unspool.fit`, `evaluate` and `predict` take it as they take a `Ragged`, with the same results to the bit. Memory
    holds 16 bytes a sequence. The file has no name: it is gone as soon as nothing refers to it any more, or the process
    ends, however it ends.

    Attributes:
        lengths: (N,) how long each sequence is.

    Example:
        >>> parts = (Ragged.from_sequences(s) for s in ([[7, 8, 9], []], [[5]]))
        >>> stored = StoredRagged.write(parts, folder=".", size=10)
        >>> len(stored), stored.lengths.tolist(), stored.take([2, 0]).load().tolist()
        (3, [3, 0, 1], [[5], [7, 8, 9]])
    """

    def __init__(self, file: "_File", starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> None:
        self._file = file
        self._starts = starts
        self.lengths = lengths

    @classmethod
    def write(cls, sequences: Iterable[Ragged], folder: str | PathLike[str], size: int | None = None) -> "StoredRagged":
        """Write sequences as they come to a file in a folder.

        Args:
            sequences: some at a time, which are not kept.
            folder: on a disk with room for 2 bytes a number, or 4 where they may be 65,536 or more.
            size: for whole numbers from 0 on: every number is smaller. None keeps the type and the shape (M, ...) of
                the first Ragged, which the others must share: for vectors, and for numbers below 0.

        Raises:
            UserError: the folder cannot be written or its disk is full.
            ValueError: type or shape of a later Ragged differ from the first's, or, without `size`, an integer does not
                fit in int32.
        """
        folder = files.expanded(folder)
        lengths = [np.zeros(0, dtype=np.int64)]
        layout = None if size is None else _tokens(size)
        try:
            with tempfile.TemporaryFile(dir=folder) as handle:
                for some in sequences:
                    layout = layout or _Layout(some.flat.dtype, some.flat.dtype, some.flat.shape[1:])
                    if size is None:
                        layout.check(some.flat)
                        refuse_large_integers(some, begun=sum(map(len, lengths)))
                    handle.write(some.flat.astype(layout.stored).data)
                    lengths.append(some.lengths)
                file = _File(handle.fileno(), layout or _tokens(1))
                handle.flush()
        except OSError as error:
            raise files.unwritable(folder, error) from error
        offsets = offsets_of(np.concatenate(lengths))
        return cls(file, offsets[:-1], np.diff(offsets))

    @property
    def width(self) -> int:
        """How many numbers a step has."""
        return math.prod(self._file.layout.shape)

    def __len__(self) -> int:
        return len(self.lengths)

    def take(self, indices: ArrayLike) -> "StoredRagged":
        """Return the sequences at `indices`, (K,), in that order, without reading them."""
        chosen = np.asarray(indices, dtype=np.int64)
        return StoredRagged(self._file, self._starts[chosen], self.lengths[chosen])

    def with_more(self, other: "StoredRagged") -> "StoredRagged":
        """The sequences of both, which lie in the same file, those of `other` last."""
        assert self._file is other._file
        starts = np.concatenate([self._starts, other._starts])
        return StoredRagged(self._file, starts, np.concatenate([self.lengths, other.lengths]))

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
"""N sequences, in memory or in a file."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a step lies in the file, and what it is in memory: its type and its shape."""

    stored: np.dtype[Any]
    loaded: np.dtype[Any]
    shape: tuple[int, ...] = ()

    def check(self, flat: NDArray[Any]) -> None:
        if flat.shape[1:] != self.shape or flat.dtype != self.loaded:
            raise ValueError(f"sequences of {flat.dtype} {flat.shape[1:]} after some of {self.loaded} {self.shape}.")

    @property
    def itemsize(self) -> int:
        return self.stored.itemsize * math.prod(self.shape)


def _tokens(size: int) -> _Layout:
    return _Layout(np.dtype(np.uint16 if size <= 1 << 16 else np.int32), np.dtype(np.int32))


class _File:
    """A file of numbers that is open as long as something refers to this."""

    def __init__(self, descriptor: int, layout: _Layout) -> None:
        self.layout = layout
        self._descriptor = os.dup(descriptor)
        weakref.finalize(self, os.close, self._descriptor)

    def read(self, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[Any]:
        layout, size = self.layout, self.layout.itemsize
        places = zip((starts * size).tolist(), (lengths * size).tolist(), strict=True)
        # Not a memory map: the pages of one that were read count as this process's memory.
        content = b"".join([os.pread(self._descriptor, count, start) for start, count in places])
        return np.frombuffer(content, layout.stored).astype(layout.loaded).reshape(-1, *layout.shape)
