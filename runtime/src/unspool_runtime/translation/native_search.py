"""Native searches, whatever the architecture of the model: see native/transformer.h."""

import ctypes
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import native
from unspool_runtime.ragged import Ragged
from unspool_runtime.structures import Pointer, UnspoolSearch
from unspool_runtime.translation.searching import Answer, Search

Floats32 = NDArray[np.float32]

_MEMORY_SHORT = 1


class Filling:
    """Fills structures with the addresses of arrays, which it keeps alive."""

    def __init__(self) -> None:
        self._held: list[Floats32] = []

    def pointer(self, array: Floats32) -> int:
        """Where a dense copy of it begins, or it itself where it is dense."""
        self._held.append(np.ascontiguousarray(array, np.float32))
        return self._held[-1].ctypes.data

    def filled(self, structure: Any, tree: dict[str, Any]) -> Any:
        """A structure with the arrays of a tree under the same names."""
        kinds = dict(structure._fields_)
        parts = {
            name: self.pointer(part) if kinds[name] is Pointer else self.filled(kinds[name], part)
            for name, part in tree.items()
        }
        return structure(**parts)


class NativeSearch:
    """A model as the kernels read it, made once for each instruction set.

    Args:
        kind: in the names of its functions, as in `unspool_KIND_search`.
        model: gives its structure, and fills it.
    """

    def __init__(self, kind: str, model: Callable[[Filling], ctypes.Structure]):
        self._kind, self._model = kind, model
        self._made: dict[bytes, ctypes.c_void_p] = {}
        self._one_at_a_time = threading.Lock()  # each that is made stays in memory as long as this search

    def answers(self, code: ctypes.CDLL, sources: Ragged, how: Search, scored: bool) -> list[list[Answer]]:
        """Search for the answers to N sources."""
        count, returned = len(sources), how.returned
        tokens = np.empty((count, returned, how.maximum), np.int32)
        lengths = np.empty((count, returned), np.int64)
        totals, scores = np.empty((2, count, returned), np.float32)
        ended = np.empty((count, returned), np.uint8)
        flat, offsets = np.ascontiguousarray(sources.flat, np.int32), np.ascontiguousarray(sources.offsets, np.int64)
        numbers = (how.start, how.end, how.maximum, scored, how.batch, native.threads())
        search = UnspoolSearch(how.beam, returned, how.length_penalty, *numbers)
        failed = getattr(code, f"unspool_{self._kind}_search")(
            self._packed(code),
            ctypes.byref(search),
            native.pointer(flat, np.int32),
            native.pointer(offsets, np.int64),
            ctypes.c_int64(count),
            native.pointer(tokens, np.int32),
            native.pointer(lengths, np.int64),
            native.pointer(totals, np.float32),
            native.pointer(scores, np.float32),
            native.pointer(ended, np.uint8),
        )
        if failed == _MEMORY_SHORT:
            raise MemoryError("not enough memory for these inputs")
        assert not failed, "the search was checked"
        return [
            [
                Answer(tokens[n, r, :length].tolist(), float(totals[n, r]), float(scores[n, r]), bool(ended[n, r]))
                for r, length in enumerate(row)
                if length >= 0
            ]
            for n, row in enumerate(lengths.tolist())
        ]

    def _packed(self, code: ctypes.CDLL) -> ctypes.c_void_p:
        name = code.unspool_isa()
        with self._one_at_a_time:
            if name not in self._made:
                filling = Filling()
                found = getattr(code, f"unspool_{self._kind}_new")(ctypes.byref(self._model(filling)))
                if not found:
                    raise MemoryError("not enough memory for this model")
                self._made[name] = packed = ctypes.c_void_p(int(found))
                weakref.finalize(self, getattr(code, f"unspool_{self._kind}_free"), packed)
            return self._made[name]
