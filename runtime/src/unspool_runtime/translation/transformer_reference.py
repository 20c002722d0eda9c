"""A Transformer in NumPy, one source at a time: the equations of native/transformer.h."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.answers import softmax
from unspool_runtime.networks.dense import applied
from unspool_runtime.translation.plain_search import plain_search
from unspool_runtime.translation.searching import Answer, Search
from unspool_runtime.translation.transformer_weights import TransformerWeights

Floats32 = NDArray[np.float32]
KeysValues = tuple[Floats32, Floats32]
"""(..., steps, width) each; in a beam a row for each beginning."""


def answers(weights: TransformerWeights, source: NDArray[np.int32], how: Search) -> list[Answer]:
    """Search for the answers to one source, the best first."""
    return plain_search(_Decoder(weights, _encoded(weights, source)), how)


def _encoded(weights: TransformerWeights, source: NDArray[np.int32]) -> list[KeysValues]:
    """The keys and values that each block of the decoder looks at."""
    places = np.arange(len(source))
    x = _embedded(weights, weights.source_embedding[source], places)
    for block in weights.encoder:
        normed = _norm(x, block["attention_norm"])
        own = block["attention"]
        queries, keys = (_turned(weights, applied(normed, own[name]), places) for name in ("queries", "keys"))
        x = x + applied(_looked(weights, queries, (keys, applied(normed, own["values"]))), own["result"])
        x = x + _forward(x, block)
    x = _norm(x, weights.encoder_norm)
    return [(applied(x, one["to_memory"]["keys"]), applied(x, one["to_memory"]["values"])) for one in weights.decoder]


@dataclass(eq=False)
class _Decoder:
    """Writes step by step, all hypotheses of one source together."""

    weights: TransformerWeights
    memory: list[KeysValues]

    def start(self) -> list[KeysValues]:
        """Keys and values before the first step, of one beginning."""
        nothing = np.zeros((1, 0, self.weights.width), np.float32)
        return [(nothing, nothing) for _ in self.weights.decoder]

    def step(self, kept: list[KeysValues], tokens: list[int], place: int) -> tuple[Floats32, list[KeysValues]]:
        """(B,) ids to the logits of what follows (B, V), and what is kept after it."""
        weights, after = self.weights, list[KeysValues]()
        places = np.full(len(tokens), place)
        x = _embedded(weights, weights.target_embedding[np.array(tokens)], places)
        for block, read, (keys, values) in zip(weights.decoder, self.memory, kept, strict=True):
            normed = _norm(x, block["attention_norm"])
            own, other = block["attention"], block["to_memory"]
            queries, new = (_turned(weights, applied(normed, own[name]), places) for name in ("queries", "keys"))
            keys = np.concatenate((keys, new[:, None]), axis=1)
            values = np.concatenate((values, applied(normed, own["values"])[:, None]), axis=1)
            after.append((keys, values))
            x = x + applied(_looked(weights, queries[:, None], (keys, values))[:, 0], own["result"])
            queries = applied(_norm(x, block["memory_norm"]), other["queries"])
            x = x + applied(_looked(weights, queries, read), other["result"])
            x = x + _forward(x, block)
        return applied(_norm(x, weights.decoder_norm), weights.output), after


def _embedded(weights: TransformerWeights, vectors: Floats32, places: NDArray[np.int64]) -> Floats32:
    x: Floats32 = vectors * np.float32(np.sqrt(weights.width))
    return x if weights.rotary else x + np.concatenate(_sines_and_cosines(places, weights.width), axis=-1)


def _sines_and_cosines(places: NDArray[np.int64], width: int) -> tuple[Floats32, Floats32]:
    half = width // 2
    speeds = (10000.0 ** (-np.arange(half) / half)).astype(np.float32)
    angles = (places[:, None].astype(np.float32) * speeds).astype(np.float64)
    return np.sin(angles).astype(np.float32), np.cos(angles).astype(np.float32)


def _turned(weights: TransformerWeights, x: Floats32, places: NDArray[np.int64]) -> Floats32:
    """(B, D) with each head turned by the angles of its row's place, where positions are rotary."""
    if not weights.rotary:
        return x
    width = weights.width // weights.heads
    sine, cosine = (part[:, None] for part in _sines_and_cosines(places, width))
    heads = x.reshape(len(x), weights.heads, width)
    first, second = heads[..., : width // 2], heads[..., width // 2 :]
    found = np.concatenate((first * cosine - second * sine, second * cosine + first * sine), axis=-1)
    joined: Floats32 = found.reshape(x.shape)
    return joined


def _looked(weights: TransformerWeights, queries: Floats32, looked_at: KeysValues) -> Floats32:
    """(..., T, D) queries over keys and values (..., S, D) to (..., T, D)."""
    width = weights.width // weights.heads

    def heads(x: Floats32) -> Floats32:
        return np.moveaxis(x.reshape(*x.shape[:-1], weights.heads, width), -2, -3)

    q, k, v = (heads(one) for one in (queries, *looked_at))
    if not k.shape[-2]:
        return np.zeros_like(queries)
    scores: Floats32 = q @ np.swapaxes(k, -1, -2) * np.float32(1 / np.sqrt(np.float32(width)))
    found: Floats32 = np.moveaxis(softmax(scores) @ v, -3, -2).reshape(queries.shape)
    return found


def _forward(x: Floats32, block: dict[str, Any]) -> Floats32:
    return applied(np.maximum(applied(_norm(x, block["dense_norm"]), block["hidden"]), 0), block["result"])


def _norm(x: Floats32, norm: dict[str, Floats32]) -> Floats32:
    off = x - x.mean(axis=-1, keepdims=True)
    variance = np.square(off).mean(axis=-1, keepdims=True)
    found: Floats32 = off * np.divide(1, np.sqrt(variance + np.float32(1e-6))) * norm["scale"] + norm["offset"]
    return found
