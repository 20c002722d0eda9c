"""Stock Keras layers and Keras's Adam in a hand-written loop: one jitted `lax.scan` over an epoch's steps.

Beside `unspool-loop`, with the same layers and optimizer, this tells what the loop of `unspool.fit` costs by itself.
"""

from collections.abc import Callable
from typing import Any

import jax
from jax import numpy as jnp

from benchmarks.peers import keras_models
from benchmarks.peers.jax_by_hand import epochs
from benchmarks.peers.keras_jax import start
from benchmarks.specs import Model

__all__ = ["start", "train"]


def train(spec: Model, weights: Any, x: Any, y: Any, shuffle: bool) -> Callable[[], float]:
    model = keras_models.model(spec, weights)
    model.optimizer.build(model.trainable_variables)
    groups = (model.trainable_variables, model.non_trainable_variables, model.optimizer.variables)
    state = [[jnp.array(v.value) for v in group] for group in groups]

    def step(data: Any, state: Any, rows: jax.Array) -> Any:
        trained, others, optimizer = state
        batch = [array[rows] for array in data]

        def loss(trained: Any) -> Any:
            outputs, new = model.stateless_call(trained, others, batch[0], training=True)
            return model.compute_loss(batch[0], batch[1].reshape(outputs.shape), outputs), new

        (value, others), gradients = jax.value_and_grad(loss, has_aux=True)(trained)
        trained, optimizer = model.optimizer.stateless_apply(optimizer, gradients, trained)
        return [list(trained), list(others), list(optimizer)], value * len(rows)

    return epochs(step, state, x, y, spec.batch_size, shuffle)
