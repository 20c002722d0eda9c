"""A small finished run of each kind, shared by the tests that read runs."""

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
