"""Recurrent layers: native, and the same equations in NumPy."""

import ctypes
import struct
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
MANY = 4
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

    Attributes:
        number: of the cell, in native/unspool.h.
    """

    PACKED = 152
    """Bytes that `packed` gives."""

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
        self.number = _CELLS[cell, activation]
        self._tables: dict[tuple[int, int], tuple[Floats32, Floats32, int] | None] = {}

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
        state = np.empty((2 if self.cell == "lstm" else 1, batch, self.units), np.float32)
        outputs = np.empty((batch, length, self.units), np.float32) if every else state[0]
        h0, c0 = (address(before[0]), address(before[1])) if before else (0, 0)
        last = address(state)
        call = _LAYER.pack(
            batch,
            length,
            len(self.kernel) if table is None else 0,
            self.units,
            0 if tokens is None else len(steps),
            self.reverse,
            self.zero_masked,
            given.length > 0,
            native.threads() if batch >= MANY else 1,
            address(steps) if table is None else 0,
            0 if tokens is None else address(tokens),
            table or 0,
            0 if mask is None else address(mask),
            h0,
            c0,
            *self._weights,
            address(outputs) if every else 0,
            last,
            last + state[0].nbytes if len(state) > 1 else 0,
        )
        if code.unspool_recurrent(self.number, call):
            raise MemoryError("not enough memory for a recurrent layer")
        return outputs, (state[0], state[-1])

    def packed(self, code: ctypes.CDLL, vectors: Floats32 | None) -> bytes:
        """What does not depend on the input, as `UnspoolRecurrent`.

        Args:
            code: the library.
            vectors: of a vocabulary, where it reads tokens.
        """
        table = None if vectors is None else self._table(code, vectors)
        return _LAYER.pack(
            *(0, 0, len(self.kernel) if table is None else 0, self.units, 0 if vectors is None else len(vectors)),
            *(self.reverse, self.zero_masked, 0, 0),
            *(0 if vectors is None or table is not None else address(vectors), 0, table or 0, 0),
            *(0, 0, *self._weights, 0, 0, 0),
        )

    @staticmethod
    def packed_vectors(vectors: Floats32) -> bytes:
        """The same of what only looks a vocabulary's vectors up."""
        return _LAYER.pack(*(0, 0, vectors.shape[1], 0, len(vectors)), *(0,) * 4, address(vectors), *(0,) * 11)

    @cached_property
    def _weights(self) -> tuple[int, int, int]:
        return address(self.kernel), address(self.recurrent), address(self.bias)

    def _table(self, code: ctypes.CDLL, vectors: Floats32) -> int | None:
        """Where what each token of a vocabulary adds to the gates is, computed once.

        None where it would take too much memory.
        """
        key = (id(vectors), len(vectors))
        if key not in self._tables:  # several threads may come here; all take the table that is kept first
            width = len(self.kernel)
            call = _LAYER.pack(
                *(0, 0, width, self.units, len(vectors)),
                *(0, 0, 0, 1),
                *(address(vectors), 0, 0, 0),
                *(0, 0, *self._weights),
                *(0, 0, 0),
            )
            size = code.unspool_recurrent_table_size(self.number, call)
            table = np.empty(size, np.float32) if 0 < size <= LARGEST_TABLE else None
            if table is not None and code.unspool_recurrent_project(self.number, call, address(table)):
                raise MemoryError("not enough memory for the vocabulary of a recurrent layer")
            self._tables.setdefault(key, None if table is None else (vectors, table, address(table)))
        found = self._tables[key]
        return None if found is None else found[-1]

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


def address(array: NDArray[np.generic]) -> int:
    """Where a dense array begins; the caller keeps it alive until the call returns."""
    if not array.flags.c_contiguous:
        raise ValueError("the kernels take dense arrays")
    if array.size and array.flags.writeable:  # a third of the time
        return ctypes.addressof(ctypes.c_char.from_buffer(array.data))
    address: int = array.__array_interface__["data"][0]
    return address


_LAYER = struct.Struct("@5q4i12P")
"""`UnspoolRecurrent` of native/unspool.h."""
