import keras
import numpy as np

import unspool
from unspool.layers.dropout import Dropout

ONES = np.ones((64, 50), "float32")


def test_inference_passes_through():
    np.testing.assert_array_equal(Dropout(0.5)(ONES, training=False), ONES)


def test_a_rate_of_one_drops_all_as_in_keras():
    np.testing.assert_array_equal(Dropout(1.0)(ONES, training=True), 0 * ONES)


def test_a_seed_reproduces_its_masks_and_steps_differ():
    first, second = (Dropout(0.3, seed=7) for _ in range(2))
    steps = [np.asarray(layer(ONES, training=True)) for layer in (first, second, first)]
    np.testing.assert_array_equal(steps[0], steps[1])
    assert not np.array_equal(steps[0], steps[2])


def test_two_layers_of_a_model_draw_different_masks():
    keras.utils.set_random_seed(0)
    masks = [np.asarray(layer(ONES, training=True)) for layer in (Dropout(0.3), Dropout(0.3))]
    assert not np.array_equal(*masks)


def test_noise_shape_with_unknown_sizes():
    y = np.asarray(Dropout(0.5, noise_shape=(None, 1), seed=0)(ONES, training=True))
    assert (y == y[:, :1]).all()
    assert 0 < (y == 0).mean() < 1


def test_it_saves_and_loads_and_trains(tmp_path):
    model = keras.Sequential([keras.Input((50,)), Dropout(0.4, seed=3), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    unspool.fit(model, ONES, ONES[:, 0], epochs=1, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert isinstance(loaded.layers[0], Dropout)
    assert loaded.layers[0].rate == 0.4
    np.testing.assert_array_equal(loaded(ONES), model(ONES))
