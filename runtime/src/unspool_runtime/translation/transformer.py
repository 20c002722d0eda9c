"""Inference with a Transformer: native, or in NumPy."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from unspool_runtime import native
from unspool_runtime.ragged import Ragged
from unspool_runtime.structures import UnspoolDense, UnspoolNorm, UnspoolTransformer, UnspoolTransformerBlock
from unspool_runtime.translation import transformer_reference as reference
from unspool_runtime.translation.native_search import Filling, NativeSearch
from unspool_runtime.translation.searching import Answer, Search, refuse
from unspool_runtime.translation.transformer_weights import TransformerWeights

Floats32 = NDArray[np.float32]


class Transformer:
    """A Transformer that answers sources.

    Args:
        weights: of which it is made.
    """

    def __init__(self, weights: TransformerWeights):
        self.weights = weights
        self._native = NativeSearch("transformer", partial(_structure, weights))

    def answer(self, sources: Ragged, how: Search, scored: bool = True) -> list[list[Answer]]:
        """Search for the answers to N sources, the best first.

        Args:
            sources: ids from 1 on, smaller than the source's embedding is long.
            how: the search.
            scored: whether scores and log-probabilities are wanted; a greedy search is faster without, and gives 0.

        Returns:
            `how.returned` answers to each; fewer where the model has no more.
        """
        refuse(sources, how, len(self.weights.source_embedding))
        code = native.library()
        if code is None:
            return [reference.answers(self.weights, ids, how) for ids in sources]
        return self._native.answers(code, sources, how, scored)


def _structure(weights: TransformerWeights, filling: Filling) -> UnspoolTransformer:
    pointer, filled = filling.pointer, filling.filled
    blocks = [
        (UnspoolTransformerBlock * len(side))(*(filled(UnspoolTransformerBlock, one) for one in side))
        for side in (weights.encoder, weights.decoder)
    ]
    source = pointer(weights.source_embedding)
    shared = np.shares_memory(weights.source_embedding, weights.target_embedding)
    return UnspoolTransformer(
        layers=len(weights.encoder),
        width=weights.width,
        heads=weights.heads,
        feed_forward=weights.encoder[0]["hidden"]["kernel"].shape[1],
        source_size=len(weights.source_embedding),
        target_size=len(weights.target_embedding),
        rotary=weights.rotary,
        source_embedding=source,
        target_embedding=source if shared else pointer(weights.target_embedding),
        head=filled(UnspoolDense, weights.head or {}),
        encoder=blocks[0],
        decoder=blocks[1],
        encoder_norm=filled(UnspoolNorm, weights.encoder_norm),
        decoder_norm=filled(UnspoolNorm, weights.decoder_norm),
    )
