"""How much each token of a text speaks for what a model says of it: integrated gradients."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import keras
import numpy as np
from jax import numpy as jnp
from numpy.typing import NDArray

from unspool.data.padding import pad
from unspool.data.ragged import Ragged
from unspool.data.vocabulary import UNKNOWN
from unspool.errors import UserError
from unspool.experiment.own.model import OwnModel
from unspool.experiment.own.reading import TextReader
from unspool.experiment.own.recipe import for_task
from unspool.models.seq2vec import answer_to
from unspool.training.buckets import bucket_length

POINTS = 32
"""Points on the path from a text of unknown words to the text itself."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one prediction rests on.

    Attributes:
        tokens: as the model read them.
        weights: for each, how much it speaks for the prediction (against it, where negative): in log-odds for one of
            two labels, in the score before the softmax for one of several, in the label's unit for a number.
        error: by how much the weights' sum misses what they should add up to, the score of the text less that of the
            same text with all words unknown. Small beside that difference, or the weights mean little.
    """

    tokens: tuple[str, ...]
    weights: tuple[float, ...]
    error: float

    @property
    def pairs(self) -> list[dict[str, Any]]:
        """Token and weight side by side, as a cell holds them."""
        return [
            {"token": token, "weight": round(weight, 6)}
            for token, weight in zip(self.tokens, self.weights, strict=True)
        ]


class Attributor:
    """Explains the predictions of one model of texts.

    Each word's weight is the integral of the gradient with respect to its embedding, on the straight path from the
    embedding of the unknown word to its own; by Gauss-Legendre quadrature.

    Source: M. Sundararajan, A. Taly and Q. Yan, "Axiomatic attribution for deep networks", ICML 2017.

    Raises:
        UserError: the model reads series, or gives several labels at once, so that there is no one score to explain.
    """

    def __init__(self, model: OwnModel) -> None:
        if not isinstance(model.reader, TextReader):
            raise UserError("Attributions tell how much each token of a text counts; this model reads series.")
        if model.codec.task == "multilabel":
            raise UserError("Attributions explain one answer to a text; this model gives several labels at once.")
        self._model = model
        self._tokenizer = model.reader.tokenizer
        self._embeddings = jnp.asarray(model.network.get_layer("embedding").get_weights()[0])
        self._upper = _after_embedding(model)
        self._weights = [variable.value for variable in self._upper.trainable_variables]
        self._state = [variable.value for variable in self._upper.non_trainable_variables]
        # From [-1, 1] to [0, 1].
        points, shares = np.polynomial.legendre.leggauss(POINTS)
        self._points, self._shares = jnp.asarray((points + 1) / 2, "float32"), jnp.asarray(shares / 2, "float32")
        self._integrate = jax.jit(self._integrated)

    def explain(self, ids: Ragged, found: NDArray[np.float64]) -> list[Explanation]:
        """Explain N predictions.

        Args:
            ids: N texts as the model reads them.
            found: what it said of them (`OwnModel.answers`).
        """
        return [self._explained(ids.take([index]), found[index]) for index in range(len(ids))]

    def _explained(self, ids: Ragged, answer: Any) -> Explanation:
        padded = pad(ids, bucket_length(int(ids.lengths[0])))[0]
        codec = self._model.codec
        target, factor = 0, 1.0
        if codec.task == "binary":
            factor = 1.0 if answer >= self._model.threshold else -1.0
        elif codec.task == "multiclass":
            target = int(np.argmax(answer))
        else:
            factor = codec.scale
        weights, difference = self._integrate(jnp.asarray(padded), jnp.int32(target))
        own = factor * np.asarray(weights, dtype=np.float64)[len(padded) - int(ids.lengths[0]) :]
        return Explanation(
            tuple(self._tokenizer.tokens(ids[0])),
            tuple(own.tolist()),
            abs(float(own.sum()) - factor * float(difference)),
        )

    def _integrated(self, ids: jax.Array, target: jax.Array) -> tuple[jax.Array, jax.Array]:
        """(T,) ids to the weight of each, (T,), and the difference that they should add up to."""
        vectors = self._embeddings[ids]
        base = self._embeddings[jnp.where(ids > UNKNOWN, UNKNOWN, ids)]
        score = partial(self._scores, present=ids != 0, target=target)
        path = base + self._points[:, None, None] * (vectors - base)
        gradients = jax.grad(lambda steps: score(steps).sum())(path)
        weights = ((vectors - base) * jnp.tensordot(self._shares, gradients, axes=1)).sum(axis=-1)
        ends = score(jnp.stack([base, vectors]))
        return weights, ends[1] - ends[0]

    def _scores(self, steps: jax.Array, present: jax.Array, target: jax.Array) -> jax.Array:
        """(B, T, D) embeddings to (B,) scores of the target."""
        there = jnp.broadcast_to(present, steps.shape[:2])
        outputs: jax.Array = self._upper.stateless_call(self._weights, self._state, [steps, there])[0]
        return outputs[:, target]


def _after_embedding(model: OwnModel) -> keras.Model:
    """The model from embeddings to the score before the last activation, with the same weights."""
    config = replace(for_task(model.recipe.model, model.codec), activation="linear")
    steps = keras.Input((None, config.embedding))
    present = keras.Input((None,), dtype="bool")
    upper = keras.Model([steps, present], answer_to(config, steps, present))
    for layer in upper.layers:
        if layer.weights:
            layer.set_weights(model.network.get_layer(layer.name).get_weights())
    return upper
