"""Recurrent layers: native, and the same equations in NumPy."""

import ctypes
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import native
from unspool_runtime.node import Node

Floats32 = NDArray[np.float32]

MOST_UNITS = 1 << 16
LARGEST_TABLE = 1 << 24
"""Numbers in a projected vocabulary (64 MiB), beyond which memory is worth more than the time it saves."""
_CELLS = {
    ("rnn", "tanh"): 0,
    ("rnn", "relu"): 1,
    ("lstm", "tanh"): 2,
    ("gru after", "tanh"): 3,
    ("gru before", "tanh"): 4,
}
_GATES = {"rnn": 1, "lstm": 4, "gru after": 3, "gru before": 3}
_MANY = 4
"""Rows, from which on more than one thread pays."""


State = tuple[Floats32, Floats32]
"""h and c, each (B, U); of a cell with one state both are h."""


class Given(NamedTuple):
    """What a layer reads.

    Attributes:
        steps: (B, T, D) float32; with `tokens` the vectors of a vocabulary, (V, D).
        mask: (B, T) uint8, 1 where a step counts, or None: all count.
        tokens: (B, T) int32, or None.
        length: T, where steps are (B, 1, D), the same at every step; else 0.
    """

    steps: Floats32
    mask: NDArray[np.uint8] | None = None
    tokens: NDArray[np.int32] | None = None
    length: int = 0


class Direction:
    """One direction of a layer.

    Args:
        node: its arrays "kernel" (D, G U), "recurrent" (U, G U) and "bias", as Keras has them.
        cell: "rnn", "lstm", "gru after" or "gru before" (where the reset gate stands).
        activation: "tanh", or "relu" of an "rnn".
        width: D.
        reverse: whether it reads from the last step to the first.
    """

    def __init__(self, node: Node, cell: str, activation: str, width: int, reverse: bool):
        if (cell, activation) not in _CELLS:
            raise node.wrong(f"there is no {cell} with {activation}")
        gates = _GATES[cell]
        self.recurrent = node.array("recurrent", np.float32, None, None)
        self.units = len(self.recurrent)
        if self.recurrent.shape[1] != gates * self.units or not 0 < self.units <= MOST_UNITS:
            raise node.wrong("the array 'recurrent' does not fit the cell")
        self.kernel = node.array("kernel", np.float32, width, gates * self.units)
        shape = (2, gates * self.units) if cell == "gru after" else (gates * self.units,)
        self.bias = node.array("bias", np.float32, *shape)
        self.zero_masked = node.flag("zero_masked")
        self.reverse = reverse
        self.cell, self.relu = cell, activation == "relu"
        self._number = _CELLS[cell, activation]
        self._tables: dict[tuple[int, int], Floats32 | None] = {}

    def __call__(self, given: Given, every: bool) -> Floats32:
        """The state after every step in the order of time, (B, T, U), or after the last that was read, (B, U)."""
        found, _ = self.run(given, every)
        return found[:, ::-1] if every and self.reverse else found

    def run(self, given: Given, every: bool, before: State | None = None) -> tuple[Floats32, State]:
        """The same in the order of reading, from a state on (None is zero); and the state at the end."""
        code = native.library()
        return self._plain(given, every, before) if code is None else self._native(code, given, every, before)

    def _native(self, code: ctypes.CDLL, given: Given, every: bool, before: State | None) -> tuple[Floats32, State]:
        batch, length = _size(given)
        steps, tokens, mask = given.steps, given.tokens, given.mask
        table = None if tokens is None else self._table(code, steps)
        call = _Layer.from_buffer_copy(self._template)
        call.batch, call.length = batch, length
        call.constant = given.length > 0
        call.threads = native.threads() if batch >= _MANY else 1
        if tokens is not None:
            call.vocabulary, call.tokens = len(steps), _address(tokens)
        if table is not None:
            call.width, call.kernel, call.table = 0, None, _address(table)
        else:
            call.x = _address(steps)
        h0, c0 = before or (_zeros(batch * self.units),) * 2
        call.h0, call.c0 = _address(h0), _address(c0)
        if mask is not None:
            call.mask = _address(mask)
        state = np.empty((batch, self.units), np.float32)
        cell_state = np.empty_like(state) if self.cell == "lstm" else state
        call.h = _address(state)
        if self.cell == "lstm":
            call.c = _address(cell_state)
        outputs = np.empty((batch, length, self.units), np.float32) if every else state
        if every:
            call.y = _address(outputs)
        failed = code.unspool_recurrent(ctypes.c_int64(self._number), ctypes.byref(call))
        if failed:
            raise MemoryError("memory is too short for a recurrent layer")
        return outputs, (state, cell_state)

    @cached_property
    def _template(self) -> "_Layer":
        return _Layer(
            width=len(self.kernel),
            units=self.units,
            reverse=self.reverse,
            zero_masked=self.zero_masked,
            kernel=_address(self.kernel),
            recurrent=_address(self.recurrent),
            bias=_address(self.bias),
        )

    def _table(self, code: ctypes.CDLL, vectors: Floats32) -> Floats32 | None:
        """What each token of a vocabulary adds to the gates, computed once; None where that takes too much memory."""
        key = (_address(vectors), len(vectors))
        if key not in self._tables:
            layer = _Layer.from_buffer_copy(self._template)
            layer.vocabulary, layer.x, layer.threads = len(vectors), _address(vectors), 1
            number = ctypes.c_int64(self._number)
            size = code.unspool_recurrent_table_size(number, ctypes.byref(layer))
            table = np.empty(size, np.float32) if 0 < size <= LARGEST_TABLE else None
            if table is not None and code.unspool_recurrent_project(number, ctypes.byref(layer), _pointer(table)):
                raise MemoryError("memory is too short for the vocabulary of a recurrent layer")
            self._tables[key] = table
        return self._tables[key]

    def _plain(self, given: Given, every: bool, before: State | None) -> tuple[Floats32, State]:
        batch, length = _size(given)
        rows = given.steps if given.tokens is None else _vectors(given.steps, given.tokens)
        bias = self.bias[0] if self.bias.ndim == 2 else self.bias
        inputs = rows @ self.kernel + bias
        states = np.zeros((batch, length, self.units), np.float32)
        h, c = before or (np.zeros((batch, self.units), np.float32),) * 2
        shown = np.zeros_like(h)
        for step in range(length):
            at = length - 1 - step if self.reverse else step
            new_h, new_c = self._step(inputs[:, 0 if given.length else at], h, c)
            if given.mask is not None:
                counts = given.mask[:, at, None] != 0
                shown = np.where(counts, new_h, np.float32(0) if self.zero_masked else shown)
                new_h, new_c = np.where(counts, new_h, h), np.where(counts, new_c, c)
            else:
                shown = new_h
            h, c = new_h, new_c
            states[:, step] = shown
        return (states if every else h), (h, c)

    def _step(self, inputs: Floats32, h: Floats32, c: Floats32) -> tuple[Floats32, Floats32]:
        units = self.units
        if self.cell == "rnn":
            total = inputs + h @ self.recurrent
            return (np.maximum(total, 0) if self.relu else np.tanh(total)), c
        if self.cell == "lstm":
            total = inputs + h @ self.recurrent
            i, f, g, o = (total[:, gate * units : (gate + 1) * units] for gate in range(4))
            c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
            return _sigmoid(o) * np.tanh(c), c
        gates, new = inputs[:, : 2 * units], inputs[:, 2 * units :]
        if self.cell == "gru after":
            product = h @ self.recurrent + self.bias[1]
            both = _sigmoid(gates + product[:, : 2 * units])
            new = np.tanh(new + both[:, units:] * product[:, 2 * units :])
        else:
            both = _sigmoid(gates + h @ self.recurrent[:, : 2 * units])
            new = np.tanh(new + (both[:, units:] * h) @ self.recurrent[:, 2 * units :])
        z = both[:, :units]
        return z * h + (1 - z) * new, c


