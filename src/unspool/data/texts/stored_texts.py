"""Texts on disk: read from a person's file once, and as often as they are needed from here."""

import os
import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from unspool import files

_CHUNK = 1000  # texts that are read at a time
_BUFFER = 1 << 20  # bytes that are written at a time


class StoredTexts:
    """Texts in a file of the cache folder, each under a number.

    Memory holds 16 bytes a text. The file has no name: it is gone as soon as nothing refers to it any more, or the
    process ends, however it ends.

    Example:
        >>> texts = StoredTexts()
        >>> for number, text in ((1, "a film"), (2, "a très long film"), (5, "")):
        ...     texts.add(number, text)
        >>> list(texts.read(np.array([2, 5])))
        [['a très long film', '']]
    """

    def __init__(self) -> None:
        self._folder = files.cache_folder()
        files.make_folder(self._folder)
        try:
            with tempfile.TemporaryFile(dir=self._folder, buffering=0) as handle:
                self._descriptor = os.dup(handle.fileno())
        except OSError as error:
            raise files.unwritable(self._folder, error) from error
        weakref.finalize(self, os.close, self._descriptor)
        self._numbers, self._ends = array("q"), array("q", [0])
        self._waiting = bytearray()
        self._written = 0

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, number: int, text: str) -> None:
        """Keep a text.

        Args:
            number: larger than that of the text before it.
            text: whatever it holds.

        Raises:
            UserError: the disk is full or cannot be written.
        """
        raw = text.encode("utf-8", "surrogatepass")
        self._waiting += raw
        self._numbers.append(number)
        self._ends.append(self._ends[-1] + len(raw))
        if len(self._waiting) >= _BUFFER:
            self._write()

    def read(self, numbers: NDArray[np.int64] | None = None) -> Iterator[list[str]]:
        """Read texts in the order of their numbers, a thousand at a time.

        Args:
            numbers: (N,) rising, of texts that were added; None takes all.

        Raises:
            UserError: the disk is full or cannot be written.
        """
        self._write()
        places = np.arange(len(self)) if numbers is None else np.searchsorted(np.array(self._numbers), numbers)
        ends = np.array(self._ends)
        for begin in range(0, len(places), _CHUNK):
            some = places[begin : begin + _CHUNK]
            yield list(self._texts(zip(ends[some].tolist(), ends[some + 1].tolist(), strict=True)))

    def _texts(self, places: Iterable[tuple[int, int]]) -> Iterator[str]:
        for begin, end in places:
            # Not a memory map: the pages of one that were read count as this process's memory.
            yield os.pread(self._descriptor, end - begin, begin).decode("utf-8", "surrogatepass")

    def _write(self) -> None:
        try:
            with memoryview(self._waiting) as waiting:
                done = 0
                while done < len(waiting):
                    done += os.pwrite(self._descriptor, waiting[done:], self._written + done)
        except OSError as error:
            raise files.unwritable(self._folder, error) from error
        self._written += len(self._waiting)
        self._waiting.clear()
