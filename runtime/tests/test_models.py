"""Every kind of model: native code and NumPy say the same, and what they say does not depend on the other examples."""

import numpy as np
import pytest

import small
from unspool_runtime import InputError, Model, ModelError, native
from unspool_runtime.networks.layers import hashed_bigrams

TEXTS = ["a fine film!", "a dull film, don't", "?!", "été fine FINE a fine", "x y z", "film " * 70]
OF_TEXTS = {
    "linear": lambda: small.of_texts(small.linear()),
    "linear tfidf": lambda: small.of_texts(small.linear("tfidf")),
    "linear counts": lambda: small.of_texts(small.linear("counts")),
    "convolution": lambda: small.of_texts(small.convolution()),
    "vectors": lambda: small.of_texts(small.vectors()),
    "blend": lambda: small.of_texts(small.blend()),
    "language model": lambda: small.of_texts(small.language_model()),
    **{
        f"network {cell} {'both' if both else 'one'}": lambda cell=cell, both=both: small.words_network(cell, both)
        for cell in ("rnn", "lstm", "gru after", "gru before")
        for both in (True, False)
    },
}


@pytest.fixture
def load(tmp_path):
    def loaded(tree, golden=None):
        return Model.load(small.write(tmp_path, tree, golden))

    return loaded


def needs_native():
    if native.library() is None:
        pytest.skip(native.explain())


@pytest.mark.parametrize("kind", OF_TEXTS)
def test_numpy_says_what_native_code_says_of_texts(load, monkeypatch, kind):
    needs_native()
    found = load(OF_TEXTS[kind]()).outputs(TEXTS)
    assert np.ptp(found) > 1e-3
    monkeypatch.setenv(native.VARIABLE, "reference")
    np.testing.assert_allclose(load(OF_TEXTS[kind]()).outputs(TEXTS), found, atol=2e-6)


@pytest.mark.parametrize("kind", OF_TEXTS)
def test_an_answer_does_not_depend_on_the_other_texts(load, kernels, kind):
    model = load(OF_TEXTS[kind]())
    alone = np.concatenate([model.outputs([text]) for text in TEXTS])
    np.testing.assert_allclose(model.outputs(TEXTS), alone, atol=1e-6)
    np.testing.assert_allclose(model.outputs(TEXTS[::-1])[::-1], alone, atol=1e-6)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru after", "gru before"])
@pytest.mark.parametrize("both", [True, False])
def test_numpy_says_what_native_code_says_of_series(load, monkeypatch, cell, both):
    needs_native()
    draw = small.random(1)
    series = [draw.normal(size=(steps, 2)) for steps in (3, 20, 31, 1)] + [[[np.nan, 1.0], [2.0, np.nan]]]
    found = load(small.series_network(cell, both)).outputs(series)
    monkeypatch.setenv(native.VARIABLE, "reference")
    np.testing.assert_allclose(load(small.series_network(cell, both)).outputs(series), found, atol=2e-6)


def test_nan_is_no_answer_and_no_warning(load, kernels):
    tree = small.series_network()
    tree["model"]["layers"][0]["forward"]["bias"][:] = 10  # so that all states approach 1
    tree["model"]["layers"][-1]["weights"][:] = 8e37
    tree["model"]["layers"][-1]["activation"] = "linear"
    model = load(tree)
    with pytest.raises(InputError, match=r"Example 1 \(counted from 0\): the answer is NaN or infinity"):
        model.predict([np.ones((1, 2)), np.ones((9, 2))])
    tree = small.autoencoder()
    tree["reader"]["scale"] = [1e300, 1.0]
    with pytest.raises(InputError, match=r"Example 0 \(counted from 0\): the answer is NaN or infinity"):
        load(tree).decode(np.ones((1, 3), np.float32))


@pytest.mark.parametrize("kind", ["convolutions", "competing kernels"])
def test_numpy_gives_the_bits_of_native_code_for_features_of_series(load, monkeypatch, kind):
    needs_native()
    draw = small.random(2)
    series = [draw.normal(size=(steps, 2)) for steps in (9, 40, 1, 17)]
    found = load(small.series_features(kind)).outputs(series)
    assert np.ptp(found) > 1e-3
    monkeypatch.setenv(native.VARIABLE, "reference")
    np.testing.assert_array_equal(load(small.series_features(kind)).outputs(series), found)


