import keras
import numpy as np
import pytest

import unspool
from unspool.training import inference


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((5, 2)),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(3),
        ]
    )
    model.compile("adam", "mse", metrics=["mae"])
    return model


@pytest.mark.parametrize("count", [1, 7, 8, 9, 64, 65, 75])
def test_predictions_equal_keras_at_any_count(model, count, monkeypatch):
    monkeypatch.setattr(inference, "BATCHES_A_PROGRAM", 4)
    x = np.random.default_rng(count).normal(size=(count, 5, 2))
    np.testing.assert_allclose(unspool.predict(model, x, batch_size=8), model.predict(x, verbose=0), atol=1e-6)


def test_predictions_follow_the_structure_of_the_outputs():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((3,))
    model = keras.Model(inputs, {"a": keras.layers.Dense(2)(inputs), "b": [keras.layers.Dense(1)(inputs)]})
    outputs = unspool.predict(model, np.ones((5, 3)), batch_size=2)
    assert outputs["a"].shape == (5, 2)
    assert outputs["b"][0].shape == (5, 1)


@pytest.mark.parametrize("sample_weight", [None, np.linspace(0, 1, 21)])
def test_evaluate_equals_keras(model, sample_weight):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(21, 5, 2)), rng.normal(size=(21, 3))
    ours = unspool.evaluate(model, x, y, batch_size=8, sample_weight=sample_weight)
    theirs = model.evaluate(x, y, batch_size=8, sample_weight=sample_weight, verbose=0, return_dict=True)
    assert ours == pytest.approx(theirs, abs=1e-5)


def test_no_example_is_an_error(model):
    with pytest.raises(ValueError, match="no example"):
        unspool.predict(model, np.zeros((0, 5, 2)))
