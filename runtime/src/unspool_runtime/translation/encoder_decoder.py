"""Inference with a recurrent encoder and decoder with attention: native, or in NumPy."""

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import native
from unspool_runtime.networks.dense import applied
from unspool_runtime.networks.recurrent import Direction
from unspool_runtime.ragged import Ragged, bounds
from unspool_runtime.structures import (
    UnspoolDense,
    UnspoolDirection,
    UnspoolEncoderDecoder,
    UnspoolEncoderDecoderLayer,
)
from unspool_runtime.translation import encoder_decoder_reference as reference
from unspool_runtime.translation.encoder_decoder_weights import EncoderDecoderWeights
from unspool_runtime.translation.native_search import Filling, NativeSearch
from unspool_runtime.translation.searching import Answer, Search, refuse

Floats32 = NDArray[np.float32]


class EncoderDecoder:
    """An encoder-decoder that answers sources.

    Args:
        weights: of which it is made.
    """

    def __init__(self, weights: EncoderDecoderWeights):
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


def _structure(weights: EncoderDecoderWeights, filling: Filling) -> UnspoolEncoderDecoder:
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
