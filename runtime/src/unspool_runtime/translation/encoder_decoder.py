"""A recurrent encoder and decoder with attention, from its description: native, or in NumPy."""

import ctypes
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import native
from unspool_runtime.networks.recurrent import Direction
from unspool_runtime.node import Node
from unspool_runtime.ragged import Ragged
from unspool_runtime.translation import encoder_decoder_reference as reference
from unspool_runtime.translation.native_search import Dense, Filling, NativeSearch, Pointer, fields
from unspool_runtime.translation.searching import Answer, Search, refuse

Floats32 = NDArray[np.float32]

MOST_LAYERS, MOST_WIDTH = 64, 1 << 14


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer of the encoder, and the one of the decoder that begins where it has ended.

    Attributes:
        forward: of the encoder.
        backward: likewise.
        decoder: of as many units.
        first: layers that make the decoder's first state of the encoder's last ones: one for each of a cell's states.
    """

    forward: Direction
    backward: Direction
    decoder: Direction
    first: list[dict[str, Floats32]] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights of an encoder-decoder, in the shapes of native/encoder_decoder.h.

    Attributes:
        input_feeding: whether a step of the decoder also reads what attention found in the one before.
        source_embedding: (S, W).
        target_embedding: (V, W).
        layers: L, the lowest first.
        keys: (2 U, U), to what queries are compared with.
        query: additive attention: "kernel" (U, U) and "bias" (U); None: of products.
        sum: (U), of additive attention.
        found: "kernel" (3 U, W) and "bias" (W).
        head: "kernel" (W, V) and "bias" (V), or None: logits are products with the target's embedding.
    """

    input_feeding: bool
    source_embedding: Floats32
    target_embedding: Floats32
    layers: list[Layer] = field(repr=False)
    keys: Floats32 = field(repr=False)
    query: dict[str, Floats32] | None = field(repr=False)
    sum: Floats32 | None = field(repr=False)
    found: dict[str, Floats32] = field(repr=False)
    head: dict[str, Floats32] | None = field(repr=False, default=None)

    @property
    def units(self) -> int:
        """U."""
        return len(self.keys[0])

    @cached_property
    def output(self) -> dict[str, Floats32]:
        """The last layer."""
        tied = {"kernel": self.target_embedding.T, "bias": np.zeros(len(self.target_embedding), np.float32)}
        return self.head or tied

    @classmethod
    def read(cls, node: Node) -> "Weights":
        """Read a description's "model".

        Raises:
            ModelError: it is damaged.
        """
        source = node.array("source_embedding", np.float32, None, None)
        width, units = source.shape[1], node.whole("units", 1, MOST_WIDTH)
        if not 0 < width <= MOST_WIDTH or len(source) < 2:
            raise node.wrong("there are no ids, or their vectors are too wide")
        size = node.whole("target_size", 2, 1 << 31)
        shared = not node.has("target_embedding")
        target = source[:size] if shared else node.array("target_embedding", np.float32, size, width)
        if len(target) != size:
            raise node.wrong(f"the source's ids are fewer than the {size} that are written")
        cell, fed = node.choice("cell", "gru after", "gru before", "lstm"), node.flag("input_feeding")
        nodes = node.nodes("layers")
        if not 0 < len(nodes) <= MOST_LAYERS:
            raise node.wrong("there are no layers, or too many")
        # The first layer reads embeddings, others what lies below them.
        widths = [(width, width * (1 + fed)), *[(2 * units, units)] * (len(nodes) - 1)]
        additive = node.choice("attention", "additive", "dot") == "additive"
        return cls(
            fed,
            source,
            target,
            [_layer(one, cell, units, *read) for one, read in zip(nodes, widths, strict=True)],
            node.array("keys", np.float32, 2 * units, units),
            _dense(node.node("query"), units, units) if additive else None,
            node.array("sum", np.float32, units) if additive else None,
            _dense(node.node("found"), 3 * units, width),
            _dense(node.node("head"), width, size) if node.has("head") else None,
        )


def _layer(node: Node, cell: str, units: int, encoder_width: int, decoder_width: int) -> Layer:
    forward, backward = (
        Direction(node.node(name), cell, "tanh", encoder_width, name == "backward") for name in ("forward", "backward")
    )
    decoder = Direction(node.node("decoder"), cell, "tanh", decoder_width, reverse=False)
    first = [_dense(one, 2 * units, units) for one in node.nodes("first")]
    if {forward.units, backward.units, decoder.units} != {units} or len(first) != (2 if cell == "lstm" else 1):
        raise node.wrong("its units or states do not fit the others")
    return Layer(forward, backward, decoder, first)


def _dense(node: Node, width: int, outputs: int) -> dict[str, Floats32]:
    return {"kernel": node.array("kernel", np.float32, width, outputs), "bias": node.array("bias", np.float32, outputs)}


class EncoderDecoder:
    """An encoder-decoder that answers sources.

    Args:
        weights: of which it is made.
    """

    def __init__(self, weights: Weights):
        self.weights = weights
        self._native = NativeSearch("encoder_decoder", partial(_structure, weights))

    def answer(self, sources: Ragged, how: Search, scored: bool = True) -> list[list[Answer]]:
        """Search for the answers to N sources, see `Transformer.answer`."""
        refuse(sources, how, len(self.weights.source_embedding))
        code = native.library()
        if code is not None:
            return self._native.answers(code, sources, how, scored)
        return [reference.answers(self.weights, ids, how) for ids in sources]


class _Direction(ctypes.Structure):
    _fields_ = fields(Pointer, "kernel", "recurrent", "bias")


class _Layer(ctypes.Structure):
    _fields_ = [*fields(_Direction, "forward", "backward", "decoder"), ("first", Dense * 2)]


class _Model(ctypes.Structure):
    _fields_ = [
        *fields(ctypes.c_int64, "layers", "cell", "width", "units", "source_size", "target_size"),
        *fields(ctypes.c_int64, "additive", "input_feeding"),
        *fields(Pointer, "source_embedding", "target_embedding"),
        ("head", Dense),
        ("stack", ctypes.POINTER(_Layer)),
        ("keys", Pointer),
        ("query", Dense),
        ("sum", Pointer),
        ("found", Dense),
    ]


def _structure(weights: Weights, filling: Filling) -> _Model:
    pointer, filled = filling.pointer, filling.filled

    def direction(one: Direction) -> _Direction:
        return _Direction(pointer(one.kernel), pointer(one.recurrent), pointer(one.bias))

    layers = [
        _Layer(
            direction(one.forward),
            direction(one.backward),
            direction(one.decoder),
            (Dense * 2)(*(filled(Dense, first) for first in one.first)),
        )
        for one in weights.layers
    ]
    source = pointer(weights.source_embedding)
    shared = np.shares_memory(weights.source_embedding, weights.target_embedding)
    return _Model(
        layers=len(layers),
        cell=weights.layers[0].decoder.number,
        width=weights.source_embedding.shape[1],
        units=weights.units,
        source_size=len(weights.source_embedding),
        target_size=len(weights.target_embedding),
        additive=weights.sum is not None,
        input_feeding=weights.input_feeding,
        source_embedding=source,
        target_embedding=source if shared else pointer(weights.target_embedding),
        head=filled(Dense, weights.head or {}),
        stack=(_Layer * len(layers))(*layers),
        keys=pointer(weights.keys),
        query=filled(Dense, weights.query or {}),
        sum=None if weights.sum is None else pointer(weights.sum),
        found=filled(Dense, weights.found),
    )