def test_a_sequence_of_an_lstm_is_that_of_its_equations(load, kernels):
    model = load(small.series_network("lstm"))
    layer, head = small.series_network("lstm")["model"]["layers"]
    kernel, recurrent, bias = (layer["forward"][name].astype(np.float64) for name in ("kernel", "recurrent", "bias"))
    h = c = np.zeros(5)
    for step in np.array([[3.0, 1.0], [1.0, -2.0]]):
        i, f, g, o = np.split((step - [1, 0]) / [2, 1] @ kernel + h @ recurrent + bias, 4)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h = np.tanh(c) / (1 + np.exp(-o))
    wanted = 1 / (1 + np.exp(-(h @ head["weights"] + head["bias"])))
    np.testing.assert_allclose(model.outputs([[[3.0, 1.0], [1.0, -2.0]]])[0], wanted, atol=1e-6)


def test_networks_of_series_give_their_mean(load, kernels):
    tree = small.recurrent_series()
    networks = tree["model"]["networks"]
    series = [np.ones((1, 2)), small.random(1).normal([3, -1], size=(9, 2))]
    scores = np.zeros((2, 2))
    for layer, _, head in (one["layers"] for one in networks):
        for row, one in enumerate(series):
            steps = (one - [1, 0]) / [2, 1]
            both = np.concatenate((states(layer["forward"], steps), states(layer["backward"], steps[::-1])), axis=1)
            pooled = np.concatenate((both.mean(axis=0), both.max(axis=0)))
            scores[row] += (pooled @ head["weights"] + head["bias"]) / 2
    wanted = np.exp(scores / 2) / np.exp(scores / 2).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(load(tree).outputs(series), wanted[:, 1:], atol=1e-6)


def states(direction, steps):
    """(T, 3) of an LSTM."""
    h, c, found = np.zeros(3), np.zeros(3), np.zeros((len(steps), 3))
    for at, step in enumerate(steps):
        i, f, g, o = np.split(step @ direction["kernel"] + h @ direction["recurrent"] + direction["bias"], 4)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        found[at] = h = np.tanh(c) / (1 + np.exp(-o))
    return found


def test_a_language_model_reads_a_boundary_and_the_last_words(load, kernels):
    tree = small.language_model()
    forward = tree["forward"]
    kernel, recurrent, bias = (forward[name].astype(np.float64) for name in ("kernel", "recurrent", "bias"))
    h, c, states = np.zeros(6), np.zeros(6), []
    for number in [1, *[0, 4] * 20]:  # a boundary, then words: one that is not known, and "film"
        i, f, g, o = np.split(tree["vectors"][number] @ kernel + h @ recurrent + bias, 4)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h = np.tanh(c) / (1 + np.exp(-o))
        states.append(h)
    pooled = np.concatenate((h, np.mean(states, axis=0), np.max(states, axis=0), [1]))
    score = pooled @ tree["head"] * 0.8 + 0.1
    found = load(small.of_texts(tree)).outputs(["fine " * 9 + "unknown film " * 20])
    np.testing.assert_allclose(found[0], 1 / (1 + np.exp(-score)), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("vectors", np.zeros((8, 3), np.float32), "'vectors' is float32"),
        ("vectors", np.zeros((9, 4), np.float32), "'kernel' is float32"),
        ("head", np.zeros((18, 1), np.float32), "'head' is float32"),
        ("head", np.full((19, 1), np.nan, np.float32), "'head' holds NaN"),
        ("of", "characters", "of is 'characters'"),
        ("length", 1 << 40, "'length' is not a whole number"),
    ],
)
def test_a_damaged_language_model_is_refused(load, name, value, message):
    with pytest.raises(ModelError, match=message):
        load(small.of_texts(small.language_model() | {name: value}))


def test_a_linear_model_is_that_of_its_equation(load, kernels):
    tree = small.linear()
    block = tree["blocks"][0]
    at = [0, 1, 2, 4, 7, 8]  # a, fine, film, !, "a fine", "fine film"
    weights, coefficients = block["weights"][at, 0].astype(float), block["coefficients"][at, 0]
    score = (weights @ coefficients / np.linalg.norm(weights) + 0.1) * 1.5 + 0.2
    found = load(small.of_texts(tree)).outputs(["A fine film!"])
    np.testing.assert_allclose(found, [[1 / (1 + np.exp(-score))]], atol=1e-9)


def test_pairs_with_padding_or_an_unknown_word_are_none():
    pairs = hashed_bigrams(np.array([[0, 1, 7, 9, 2, 9], [0, 0, 0, 7, 9, 7]], np.int32), 1000)
    assert (pairs > 0).astype(int).tolist() == [[0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1]]
    assert pairs[0, 3] == pairs[1, 4] != pairs[1, 5]


def test_labels_follow_the_threshold(load):
    tree = small.of_texts(small.linear())
    probability = load(tree).outputs(TEXTS[:1])[0, 0]
    for threshold, label in ((probability, "yes"), (np.nextafter(probability, 1), "no")):
        tree["task"]["threshold"] = float(threshold)
        assert load(tree).predict(TEXTS[:1]) == [label]


