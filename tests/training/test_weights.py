"""Weights that a loss cannot use are refused, with their shape."""

import keras
import numpy as np
import pytest

import unspool

X = np.random.default_rng(0).normal(size=(10, 4, 3)).astype("float32")


def by_step(loss="mse"):
    model = keras.Sequential([keras.Input((4, 3)), keras.layers.Dense(2)])
    model.compile("sgd", loss)
    return model


def for_each(loss="mse"):
    model = keras.Sequential([keras.Input((4, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    model.compile("sgd", loss)
    return model


@pytest.mark.parametrize("built", [False, True])
@pytest.mark.parametrize(
    ("make", "shape", "expected"),
    [
        (
            for_each,
            (10, 3),
            r"sample_weight has the shape \(10, 3\), but \(10,\) is needed: one weight for each example$",
        ),
        (for_each, (10, 1, 1), r"has the shape \(10, 1, 1\)"),
        (by_step, (10, 3), r"but \(10, 4\) is needed: one weight for each step$"),
        (by_step, (10,), r"has the shape \(10,\), but \(10, 4\) is needed: one weight for each step$"),
    ],
)
def test_weights_of_another_shape_are_refused(make, shape, expected, built):
    model, y = make(), np.ones((10, *make().output_shape[1:]))
    if built:
        unspool.fit(model, X, y, verbose=0)
    with pytest.raises(ValueError, match=expected):
        unspool.fit(model, X, y, sample_weight=np.ones(shape), verbose=0)
    with pytest.raises(ValueError, match="sample_weight of validation_data has the shape"):
        unspool.fit(make(), X, y, validation_data=(X, y, np.ones(shape)), verbose=0)


@pytest.mark.parametrize(
    ("make", "shape"), [(for_each, (10,)), (for_each, (10, 1)), (by_step, (10, 4)), (by_step, (10, 4, 1))]
)
def test_weights_that_keras_takes_are_taken(make, shape):
    model, y = make(), np.ones((10, *make().output_shape[1:]))
    weights = np.random.default_rng(1).random(shape)
    model.fit(X, y, sample_weight=weights, verbose=0)
    unspool.fit(model, X, y, sample_weight=weights, verbose=0)


def test_outputs_whose_last_dimension_keras_takes_away():
    model = keras.Sequential([keras.Input((4, 3)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    y, weights = np.ones((10, 4)), np.arange(10.0)
    model.fit(X, y, sample_weight=weights, verbose=0)
    unspool.fit(model, X, y, sample_weight=weights, verbose=0)


def test_one_number_an_example():
    model = keras.Sequential([keras.Input((4, 3)), keras.layers.Flatten(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    unspool.fit(model, X, np.ones(10), sample_weight=np.ones((10, 1)), verbose=0)
    with pytest.raises(ValueError, match=r"but \(10,\) is needed: one weight for each example$"):
        unspool.fit(model, X, np.ones(10), sample_weight=np.ones((10, 2)), verbose=0)


def test_weights_by_name_are_those_of_their_output():
    inputs = keras.Input((4, 3))
    whole = keras.layers.Dense(2)(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, {"steps": keras.layers.Dense(2)(inputs), "all": whole})
    model.compile("sgd", {"steps": "mse", "all": "mse"})  # not in alphabetical order
    y, weights = (
        {"steps": np.ones((10, 4, 2)), "all": np.ones((10, 2))},
        {"steps": np.ones((10, 4)), "all": np.ones(10)},
    )
    unspool.fit(model, X, y, sample_weight=weights, verbose=0)
    with pytest.raises(ValueError, match=r"^sample_weight\['all'\] has the shape \(10, 4\), but \(10,\) is needed"):
        unspool.fit(model, X, y, sample_weight=weights | {"all": np.ones((10, 4))}, verbose=0)
