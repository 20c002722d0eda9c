"""`unspool.fit` around a model of stock Keras layers: the loop without the kernels."""

from collections.abc import Callable
from typing import Any

import unspool
from benchmarks.peers import keras_models
from benchmarks.peers.keras_jax import start
from benchmarks.specs import Model

__all__ = ["start", "train"]


def train(spec: Model, weights: Any, x: Any, y: Any, shuffle: bool) -> Callable[[], float]:
    model = keras_models.model(spec, weights)
    return lambda: unspool.fit(model, x, y, spec.batch_size, shuffle=shuffle, verbose=0).history["loss"][0]
