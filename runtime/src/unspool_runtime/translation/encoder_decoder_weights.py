"""The weights of a recurrent encoder and decoder with attention, from their description."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.networks.dense import Dense, read_dense
from unspool_runtime.networks.recurrent import Direction
from unspool_runtime.node import Node
from unspool_runtime.translation.embeddings import MOST_WIDTH, Embeddings

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
class EncoderDecoderWeights(Embeddings):
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
    def read(cls, node: Node, features: int = 0) -> "EncoderDecoderWeights":
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
