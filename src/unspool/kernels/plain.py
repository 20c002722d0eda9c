"""Calls of the native library's C functions with NumPy arrays."""

import ctypes
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from unspool.errors import UserError
from unspool.kernels.library import Library, opened
from unspool.kernels.path import forced_path

LINE = 64
"""Bytes of a cache line."""


class Sequences(Protocol):
    """N concatenated sequences of integers: the protocol of `unspool.data.ragged.Ragged`."""

    @property
    def flat(self) -> NDArray[np.int32]:
        """(M,), all sequences concatenated."""

    @property
    def offsets(self) -> NDArray[np.int64]:
        """(N + 1,), where each begins, and M."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> NDArray[np.int32]: ...

    def __iter__(self) -> Iterator[NDArray[np.int32]]: ...


def library() -> Library | None:
    """The library, or None if the reference is to be used: there is no library, or the reference is forced.

    Raises:
        UserError: the native path is forced but not available.
    """
    forced = forced_path()
    if forced == "reference":
        return None
    found = opened()
    if isinstance(found, Library):
        return found
    if forced == "native":
        raise UserError(f"the native kernels were asked for, but {found}")
    return None


def code() -> ctypes.CDLL | None:
    """The C functions of `library`, or None."""
    found = library()
    return None if found is None else found.code


def aligned_zeros(*shape: int) -> NDArray[np.float32]:
    """Zeros aligned to a cache line, so that rows of a multiple of 16 numbers share none.

    NumPy usually aligns arrays to 16 bytes only, so that every vector of 64 bytes spans two lines.

    Example:
        >>> aligned_zeros(2, 16).ctypes.data % LINE
        0
    """
    size = int(np.prod(shape, dtype=np.int64)) * 4
    room = np.zeros(size + LINE, np.uint8)
    start = -room.ctypes.data % LINE
    return room[start : start + size].view(np.float32).reshape(shape)


def pointer(array: NDArray[Any] | None, dtype: type[np.generic]) -> ctypes.c_void_p:
    """The address of an array's first element; null for None.

    The caller keeps the array alive until the call has returned.

    Raises:
        ValueError: the array is not C-contiguous, or of another type; a copy would not outlive this function.
    """
    if array is None:
        return ctypes.c_void_p(None)
    if array.dtype != dtype or not array.flags.c_contiguous:
        raise ValueError(f"a dense array of {np.dtype(dtype).name} is needed, not of {array.dtype}")
    return ctypes.c_void_p(array.ctypes.data)


def checked(answer: int) -> int:
    """Return the result of a C function.

    Raises:
        MemoryError: it is negative: the function had not enough memory.
    """
    if answer < 0:
        raise MemoryError("there is no memory for the texts")
    return answer
