"""Keras on JAX with stock layers, through `fit` and `predict`, at their defaults."""

from collections.abc import Callable
from typing import Any

import jax
import keras
import numpy as np
from jax import numpy as jnp

from benchmarks.peers import keras_models
from benchmarks.peers.jax_by_hand import sgemm
from benchmarks.peers.keras_models import predict, train
from benchmarks.specs import Layer, Sentiment

__all__ = ["layer", "predict", "predict_one", "sgemm", "start", "train"]


def start(threads: int) -> dict[str, str]:
    return {"keras": keras.__version__, "jax": jax.__version__, "jaxlib": jax.lib.__version__}


def predict_one(spec: Sentiment, weights: Any) -> Callable[[Any], Any]:
    return compiled(keras_models.model(spec, weights))


def layer(spec: Layer, weights: Any, x: Any, cotangent: Any) -> Callable[[], Any]:
    return gradient(keras_models.cell(spec.cell)(spec.units), weights, x, cotangent)


def compiled(model: keras.Model) -> Callable[[Any], Any]:
    """A Keras model's inference as one jitted function, the weights its arguments."""
    trained, others = ([v.value for v in group] for group in (model.trainable_variables, model.non_trainable_variables))
    run = jax.jit(lambda w, s, ids: model.stateless_call(w, s, ids, training=False)[0])
    return lambda ids: np.asarray(run(trained, others, ids))[:, 0]


def gradient(keras_layer: Any, weights: Any, x: Any, cotangent: Any) -> Callable[[], Any]:
    """A Keras layer's forward and backward as one jitted function."""
    keras_layer.build(x.shape)
    keras_layer.set_weights(list(weights["cell"].values()))
    others = [v.value for v in keras_layer.non_trainable_variables]

    def loss(x: jax.Array, w: Any, cotangent: jax.Array) -> jax.Array:
        output, _ = keras_layer.stateless_call(w, others, x, training=True)
        return jnp.sum(output * cotangent)

    run = jax.jit(jax.grad(loss, argnums=(0, 1)))
    arguments = (jnp.asarray(x), [v.value for v in keras_layer.trainable_variables], jnp.asarray(cotangent))
    return lambda: jax.block_until_ready(run(*arguments))[0]
