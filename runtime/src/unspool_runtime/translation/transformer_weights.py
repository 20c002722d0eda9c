"""The weights of a Transformer, from its description."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.networks.dense import Dense, read_dense
from unspool_runtime.node import Node
from unspool_runtime.translation.embeddings import MOST_WIDTH, Embeddings

Floats32 = NDArray[np.float32]

MOST_LAYERS = 64


@dataclass(frozen=True, eq=False, kw_only=True)
class TransformerWeights(Embeddings):
    """The weights of a Transformer, in the shapes of native/transformer.h.

    Attributes:
        heads: of each attention.
        rotary: whether positions are rotary; else sinusoidal.
        encoder: blocks: dicts of layers, each a dict of arrays.
        decoder: likewise.
        encoder_norm: "scale" and "offset", (D) each.
        decoder_norm: likewise.
    """

    heads: int
    rotary: bool
    encoder: list[dict[str, Any]] = field(repr=False)
    decoder: list[dict[str, Any]] = field(repr=False)
    encoder_norm: dict[str, Floats32] = field(repr=False)
    decoder_norm: dict[str, Floats32] = field(repr=False)

    @property
    def width(self) -> int:
        """D."""
        return len(self.encoder_norm["scale"])

    @classmethod
    def read(cls, node: Node) -> "TransformerWeights":
        """Read a description's "model".

        Raises:
            ModelError: it is damaged.
        """
        embeddings = Embeddings.of(node)
        width, heads = embeddings.source_embedding.shape[1], node.whole("heads", 1, MOST_WIDTH)
        if width % heads or width // heads % 2:
            raise node.wrong("the heads do not share the width evenly")
        feed_forward = node.whole("feed_forward", 1, MOST_WIDTH)
        encoder = [_block(one, width, feed_forward, False) for one in node.nodes("encoder")]
        decoder = [_block(one, width, feed_forward, True) for one in node.nodes("decoder")]
        if len(encoder) != len(decoder) or not 0 < len(encoder) <= MOST_LAYERS:
            raise node.wrong("the layers of encoder and decoder do not fit each other")
        return cls(
            **vars(embeddings),
            heads=heads,
            rotary=node.choice("positions", "sinusoidal", "rotary") == "rotary",
            encoder=encoder,
            decoder=decoder,
            encoder_norm=_norm(node.node("encoder_norm"), width),
            decoder_norm=_norm(node.node("decoder_norm"), width),
        )


def _norm(node: Node, width: int) -> dict[str, Floats32]:
    return {name: node.array(name, np.float32, width) for name in ("scale", "offset")}


def _attention(node: Node, width: int) -> dict[str, Dense]:
    return {name: read_dense(node.node(name), width, width) for name in ("queries", "keys", "values", "result")}


def _block(node: Node, width: int, feed_forward: int, reads_memory: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for prefix, attention in (("attention", "attention"), *([("memory", "to_memory")] if reads_memory else [])):
        found[f"{prefix}_norm"] = _norm(node.node(f"{prefix}_norm"), width)
        found[attention] = _attention(node.node(attention), width)
    found["dense_norm"] = _norm(node.node("dense_norm"), width)
    found["hidden"] = read_dense(node.node("hidden"), width, feed_forward)
    found["result"] = read_dense(node.node("result"), feed_forward, width)
    return found
