"""An autoencoder learns what stock Keras layers learn in Keras's own `fit`."""

import os

import keras
import numpy as np
import pytest

import unspool
from unspool.data import load
from unspool.models import Autoencoder, Seq2Vec, Series, Vec2Seq, autoencoder, reconstruction_loss

pytestmark = pytest.mark.slow


def stock(config, inputs):
    """The chapter's autoencoder in Keras's own layers, without dropout."""
    layers = keras.layers

    def cell(**options):
        one = layers.LSTM(config.encoder.units, **options)
        return layers.Bidirectional(one) if config.encoder.bidirectional else one

    return keras.Sequential(
        [
            keras.Input((inputs.length, inputs.features)),
            cell(),
            layers.BatchNormalization(),
            layers.Dense(config.latent, activation="sigmoid"),
            layers.RepeatVector(inputs.length),
            cell(return_sequences=True),
            layers.BatchNormalization(),
            layers.TimeDistributed(layers.Dense(inputs.features, activation="sigmoid")),
        ]
    )


def chapters_without_dropout(bidirectional, latent):
    shared = {"units": 28, "bidirectional": bidirectional, "input_dropout": 0.0, "output_dropout": 0.0}
    return Autoencoder(encoder=Seq2Vec(**shared, mask_padding=False, outputs=latent), decoder=Vec2Seq(**shared))


def losses_of_both(config, images, epochs, batch_size):
    inputs = Series(*images.shape[1:])
    ours, theirs = autoencoder(config, inputs), stock(config, inputs)
    theirs.set_weights(ours.get_weights())
    histories = []
    for model, fit in ((ours, unspool.fit), (theirs, keras.Model.fit)):
        loss = reconstruction_loss(config) if model is ours else "binary_crossentropy"
        model.compile(keras.optimizers.Adam(), loss)
        keras.utils.set_random_seed(1)  # the same order of the batches
        histories.append(fit(model, images, images, batch_size=batch_size, epochs=epochs, verbose=0).history["loss"])
    return histories


@pytest.mark.soak
@pytest.mark.parametrize(("bidirectional", "latent"), [(False, 2), (True, 10)])
def test_the_loss_is_that_of_keras_on_digits(bidirectional, latent):
    keras.utils.set_random_seed(0)
    images = load("digits").train.images[:500]
    ours, theirs = losses_of_both(chapters_without_dropout(bidirectional, latent), images, epochs=2, batch_size=50)
    np.testing.assert_allclose(ours, theirs, atol=1e-5, rtol=0)
    assert ours[1] < ours[0]


@pytest.mark.soak
@pytest.mark.data
@pytest.mark.skipif("UNSPOOL_DATA" not in os.environ, reason="needs MNIST in the folder UNSPOOL_DATA")
def test_the_loss_is_that_of_keras_after_five_epochs_of_mnist():
    keras.utils.set_random_seed(0)
    images = load("mnist").train.images[:5000]
    ours, theirs = losses_of_both(chapters_without_dropout(False, 2), images, epochs=5, batch_size=100)
    np.testing.assert_allclose(ours, theirs, atol=1e-4, rtol=0)
