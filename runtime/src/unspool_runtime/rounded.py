"""Arrays that a file keeps as int8 with scales, or as float16, and that are computed with as float32."""

import ctypes
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import native
from unspool_runtime.native import pointer
from unspool_runtime.tensors import Arrays

INT8, SCALES = ".int8", ".scales"

Floats32 = NDArray[np.float32]


class Rounded:
    """An array of float32 in fewer bits.

    Args:
        numbers: int8 or float16.
        scales: (S,) float32, of int8: as many numbers share a scale as S shares make of them, rounded up.

    Raises:
        ValueError: the scales do not fit the numbers.

    Example:
        >>> kept = Rounded(np.array([[1, -2], [3, 0]], np.int8), np.array([0.5, 2.0], np.float32))
        >>> kept.whole.tolist(), kept[np.array([1, 1])].tolist()
        ([[0.5, -1.0], [6.0, 0.0]], [[6.0, 0.0], [6.0, 0.0]])
    """

    dtype = np.dtype(np.float32)

    def __init__(self, numbers: NDArray[np.int8 | np.float16], scales: Floats32 | None = None):
        self.shape, self.ndim = numbers.shape, numbers.ndim
        self._numbers, self._scales, self._block = np.ascontiguousarray(numbers), scales, 1
        if scales is not None and numbers.size:
            self._block = -(-numbers.size // max(len(scales), 1))
            if -(-numbers.size // self._block) != len(scales):
                raise ValueError(f"{len(scales)} scales cannot be shared by {numbers.size} numbers")

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return self._numbers.size

    @property
    def largest(self) -> NDArray[Any]:
        """Numbers that are finite where all numbers of this array are."""
        if self._scales is None:
            return self._numbers
        with np.errstate(over="ignore"):
            found: Floats32 = self._scales * np.float32(128)
        return found

    @cached_property
    def whole(self) -> Floats32:
        """All of it."""
        return self._expanded(None, len(self))

    def __getitem__(self, rows: NDArray[np.int32]) -> Floats32:
        """Some rows, (n, ...)."""
        return self._expanded(np.ascontiguousarray(rows, np.int32), len(rows))

    def _expanded(self, rows: NDArray[np.int32] | None, count: int) -> Floats32:
        code, width = native.library(), self.size // max(len(self), 1)
        if code is None:
            return self._plain(rows)
        found = np.empty((count, *self.shape[1:]), np.float32)
        which = ctypes.c_int64(width), pointer(rows, np.int32), ctypes.c_int64(count), pointer(found, np.float32)
        if self._scales is None:
            code.unspool_expand_float16(pointer(self._numbers, np.float16), *which)
        else:
            numbers, scales = pointer(self._numbers, np.int8), pointer(self._scales, np.float32)
            code.unspool_expand_int8(numbers, scales, ctypes.c_int64(self._block), *which)
        return found

    def _plain(self, rows: NDArray[np.int32] | None) -> Floats32:
        chosen = self._numbers if rows is None else self._numbers[rows]
        found = chosen.astype(np.float32)
        if self._scales is not None:
            places = np.arange(self.size).reshape(self.shape) // self._block
            found *= self._scales[places if rows is None else places[rows]]
        return found


def joined(arrays: Arrays) -> dict[str, NDArray[np.generic] | Rounded]:
    """Arrays by name, those in fewer bits put together: `NAME.int8` and `NAME.scales`, and float16, become NAME.

    Raises:
        ValueError: an array lacks its scales, is there twice, or they do not fit.
    """
    found: dict[str, NDArray[np.generic] | Rounded] = {}
    for name, array in arrays.items():
        if array.dtype == np.float16:
            found[name] = Rounded(array)
        elif array.dtype != np.int8:
            found[name] = array
    for name, array in arrays.items():
        if array.dtype != np.int8:
            continue
        plain = name.removesuffix(INT8)
        scales = arrays.get(plain + SCALES)
        if plain == name or plain in arrays or scales is None or scales.dtype != np.float32 or scales.ndim != 1:
            raise ValueError(f"the array {name!r} lacks its scales, or is there twice")
        found[plain] = Rounded(array, scales)
    return found
