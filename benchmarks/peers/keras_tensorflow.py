"""Keras on TensorFlow with stock layers, through `fit` and `predict`, at their defaults."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from benchmarks.peers import keras_models
from benchmarks.specs import Model, Sentiment


def start(threads: int) -> dict[str, str]:
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    return {"keras": keras.__version__, "tensorflow": tf.__version__}


def train(spec: Model, weights: Any, x: Any, y: Any, shuffle: bool) -> Callable[[], float]:
    model = keras_models.model(spec, weights)
    return lambda: model.fit(x, y, batch_size=spec.batch_size, shuffle=shuffle, verbose=0).history["loss"][0]


def predict(spec: Sentiment, weights: Any, batch_size: int) -> Callable[[Any], Any]:
    model = keras_models.model(spec, weights)
    return lambda ids: model.predict(ids, batch_size=batch_size, verbose=0)[:, 0]


def predict_one(spec: Sentiment, weights: Any) -> Callable[[Any], Any]:
    model = keras_models.model(spec, weights)
    compiled = tf.function(lambda ids: model(ids, training=False), jit_compile=True)
    return lambda ids: compiled(tf.constant(ids)).numpy()[:, 0]
