"""A recurrent encoder and decoder with attention, from its description: native, or in NumPy."""

from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import native
from unspool_runtime.networks.dense import Dense, applied, read_dense
from unspool_runtime.networks.recurrent import Direction
from unspool_runtime.node import Node
from unspool_runtime.ragged import Ragged, bounds
from unspool_runtime.structures import (
    UnspoolDense,
    UnspoolDirection,
    UnspoolEncoderDecoder,
    UnspoolEncoderDecoderLayer,
)
from unspool_runtime.translation import encoder_decoder_reference as reference
from unspool_runtime.translation.embeddings import MOST_WIDTH, Embeddings
from unspool_runtime.translation.native_search import Filling, NativeSearch
from unspool_runtime.translation.searching import Answer, Search, refuse

Floats32 = NDArray[np.float32]

MOST_LAYERS = 64


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
    first: list[Dense] = field(repr=False)


@dataclass(frozen=True, eq=False, kw_only=True)
class Weights(Embeddings):
    """The weights of an encoder-decoder, in the shapes of native/encoder_decoder.h.

    Attributes:
        input_feeding: whether a step of the decoder also reads what attention found in the one before.
        layers: L, the lowest first.
        keys: (2 U, U), to what queries are compared with.
        query: additive attention: "kernel" (U, U) and "bias" (U); None: of products.
        sum: (U), of additive attention.
        found: "kernel" (3 U, W) and "bias" (W).
    """

    input_feeding: bool
    layers: list[Layer] = field(repr=False)
    keys: Floats32 = field(repr=False)
    query: Dense | None = field(repr=False)
    sum: Floats32 | None = field(repr=False)
    found: Dense = field(repr=False)

    @property
    def units(self) -> int:
        """U."""
        return len(self.keys[0])

    @classmethod
    def read(cls, node: Node, features: int = 0) -> "Weights":
        """Read a description's "model"; arguments and errors as for `Embeddings.of`."""
        embeddings = Embeddings.of(node, features)
        width, units = embeddings.target_embedding.shape[1], node.whole("units", 1, MOST_WIDTH)
        cell, fed = node.choice("cell", "gru after", "gru before", "lstm"), node.flag("input_feeding")
        nodes = node.nodes("layers")
        if not 0 < len(nodes) <= MOST_LAYERS:
            raise node.wrong("there are no layers, or too many")
        # The first layer reads embeddings, others what lies below them.
        widths = [(width, width * (1 + fed)), *[(2 * units, units)] * (len(nodes) - 1)]
        additive = node.choice("attention", "additive", "dot") == "additive"
        return cls(
            **vars(embeddings),
            input_feeding=fed,
            layers=[_layer(one, cell, units, *read) for one, read in zip(nodes, widths, strict=True)],
            keys=node.array("keys", np.float32, 2 * units, units),
            query=read_dense(node.node("query"), units, units) if additive else None,
            sum=node.array("sum", np.float32, units) if additive else None,
            found=read_dense(node.node("found"), 3 * units, width),
        )


def _layer(node: Node, cell: str, units: int, encoder_width: int, decoder_width: int) -> Layer:
    forward, backward = (
        Direction(node.node(name), cell, "tanh", encoder_width, name == "backward") for name in ("forward", "backward")
    )
    decoder = Direction(node.node("decoder"), cell, "tanh", decoder_width, reverse=False)
    first = [read_dense(one, 2 * units, units) for one in node.nodes("first")]
    if {forward.units, backward.units, decoder.units} != {units} or len(first) != (2 if cell == "lstm" else 1):
        raise node.wrong("its units or states do not fit the others")
    return Layer(forward, backward, decoder, first)


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

    def answer_series(self, series: list[Floats32], how: Search, scored: bool = True) -> list[list[Answer]]:
        """Search for the answers to N series (T_i, F): their steps become the vectors of ids of their own."""
        assert self.weights.frames is not None
        vectors = [applied(one, self.weights.frames) for one in series]
        none = np.zeros((2, self.weights.source_embedding.shape[1]), np.float32)  # ids 0 and 1, which no source has
        table = np.concatenate([none, *vectors])
        steps = Ragged(np.arange(2, len(table), dtype=np.int32), bounds([len(one) for one in series]))
        # A native model of these vectors: packing the weights once more takes no longer than a few steps of the search.
        return EncoderDecoder(replace(self.weights, source_embedding=table)).answer(steps, how, scored)


def _structure(weights: Weights, filling: Filling) -> UnspoolEncoderDecoder:
    pointer, filled = filling.pointer, filling.filled

    def direction(one: Direction) -> UnspoolDirection:
        return UnspoolDirection(pointer(one.kernel), pointer(one.recurrent), pointer(one.bias))

    layers = [
        UnspoolEncoderDecoderLayer(
            direction(one.forward),
            direction(one.backward),
            direction(one.decoder),
            (UnspoolDense * 2)(*(filled(UnspoolDense, first) for first in one.first)),
        )
        for one in weights.layers
    ]
    source = pointer(weights.source_embedding)
    shared = np.shares_memory(weights.source_embedding, weights.target_embedding)
    return UnspoolEncoderDecoder(
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
        head=filled(UnspoolDense, weights.head or {}),
        stack=(UnspoolEncoderDecoderLayer * len(layers))(*layers),
        keys=pointer(weights.keys),
        query=filled(UnspoolDense, weights.query or {}),
        sum=None if weights.sum is None else pointer(weights.sum),
        found=filled(UnspoolDense, weights.found),
    )
