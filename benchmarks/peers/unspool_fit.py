"""unspool as its recipes use it: `seq2vec` and the layers of `unspool.layers`, `unspool.fit`, `unspool.predict`.

The variable UNSPOOL_KERNELS of its process decides: "native" fails where the kernels cannot run, "reference" leaves
them out.
"""

from collections.abc import Callable
from typing import Any

import jax
import keras

import unspool
from benchmarks.data import flat
from benchmarks.peers import keras_jax, keras_models
from benchmarks.peers.jax_by_hand import sgemm
from benchmarks.specs import Layer, Model, Sentiment, Translator
from unspool import kernels, layers
from unspool.data.padding import pad
from unspool.data.ragged import Ragged
from unspool.models import Seq2Vec, SmoothedCrossentropy, Tokens, Transformer, seq2vec, transformer

__all__ = ["layer", "predict", "predict_one", "sgemm", "start", "train", "train_buckets", "train_padded"]


def start(threads: int) -> dict[str, str]:
    status = kernels.status()
    return {
        "unspool": unspool.__version__,
        "keras": keras.__version__,
        "jax": jax.__version__,
        "jaxlib": jax.lib.__version__,
        "kernels": f"{status.path} {status.instruction_set}".strip(),
        "kernel_threads": str(status.threads),
    }


def train(spec: Model, weights: Any, x: Any, y: Any, shuffle: bool) -> Callable[[], float]:
    model = _model(spec, weights)
    return lambda: unspool.fit(model, x, y, spec.batch_size, shuffle=shuffle, verbose=0).history["loss"][0]


def train_buckets(spec: Sentiment, weights: Any, ids: Any, lengths: Any, y: Any) -> Callable[[], float]:
    return train(spec, weights, Ragged.from_lengths(ids, lengths), y, shuffle=True)


def train_padded(spec: Sentiment, weights: Any, ids: Any, lengths: Any, y: Any) -> Callable[[], float]:
    return train(spec, weights, pad(Ragged.from_lengths(ids, lengths), spec.length), y, shuffle=True)


def predict(spec: Sentiment, weights: Any, batch_size: int) -> Callable[[Any], Any]:
    model = _model(spec, weights)
    return lambda ids: unspool.predict(model, ids, batch_size=batch_size)[:, 0]


def predict_one(spec: Sentiment, weights: Any) -> Callable[[Any], Any]:
    return keras_jax.compiled(_model(spec, weights))


def layer(spec: Layer, weights: Any, x: Any, cotangent: Any) -> Callable[[], Any]:
    return keras_jax.gradient(keras_models.cell(spec.cell, layers)(spec.units), weights, x, cotangent)


def _model(spec: Model, weights: Any) -> keras.Model:
    if isinstance(spec, Translator):
        return _translator(spec, weights)
    if not isinstance(spec, Sentiment):
        return keras_models.model(spec, weights, layers)
    config = Seq2Vec(
        cell=spec.cell,
        units=spec.units,
        embedding=spec.embedding,
        mask_padding=spec.mask_padding,
        input_dropout=spec.input_dropout,
        batch_normalization=spec.batch_normalization,
        output_dropout=spec.output_dropout,
    )
    inputs = Tokens(spec.vocabulary, None if spec.mask_padding else spec.length)
    return keras_models.ready(seq2vec(config, inputs), spec, weights)


def _translator(spec: Translator, weights: Any) -> keras.Model:
    sizes = {name: getattr(spec, name) for name in ("layers", "width", "heads", "feed_forward", "dropout")}
    config = Transformer(**sizes, shared=True)
    built = transformer(config, Tokens(spec.vocabulary), Tokens(spec.written))
    built.set_weights(flat(weights))
    optimizer = keras.optimizers.Adam(global_clipnorm=1.0)
    built.compile(optimizer, loss=SmoothedCrossentropy(spec.label_smoothing))
    return built
