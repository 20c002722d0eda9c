"""The layers beside Keras's own, with the same weights: values, gradients, masks, states, files."""

import jax
import keras
import numpy as np
import pytest

import unspool
from unspool import kernels, layers
from unspool.kernels.recurrent import lstm

pytestmark = pytest.mark.usefixtures("native_kernels")

# As the kernels' own tests: float32 sums in another order, over a few layers.
BOUND = 2e-5
KINDS = ["SimpleRNN", "LSTM", "GRU"]


def pair(kind, units=5, **options):
    """Keras's layer and ours, with the same name."""
    return [getattr(home, kind)(units, name="it", **options) for home in (keras.layers, layers)]


def build(layer, shape):
    """Random weights in a built layer, biases too."""
    keras.utils.set_random_seed(7)
    layer.build(shape)
    rng = np.random.default_rng(3)
    layer.set_weights([rng.normal(size=w.shape).astype("float32") * 0.5 for w in layer.get_weights()])
    return layer


def inputs(batch=6, length=7, width=3, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(batch, length, width)).astype("float32")
    mask = rng.random((batch, length)) < 0.6
    mask[0] = False
    return x, mask


def values_and_gradients(layer, x, **call):
    """What the layer returns, and the gradients of a random weighting of it: of the weights, and of x."""
    weights = [v.value for v in layer.trainable_variables]

    def loss(weights, x):
        rng = np.random.default_rng(5)
        out, _ = layer.stateless_call(weights, [v.value for v in layer.non_trainable_variables], x, **call)
        outs = jax.tree.leaves(out)
        return sum((rng.normal(size=o.shape).astype("float32") * o).sum() for o in outs), outs

    # Compiling takes most of these tests' time, and running next to none.
    fast = {"xla_backend_optimization_level": 0}
    run = jax.jit(jax.value_and_grad(loss, argnums=(0, 1), has_aux=True), compiler_options=fast)
    (_, outs), gradients = run(weights, x)
    return jax.tree.leaves((outs, gradients))


def assert_same(got, expected, bound=BOUND):
    assert len(got) == len(expected)
    for g, e in zip(got, expected, strict=True):
        g, e = np.asarray(g), np.asarray(e)
        assert g.shape == e.shape
        assert np.abs(g - e).max(initial=0.0) <= bound * max(np.abs(e).max(initial=0.0), 1e-3)


def assert_layers_agree(stock, ours, x, **call):
    build(stock, x.shape)
    build(ours, x.shape)
    assert layers.explain(ours).native, layers.explain(ours).reason
    assert_same(values_and_gradients(ours, x, **call), values_and_gradients(stock, x, **call))


OPTIONS = {
    "last": {},
    "all": {"return_sequences": True},
    "states": {"return_state": True},
    "backwards": {"return_sequences": True, "return_state": True, "go_backwards": True},
    "zeros": {"return_sequences": True, "zero_output_for_mask": True},
    "last of zeros": {"zero_output_for_mask": True, "go_backwards": True},
    "no bias": {"use_bias": False, "return_sequences": True},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.slow
def test_as_keras(kind, options):
    x, mask = inputs()
    assert_layers_agree(*pair(kind, **options), x, mask=mask)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("GRU", {"reset_after": False}),
        ("GRU", {"reset_after": False, "use_bias": False}),
        ("SimpleRNN", {"activation": "relu"}),
    ],
)
def test_variants_as_keras(kind, options):
    x, _ = inputs()
    assert_layers_agree(*pair(kind, return_sequences=True, **options), x)


def test_a_mask_with_an_axis_of_one_as_keras():
    x, mask = inputs()
    assert_layers_agree(*pair("GRU", return_sequences=True), x, mask=mask[:, :, None])


def test_a_step_with_any_part_unmasked_counts_as_in_keras():
    """As behind `TimeDistributed`, which hands on the mask of the parts, such as the words of each sentence."""
    x, mask = inputs()
    parts = np.random.default_rng(2).random((*mask.shape, 2)) < 0.5
    parts[:, 2:4] = False
    assert len({*parts.sum(-1).flat}) == 3
    assert_layers_agree(*pair("LSTM", return_sequences=True), x, mask=parts)


