"""Stock Keras models to ours and back: equal predictions, nothing left behind."""

import jax
import keras
import numpy as np
import pytest

from unspool import layers
from unspool.keras_internals import optimized_variables
from unspool.layers.explanation import log_slow_layers

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


class Reader(keras.Model):
    """A subclassed model with layers in an attribute, a list and a custom layer; unknown to Keras's registry."""

    def __init__(self):
        super().__init__()
        self.first = keras.layers.Bidirectional(keras.layers.GRU(3, return_sequences=True))
        self.others = [keras.layers.LSTM(4, return_sequences=True), Twice()]

    def call(self, x):
        x = self.first(x)
        for layer in self.others:
            x = layer(x)
        return x


class Twice(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = keras.layers.SimpleRNN(3, return_sequences=True)

    def call(self, x):
        return 2 * self.inner(x)


class Opaque(keras.layers.Layer):
    """Of which Keras cannot make another."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def call(self, x):
        return self.factor() * x


X = np.random.default_rng(2).normal(size=(5, 6, 3)).astype("float32")


def test_a_custom_layer_stays_and_what_is_inside_is_swapped():
    stock = keras.Sequential([keras.Input((6, 3)), Twice(), keras.layers.LSTM(4)])
    expected = predicted(stock, X)
    ours = layers.accelerate(stock)
    assert [type(layer) for layer in ours.layers] == [Twice, layers.LSTM]
    assert type(ours.layers[0].inner) is layers.SimpleRNN
    assert type(stock.layers[0].inner) is keras.layers.SimpleRNN
    np.testing.assert_allclose(predicted(ours, X), expected, atol=2e-6)


@pytest.mark.soak
def test_a_subclassed_model_is_changed_in_place(caplog):
    model = Reader()
    model.compile("sgd", "mse")
    expected = model.predict(X, verbose=0)
    assert layers.accelerate(model) is model
    assert "Reader is a subclass" in caplog.text
    assert [type(layer) for layer in swapped_layers(model)] == [
        layers.Bidirectional,
        layers.GRU,
        layers.GRU,
        layers.LSTM,
        layers.SimpleRNN,
    ]
    assert layers.explain(model).native
    # Keras has compiled the slow layers before; it must not go on with them.
    assert "unspool_forward" in str(jax.make_jaxpr(lambda x: model(x))(X))
    assert model.predict_function is None
    np.testing.assert_allclose(model.predict(X, verbose=0), expected, atol=2e-6)
    assert np.isfinite(model.fit(X, np.ones((5, 6, 3)), verbose=0).history["loss"]).all()
    np.testing.assert_array_equal(layers.to_keras(model).get_weights()[0], model.get_weights()[0])
    assert type(model.others[0]) is keras.layers.LSTM


def far(y, p):
    return keras.ops.mean(keras.ops.abs(y - p), axis=-1)


class Mine(keras.optimizers.SGD):
    pass


class Slower(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return 0.1 / (1 + step)

    def get_config(self):
        return {}


@pytest.mark.parametrize(
    "compilation",
    [
        {"loss": far},
        {"loss": lambda y, p: (y - p) ** 2},
        {"loss": "mse", "metrics": [far, "mae"]},
        {"loss": "mse", "metrics": [lambda y, p: (y - p) ** 2]},
        {"loss": "mse", "metrics": [keras.metrics.MeanMetricWrapper(far)], "weighted_metrics": ["mae"]},
        {"loss": "mse", "optimizer": Mine(Slower())},
    ],
    ids=["loss", "nameless loss", "metric", "nameless metric", "wrapped metric", "optimizer"],
)
def test_what_is_not_registered_with_keras_is_kept_in_the_copy(compilation, caplog):
    stock = keras.Sequential([keras.Input((6, 3)), keras.layers.LSTM(4)])
    stock.compile(**{"optimizer": keras.optimizers.Adam(0.01), "steps_per_execution": 2} | compilation)
    y = np.ones((5, 4), "float32")
    ours = layers.accelerate(stock)
    assert ours is not stock
    assert "in place" not in caplog.text
    assert type(stock.layers[0]) is keras.layers.LSTM
    assert stock.compiled
    assert ours.steps_per_execution == 2
    assert type(ours.optimizer) is type(stock.optimizer)
    assert ours.optimizer is not stock.optimizer
    before = stock.evaluate(X, y, verbose=0, return_dict=True)
    again = ours.evaluate(X, y, verbose=0, return_dict=True)
    assert again == pytest.approx(before, abs=1e-5)
    ours.fit(X, y, verbose=0)
    assert stock.evaluate(X, y, verbose=0, return_dict=True) == before
    assert int(stock.optimizer.iterations) == 0
    stock.fit(X, y, verbose=0)
    for one, other in zip(stock.get_weights(), ours.get_weights(), strict=True):
        np.testing.assert_allclose(other, one, atol=1e-5)


@pytest.mark.parametrize("function", [layers.accelerate, layers.to_keras, layers.explain])
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("m.keras", "^a Keras model or layer is needed, not str. Load a file with keras.models.load_model first.$"),
        (None, "not NoneType.$"),
        (keras.layers.LSTM, "not the class LSTM.$"),
    ],
)
def test_what_is_no_layer_is_refused(function, given, message):
    with pytest.raises(TypeError, match=message):
        function(given)


def test_models_within_a_model_stay_compiled():
    inner = keras.Sequential([keras.Input((6, 3)), keras.layers.LSTM(4)], name="inner")
    inner.compile("adam", far)
    outer = keras.Sequential([keras.Input((6, 3)), inner, keras.layers.Dense(2)])
    ours = layers.accelerate(outer)
    assert not ours.compiled
    assert ours.layers[0].compiled
    assert ours.layers[0].loss is far
    assert inner.compiled


class Counted(keras.metrics.Metric):
    """Of which Keras cannot make another."""

    def __init__(self, weight):
        super().__init__(name="counted")
        self.weight = weight

    def update_state(self, y_true, y_pred, sample_weight=None):
        pass

    def result(self):
        return self.weight


def test_a_model_with_a_metric_that_cannot_be_cloned_is_changed_in_place(caplog):
    model = keras.Sequential([keras.Input((6, 3)), keras.layers.LSTM(4)])
    model.compile("sgd", far, metrics=[Counted(3.0)])
    assert layers.accelerate(model) is model
    assert "its metric counted cannot be cloned" in caplog.text
    assert model.compiled


def test_the_code_of_a_lambda_is_cut_in_the_message(caplog):
    model = keras.Sequential([keras.Input((6, 3)), keras.layers.LSTM(4, activation=lambda x: keras.ops.relu(x))])
    assert layers.accelerate(model) is model
    (changed, _) = (record.getMessage() for record in caplog.records)
    assert changed.startswith("sequential")
    assert len(changed) < 350


@pytest.mark.parametrize("loss", ["mse", lambda y, p: (y - p) ** 2], ids=["a layer", "a layer and the loss"])
def test_what_keras_cannot_clone_is_changed_in_place(loss, caplog):
    model = keras.Sequential([keras.Input((6, 3)), Opaque(lambda: 2.0), keras.layers.LSTM(4)])
    model.compile("sgd", loss)
    expected = predicted(model, X)
    assert layers.accelerate(model) is model
    assert "its layer opaque" in caplog.text
    assert type(model.layers[1]) is layers.LSTM
    assert model.compiled
    np.testing.assert_allclose(predicted(model, X), expected, atol=2e-6)


def test_layers_that_stay_slow_are_told(caplog):
    stock = keras.Sequential(
        [
            keras.Input((6, 3)),
            keras.layers.Bidirectional(
                keras.layers.LSTM(4, recurrent_dropout=0.1, return_sequences=True, name="noisy")
            ),
            keras.layers.GRU(4, return_sequences=True),
            keras.layers.RNN([keras.layers.LSTMCell(3), keras.layers.LSTMCell(3)], name="stack"),
        ]
    )
    ours = layers.accelerate(stock)
    choice = layers.explain(ours)
    log_slow_layers(ours)  # as `fit` does
    assert caplog.messages == [f"In {ours.name}, these layers are as slow as in Keras: {choice.reason}"]
    assert not choice.native
    assert "backward_noisy, forward_noisy: recurrent_dropout" in choice.reason
    assert "stack: RNN over StackedRNNCells" in choice.reason
    assert "gru" not in choice.reason


def test_explain_before_and_after():
    stock = keras.Sequential([keras.Input((6, 3)), keras.layers.LSTM(4, name="it")])
    assert layers.explain(stock).reason == "it: it is keras.layers.LSTM, which unspool.accelerate swaps for a fast one"
    assert layers.explain(layers.accelerate(stock)).native
    assert layers.explain(layers.Bidirectional(layers.LSTM(4))).native
    assert "has no recurrent layer" in layers.explain(keras.layers.Dense(2)).reason


def test_a_model_in_stock_layers_needs_no_unspool():
    x = keras.Input((6, 3))
    model = keras.Model(x, layers.Dropout(0.2)(layers.LSTM(4)(x)))
    assert "unspool" not in layers.to_keras(model).to_json()


def test_what_is_frozen_within_a_layer_stays_frozen_in_a_copy():
    x = keras.Input((4, 2))
    attention, recurrent = keras.layers.MultiHeadAttention(2, 3), keras.layers.LSTM(2)
    model = keras.Model(x, recurrent(attention(x, x)))
    attention.query_dense.trainable = False
    recurrent.cell.kernel.trainable = False
    model.compile("sgd", "mse")
    fast = layers.accelerate(model)
    assert [w.trainable for w in fast.weights] == [w.trainable for w in model.weights]
    assert len(fast.trainable_weights) == len(fast.weights) - 3
    assert len(optimized_variables(fast)) == len(fast.trainable_weights)


def test_a_model_with_a_layer_shared_by_wrappers_is_changed_in_place(caplog):
    x = keras.Input((4, 2))
    shared = keras.layers.Dense(2)
    model = keras.Model(x, keras.layers.LSTM(2)(keras.layers.TimeDistributed(shared)(x) + shared(x)))
    assert layers.accelerate(model) is model
    assert isinstance(model.layers[-1], layers.LSTM)
    assert "its clone would have other layers or weights" in caplog.text


def test_a_layer_without_weights_may_be_shared_by_wrappers():
    x, layer = keras.Input((4, 2)), keras.layers.Dropout(0.1)
    both = keras.layers.TimeDistributed(layer)(x) + keras.layers.TimeDistributed(layer)(x)
    model = keras.Model(x, keras.layers.LSTM(2)(both))
    fast = layers.accelerate(model)
    assert isinstance(fast.layers[-1], layers.LSTM)
    assert type(model.layers[-1]) is keras.layers.LSTM


def test_what_is_frozen_in_a_layer_that_is_not_built_stays_frozen_in_a_copy():
    model = keras.Sequential([Twice()])
    model.layers[0].inner.trainable = False
    assert not layers.accelerate(model).layers[0].inner.trainable


def test_a_model_with_an_attribute_that_is_a_model_over_its_layers_is_changed_in_place(caplog):
    x = keras.Input((4, 2))
    code = keras.layers.LSTM(2)(x)
    model = keras.Model(x, keras.layers.Dense(1)(code))
    model.encoder = keras.Model(x, code)
    assert layers.accelerate(model) is model
    assert isinstance(model.encoder.layers[-1], layers.LSTM)
    assert "its clone would have other layers or weights" in caplog.text


def noisy():
    x = keras.Input((6, 3))
    read = keras.layers.Bidirectional(keras.layers.LSTM(4, dropout=0.3))(x)
    return keras.Model(x, keras.layers.Dense(1)(keras.layers.Dropout(0.4)(read)))


def trained_losses(model, epochs=2):
    return model.fit(X, np.ones((5, 1), "float32"), epochs=epochs, shuffle=False, verbose=0).history["loss"]


def test_a_copy_draws_the_random_numbers_of_the_model():
    stock = noisy()
    stock.compile("sgd", "mse")
    ours = layers.accelerate(stock)
    np.testing.assert_allclose(trained_losses(ours), trained_losses(stock), rtol=1e-5)


def several(inner):
    return keras.optimizers.MultiOptimizer(keras.optimizers.OptimizerMap(keras.optimizers.SGD(), {".*lstm.*": inner}))


WITHIN = pytest.mark.parametrize(
    "within", [lambda inner: inner, keras.optimizers.LossScaleOptimizer, several], ids=["alone", "scaled", "several"]
)


@WITHIN
def test_a_copy_goes_on_with_the_state_of_the_optimizer(within):
    stock = noisy()
    stock.compile(within(keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5))), "mse")
    trained_losses(stock)
    ours = layers.accelerate(stock)
    assert int(ours.optimizer.iterations) == 2
    assert ours.optimizer.iterations is not stock.optimizer.iterations
    np.testing.assert_allclose(trained_losses(ours), trained_losses(stock), rtol=1e-4)


def test_an_optimizer_whose_state_begins_with_the_weights_begins_with_those_of_the_model():
    stock = noisy()
    stock.compile(keras.optimizers.ScheduleFreeAdamW(0.01), "mse")
    ours = layers.accelerate(stock)
    np.testing.assert_allclose(trained_losses(ours), trained_losses(stock), rtol=1e-4)


FAST, SLOW = keras.optimizers.Adam(), keras.optimizers.SGD()


def chosen_for(variable):
    return FAST if "lstm" in variable.path else SLOW


def test_a_model_whose_optimizers_a_function_chooses_is_changed_in_place(caplog):
    stock = noisy()
    stock.compile(keras.optimizers.MultiOptimizer(chosen_for), "mse")
    assert layers.accelerate(stock) is stock
    assert "its optimizer multi_optimizer" in caplog.text
    assert np.isfinite(trained_losses(stock)).all()


@WITHIN
def test_what_is_excluded_from_weight_decay_stays_excluded_in_a_copy(within):
    stock = keras.Sequential([keras.Input((6, 3)), keras.layers.LSTM(4), keras.layers.Dense(1)])
    optimizer = keras.optimizers.AdamW(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[stock.layers[0].cell.kernel], var_names=["bias"])
    stock.compile(within(optimizer), "mse")
    ours = layers.accelerate(stock)
    trained_losses(stock)
    trained_losses(ours)
    for one, other in zip(stock.get_weights(), ours.get_weights(), strict=True):
        np.testing.assert_allclose(other, one, atol=1e-4)
