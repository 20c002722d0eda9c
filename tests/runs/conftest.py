"""Small finished runs of each kind, of recipes and of files, shared by the tests that read runs."""

from contextlib import contextmanager

import keras
import pytest

from unspool.runs.model import load_trained
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.run import run, train

from .reviews import write_reviews

SMALL = ["training.epochs=2", "model.units=4", "model.embedding=4", "data.num_words=300", "evaluation.resamples=100"]

SMALL_AUTOENCODER = [
    "training.epochs=2",
    "model.encoder.units=6",
    "model.decoder.units=6",
    "evaluation.resamples=100",
]

SMALL_FILE = ["training.epochs=6", "model.embedding=16", "evaluation.resamples=100"]


@contextmanager
def interrupted(monkeypatch, epoch, error=KeyboardInterrupt):
    """Ctrl-C, or another error, in an epoch (from 0) of the training that the block begins."""
    note = TrainingLog.on_epoch_end

    def interrupt(self, number, logs=None):
        if number == epoch:
            raise error
        note(self, number, logs)

    with monkeypatch.context() as patch:
        patch.setattr(TrainingLog, "on_epoch_end", interrupt)
        with pytest.raises(error):
            yield


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
def reviews(tmp_path_factory):
    return write_reviews(tmp_path_factory.mktemp("files") / "reviews.csv")


@pytest.fixture(scope="session")
def trained(reviews, tmp_path_factory):
    """The folder of a model trained on `reviews`, its result, and what was shown and said meanwhile."""
    folder = tmp_path_factory.mktemp("models") / "reviews"
    told = []
    data = FileSettings(path=str(reviews))
    return folder, train(data, folder, changes=SMALL_FILE, show=told.append, say=told.append), told


@pytest.fixture(scope="session")
def model_of_reviews(trained):
    return load_trained(trained[0])


@pytest.fixture(scope="session")
def alter():
    """Changes the last bits of an array of weights in a .keras file."""

    def alter(path):
        model = keras.saving.load_model(path)
        weight = max(model.trainable_weights, key=lambda weight: weight.shape[0])
        weight.assign(weight.value * 1.00001)
        model.save(path)

    return alter
