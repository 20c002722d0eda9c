"""A network in one native call gives the bits of its layers one after the other, and those of one text among others."""

import ctypes
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import small
from unspool_runtime import Model, ModelError, native
from unspool_runtime.networks import Steps
from unspool_runtime.networks.layers import ACTIVATIONS
from unspool_runtime.networks.network import Network
from unspool_runtime.networks.recurrent import Direction
from unspool_runtime.node import Node

CELLS = ("rnn", "lstm", "gru after", "gru before")
PIECES = [
    "a",
    "fine",
    "film",
    "dull",
    "don't",
    "x",
    "A",
    "<br />",
    "<",
    " ",
    "  ",
    "!",
    "\n",
    "\x1c",
    "\0",
    "longer" * 30,
]


@pytest.fixture(autouse=True)
def native_code():
    if native.library() is None:
        pytest.skip(native.explain())


def network(layers, width, of_vectors=False):
    arrays = {}
    node = Node(small.packed({"kind": "network", "layers": layers}, "model", arrays), arrays)
    return Network(node, width, of_vectors)


def one_after_the_other(made, steps):
    for layer in made._layers:
        steps = layer(steps)
    return steps.values


def assert_same_bits(made, steps):
    found, wanted = made(steps), one_after_the_other(made, steps)
    assert found.shape == wanted.shape
    assert found.size == 1 or np.ptp(found) > 1e-4
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("bigrams", [True, False])
def test_over_tokens(cell, both, bigrams):
    made = network(small.words_network(cell, both, bigrams)["model"]["layers"], 0)
    draw = small.random(4)
    for batch, length in ((1, 1), (1, 9), (7, 30)):
        assert_same_bits(
            made, Steps(np.zeros((0, 0), np.float32), tokens=draw.integers(11, size=(batch, length), dtype=np.int32))
        )


def test_over_tokens_that_are_pooled_alone():
    layers = small.words_network()["model"]["layers"]
    layers = [layers[0], layers[1], layers[3], small.dense(small.random(1), 10, 3, "softmax")]
    tokens = np.array([[0, 0, 0], [0, 5, 6], [2, 5, 2]], np.int32)
    assert_same_bits(network(layers, 0), Steps(np.zeros((0, 0), np.float32), tokens=tokens))


@pytest.mark.parametrize("cell", CELLS)
def test_over_series(cell):
    draw = small.random(5)
    stacked = [
        small.recurrent(draw, cell, 2, 5, True, "all"),
        {"kind": "normalization", "scale": small.floats(draw, 10), "offset": small.floats(draw, 10)},
        small.recurrent(draw, cell, 10, 17, False, "all"),
        small.dense(draw, 17, 4, "softmax"),
    ]
    made = network(stacked, 2)
    values = small.floats(draw, 5, 12, 2)
    mask = (np.arange(12) < np.array([[12], [1], [0], [7], [12]])).view(np.uint8)
    assert_same_bits(made, Steps(values, mask))
    assert_same_bits(made, Steps(values[:1, :1]))
    assert_same_bits(network(small.series_network(cell, True)["model"]["layers"], 2), Steps(values, mask))


def test_over_vectors_that_other_layers_give():
    draw = small.random(11)
    stacked = [
        small.dense(draw, 3, 6, "tanh"),
        {"kind": "repeat", "times": 7},
        small.recurrent(draw, "lstm", 6, 9, True, "all"),
        small.dense(draw, 18, 2),
    ]
    assert_same_bits(network(stacked, 3, of_vectors=True), Steps(small.floats(draw, 5, 3)))


def test_over_vectors():
    halves = small.autoencoder()["model"]
    vectors = small.floats(small.random(6), 5, 3)
    mask = (np.arange(6) < np.array([[6], [1], [0], [4], [6]])).view(np.uint8)
    for given in (Steps(vectors), Steps(vectors, mask)):
        assert_same_bits(network(halves["decoder"]["layers"], 3, of_vectors=True), given)


