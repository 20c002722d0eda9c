"""A small finished run of each kind, shared by the tests that read runs."""

import keras
import pytest

from unspool.experiment.recipe_file import load_recipe
from unspool.experiment.run import run

SMALL = ["training.epochs=2", "model.units=4", "model.embedding=4", "data.num_words=300", "evaluation.resamples=100"]

SMALL_AUTOENCODER = [
    "training.epochs=2",
    "model.encoder.units=6",
    "model.decoder.units=6",
    "evaluation.resamples=100",
]


@pytest.fixture(scope="session")
def small_recipe():
    return load_recipe("sentences-rnn", SMALL)


@pytest.fixture(scope="session")
def finished(small_recipe, tmp_path_factory):
    """The folder and the result of a run of `small_recipe`."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    return folder, run(small_recipe, folder, command="unspool run sentences-rnn")


@pytest.fixture(scope="session")
def small_autoencoder_recipe():
    return load_recipe("digits-lstm-ae", SMALL_AUTOENCODER)


@pytest.fixture(scope="session")
def finished_autoencoder(small_autoencoder_recipe, tmp_path_factory):
    """The folder and the result of a run of `small_autoencoder_recipe`."""
    folder = tmp_path_factory.mktemp("runs") / "autoencoder"
    return folder, run(small_autoencoder_recipe, folder, command="unspool run digits-lstm-ae")


@pytest.fixture(scope="session")
def alter():
    """Changes the last bits of an array of weights in a .keras file."""

    def alter(path):
        model = keras.saving.load_model(path)
        weight = max(model.trainable_weights, key=lambda weight: weight.shape[0])
        weight.assign(weight.value * 1.00001)
        model.save(path)

    return alter
