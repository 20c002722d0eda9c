"""`None` for the targets of an output that has no loss means what it means to Keras."""

import keras
import numpy as np
import pytest

import unspool
from unspool.data.ragged import Ragged

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3)).astype("float32")
Y = X.sum(axis=1, keepdims=True)
WEIGHTS = np.linspace(0, 2, 20)


def two_outputs(loss=("mse", None)):
    keras.utils.set_random_seed(3)
    x = keras.Input((3,))
    model = keras.Model(x, [keras.layers.Dense(1, name="a")(x), keras.layers.Dense(2, name="b")(x)])
    metrics = [["mae"], None] if loss == ("mse", None) else None
    model.compile("sgd", list(loss) if isinstance(loss, tuple) else loss, metrics=metrics)
    return model


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({}, id="plain"),
        pytest.param({"validation_split": 0.3}, id="validation_split"),
        pytest.param({"validation_data": (X, [Y, None], WEIGHTS)}, id="validation_data"),
        pytest.param({"sample_weight": WEIGHTS}, id="weights for all"),
        pytest.param({"sample_weight": [WEIGHTS, None]}, id="weights for one"),
    ],
)
def test_targets_of_one_output_equal_keras(arguments):
    histories = []
    for fit in (keras.Model.fit, unspool.fit):
        model = two_outputs()
        keras.utils.set_random_seed(5)
        histories.append(fit(model, X, [Y, None], epochs=2, batch_size=10, verbose=0, **arguments).history)
    assert list(histories[0]) == list(histories[1])
    for name, values in histories[0].items():
        np.testing.assert_allclose(histories[1][name], values, atol=1e-5, err_msg=name)
    np.testing.assert_allclose(
        unspool.evaluate(model, X, [Y, None]), model.evaluate(X, [Y, None], verbose=0), atol=1e-5
    )


def test_weights_of_one_output_alone_equal_keras():
    both = [Y, np.ones((20, 2))]
    losses = []
    for fit in (keras.Model.fit, unspool.fit):
        model = two_outputs("mse")
        keras.utils.set_random_seed(5)
        losses.append(fit(model, X, both, sample_weight=[WEIGHTS, None], verbose=0).history["loss"])
    np.testing.assert_allclose(*losses, atol=1e-5)


def test_labels_of_the_output_with_a_loss_are_checked():
    model = two_outputs((None, "sparse_categorical_crossentropy"))
    with pytest.raises(ValueError, match=r"y\[1\] has the label 2 in row 0 .*the model has 2 outputs"):
        unspool.fit(model, X, [None, np.full(20, 2)], verbose=0)


def test_ragged_targets_of_one_output():
    keras.utils.set_random_seed(3)
    ids = keras.Input((None,), dtype="int32")
    vectors = keras.layers.Embedding(9, 4)(ids)
    model = keras.Model(ids, [keras.layers.Dense(1)(vectors), keras.layers.Dense(2)(vectors)])
    model.compile("sgd", ["mse", None])
    lengths = np.arange(20) % 3 + 2
    tokens = RNG.integers(0, 9, int(lengths.sum()), dtype="int32")
    x = Ragged.from_lengths(tokens, lengths)
    y = Ragged.from_lengths(tokens[:, None].astype("float32"), lengths)
    alone = keras.Model(model.inputs, model.outputs[0])
    alone.compile("sgd", "mse")
    expected = unspool.evaluate(alone, x, y)
    assert expected > 1
    assert unspool.evaluate(model, x, [y, None]) == pytest.approx(expected)
    assert unspool.fit(model, x, [y, None], verbose=0).history["loss"][0] <= expected + 1e-4


@pytest.mark.parametrize(
    ("loss", "y", "message"),
    [
        ("mse", [Y, None], r"^y\[1\] is None, but the model was compiled with a loss for that output"),
        ((None, "mse"), (Y, None), r"^y\[1\] is None"),
        (("mse", None), [None, None], r"^y\[0\] is None"),
    ],
)
def test_targets_that_a_loss_needs_are_asked_for(loss, y, message):
    for use in (unspool.fit, unspool.evaluate):
        with pytest.raises(ValueError, match=message):
            use(two_outputs(loss), X, y, verbose=0)
    with pytest.raises(ValueError, match=r"^y is missing"):
        unspool.evaluate(two_outputs(loss), X)