def test_one_mask_for_all_rows_as_keras():
    x, mask = inputs()
    assert len(mask[:1]) < len(x)
    assert_layers_agree(*pair("LSTM", return_sequences=True), x, mask=mask[:1])


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize(("kind", "count"), [("LSTM", 1), ("LSTM", 3), ("GRU", 2), ("SimpleRNN", 2)])
def test_another_number_of_initial_states_is_refused(kind, count, native):
    x, _ = inputs()
    layer = getattr(layers, kind)(5, **({} if native else {"activation": "softplus"}))
    takes = r"2 initial states, \[h, c\]" if kind == "LSTM" else r"1 initial state, \[h\]"
    with pytest.raises(ValueError, match=f"{kind} takes {takes}, not {count}"):
        layer(x, initial_state=[np.zeros((len(x), 5), "float32")] * count)


@pytest.mark.parametrize("kind", KINDS)
def test_initial_state_as_keras(kind):
    x, mask = inputs()
    rng = np.random.default_rng(1)
    states = [rng.normal(size=(len(x), 5)).astype("float32") for _ in range(2 if kind == "LSTM" else 1)]
    assert_layers_agree(*pair(kind, return_state=True), x, mask=mask, initial_state=states)


@pytest.mark.parametrize("kind", KINDS)
def test_stateful_as_keras(kind):
    x, _ = inputs()
    stock, ours = (build(layer, x.shape) for layer in pair(kind, stateful=True))
    for _ in range(3):
        assert_same([ours(x)], [stock(x)])
    assert_same([s.value for s in ours.states], [s.value for s in stock.states])
    ours.reset_state()
    assert not any(np.any(s.numpy()) for s in ours.states)


@pytest.mark.parametrize("kind", KINDS)
def test_input_dropout_draws_what_keras_draws(kind):
    x, _ = inputs()
    stock, ours = (build(layer, x.shape) for layer in pair(kind, dropout=0.4, seed=11))
    assert layers.explain(ours).native
    got, expected = np.asarray(ours(x, training=True)), np.asarray(stock(x, training=True))
    assert_same([got], [expected])
    assert np.abs(got - np.asarray(ours(x, training=False))).max() > 0.01


@pytest.mark.parametrize("merge_mode", ["concat", "sum", None])
def test_bidirectional_as_keras(merge_mode):
    x, mask = inputs()
    stock, ours = (
        home.Bidirectional(home.LSTM(4, return_sequences=True), merge_mode=merge_mode)
        for home in (keras.layers, layers)
    )
    build(stock, x.shape)
    build(ours, x.shape)
    assert isinstance(ours.backward_layer, layers.LSTM)
    assert_same(values_and_gradients(ours, x, mask=mask), values_and_gradients(stock, x, mask=mask))


def stacked(home):
    return keras.Sequential(
        [
            keras.Input((7,), dtype="int32"),
            keras.layers.Embedding(20, 6, mask_zero=True),
            home.Bidirectional(home.GRU(4, return_sequences=True)),
            home.LSTM(5, return_sequences=True),
            home.SimpleRNN(3),
        ]
    )


def test_stacked_layers_keep_their_mask():
    tokens = np.random.default_rng(0).integers(1, 20, (5, 7))
    padded = np.pad(tokens[:, :4], ((0, 0), (0, 3)))
    model, stock = build(stacked(layers), None), stacked(keras.layers)
    stock.set_weights(model.get_weights())
    answer = compiled(model)
    whole = answer(padded)
    assert_same([whole], [compiled(stock)(padded)])
    # The padding is not read: more of it changes nothing, and real tokens in its place do.
    short = keras.Sequential(model.layers)
    np.testing.assert_allclose(compiled(short)(tokens[:, :4]), whole, atol=1e-6)
    assert np.abs(answer(tokens) - whole).max() > 1e-3


def compiled(model):
    """The model as one program: a call outside of one compiles each small operation by itself."""
    return jax.jit(lambda x: model(x), compiler_options={"xla_backend_optimization_level": 0})


@pytest.mark.slow
def test_training_as_keras():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 20, (60, 7)), rng.normal(size=(60, 3)).astype("float32")
    losses = []
    for home in (keras.layers, layers):
        keras.utils.set_random_seed(1)
        model = stacked(home)
        model.compile("sgd", "mse")
        losses.append(model.fit(x, y, batch_size=16, epochs=3, verbose=0, shuffle=False).history["loss"])
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-5)


