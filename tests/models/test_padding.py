"""Padding of series is nothing: to codes, to reconstructions, to losses, to what is learnt."""

import keras
import numpy as np
import pytest

import unspool
from unspool.models import (
    Autoencoder,
    Seq2Vec,
    Series,
    Vec2Seq,
    autoencoder,
    pad_series,
    present_steps,
    reconstruction_loss,
    targets_and_weights,
)

pytestmark = pytest.mark.slow


def of_different_lengths(lengths, features=3):
    rng = np.random.default_rng(0)
    return [rng.random((length, features), dtype="float32") for length in lengths]


def bare(cell="lstm", bidirectional=False, layers=1, output="gaussian"):
    shared = {"cell": cell, "units": 5, "bidirectional": bidirectional, "layers": layers}
    encoder = Seq2Vec(**shared, input_dropout=0.0, output_dropout=0.0, outputs=2, activation="linear")
    return Autoencoder(encoder=encoder, decoder=Vec2Seq(**shared, output=output))


def twins(config, short, long, features=3):
    """The same autoencoder, same weights, of two lengths."""
    keras.utils.set_random_seed(0)
    models = [autoencoder(config, Series(length=length, features=features)) for length in (short, long)]
    models[1].set_weights(models[0].get_weights())
    for model in models:
        model.compile("sgd", reconstruction_loss(config))
    return models


@pytest.mark.parametrize(
    ("cell", "bidirectional", "layers", "output"),
    [("lstm", True, 2, "gaussian"), ("gru", False, 1, "bernoulli"), ("rnn", True, 1, "gaussian")],
)
def test_padding_changes_no_code_no_reconstruction_no_loss_and_no_weight(cell, bidirectional, layers, output):
    series = of_different_lengths([4, 2, 3, 1])
    config = bare(cell, bidirectional, layers, output)
    models = twins(config, 4, 9)
    results = []
    for model, x in zip(models, (pad_series(series), pad_series(series, 9)), strict=True):
        targets, weights = targets_and_weights(x)
        codes = unspool.predict(model.get_layer("encoder"), x)
        rows = np.concatenate([r[p] for r, p in zip(unspool.predict(model, x), present_steps(x), strict=True)])
        loss = unspool.evaluate(model, x, targets, sample_weight=weights)
        trained = unspool.fit(model, x, targets, sample_weight=weights, epochs=2, verbose=0).history["loss"]
        results.append((codes, rows, loss, trained, *model.get_weights()))
    for short, long in zip(*results, strict=True):
        np.testing.assert_allclose(short, long, atol=2e-6, rtol=0)
    assert results[0][3][1] < results[0][3][0], "nothing was learnt"


def test_a_series_weighs_the_same_however_long_it_is():
    series = of_different_lengths([5, 1, 2])
    config = bare()
    _, model = twins(config, 5, 8)
    x = pad_series(series, 8)
    targets, weights = targets_and_weights(x)
    reconstructions = unspool.predict(model, x)
    by_series = [np.mean((r[: len(s)] - s) ** 2) for r, s in zip(reconstructions, series, strict=True)]
    loss = unspool.evaluate(model, x, targets, sample_weight=weights, batch_size=2)
    assert loss == pytest.approx(np.mean(by_series), abs=1e-6)
