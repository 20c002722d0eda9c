"""The models in Keras's terms, for the peers that are Keras: only the layers' classes and the trainer differ.

`layers` is `keras.layers` or `unspool.layers`, which has the recurrent layers, Dropout, RepeatVector and
TimeDistributed.
"""

from collections.abc import Callable
from typing import Any

import keras

from benchmarks.data import flat
from benchmarks.specs import Autoencoder, Model, Sentiment


def model(spec: Model, weights: Any, layers: Any = keras.layers) -> keras.Model:
    """A model, its weights set, compiled for training."""
    built = sentiment(spec, layers) if isinstance(spec, Sentiment) else autoencoder(spec, layers)
    return ready(built, spec, weights)


def ready(built: keras.Model, spec: Model, weights: Any) -> keras.Model:
    """The same model with the weights set, compiled for training."""
    # The sizes that are published are of the chapter's vocabulary; `check` takes a smaller one.
    if getattr(spec, "vocabulary", 10_000) == 10_000:
        assert built.count_params() == spec.parameters, f"{built.count_params()} parameters, not {spec.parameters}"
    built.set_weights(flat(weights))
    built.compile(keras.optimizers.Adam(), loss="binary_crossentropy")
    return built


def train(spec: Model, weights: Any, x: Any, y: Any, shuffle: bool) -> Callable[[], float]:
    """What trains an epoch by Keras's `fit` at its defaults, and gives its loss."""
    built = model(spec, weights)
    return lambda: built.fit(x, y, batch_size=spec.batch_size, shuffle=shuffle, verbose=0).history["loss"][0]


def predict(spec: Sentiment, weights: Any, batch_size: int) -> Callable[[Any], Any]:
    """What predicts by Keras's `predict` at its defaults."""
    built = model(spec, weights)
    return lambda ids: built.predict(ids, batch_size=batch_size, verbose=0)[:, 0]


def cell(name: str, layers: Any = keras.layers) -> Any:
    return {"rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}[name]


def sentiment(spec: Sentiment, layers: Any) -> keras.Model:
    parts = [
        keras.Input((spec.length,), dtype="int32"),
        keras.layers.Embedding(spec.vocabulary, spec.embedding),
        layers.Dropout(spec.input_dropout),
        cell(spec.cell, layers)(spec.units),
        keras.layers.BatchNormalization() if spec.batch_normalization else None,
        layers.Dropout(spec.output_dropout),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
    return keras.Sequential([part for part in parts if part is not None])


def autoencoder(spec: Autoencoder, layers: Any) -> keras.Model:
    def lstm(**options: Any) -> Any:
        one = layers.LSTM(spec.units, **options)
        return layers.Bidirectional(one) if spec.bidirectional else one

    encoder = [
        layers.Dropout(spec.encoder_dropout),
        lstm(),
        keras.layers.BatchNormalization(),
        layers.Dropout(spec.encoder_dropout),
        keras.layers.Dense(spec.latent, activation="sigmoid"),
    ]
    decoder = [
        layers.RepeatVector(spec.length),
        lstm(return_sequences=True),
        keras.layers.BatchNormalization(),
        layers.TimeDistributed(keras.layers.Dense(spec.width, activation="sigmoid")),
    ]
    if spec.decoder_dropout:
        decoder.insert(0, layers.Dropout(spec.decoder_dropout))
    return keras.Sequential([keras.Input((spec.length, spec.width)), *encoder, *decoder])
