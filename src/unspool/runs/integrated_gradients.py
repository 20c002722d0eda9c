"""Integrated gradients: how much each token of a text contributes to the output of a network."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import keras
import numpy as np
from jax import numpy as jnp
from numpy.typing import NDArray

from unspool import layers
from unspool.candidates import RawModel
from unspool.data.padding import pad
from unspool.data.ragged import Ragged
from unspool.data.tokenizers.vocabulary import PAD, UNKNOWN
from unspool.descriptions.networks import Seq2Vec
from unspool.keras_internals import forget_masks_of_traced
from unspool.models.seq2vec import answer_to
from unspool.readers import TextReader, VocabularyReader
from unspool.runs.explanation import Explanation
from unspool.runs.model import TrainedModel
from unspool.training.buckets import bucket_length

POINTS = 32
"""Points on the path from a text of unknown words to the text itself."""


class IntegratedGradients:
    """Explains the predictions of one network that reads texts.

    Each word's weight is the integral of the gradient with respect to its embedding, on the straight path from the
    embedding of the unknown word to its own; by Gauss-Legendre quadrature. Where the model reads pairs of neighbours
    too, the two share the weight of their pair equally.
    What the weights should add up to is the score of the text less that of the same text with all words unknown.

    Source: M. Sundararajan, A. Taly and Q. Yan, "Axiomatic attribution for deep networks", ICML 2017.
    """

    def __init__(self, model: TrainedModel, reader: TextReader | VocabularyReader) -> None:
        assert isinstance(model.recipe.model, Seq2Vec)
        self._model = model
        self._reader = reader
        self._masks = model.recipe.model.mask_padding
        self._activation = keras.activations.get(model.task.head(model.recipe.model).activation)
        self._embeddings = _table(model, "embedding")
        buckets = model.recipe.model.bigrams
        self._pairs_of = layers.HashedBigrams(buckets) if buckets else None
        self._pair_embeddings = _table(model, "bigram_embedding") if buckets else None
        self._upper = _after_embedding(model)
        self._weights = [variable.value for variable in self._upper.trainable_variables]
        self._state = [variable.value for variable in self._upper.non_trainable_variables]
        # From [-1, 1] to [0, 1].
        points, shares = np.polynomial.legendre.leggauss(POINTS)
        self._points, self._shares = jnp.asarray((points + 1) / 2, "float32"), jnp.asarray(shares / 2, "float32")
        self._integrate = jax.jit(self._integrated)

    def explain(self, inputs: Any, outputs: NDArray[np.float64]) -> Iterator[Explanation]:
        """See `Attributor`."""
        reads_padding = not self._masks and not isinstance(inputs, Ragged)
        for row, output in zip(inputs, outputs, strict=True):
            yield self._explained(row if reads_padding else _bucket(row[row != PAD]), output)

    def _explained(self, padded: NDArray[np.int32], output: Any) -> Explanation:
        task = self._model.task
        target, factor = task.explained_score(output, self._model.threshold)
        weights, (before, after) = self._integrate(jnp.asarray(padded), jnp.int32(target))
        own = factor * np.asarray(weights, dtype=np.float64)[padded != PAD]
        # The text is scored by the model itself; only its copy can score the text of unknown words.
        copied = task.answers(np.asarray(self._activation(after))[None])[0]
        missed = task.score_in(output, target) - task.score_in(copied, target)
        difference = factor * (float(after[target]) - float(before[target]) + missed)
        return Explanation(
            tuple(self._reader.tokens(padded[padded != PAD])), tuple(own.tolist()), abs(float(own.sum()) - difference)
        )

    def _integrated(self, ids: jax.Array, target: jax.Array) -> tuple[jax.Array, jax.Array]:
        """(T,) ids to the weight of each, (T,), and (2, K) the scores of a text of unknown words and of the text."""
        forget_masks_of_traced()
        text = self._vectors(ids)
        base = [self._embeddings[jnp.where(ids > UNKNOWN, UNKNOWN, ids)], *map(jnp.zeros_like, text[1:])]
        moves = [end - start for start, end in zip(base, text, strict=True)]
        present = ids != PAD if self._masks else jnp.ones_like(ids, bool)
        there = [present] + ([self._pairs(ids) != 0] if self._pairs_of else [])
        scores = partial(self._scores, there=there)
        path = [start + self._points[:, None, None] * move for start, move in zip(base, moves, strict=True)]
        gradients = jax.grad(lambda steps: scores(steps)[:, target].sum())(path)
        weights, *of_pairs = (
            (move * jnp.tensordot(self._shares, gradient, axes=1)).sum(axis=-1)
            for move, gradient in zip(moves, gradients, strict=True)
        )
        for halves in of_pairs:  # a pair stands where its second token does; there is none where the first would lack
            weights += halves / 2 + jnp.roll(halves, -1) / 2
        return weights, scores([jnp.stack(both) for both in zip(base, text, strict=True)])

    def _vectors(self, ids: jax.Array) -> list[jax.Array]:
        """(T,) ids to their embeddings (T, D), and perhaps those of their pairs, (T, E)."""
        words = self._embeddings[ids]
        return [words, self._pair_embeddings[self._pairs(ids)]] if self._pair_embeddings is not None else [words]

    def _pairs(self, ids: jax.Array) -> jax.Array:
        assert self._pairs_of is not None
        pairs: jax.Array = self._pairs_of(ids[None])[0]
        return pairs

    def _scores(self, steps: list[jax.Array], there: list[jax.Array]) -> jax.Array:
        """(B, T, D) embeddings, and perhaps (B, T, E) of pairs, to (B, K) scores."""
        masks = [jnp.broadcast_to(mask, part.shape[:2]) for part, mask in zip(steps, there, strict=True)]
        pairs = [half for part in zip(steps, masks, strict=True) for half in part]
        outputs: jax.Array = self._upper.stateless_call(self._weights, self._state, pairs)[0]
        return outputs


def _bucket(ids: NDArray[np.int32]) -> NDArray[np.int32]:
    padded: NDArray[np.int32] = pad(Ragged.from_lengths(ids, [len(ids)]), bucket_length(len(ids)))[0]
    return padded


def _table(model: TrainedModel, layer: str) -> jax.Array:
    assert not isinstance(model.network, RawModel)
    return jnp.asarray(model.network.get_layer(layer).get_weights()[0])


def _after_embedding(model: TrainedModel) -> keras.Model:
    """The model from embeddings to the score before the last activation, with the same weights."""
    description = model.recipe.model
    assert isinstance(description, Seq2Vec)
    assert not isinstance(model.network, RawModel)
    config = replace(model.task.head(description), activation="linear")
    widths = [config.embedding, config.bigram_embedding] if config.bigrams else [config.embedding]
    inputs = [part for width in widths for part in (keras.Input((None, width)), keras.Input((None,), dtype="bool"))]
    upper = keras.Model(inputs, answer_to(config, *inputs))
    for layer in upper.layers:
        if layer.weights:
            layer.set_weights(model.network.get_layer(layer.name).get_weights())
    return upper