@pytest.mark.parametrize("fit", [keras.Model.fit, unspool.fit])
def test_a_wrong_number_of_features_is_refused_before_anything_runs(fit):
    """Under Keras's own fit, a program that fails as it runs would leave a model of which nothing can be read."""
    model = keras.Sequential([layers.LSTM(4), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.build((None, 7, 3))
    before = model.get_weights()
    with pytest.raises(ValueError, match="so 5 features a step, but the weights are for 3"):
        fit(model, np.zeros((4, 7, 5)), np.zeros((4, 1)), verbose=0)
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"recurrent_dropout": 0.5}, "recurrent_dropout"),
        ({"unroll": True}, "unroll"),
        ({"activation": "relu"}, "activation=relu"),
        ({"recurrent_activation": "hard_sigmoid"}, "hard_sigmoid"),
        ({"dtype": "mixed_bfloat16"}, "bfloat16"),
        ({"dropout": 0.2, "implementation": 1}, "implementation"),
    ],
)
def test_what_no_kernel_covers_goes_to_keras(options, words):
    x, mask = inputs()
    stock, ours = (build(layer, x.shape) for layer in pair("LSTM", **options))
    choice = layers.explain(ours)
    assert not choice.native
    assert words in choice.reason
    np.testing.assert_array_equal(np.asarray(ours(x, mask=mask), "float32"), np.asarray(stock(x, mask=mask), "float32"))


def test_a_cell_of_another_class_is_computed_by_itself():
    class Halved(keras.layers.LSTMCell):
        def call(self, inputs, states, training=False):
            _, (h, c) = super().call(inputs, states, training=training)
            return h / 2, [h / 2, c]

    stock, ours = pair("LSTM")
    for layer in (stock, ours):
        layer.cell = Halved(5)
        build(layer, (None, 7, 3))
    x = np.random.default_rng(0).normal(size=(4, 7, 3)).astype("float32")
    np.testing.assert_array_equal(ours(x), stock(x))
    assert layers.explain(ours).reason == "its cell is a Halved, for which there is no kernel"
    model = keras.Sequential([keras.Input((7, 3)), stock])
    np.testing.assert_array_equal(unspool.accelerate(model)(x), ours(x))


def test_a_cell_without_an_activation_is_computed_by_itself():
    class Sum(keras.layers.Layer):
        state_size = output_size = 3

        def call(self, inputs, states, training=False):
            total = inputs + states[0]
            return total, [total]

        def get_initial_state(self, batch_size=None):
            return [keras.ops.zeros((batch_size, 3))]

    stock, ours = pair("SimpleRNN", 3)
    for layer in (stock, ours):
        layer.cell = Sum()
    x = np.ones((2, 4, 3), "float32")
    np.testing.assert_array_equal(ours(x), stock(x))
    assert layers.explain(ours).reason == "its cell is a Sum, for which there is no kernel"


def test_forcing_the_reference():
    x, _ = inputs()
    layer = build(layers.LSTM(5), x.shape)
    with kernels.use("reference"):
        assert not layers.explain(layer).native
        slow = layer(x)
    assert_same([layer(x)], [slow])


@pytest.mark.parametrize("kind", KINDS)
def test_config_round_trip(kind):
    options = {"units": 4, "dropout": 0.1, "return_sequences": True, "go_backwards": True, "zero_output_for_mask": True}
    layer = getattr(layers, kind)(**options)
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert keras.saving.get_registered_name(type(layer)) == f"unspool>{kind}"  # part of the file format


def test_saved_and_loaded_predicts_the_same_bits(tmp_path):
    model = build(stacked(layers), None)
    tokens = np.random.default_rng(0).integers(0, 20, (5, 7))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert [type(layer) for layer in loaded.layers] == [type(layer) for layer in model.layers]
    np.testing.assert_array_equal(loaded(tokens), model(tokens))


def test_repeated_vector_is_projected_once_and_right(monkeypatch):
    lengths = []

    def spy(x, *args, **options):
        lengths.append((x.shape[1], options.get("length")))
        return lstm(x, *args, **options)

    monkeypatch.setattr("unspool.layers.recurrent.lstm", spy)
    x = inputs()[0][:, 0]
    models = [
        keras.Sequential([keras.Input((3,)), home.RepeatVector(9), home.LSTM(4, return_sequences=True)])
        for home in (keras.layers, layers)
    ]
    for model in models:
        build(model, None)
    lengths.clear()
    assert_same(values_and_gradients(models[1], x), values_and_gradients(models[0], x))
    assert lengths == [(1, 9)]
