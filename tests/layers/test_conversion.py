"""Stock Keras models to ours and back: equal predictions, nothing left behind."""

import jax
import keras
import numpy as np
import pytest

from unspool import layers

SWAPPED = (keras.layers.RNN, keras.layers.Bidirectional, keras.layers.RepeatVector, keras.layers.Embedding)


def swapped_layers(model):
    return [layer for layer in model._flatten_layers(include_self=False) if isinstance(layer, SWAPPED)]


def sequential():
    return keras.Sequential(
        [
            keras.Input((6, 3)),
            keras.layers.Masking(),
            keras.layers.Bidirectional(keras.layers.LSTM(4, return_sequences=True)),
            keras.layers.RNN(keras.layers.GRUCell(5, reset_after=False), return_sequences=True, name="named"),
            keras.layers.SimpleRNN(3, kernel_regularizer="l2"),
        ]
    )


def functional():
    x = keras.Input((6, 3))
    mask = keras.Input((6,), dtype="bool")
    shared = keras.layers.GRU(4, return_sequences=True)
    a, b = shared(x, mask=mask), shared(x)
    _, h, c = keras.layers.LSTM(4, return_state=True)(a + b)
    decoded = keras.layers.LSTM(4, return_sequences=True)(keras.layers.RepeatVector(5)(h), initial_state=[h, c])
    return keras.Model([x, mask], [keras.layers.TimeDistributed(keras.layers.Dense(2))(decoded), c])


def nested():
    inner = keras.Sequential([keras.Input((6, 3)), keras.layers.LSTM(4)], name="inner")
    x = keras.Input((2, 6, 3))
    return keras.Model(x, keras.layers.LSTM(3)(keras.layers.TimeDistributed(inner)(x)))


def of_tokens():
    return keras.Sequential(
        [
            keras.Input((6,), dtype="int32"),
            keras.layers.Embedding(20, 3, mask_zero=True, embeddings_regularizer="l2"),
            keras.layers.Dropout(0.3),
            keras.layers.GRU(4),
        ]
    )


def predicted(model, x):
    """The model's outputs, compiled as one program: a call outside of one compiles each small operation by itself."""
    return jax.jit(lambda x: model(x), compiler_options={"xla_backend_optimization_level": 0})(x)


MODELS = {"sequential": sequential, "functional": functional, "nested": nested, "of tokens": of_tokens}


def some_input(model):
    rng = np.random.default_rng(0)

    def drawn(shape, dtype):
        numbers = rng.normal(size=(5, *shape[1:]))
        if dtype == "int32":
            return rng.integers(0, 20, numbers.shape)
        return numbers > 0 if dtype == "bool" else numbers.astype("float32")

    arrays = [drawn(i.shape, i.dtype) for i in model.inputs]
    return arrays if len(arrays) > 1 else arrays[0]


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS.keys())
def test_there_and_back(make):
    stock = make()
    rng = np.random.default_rng(1)
    stock.set_weights([rng.normal(size=w.shape).astype("float32") * 0.5 for w in stock.get_weights()])
    ours = layers.accelerate(stock)
    back = layers.to_keras(ours)
    for layer in swapped_layers(ours):
        assert type(layer).__module__.startswith("unspool."), layer
    for layer in swapped_layers(back):
        assert type(layer).__module__.startswith("keras."), layer
    x = some_input(stock)
    outs = [keras.tree.flatten(predicted(model, x)) for model in (stock, ours, back)]
    for expected, got, again in zip(*outs, strict=True):
        np.testing.assert_allclose(got, expected, atol=2e-6)
        np.testing.assert_array_equal(again, expected)
    for new, old in zip(ours.layers, stock.layers, strict=True):
        assert new.name == old.name or isinstance(old, keras.layers.InputLayer)  # Keras renames these in every clone


def test_weights_are_copied_and_the_original_left_alone():
    stock = sequential()
    stock.compile("adam", "mse")
    before = stock.get_weights()
    ours = layers.accelerate(stock)
    assert ours.compiled
    ours.fit(np.ones((8, 6, 3), "float32"), np.ones((8, 3), "float32"), verbose=0)
    for now, then in zip(stock.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_one_layer():
    stock = keras.layers.LSTM(4)
    stock.build((None, 6, 3))
    ours = layers.accelerate(stock)
    assert type(ours) is layers.LSTM
    np.testing.assert_allclose(ours(np.ones((2, 6, 3), "float32")), stock(np.ones((2, 6, 3), "float32")), atol=2e-6)


def test_a_subclassed_model_is_refused_by_name():
    class Mine(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(ValueError, match="Mine is a subclass"):
        layers.accelerate(Mine())
