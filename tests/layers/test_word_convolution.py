"""The convolution over words: against Keras's layers, alone and trained, with and without the kernel."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unspool
from unspool import layers
from unspool.layers import WordConvolution

WORDS, FILTERS, WIDTHS = 9, 6, (1, 2, 3)
RNG = np.random.default_rng(0)
IDS = RNG.integers(0, WORDS, (48, 7)).astype("int32")
LABELS = (IDS == 4).any(axis=1).astype("float32")


@pytest.fixture(params=["native", "reference"])
def path(request):
    if request.param == "native" and layers.kernel_status().path != "native":
        pytest.skip(f"no native kernels: {layers.kernel_status().reason}")
    with layers.use_kernels(request.param):
        yield


def built(widths=WIDTHS, **arguments):
    layer = WordConvolution(WORDS, FILTERS, widths, **arguments)
    layer.build((None, None))
    random = np.random.default_rng(1)
    layer.vectors.assign(random.standard_normal(layer.vectors.shape))
    layer.bias.assign(random.standard_normal(layer.bias.shape))
    return layer


def as_keras(layer, ids):
    """One-hot words, `Conv1D` and `GlobalMaxPooling1D`, for texts without padding."""
    one_hot, tap, found = keras.ops.one_hot(ids, WORDS), 0, []
    for s, width in enumerate(layer.widths):
        kernel = np.asarray(layer.vectors)[:, tap : tap + width].transpose(1, 0, 2)
        convolved = keras.ops.conv(one_hot, kernel) + layer.bias[s]
        found.append(keras.ops.relu(keras.ops.max(convolved, axis=1)))
        tap += width
    return np.concatenate(found, axis=-1)


def test_it_is_a_convolution_over_one_hot_words(path):
    layer = built(mask_zero=False)
    np.testing.assert_allclose(layer(IDS), as_keras(layer, IDS), rtol=1e-5, atol=1e-6)


@settings(deadline=None, max_examples=30, derandomize=True)
@given(
    st.sampled_from([1, 2, 5]).flatmap(lambda n: st.lists(st.integers(1, WORDS + 1), min_size=n, max_size=n)),
    st.sampled_from([(2, 0), (0, 3), (2, 1)]),
)
def test_padding_on_any_side_and_batch_mates_change_nothing(text, around):
    layer = built()
    alone = np.asarray(layer(np.array([text], "int32")))[0]
    before, after = around
    padded = [0] * before + text + [0] * after
    mates = np.array([padded, [4] * len(padded)], "int32")
    np.testing.assert_array_equal(np.asarray(layer(mates))[0], alone)
    unmasked = built(mask_zero=False)
    mask = np.array([[False] * before + [True] * len(text) + [False] * after, [True] * len(padded)])
    np.testing.assert_array_equal(np.asarray(unmasked(mates, mask=mask))[0], alone)


def test_what_has_no_vector_adds_nothing_but_takes_its_place(path):
    layer = built(widths=(2,))
    layer.vectors.assign(np.abs(layer.vectors))  # so that more words never lower a maximum
    layer.bias.assign(np.zeros((1, FILTERS)))
    first, second = (np.asarray(layer.vectors)[3, 0], np.asarray(layer.vectors)[5, 1])
    np.testing.assert_array_equal(layer(np.array([[3, WORDS]]))[0], first)
    np.testing.assert_array_equal(layer(np.array([[-1, 5]]))[0], second)
    np.testing.assert_allclose(layer(np.array([[3, 5]]))[0], first + second, rtol=1e-6)


def test_a_text_without_words_is_the_bias(path):
    layer = built()
    expected = np.maximum(np.asarray(layer.bias).ravel(), 0)
    for nothing in (np.zeros((1, 4), "int32"), np.zeros((1, 0), "int32")):
        np.testing.assert_array_equal(layer(nothing)[0], expected)


@pytest.mark.parametrize("dtype", ["int64", "uint8", "float32"])
def test_ids_of_every_type(dtype):
    layer = built()
    np.testing.assert_array_equal(layer(IDS.astype(dtype)), layer(IDS))


def adagrad(rate=0.2):
    return keras.optimizers.Adagrad(rate, initial_accumulator_value=1e-3)


def model(own=None, optimizer=None):
    keras.utils.set_random_seed(0)
    convolution = WordConvolution(WORDS, FILTERS, WIDTHS, optimizer=own, name="words")
    stack = [keras.Input((None,), dtype="int32"), convolution, keras.layers.Dense(1, activation="sigmoid", name="head")]
    made = keras.Sequential(stack)
    made.compile(optimizer or adagrad(), "binary_crossentropy")
    return made


def trained(fit, **how):
    made = model(**how)
    fit(made, IDS, LABELS, batch_size=12, epochs=3, shuffle=False, verbose=0)
    return {weight.path.partition("/")[2]: np.asarray(weight) for weight in made.weights}


FITS = [keras.Model.fit, unspool.fit]


@pytest.mark.parametrize("fit", FITS, ids=["keras", "unspool"])
def test_its_own_adagrad_is_that_of_the_model(path, fit):
    expected, found = trained(fit), trained(fit, own=adagrad())
    assert set(found) - set(expected) == {"words/squares", "words/steps"}
    assert found["words/steps"] == 12
    for name, weight in expected.items():
        np.testing.assert_allclose(found[name], weight, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("own", [None, adagrad()], ids=["the model's optimizer", "its own"])
def test_trained_with_and_without_the_kernel_it_is_the_same(own):
    found = []
    for chosen in ("native", "reference"):
        with layers.use_kernels(chosen):
            found.append(trained(unspool.fit, own=own))
    for name, weight in found[0].items():
        np.testing.assert_allclose(found[1][name], weight, rtol=1e-4, atol=1e-6)


def test_step_by_step_without_compilation_it_is_the_same(path):
    compiled, eager = model(adagrad()), model(adagrad())
    eager.compile(adagrad(), "binary_crossentropy", run_eagerly=True)
    for one in (compiled, eager):
        one.fit(IDS, LABELS, batch_size=24, shuffle=False, verbose=0)
    for weight, other in zip(compiled.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_allclose(weight, other, rtol=1e-4, atol=1e-6)


def test_in_other_precisions_the_models_optimizer_trains_it():
    layer = WordConvolution(WORDS, FILTERS, dtype="mixed_bfloat16")
    mixed = keras.Sequential([keras.Input((7,), dtype="int32"), layer, keras.layers.Dense(1)])
    mixed.compile("adagrad", "mse")
    before = np.asarray(layer.vectors).copy()
    mixed.fit(IDS, LABELS, batch_size=24, verbose=0)
    assert layer(IDS).dtype == "bfloat16"
    large = WordConvolution(2000, FILTERS, dtype="mixed_bfloat16")
    many = np.array([[1001, 1003, 1999]])
    np.testing.assert_array_equal(large(many.astype("float32")), large(many))
    assert (np.asarray(layer.vectors) != before).any()


def test_a_schedule_is_followed():
    def rate():
        return keras.optimizers.schedules.PolynomialDecay(0.2, 12, 0.0)

    expected = trained(keras.Model.fit, optimizer=adagrad(rate()))
    found = trained(keras.Model.fit, own=adagrad(rate()), optimizer=adagrad(rate()))
    for name, weight in expected.items():
        np.testing.assert_allclose(found[name], weight, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("own", [None, adagrad(keras.optimizers.schedules.ExponentialDecay(0.2, 10, 0.9))])
def test_saved_and_loaded_it_predicts_the_same_bits_and_trains_on(own, tmp_path):
    ours = model(own)
    ours.fit(IDS, LABELS, batch_size=24, verbose=0)
    ours.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert keras.saving.get_registered_name(WordConvolution) == "unspool>WordConvolution"  # part of the file format
    assert loaded.get_layer("words").get_config() == ours.get_layer("words").get_config()
    np.testing.assert_array_equal(loaded(IDS), ours(IDS))
    for one in (ours, loaded):
        one.fit(IDS, LABELS, batch_size=24, shuffle=False, verbose=0)
    np.testing.assert_array_equal(loaded(IDS), ours(IDS))


def test_a_training_that_was_stopped_goes_on_to_the_same_bits(tmp_path):
    def fit(one, epochs, folder):
        checkpoint = unspool.Checkpoint(tmp_path / folder)
        unspool.fit(one, IDS, LABELS, batch_size=24, epochs=epochs, checkpoint=checkpoint, verbose=0)
        return one.get_weights()

    whole = fit(model(adagrad()), 3, "whole")
    fit(model(adagrad()), 2, "parts")
    for one, other in zip(fit(model(adagrad()), 3, "parts"), whole, strict=True):
        np.testing.assert_array_equal(one, other)


def test_texts_of_different_lengths_are_trained_and_predicted_as_if_padded():
    texts = [list(RNG.integers(1, WORDS, length)) for length in RNG.integers(1, 8, 30)]
    ragged, padded = unspool.data.Ragged.from_sequences(texts), unspool.data.pad(texts, 9, padding="post")
    ours = model(adagrad())
    unspool.fit(ours, ragged, LABELS[:30], batch_size=7, epochs=2, verbose=0)
    assert (np.asarray(ours.get_layer("words").squares) > 1e-3).any()
    found = unspool.predict(ours, ragged, batch_size=7)
    np.testing.assert_allclose(found, ours.predict(padded, verbose=0), rtol=1e-6, atol=1e-7)


def test_it_learns_an_order_of_words():
    pairs = [(1, 2), (2, 1)] * 150
    ids = np.array([[*RNG.integers(3, WORDS, 3), *pair, *RNG.integers(3, WORDS, 2)] for pair in pairs], "int32")
    labels = np.tile([1.0, 0.0], 150)
    ours = model(adagrad())
    ours.fit(ids[:200], labels[:200], epochs=10, verbose=0)
    assert ((ours.predict(ids[200:], verbose=0)[:, 0] > 0.5) == labels[200:]).mean() > 0.97


def test_two_calls_in_a_step_are_refused_with_its_own_optimizer():
    inputs = [keras.Input((7,), dtype="int32") for _ in range(2)]
    for own in (None, adagrad()):
        shared = WordConvolution(WORDS, FILTERS, optimizer=own, name="shared")
        twins = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Add()([shared(one) for one in inputs])))
        twins.compile("sgd", "mse")
        if own is None:
            twins.fit([IDS, IDS], LABELS, verbose=0)
        else:
            with pytest.raises(ValueError, match="shared has its own optimizer, so it cannot be called twice"):
                twins.fit([IDS, IDS], LABELS, verbose=0)


def test_a_loss_that_does_not_reach_it_shows():
    inputs = keras.Input((7,), dtype="int32")
    ignored = WordConvolution(WORDS, FILTERS, optimizer=adagrad())(inputs)
    heads = {"ignored": keras.layers.Dense(1, name="ignored")(ignored)}
    heads["other"] = keras.layers.Dense(1, name="other")(keras.layers.Embedding(WORDS, 3)(inputs)[:, 0])
    both = keras.Model(inputs, heads)
    both.compile("sgd", {"other": "mse"})
    both.fit(IDS, {"other": LABELS}, verbose=0)
    assert np.isnan(both.predict(IDS, verbose=0)["ignored"]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"vocabulary_size": 0}, "a vocabulary of 0 words"),
        ({"filters": 0}, "0 filters"),
        ({"widths": ()}, "widths"),
        ({"widths": (1, 0)}, "widths"),
        ({"optimizer": "adam"}, "optimizer is Adam"),
        ({"optimizer": "adagrad", "dtype": "mixed_bfloat16"}, "must compute in float32, not bfloat16"),
        ({"optimizer": keras.optimizers.Adagrad(clipnorm=1.0)}, "clipnorm: not supported"),
        ({"optimizer": keras.optimizers.Adagrad(initial_accumulator_value=0.0)}, "must be above 0"),
    ],
)
def test_what_it_cannot_be_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        WordConvolution(**{"vocabulary_size": WORDS, "filters": FILTERS} | arguments)


@pytest.mark.parametrize("fit", [keras.Model.fit, unspool.fit], ids=["keras", "unspool"])
@pytest.mark.parametrize("scaled", [False, True], ids=["plain", "scaled"])
def test_accumulated_gradients_are_refused_with_its_own_optimizer(fit, scaled):
    def compiled(own):
        inner = keras.Sequential([keras.Input((7,), dtype="int32"), WordConvolution(WORDS, 4, (1,), optimizer=own)])
        model = keras.Sequential([keras.Input((7,), dtype="int32"), inner, keras.layers.Dense(1)])
        optimizer = keras.optimizers.Adam(gradient_accumulation_steps=2)
        model.compile(keras.optimizers.LossScaleOptimizer(optimizer) if scaled else optimizer, "mse")
        return model

    with pytest.raises(ValueError, match="own optimizer, which cannot accumulate gradients"):
        fit(compiled(keras.optimizers.Adagrad(0.1)), IDS, LABELS, verbose=0)
    model = compiled(None)
    fit(model, IDS, LABELS, batch_size=24, verbose=0)
    model.predict(IDS, verbose=0)
