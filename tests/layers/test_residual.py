import keras
import numpy as np

import unspool
from unspool.layers import Dropout, ResidualDropout

ONES = np.ones((64, 50), "float32")


def test_it_adds_what_dropout_leaves():
    sums, dropped = ResidualDropout(0.4, seed=7), Dropout(0.4, seed=7)
    np.testing.assert_allclose(sums(2 * ONES, ONES, training=True), 2 + dropped(ONES, training=True), rtol=1e-6)
    np.testing.assert_array_equal(sums(2 * ONES, ONES), 3 * ONES)


def test_a_rate_of_0_drops_nothing():
    np.testing.assert_array_equal(ResidualDropout(0)(2 * ONES, ONES, training=True), 3 * ONES)


def test_it_computes_in_the_type_that_is_asked_for():
    assert ResidualDropout(0.4, dtype="mixed_bfloat16")(ONES, ONES).dtype == "bfloat16"
    assert ResidualDropout(0.4, dtype="mixed_bfloat16").dropout.compute_dtype == "bfloat16"


def test_steps_differ():
    sums = ResidualDropout(0.4, seed=7)
    assert not np.array_equal(*(sums(ONES, ONES, training=True) for _ in range(2)))


def test_it_saves_and_loads_and_trains(tmp_path):
    inputs = keras.Input((50,))
    outputs = keras.layers.Dense(1)(ResidualDropout(0.4, seed=3)(inputs, keras.layers.Dense(50)(inputs)))
    model = keras.Model(inputs, outputs)
    model.compile("sgd", "mse")
    unspool.fit(model, ONES, ONES[:, 0], epochs=1, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert any(isinstance(layer, ResidualDropout) and layer.rate == 0.4 for layer in loaded.layers)
    np.testing.assert_array_equal(loaded(ONES), model(ONES))
