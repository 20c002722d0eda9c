"""An array for each input and each output of a model, by number or by name: what is missing is told by name."""

import re

import keras
import numpy as np
import pytest

import unspool

X = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
Y = X.sum(axis=1)


def of_two_inputs():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    model = keras.Model([a, b], keras.layers.Dense(1)(keras.layers.Concatenate()([a, b])))
    model.compile("sgd", "mse")
    return model


def of_two_outputs(named=False):
    """A model with the outputs "q" and "p"; in a dict, or in this order."""
    inputs = keras.Input((4,))
    q, p = (keras.layers.Dense(1, name=name, kernel_initializer="ones")(inputs) for name in "qp")
    model = keras.Model(inputs, {"q": q, "p": p} if named else [q, p])
    model.compile("sgd", {"q": "mse", "p": "mae"})
    return model


def of_one_input():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(
    ("make", "x", "message"),
    [
        (of_two_inputs, X, "x is one array, but the model has 2 inputs ('a', 'b'): give a list of 2 arrays, or a dict"),
        (of_two_inputs, [X, X, X], "x is a list of 3 arrays, but the model has 2 inputs ('a', 'b')"),
        (of_two_inputs, {"a": X, "c": X}, "x has the names 'a' and 'c', but the model has the inputs 'a' and 'b'."),
        (
            of_one_input,
            list(X[:, None]),
            "x is a list of 12 arrays, which stand for as many inputs, but the model has ",
        ),
    ],
)
def test_inputs_are_told_by_name(make, x, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        unspool.predict(make(), x)
    if make is of_two_inputs:
        for use in (unspool.fit, unspool.evaluate):
            with pytest.raises(ValueError, match=re.escape(message)):
                use(make(), x, Y, verbose=0)


def test_more_names_than_inputs_are_taken_as_by_keras():
    assert unspool.predict(of_two_inputs(), {"b": X, "a": X, "c": X}).shape == (12, 1)


@pytest.mark.parametrize("named", [False, True], ids=["list of outputs", "dict of outputs"])
@pytest.mark.parametrize(
    ("y", "message"),
    [
        ({"p": Y, "r": Y}, "y{} has the names 'p' and 'r', but the model has the outputs 'q' and 'p'."),
        ({"p": Y}, "y{} has the name 'p', but the model has the outputs 'q' and 'p'."),
        ({"p": Y, "q": Y, "r": Y}, "y{} has the names 'p', 'q' and 'r', but the model has the outputs 'q' and 'p'."),
        ([Y, Y, Y], "y{} is a list of 3 arrays, but the model has 2 outputs ('q', 'p'): give a list of 2 arrays"),
        (Y, "y{} is one array, but the model has 2 outputs"),
    ],
)
def test_outputs_are_told_by_name(y, message, named):
    for use in (unspool.fit, unspool.evaluate):
        with pytest.raises(ValueError, match=re.escape(message.format(""))):
            use(of_two_outputs(named), X, y, verbose=0)
    with pytest.raises(ValueError, match=re.escape(message.format(" of validation_data"))):
        unspool.fit(of_two_outputs(named), X, {"p": Y, "q": Y}, validation_data=(X, y), verbose=0)


@pytest.mark.parametrize("weights", [{"p": np.arange(12.0), "q": np.ones(12)}, np.arange(12.0)], ids=["each", "shared"])
def test_weights_by_name_are_those_of_their_output_in_a_list(weights):
    y = {"p": Y, "q": 2 * Y}
    listed = [weights["q"], weights["p"]] if isinstance(weights, dict) else weights
    expected = of_two_outputs().evaluate(X, [y["q"], y["p"]], sample_weight=listed, verbose=0, return_dict=True)
    found = unspool.evaluate(of_two_outputs(), X, y, sample_weight=weights, return_dict=True)
    assert found == pytest.approx(expected, rel=1e-5)
    more = {"sample_weight": weights, "validation_data": (X, y, weights), "verbose": 0}
    history = unspool.fit(of_two_outputs(), X, y, **more).history
    assert history["loss"][0] == pytest.approx(expected["loss"], rel=1e-5)
    assert np.isfinite(history["val_loss"][0])


def test_outputs_whose_loss_is_none_in_a_list_need_no_targets():
    model = of_two_outputs()
    model.compile("sgd", ["mse", None])
    unspool.fit(model, X, {"q": Y}, epochs=1, verbose=0)
    with pytest.raises(ValueError, match="y has the name 'p', but the model has the outputs 'q' and 'p'"):
        unspool.fit(model, X, {"p": Y}, epochs=1, verbose=0)
