"""A model saved for use: without the optimizer, the same model."""

import datetime
import errno
import json
import time
import zipfile
from unittest.mock import Mock

import h5py
import keras
import numpy as np
import pytest

import unspool
from unspool.errors import UserError
from unspool.models import Seq2Vec, Tokens, loading, seq2vec
from unspool.models.loading import load_model, load_weights
from unspool.models.saving import save_model

DESCRIPTION, INPUTS = Seq2Vec(units=8, embedding=16, cell="gru"), Tokens(size=5000, length=6)


@pytest.fixture(scope="module")
def trained():
    keras.utils.set_random_seed(0)
    model = seq2vec(DESCRIPTION, INPUTS)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    x = np.random.default_rng(0).integers(0, 50, (20, 6))
    unspool.fit(model, x, x[:, 0] % 2, verbose=0)
    return model, x


def test_the_optimizer_stays_out_and_the_model_compiled(trained, tmp_path):
    model, _ = trained
    save_model(model, tmp_path / "small.keras")
    model.save(tmp_path / "large.keras")
    with zipfile.ZipFile(tmp_path / "small.keras") as archive:
        assert not json.loads(archive.read("config.json"))["compile_config"]
        with h5py.File(archive.open("model.weights.h5")) as file:
            assert set(file) == {"layers", "vars"}
    small, large = ((tmp_path / f"{name}.keras").stat().st_size for name in ("small", "large"))
    assert small < large / 2
    assert model.compiled
    assert int(model.optimizer.iterations) == 1


def test_it_is_the_same_model(trained, tmp_path):
    model, x = trained
    save_model(model, tmp_path / "model.keras")
    for loaded in (
        load_model(tmp_path / "model.keras"),
        load_weights(lambda: seq2vec(DESCRIPTION, INPUTS), tmp_path / "model.keras"),
        keras.saving.load_model(tmp_path / "model.keras"),
    ):
        assert loaded.name == model.name
        for new, old in zip(loaded.layers, model.layers, strict=True):
            assert (type(new), new.get_config()) == (type(old), old.get_config())
        np.testing.assert_array_equal(unspool.predict(loaded, x), unspool.predict(model, x))


def test_the_path_may_be_a_text(trained, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    save_model(trained[0], "~/model.keras")
    assert load_model(str(tmp_path / "model.keras")).count_params() == trained[0].count_params()


def test_equal_models_are_equal_files(trained, tmp_path, monkeypatch):
    class Later(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2031, 2, 3)

    model, _ = trained
    save_model(model, tmp_path / "one.keras")
    again = seq2vec(DESCRIPTION, INPUTS)  # elsewhere in memory
    again.set_weights(model.get_weights())
    monkeypatch.setattr(datetime, "datetime", Later)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(2e9))
    save_model(again, tmp_path / "other.keras")
    assert (tmp_path / "one.keras").read_bytes() == (tmp_path / "other.keras").read_bytes()
    assert {file.name for file in tmp_path.iterdir()} == {"one.keras", "other.keras"}
    with zipfile.ZipFile(tmp_path / "one.keras") as archive:
        assert b'"shared_object_id": 1}' in archive.read("config.json")


@pytest.mark.parametrize("kind", ["sequential", "subclass"])
def test_other_models_are_saved_too(kind, tmp_path):
    @keras.saving.register_keras_serializable("unspool_tests")
    class Mine(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(2)

        def call(self, x):
            return self.dense(x)

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]) if kind == "sequential" else Mine()
    model.compile("adam", "mse")
    x = np.ones((4, 3), "float32")
    model.fit(x, np.ones((4, 2)), verbose=0)
    save_model(model, tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(x), model(x))


def test_a_file_that_may_not_be_read_is_not_called_damaged(tmp_path, monkeypatch):
    path = tmp_path / "model.keras"
    refused = PermissionError(errno.EACCES, "Permission denied", str(path))
    monkeypatch.setattr(loading, "read_keras_file", Mock(side_effect=refused))
    with pytest.raises(UserError, match=r"model.keras cannot be read \(Permission denied\)\. It is not changed\."):
        load_model(path)
