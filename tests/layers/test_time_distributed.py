import keras
import numpy as np
import pytest

from unspool.layers import TimeDistributed, accelerate

X = np.random.default_rng(0).standard_normal((3, 5, 4)).astype("float32")


def _models(inner):
    stock = keras.Sequential([keras.Input((5, 4)), keras.layers.TimeDistributed(inner)])
    return stock, accelerate(stock)


@pytest.mark.parametrize("inner", [keras.layers.Dense(6, activation="sigmoid"), keras.layers.LayerNormalization()])
def test_values_are_those_of_keras(inner):
    stock, ours = _models(inner)
    assert isinstance(ours.layers[0], TimeDistributed)
    np.testing.assert_allclose(ours(X), stock(X), rtol=1e-5, atol=1e-6)


def test_a_dense_layer_is_one_product(monkeypatch):
    _, ours = _models(keras.layers.Dense(6))
    calls = []
    call = keras.layers.Dense.call
    monkeypatch.setattr(keras.layers.Dense, "call", lambda self, x, **k: calls.append(x.shape) or call(self, x, **k))
    ours(X)
    assert calls == [(3, 5, 4)]


def test_the_mask_goes_on_and_the_file_is_read_again(tmp_path):
    model = keras.Sequential(
        [
            keras.Input((5, 4)),
            keras.layers.Masking(),
            TimeDistributed(keras.layers.Dense(2)),
            keras.layers.LSTM(3),
        ]
    )
    padded = np.concatenate([X[:, :3], np.zeros_like(X[:, :2])], axis=1)
    _, dense, lstm = model.layers
    np.testing.assert_allclose(model(padded), lstm(dense(X[:, :3])), rtol=1e-6, atol=1e-7)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert isinstance(loaded.layers[1], TimeDistributed)
    np.testing.assert_array_equal(loaded(X), model(X))