def test_probabilities_are_of_both_labels(load):
    model = load(small.of_texts(small.linear()))
    outputs = model.outputs(TEXTS)
    np.testing.assert_allclose(model.probabilities(TEXTS), np.concatenate((1 - outputs, outputs), axis=1))


def test_golden_examples_are_answered_again(load, kernels):
    tree = small.of_texts(small.blend())
    model = load(tree)
    outputs, labels = model.outputs(TEXTS), model.predict(TEXTS)
    assert load(tree, small.golden_texts(TEXTS, outputs, labels)).check().passed
    off = outputs + 2e-5 * (np.arange(len(TEXTS)) == 2)[:, None]
    found = load(tree, small.golden_texts(TEXTS, off, labels)).check()
    assert (found.agree, found.count, found.passed) == (5, 6, False)
    assert 1.9e-5 < found.largest < 2.1e-5
    wrong = ["no" if label == "yes" else "yes" for label in labels]
    assert load(tree, small.golden_texts(TEXTS, outputs, wrong)).check().agree == 0


class Frame(list):
    """Has columns, as a data frame has, and gives their names one by one."""

    columns = ("text",)


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        ("one text", "Give a list of examples"),
        (["a", 7], "Example 1 .* is int"),
        ([None], "Example 0 .* is NoneType"),
        (["a", ""], r"Example 1 \(counted from 0\) is empty or blank\. Leave it out\."),
        ([" \n"], "Example 0 .* is empty or blank"),
        (["fine \ud800"], r"Example 0 \(counted from 0\): it contains half a character, U\+D800\. Remove it\."),
        (None, "this is of type NoneType"),
        (3, "this is of type int"),
        (b"one text", "this is of type bytes"),
        ({"a", "b"}, "this is of type set"),
        ({"text": "a"}, "this is a dict. For one row, give a list of one"),
        (Frame(["text"]), "this is a data frame. Give a column of it as a list"),
    ],
)
def test_what_is_no_text_is_refused(load, examples, message):
    for tree in (small.of_texts(small.linear()), small.words_network()):
        with pytest.raises(InputError, match=message):
            load(tree).predict(examples)


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ([[1.0], [2.0]], "Example 0 .* is not a series of 2 channels"),
        ("text", "not a series"),
        ([[1.0, 2.0], [3.0]], "not a series"),
        ([[1.0, np.inf]], "step 0 .* infinite"),
        ([[1.0, 10**400]], "is not a series of 2 channels"),
        (np.zeros((0, 2)), r"Example 0 \(counted from 0\) has no numbers"),
        ([[np.nan, None]], "has no numbers"),
    ],
)
def test_what_is_no_series_is_refused(load, example, message):
    with pytest.raises(InputError, match=message):
        load(small.series_network()).predict([example])


@pytest.mark.parametrize("example", [[[1.0], [2.0, 3.0]], [[], [1.0]], [["a"]], {}, {"x": [1.0]}, [[1.0, 2.0]], None])
def test_what_is_no_series_of_one_channel_is_refused(load, example):
    tree = small.series_network()
    tree["reader"] |= {"mean": [1.0], "scale": [2.0]}
    forward = tree["model"]["layers"][0]["forward"]
    forward["kernel"] = forward["kernel"][:1]
    model = load(tree)
    assert model.predict([[1.0, 2.0]]) == model.predict([[[1.0], [2.0]]])
    with pytest.raises(InputError, match=r"Example 1 \(counted from 0\) is not a series of 1 channel"):
        model.predict([[1.0, 2.0], example])


def test_steps_without_numbers_at_the_end_are_padding(load, kernels):
    nothing = [np.nan, np.nan]
    for tree in (small.series_network(), small.series_features("convolutions")):
        model = load(tree)
        padded = model.outputs([[[3.0, 1.0], nothing, [1.0, -2.0], nothing, nothing]])
        np.testing.assert_array_equal(padded, model.outputs([[[3.0, 1.0], nothing, [1.0, -2.0]]]))
        assert (padded != model.outputs([[[3.0, 1.0], [2.0, -0.5], [1.0, -2.0], [1.0, -2.0]]])).all()


def test_a_model_without_a_latent_vector_says_so(load):
    model = load(small.series_network())
    for ask in (model.encode, model.decode):
        with pytest.raises(InputError, match="no autoencoder"):
            ask([[[1.0, 2.0]]])


def test_no_examples_have_no_answers(load, kernels):
    model = load(small.of_texts(small.blend()))
    assert model.predict([]) == []
    assert model.probabilities([]).shape == (0, 2)


