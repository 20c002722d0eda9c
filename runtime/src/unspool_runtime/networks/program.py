"""A network as one native call (native/network.h)."""

import ctypes
import struct
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import native
from unspool_runtime.networks.recurrent import MANY, Direction, Floats32, address

RECURRENT, AFFINE, DENSE, REPEAT, POOLING, FLATTEN, UNFLATTEN = range(7)
"""`UnspoolLayerKind`."""
DENSE_COLUMNS = 16
"""The weights of a dense layer have a multiple of so many columns."""
SEQUENCE, VECTOR = -1, 0
"""What a layer gives: as many steps as the network reads, or one vector; another number is of steps."""


class Steps(NamedTuple):
    """What goes from layer to layer.

    Attributes:
        values: (B, T, D) or (B, D) float32; with `tokens` the vectors of a vocabulary, (V, D).
        mask: (B, T) uint8, 1 where a step counts, or None: all count.
        tokens: (B, T) int32, which vector each step has, or None.
        length: T where values are (B, 1, D), the same at every step; else 0.
        beside: (B, E), what was pooled of the tokens themselves, or None.
    """

    values: Floats32
    mask: NDArray[np.uint8] | None = None
    tokens: NDArray[np.int32] | None = None
    length: int = 0
    beside: Floats32 | None = None


class Packing:
    """Layers of a network, as they are packed for native code.

    Args:
        code: the library.
        width: numbers of a step, 0 of tokens.

    Attributes:
        vectors: of a vocabulary, while no layer has read the tokens.
        bigrams: vectors of pairs of tokens.
        mask_zero: whether steps whose token is 0 are masked.
        steps: `SEQUENCE`, `VECTOR` or a number, what the last layer gives.
        width: numbers that it gives.
        layers: packed.
        kept: what they point at.
    """

    def __init__(self, code: ctypes.CDLL, width: int):
        self._code, self.width = code, width
        self.vectors: Floats32 | None = None
        self.bigrams: Floats32 | None = None
        self.mask_zero, self.steps = False, SEQUENCE
        self.layers, self.kept = list[bytes](), list[Any]()

    def add(
        self,
        kind: int,
        width: int,
        *,
        every: bool = False,
        activation: int = 0,
        times: int = 0,
        directions: Sequence[Direction] = (),
        weights: Floats32 | None = None,
        bias: Floats32 | None = None,
        pairs: Floats32 | None = None,
    ) -> None:
        """Add a layer that gives `width` numbers; the other arguments are those of its kind."""
        parts = [one.packed(self._code, self.vectors) for one in directions]
        if kind == POOLING and self.vectors is not None:
            parts = [Direction.packed_vectors(self.vectors)]
        weights = pairs if kind == POOLING else weights
        numbers = {REPEAT: times, FLATTEN: times, UNFLATTEN: times, POOLING: 0 if pairs is None else pairs.shape[1]}
        number = numbers.get(kind, width)
        head = (kind, directions[0].number if directions else 0, every, activation, number)
        self.layers.append(
            _HEAD.pack(*head, 0 if pairs is None else len(pairs))
            + b"".join(parts).ljust(2 * Direction.PACKED, b"\0")
            + _TAIL.pack(*(0 if one is None else address(one) for one in (weights, bias)))
        )
        self.kept += [self.vectors, weights, bias, *directions]
        self.width = width
        if kind in (RECURRENT, POOLING):
            self.vectors = None


class _Packable(Protocol):
    def pack(self, packing: Packing) -> None:
        """Add this layer."""


class Program:
    """Layers in one native call. Any number of threads may use one at once.

    Args:
        code: the library.
        packing: the layers.
    """

    def __init__(self, code: ctypes.CDLL, packing: Packing):
        self._network, self._text = code.unspool_network, code.unspool_network_text
        self._layers, self._count, self._kept = b"".join(packing.layers), len(packing.layers), packing.kept
        self._steps, self._width, self._mask_zero = packing.steps, packing.width, packing.mask_zero

    @classmethod
    def of(cls, layers: Iterable[_Packable], width: int) -> "Program | None":
        """Pack layers that read `width` numbers a step, or tokens (0); None where NumPy is to compute."""
        code = native.library()
        if code is None:
            return None
        packing = Packing(code, width)
        for layer in layers:
            layer.pack(packing)
        return cls(code, packing)

    def __call__(self, given: Steps) -> Floats32:
        """(B, T, K) or (B, K), what the last layer gives."""
        tokens, mask, values = given.tokens, given.mask, np.ascontiguousarray(given.values)
        shape = values.shape if tokens is None else tokens.shape
        batch, length = shape[0], shape[1] if tokens is not None or len(shape) == 3 else 0
        steps = length if self._steps == SEQUENCE else self._steps
        found = np.empty((batch, steps, self._width) if steps else (batch, self._width), np.float32)
        call = _STEPS.pack(
            batch,
            length,
            0 if tokens is not None else shape[-1],
            native.threads() if batch >= MANY else 1,
            self._mask_zero,
            0 if tokens is not None else address(values),
            0 if tokens is None else address(tokens),
            0 if mask is None else address(mask),
        )
        if self._network(self._layers, self._count, call, address(found)):
            raise MemoryError("not enough memory for this network")
        return found

    @property
    def gives_vectors(self) -> bool:
        """Whether it gives one vector for a sequence, so that `of_text` may be called."""
        return self._steps == VECTOR

    def of_text(self, words: bytes, text: str) -> Floats32:
        """One text in ASCII to (1, K), by `Vocabulary.packed`."""
        found = np.empty((1, self._width), np.float32)
        raw = text.encode()
        if self._text(words, self._layers, self._count, self._mask_zero, raw, len(raw), address(found)):
            raise MemoryError("not enough memory for this text")
        return found


_HEAD, _TAIL = struct.Struct("@6q"), struct.Struct("@2P")
"""`UnspoolLayer`, with two `UnspoolRecurrent` between them."""
_STEPS = struct.Struct("@3q2i3P")
"""`UnspoolSteps`."""