def _size(given: Given) -> tuple[int, int]:
    if given.tokens is not None:
        return given.tokens.shape[0], given.tokens.shape[1]
    return given.steps.shape[0], given.length or given.steps.shape[1]


def _vectors(vectors: Floats32, tokens: NDArray[np.int32]) -> Floats32:
    found: Floats32 = vectors[tokens]
    return found


def _sigmoid(x: Floats32) -> Floats32:
    found: Floats32 = np.float32(0.5) * np.tanh(np.float32(0.5) * x) + np.float32(0.5)
    return found


def _zeros(count: int) -> Floats32:
    return _ZEROS[:count] if count <= len(_ZEROS) else np.zeros(count, np.float32)


_ZEROS = np.zeros(1 << 12, np.float32)


def _address(array: NDArray[np.generic]) -> int:
    """Where a dense array begins; the caller keeps it alive until the call returns."""
    if not array.flags.c_contiguous:
        raise ValueError("the kernels take dense arrays")
    address: int = array.__array_interface__["data"][0]
    return address


def _pointer(array: NDArray[np.generic]) -> ctypes.c_void_p:
    return ctypes.c_void_p(_address(array))


class _Layer(ctypes.Structure):
    """`UnspoolRecurrent` of native/unspool.h."""

    _fields_ = (
        *((name, ctypes.c_int64) for name in ("batch", "length", "width", "units", "vocabulary")),
        *((name, ctypes.c_int32) for name in ("reverse", "zero_masked", "constant", "threads")),
        *(
            (name, ctypes.c_void_p)
            for name in ("x", "tokens", "table", "mask", "h0", "c0", "kernel", "recurrent", "bias")
        ),
        *((name, ctypes.c_void_p) for name in ("y", "h", "c")),
    )