@pytest.mark.parametrize(
    ("described", "example"),
    [
        (small.of_texts(small.linear()), "a fine film"),
        (small.tagger(), ["a", "film"]),
        (small.tagger(words=False), [[1.0, 2.0]]),
        (small.forecaster(), {"history": [[1, 2, 0]], "start": "2026-03-01", "ahead": [[1]] * 4}),
        (small.upscaler(), [[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]),
        (small.translator(), "a"),
        (small.autoencoder(), [[1.0, 2.0]]),
    ],
)
def test_outputs_of_no_examples_have_the_shape_of_others(load, described, example):
    model = load(described)
    shape = model.outputs([example]).shape[1:]
    assert model.outputs([]).shape == (0, *((0, *shape[1:]) if model.task == "tagging" else shape))
    if model.labels:
        assert model.probabilities([]).ndim == model.probabilities([example]).ndim


@pytest.mark.parametrize("described", [small.autoencoder, small.linear_autoencoder])
def test_an_autoencoder_is_its_two_halves(load, kernels, described):
    model = load(described())
    draw = small.random(4)
    series = [draw.normal(size=(steps, 2)) for steps in (6, 2, 4)]
    vectors = model.encode(series)
    assert vectors.shape == (3, 3)
    decoded = model.decode(vectors)
    assert decoded.shape == (3, 6, 2)
    whole = np.square((series[0] - decoded[0]) / [2.0, 1.0]).mean()
    np.testing.assert_allclose(model.predict(series)[0], whole, rtol=1e-5)
    np.testing.assert_allclose(model.predict(series), [model.predict([one])[0] for one in series], rtol=1e-6)
    with pytest.raises(InputError, match="no probabilities"):
        model.probabilities(series)


@pytest.mark.parametrize(
    ("name", "place", "off", "passed"),
    [
        ("vectors", (0, 1), 1e-3, True),
        ("vectors", (0, 1), 10, False),
        ("sequences", (0, 2, 0), 0.1, True),
        ("sequences", (0, 2, 0), 1e3, False),
        ("sequences", (0, 2, 1), 1e-6, True),
        ("sequences", (0, 2, 1), 1e-3, False),
    ],
)
def test_latent_and_decoded_numbers_are_compared_by_the_size_of_others(load, kernels, name, place, off, passed):
    tree, values = small.linear_autoencoder(), small.floats(small.random(4), 6, 2)
    encoder, decoder = (tree["model"][half]["layers"] for half in ("encoder", "decoder"))
    encoder[1]["weights"][:, 0] *= 1e4
    decoder[0]["weights"][0] /= 1e4
    tree["reader"] |= {"scale": [1e5, 1.0], "mean": [0.0, 0.0]}
    decoder[0]["bias"][4] -= load(tree).decode(load(tree).encode([values]))[0, 2, 0] / 1e5  # now nearly 0
    model = load(tree)
    vectors = model.encode([values])
    if name == "vectors":
        vectors[place] += off
    sequences = model.decode(vectors)
    if name == "sequences":
        sequences[place] += off
    golden = {"examples": "series", "tolerance": 1e-5, "labels": [0.0], "values": values, "offsets": np.array([0, 6])}
    golden |= {"outputs": model.outputs([values]), "vectors": vectors, "sequences": sequences}
    assert load(tree, golden).check().passed == passed


@pytest.mark.parametrize(
    ("half", "layer", "changed", "problem"),
    [
        ("encoder", 0, {"mean": np.zeros((5, 2), np.float32)}, "is float32"),
        ("encoder", 0, {"mean": np.zeros((0, 2), np.float32)}, "has no steps"),
        ("encoder", 0, {"mean": np.zeros((6, 3), np.float32)}, "is float32"),
        ("decoder", 1, {"times": 5}, "12 numbers are not 5 steps"),
        ("decoder", 1, {"times": 4}, "does not give what the encoder reads"),
    ],
)
def test_layers_that_do_not_fit_the_steps_are_refused(load, half, layer, changed, problem):
    tree = small.linear_autoencoder()
    tree["model"][half]["layers"][layer] |= changed
    with pytest.raises(ModelError, match=problem):
        load(tree)


def test_a_network_that_flattens_other_steps_than_its_reader_gives_is_refused(load):
    tree = small.linear_autoencoder()
    tree["reader"]["length"] = 7
    with pytest.raises(ModelError, match="it reads 6 steps, and its reader gives another number"):
        load(tree)


def test_a_decoder_that_asks_for_too_much_memory_is_refused(load):
    tree = small.autoencoder(times=1 << 20)
    layers = tree["model"]["decoder"]["layers"]
    layers[1] = small.recurrent(small.random(), "rnn", 3, 80, False, "all")
    layers[2] = small.dense(small.random(), 80, 2, "linear")
    with pytest.raises(ModelError, match="more than any model has"):
        load(tree)
