import keras
import numpy as np
import pytest
from keras.src.backend.common import global_state

import unspool
from unspool.keras_internals import MASKS_OF_TRACED
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
    for return_dict in (True, False):
        arguments = {"batch_size": 8, "sample_weight": sample_weight, "verbose": 0, "return_dict": return_dict}
        ours = unspool.evaluate(model, x, y, **arguments)
        assert ours == pytest.approx(model.evaluate(x, y, **arguments), abs=1e-5)


def test_a_stateful_model_is_evaluated_in_whole_batches_as_by_keras():
    model = keras.Sequential([keras.Input(batch_shape=(4, 5, 2)), keras.layers.SimpleRNN(3, stateful=True)])
    model.compile("adam", "mse")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 5, 2)), rng.normal(size=(8, 3))
    ours = unspool.evaluate(model, x, y, batch_size=4)
    model.layers[0].reset_state()
    assert ours == pytest.approx(model.evaluate(x, y, batch_size=4, verbose=0), abs=1e-5)


def test_values_come_in_the_order_of_keras():
    """Of models with one output and several, and with none but the loss."""
    inputs = keras.Input((3,))
    one = keras.Model(inputs, keras.layers.Dense(1, name="a")(inputs))
    two = keras.Model(inputs, [keras.layers.Dense(1, name=name)(inputs) for name in "zb"])
    one.compile("sgd", "mse")
    two.compile("sgd", {"z": "mse", "b": "mae"}, metrics={"z": ["mae"], "b": ["mse"]})
    x, y = np.ones((5, 3)), np.ones((5, 1))
    assert unspool.evaluate(one, x, y) == pytest.approx(one.evaluate(x, y, verbose=0))
    both = {"z": y, "b": 2 * y}
    assert unspool.evaluate(two, x, both) == pytest.approx(two.evaluate(x, both, verbose=0))
    one.compile("sgd", "mse", metrics=["mse", keras.metrics.MeanAbsoluteError(name="distance"), "mape"])
    assert unspool.evaluate(one, x, 3 * y) == pytest.approx(one.evaluate(x, 3 * y, verbose=0))
    one.compile("sgd", "mse", metrics=["mse"], weighted_metrics=["mae"])
    assert unspool.evaluate(one, x, 3 * y) == pytest.approx(one.evaluate(x, 3 * y, verbose=0))


@pytest.mark.parametrize(("verbose", "lines"), [(0, 0), (1, 1), (2, 1), ("auto", 1)])
def test_verbose(model, verbose, lines, capsys):
    x, y = np.zeros((21, 5, 2)), np.zeros((21, 3))
    unspool.predict(model, x, batch_size=8, verbose=verbose)
    predicted = capsys.readouterr()
    unspool.evaluate(model, x, y, batch_size=8, verbose=verbose)
    evaluated = capsys.readouterr()
    assert predicted.out == evaluated.out == ""
    assert len(predicted.err.splitlines()) == len(evaluated.err.splitlines()) == lines
    if lines:
        assert predicted.err.startswith("predict  21 examples  ")
        assert "  mae " in evaluated.err


def test_callbacks_see_an_evaluation(model):
    seen = []
    hook = keras.callbacks.LambdaCallback()
    hook.on_test_end = lambda logs: seen.append(sorted(logs))
    unspool.evaluate(model, np.zeros((3, 5, 2)), np.zeros((3, 3)), callbacks=hook)
    assert seen == [["loss", "mae"]]


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, True, "8"])
def test_a_batch_size_that_is_none_is_one_clear_error(model, batch_size):
    x, y = np.zeros((3, 5, 2)), np.zeros((3, 3))
    message = f"batch_size is a whole number of at least 1, not {batch_size!r}"
    for call in (
        lambda: unspool.predict(model, x, batch_size=batch_size),
        lambda: unspool.evaluate(model, x, y, batch_size=batch_size),
        lambda: unspool.fit(model, x, y, batch_size=batch_size),
        lambda: unspool.fit(model, x, y, validation_split=0.5, validation_batch_size=batch_size),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_steps_are_refused_by_name(model):
    for call in (unspool.predict, unspool.evaluate):
        with pytest.raises(ValueError, match=r"does not support steps: .*x\[: steps"):
            call(model, np.zeros((3, 5, 2)), steps=1)


@pytest.mark.parametrize("ragged", [False, True])
def test_an_unbuilt_model_is_built_to_predict_as_by_keras(ragged):
    x = np.random.default_rng(0).normal(size=(5, 4, 2)).astype(np.float32)
    model = keras.Sequential([keras.layers.Lambda(keras.ops.nan_to_num), unspool.layers.LSTM(3)])
    given = unspool.data.Ragged.from_arrays(list(x)) if ragged else x
    assert unspool.predict(model, given).shape == (5, 3)
    if not ragged:
        np.testing.assert_allclose(unspool.predict(model, x), model.predict(x, verbose=0), rtol=1e-5, atol=1e-6)


def test_no_example_is_an_error(model):
    with pytest.raises(ValueError, match="no example"):
        unspool.predict(model, np.zeros((0, 5, 2)))


class Everyones(dict):
    """Gives a mask to any array, as Keras does to one at the address of an array that another thread has collected."""

    def get(self, key, default=None):
        return np.ones((1, 2), bool)


@pytest.mark.parametrize("function", [unspool.fit, unspool.evaluate, unspool.predict])
def test_a_mask_that_keras_has_left_behind_is_not_taken_for_one_of_an_output(function):
    x, y = np.zeros((4, 5, 3)), np.zeros((4, 5, 2))
    model = keras.Sequential([keras.Input((5, 3)), keras.layers.LSTM(2, return_sequences=True)])
    model.compile("adam", "mse")
    global_state.set_global_attribute(MASKS_OF_TRACED, Everyones())
    try:
        function(model, x, *([] if function is unspool.predict else [y]))
    finally:
        global_state.set_global_attribute(MASKS_OF_TRACED, None)