def test_over_steps_side_by_side():
    halves = small.linear_autoencoder()["model"]
    draw, mask = small.random(6), (np.arange(4) < np.array([[4], [1], [0]])).view(np.uint8)
    values = small.floats(draw, 3, 4, 2)
    for given in (Steps(values), Steps(values, mask), Steps(small.floats(draw, 5, 6, 2))):
        assert_same_bits(network(halves["encoder"]["layers"], 2), given)
    assert_same_bits(network(halves["decoder"]["layers"], 3, of_vectors=True), Steps(small.floats(draw, 5, 3)))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_dense_layer_is_that_of_its_equation(activation):
    draw = small.random(7)
    for rows, width, outputs in ((1, 1, 1), (3, 33, 16), (21, 5, 17), (64, 40, 3)):
        layer = small.dense(draw, width, outputs, activation)
        values = small.floats(draw, rows, width)
        made = network([layer], width, of_vectors=True)
        found = made(Steps(values))
        wanted = ACTIVATIONS[activation](values.astype(np.float64) @ layer["weights"] + layer["bias"])
        np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=2e-6)
        alone = [made(Steps(row[None])) for row in values]
        np.testing.assert_array_equal(found, np.concatenate(alone))


def test_activations_of_large_numbers():
    layer = small.dense(small.random(8), 1, 3)
    layer["weights"][:], layer["bias"][:] = np.array([[1.0, -1.0, 0.5]]), 0
    found = network([layer], 1, of_vectors=True)(Steps(np.array([[1e30], [np.inf], [np.nan]], np.float32)))
    np.testing.assert_allclose(found[:2], [[1, 0, 1], [1, 0, 1]], atol=1e-6)
    assert np.isnan(found[2]).all()
    layer["activation"] = "softmax"
    found = network([layer], 1, of_vectors=True)(Steps(np.array([[1e30], [-1e30], [np.nan]], np.float32)))
    np.testing.assert_allclose(found[:2], [[1, 0, 0], [0, 1, 0]], atol=1e-6)
    assert np.isnan(found[2]).all()


def layers_that_do_not_fit():
    draw = small.random(12)
    repeat, last = {"kind": "repeat", "times": 9}, small.recurrent(draw, "lstm", 2, 2, False, "last")
    every, pooling = small.recurrent(draw, "lstm", 2, 2, False, "all"), {"kind": "pooling", "with_bigrams": False}
    return {
        "a sequence is repeated": ([repeat, last], False),
        "a vector is read step by step": ([every], True),
        "a vector is pooled": ([last, pooling], False),
        "a state is read step by step": ([last, every], False),
        "two repeats": ([repeat, last, repeat, last], True),
        "a repeat of what was repeated": ([repeat, repeat, last], True),
    }


@pytest.mark.parametrize("model", [small.upscaler, lambda: small.tagger(words=False)])
def test_a_network_whose_steps_are_not_those_that_it_reads_is_refused(tmp_path, model):
    tree, draw = model(), small.random()
    described = tree["model"].get("network", tree["model"])
    width, head = tree["reader"].get("features", 2), described["layers"][-1]
    last = small.recurrent(draw, "rnn", width, len(head["weights"]), False, "last")
    described["layers"] = [last, {"kind": "repeat", "times": 9}, head]
    with pytest.raises(ModelError, match="its steps are not those that it reads"):
        Model.load(small.write(tmp_path, tree))


def test_series_of_any_length_are_not_flattened(tmp_path):
    tree, draw = small.recurrent_series(), small.random()
    flatten = {"kind": "flatten", "mean": small.floats(draw, 6, 2)}
    tree["model"]["networks"][0]["layers"] = [flatten, small.dense(draw, 12, 2, "linear")]
    with pytest.raises(ModelError, match="the outputs of one do not fit the task, or it flattens steps"):
        Model.load(small.write(tmp_path, tree))


