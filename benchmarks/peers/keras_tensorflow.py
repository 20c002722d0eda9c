"""Keras on TensorFlow with stock layers, through `fit` and `predict`, at their defaults."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from benchmarks.peers import keras_models
from benchmarks.peers.keras_models import predict, train
from benchmarks.specs import Sentiment

__all__ = ["predict", "predict_one", "start", "train"]


def start(threads: int) -> dict[str, str]:
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    return {"keras": keras.__version__, "tensorflow": tf.__version__}


def predict_one(spec: Sentiment, weights: Any) -> Callable[[Any], Any]:
    model = keras_models.model(spec, weights)
    compiled = tf.function(lambda ids: model(ids, training=False), jit_compile=True)
    return lambda ids: compiled(tf.constant(ids)).numpy()[:, 0]
