"""A small file with texts, and the model that was trained on it, shared by the tests that use one."""

from contextlib import contextmanager

import pytest

from unspool.experiment.chronicle import Chronicle
from unspool.experiment.own.model import load_own_model
from unspool.experiment.own.recipe import OwnFile
from unspool.experiment.own.training import train_file

from .reviews import write_reviews

SMALL = ["training.epochs=6", "model.embedding=16", "evaluation.resamples=100"]


@contextmanager
def interrupted_in_the_third_epoch(monkeypatch):
    """Ctrl-C in the training that the block begins."""
    note = Chronicle.on_epoch_end

    def interrupt(self, number, logs=None):
        if number == 2:
            raise KeyboardInterrupt
        note(self, number, logs)

    with monkeypatch.context() as patch:
        patch.setattr(Chronicle, "on_epoch_end", interrupt)
        with pytest.raises(KeyboardInterrupt):
            yield


@pytest.fixture(scope="session")
def reviews(tmp_path_factory):
    return write_reviews(tmp_path_factory.mktemp("own") / "reviews.csv")


@pytest.fixture(scope="session")
def trained(reviews, tmp_path_factory):
    """The folder of a model trained on `reviews`, its result, and what was shown and said meanwhile."""
    folder = tmp_path_factory.mktemp("models") / "reviews"
    told = []
    result = train_file(OwnFile(path=str(reviews)), folder, changes=SMALL, show=told.append, say=told.append)
    return folder, result, told


@pytest.fixture(scope="session")
def own_model(trained):
    return load_own_model(trained[0])
