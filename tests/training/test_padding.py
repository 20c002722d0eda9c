"""Ragged numbers are padded with NaN: a model that reads it is refused before it learns NaN."""

import keras
import numpy as np
import pytest

import unspool
from unspool.data import Ragged
from unspool.layers import LSTM

SERIES = Ragged.from_arrays([np.full((length, 2), length / 7) for length in (3, 4, 5, 6) * 3])
Y = np.arange(12.0)


def compiled(model, loss="mse"):
    model.compile("sgd", loss)
    return model


def masking():
    """As the message advises."""
    inputs = keras.Input((None, 2))
    steps = keras.layers.Masking(-1e9)(keras.ops.where(keras.ops.isnan(inputs), -1e9, inputs))
    return compiled(keras.Model(inputs, keras.layers.Dense(1)(LSTM(3)(steps))))


class Handles(keras.Model):
    """Masks NaN by code of its own."""

    def __init__(self):
        super().__init__()
        self.read, self.answer = LSTM(3), keras.layers.Dense(1)

    def call(self, x):
        missing = keras.ops.isnan(x)
        steps = keras.ops.where(missing, 0.0, x)
        return self.answer(self.read(steps, mask=keras.ops.logical_not(keras.ops.all(missing, axis=-1))))


def plain(by_step=False):
    return compiled(keras.Sequential([LSTM(3, return_sequences=by_step), keras.layers.Dense(1)]))


@pytest.mark.parametrize("by_step", [False, True])
def test_a_model_that_reads_padding_is_refused_before_it_is_trained(by_step):
    model = plain(by_step)
    y = Ragged.from_lengths(np.zeros((54, 1), np.float32), SERIES.lengths) if by_step else Y
    with pytest.raises(ValueError, match=r"^x is padded with NaN, which the model reads.*Masking\(-1e9\)\(keras\.ops"):
        unspool.fit(model, SERIES, y, verbose=0)
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_nested_masks_that_mask_something_else_do_not_help():
    inputs = keras.Input((None, 2))
    model = compiled(keras.Model(inputs, keras.layers.Dense(1)(LSTM(3)(keras.layers.Masking(np.nan)(inputs)))))
    with pytest.raises(ValueError, match="x is padded with NaN"):
        unspool.fit(model, SERIES, Y, verbose=0)


@pytest.mark.parametrize("make", [masking, lambda: compiled(Handles())], ids=["masking", "own class"])
def test_a_model_that_masks_padding_is_trained(make):
    model = make()
    assert np.isfinite(unspool.fit(model, SERIES, Y, verbose=0).history["loss"]).all()
    alone = model(SERIES[0][None])
    np.testing.assert_allclose(unspool.predict(model, SERIES)[0], alone[0], rtol=1e-5)


def test_what_is_advised_can_be_saved(tmp_path):
    model = masking()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(unspool.predict(loaded, SERIES), unspool.predict(model, SERIES))


def test_nan_of_the_series_or_of_the_weights_is_not_blamed_on_padding():
    flat = SERIES.flat.copy()
    flat[0] = np.nan
    assert np.isnan(unspool.fit(plain(), Ragged(flat, SERIES.offsets), Y, verbose=0).history["loss"]).all()
    model = masking()
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    assert np.isnan(unspool.fit(model, SERIES, Y, verbose=0).history["loss"]).all()