@pytest.mark.parametrize("kind", layers_that_do_not_fit())
def test_layers_that_would_read_beyond_an_end_are_refused(kind):
    layers, of_vectors = layers_that_do_not_fit()[kind]
    with pytest.raises(ModelError, match=r"it reads steps|it reads one vector|repeated twice"):
        network(layers, 2, of_vectors)


def texts():
    draw = small.random(9)
    drawn = ("".join(draw.choice(PIECES, size=draw.integers(40))) for _ in range(300))
    return ["?!", "a", "film " * 200, *(text for text in drawn if text.strip())]


def trees():
    ranked = {"kind": "ranked words", "length": 9, "num_words": 9, "skip_top": 5, "vocabulary": small.strings(*"abx")}
    model = {"kind": "network", "layers": small.ranked_layers(9)}
    short = small.words_network()
    short["reader"]["length"] = 4
    return {"words": small.words_network(), "few words": short, "ranked": small.binary(reader=ranked, model=model)}


@pytest.mark.parametrize("kind", ["words", "few words", "ranked"])
def test_native_code_reads_the_tokens_that_python_reads(tmp_path, kind):
    reader = Model.load(small.write(tmp_path, trees()[kind]))._engine._reader
    code = native.library()
    for text in texts():
        ((_, steps),) = reader.batches([text])
        found = np.full(len(text) // 2 + 2 if kind != "ranked" else 9, -9, np.int32)
        raw = text.encode()
        size = ctypes.c_int64(len(raw))
        count = code.unspool_words_read(reader.words, raw, size, ctypes.c_void_p(found.ctypes.data))
        assert found[:count].tolist() == steps.tokens[0].tolist()


@pytest.mark.parametrize("kind", ["words", "few words", "ranked"])
def test_one_text_has_the_bits_that_it_has_among_others(tmp_path, kind):
    model = Model.load(small.write(tmp_path, trees()[kind]))
    given = [*texts(), "été a", "a"]
    together = model.outputs(given)
    np.testing.assert_array_equal(np.concatenate([model.outputs([text]) for text in given]), together)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda text: model.outputs([text]), given * 4))
    np.testing.assert_array_equal(np.concatenate(found), np.concatenate([together] * 4))


def test_threads_that_project_a_vocabulary_at_once_share_one_table():
    draw = small.random()
    arrays = {"k": small.floats(draw, 4, 8), "r": small.floats(draw, 2, 8), "b": small.floats(draw, 8)}
    described = {"kernel": {"array": "k"}, "recurrent": {"array": "r"}, "bias": {"array": "b"}, "zero_masked": False}
    direction = Direction(Node(described, arrays, "layer"), "lstm", "tanh", 4, reverse=False)
    vectors, code, others = small.floats(draw, 5, 4), native.library(), []

    class Interrupted:
        """Lets another thread compute the table while this one does."""

        unspool_recurrent_table_size = code.unspool_recurrent_table_size

        @staticmethod
        def unspool_recurrent_project(*arguments):
            others.append(direction.packed(code, vectors))
            return code.unspool_recurrent_project(*arguments)

    assert direction.packed(Interrupted, vectors) == others[0] == direction.packed(code, vectors)


@pytest.mark.parametrize(("told", "threads"), [("1", 1), ("3", 3), ("9", 4), ("0", 4), ("", 4), ("2,1", 4), ("x", 4)])
def test_workers_that_share_a_machine_say_how_many_threads_each_may_use(monkeypatch, told, threads):
    monkeypatch.setattr(native.os, "sched_getaffinity", lambda process: {0, 1, 2, 3}, raising=False)
    monkeypatch.setattr(native.cgroups, "processors", lambda: math.inf)
    monkeypatch.setenv("OMP_NUM_THREADS", told)
    assert native.threads() == threads


def test_no_more_threads_are_used_than_a_container_may(monkeypatch):
    monkeypatch.setattr(native.os, "sched_getaffinity", lambda process: {0, 1, 2, 3}, raising=False)
    monkeypatch.setattr(native.cgroups, "processors", lambda: 1.5)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert native.threads() == 2
