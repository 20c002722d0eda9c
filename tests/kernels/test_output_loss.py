"""The loss over a large vocabulary, beside the loss of whole logits."""

from functools import partial

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from unspool import kernels
from unspool.data.ragged import Ragged
from unspool.kernels import library as native_library
from unspool.kernels import output_loss
from unspool.kernels.output_loss import LastLayer
from unspool.models import SmoothedCrossentropy, Tokens, Transformer, transformer
from unspool.training import fit
from unspool.training.decoding import teacher_forcing

RNG = np.random.default_rng(0)


def numbers(rows, width=3, ids=11):
    hidden, table = RNG.normal(size=(rows, width)), RNG.normal(size=(ids, width))
    weights = RNG.uniform(size=rows) * RNG.integers(0, 2, rows)
    arrays = [jnp.asarray(one, "float32") for one in (hidden, table, RNG.normal(size=ids), weights)]
    return arrays, jnp.asarray(RNG.integers(0, ids, rows), "int32")


def reference(hidden, output, ids, weights, smoothing):
    each = SmoothedCrossentropy(smoothing, reduction="none")(ids, hidden @ output.table.T + output.bias)
    return (weights * each).sum()


PATHS = ["native", "reference"]


@pytest.fixture
def path(request):
    """Taken by all that the test computes."""
    if request.param == "native" and kernels.status().path != "native":
        pytest.skip(f"no native kernels: {kernels.status().reason}")
    with kernels.use(request.param):
        yield request.param


def loss_and_gradients(function, hidden, table, bias, ids, weights, smoothing):
    loss = partial(function, ids=ids, weights=weights, smoothing=smoothing)
    # As one program: compiling each small operation by itself takes most of these tests' time.
    return jax.jit(jax.value_and_grad(loss, argnums=(0, 1)))(hidden, LastLayer(table, bias))


@pytest.mark.parametrize("path", PATHS, indirect=True)
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize(
    ("rows", "width", "ids"),
    [
        *((1, 3, 11), (5, 1, 1), (17, 3, 130), (130, 70, 1030)),
        *(pytest.param(*shape, marks=pytest.mark.slow) for shape in ((8, 16, 64), (300, 20, 600))),
    ],
)
def test_it_is_the_loss_of_the_whole_logits_with_its_gradient(monkeypatch, path, rows, width, ids, smoothing):
    monkeypatch.setattr(output_loss, "ROWS", 8)
    (hidden, table, bias, weights), right = numbers(rows, width, ids)

    def ours(hidden, output, ids, weights, smoothing):
        return 2 * output_loss.output_loss(hidden, output, ids, weights, smoothing)

    def theirs(*arguments, **more):
        return 2 * reference(*arguments, **more)

    arguments = hidden, table, bias, right, weights, smoothing
    found, expected = (loss_and_gradients(function, *arguments) for function in (ours, theirs))
    jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-5, atol=2e-5), found, expected)
    alone = output_loss.output_loss(hidden, LastLayer(table, bias), right, weights, smoothing)
    np.testing.assert_allclose(2 * alone, expected[0], rtol=1e-5)


@pytest.mark.parametrize("path", PATHS, indirect=True)
@pytest.mark.parametrize("far", [1.0, 1e3, 1e30])
def test_large_logits_do_not_overflow(path, far):
    (hidden, table, bias, _), ids = numbers(3, ids=700)
    arguments = far * hidden, table, bias, ids, jnp.ones(3), 0.1
    found, expected = (loss_and_gradients(function, *arguments) for function in (output_loss.output_loss, reference))
    jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-4, atol=1e-4), found, expected)


@pytest.mark.parametrize("path", PATHS, indirect=True)
def test_nan_in_hidden_or_table_makes_the_loss_nan(path):
    (hidden, table, bias, _), ids = numbers(3, ids=700)
    for spoilt in (hidden.at[1, 0].set(jnp.nan), table), (hidden, table.at[650].set(jnp.nan)):
        total = output_loss.output_loss(spoilt[0], LastLayer(spoilt[1], bias), ids, jnp.ones(3))
        assert np.isnan(total)


@pytest.mark.parametrize("path", ["native"], indirect=True)
def test_instruction_sets_agree_and_threads_change_no_bit(path):
    (hidden, table, bias, weights), ids = numbers(300, width=20, ids=1100)
    found = loss_and_gradients(output_loss.output_loss, hidden, table, bias, ids, weights, 0.1)
    library = native_library.load()
    for name in library.instruction_sets:
        with kernels.use_instruction_set(name):
            other = loss_and_gradients(output_loss.output_loss, hidden, table, bias, ids, weights, 0.1)
        jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-5, atol=1e-5), other, found)
    before = library.thread_limit
    try:
        library.thread_limit = 1
        other = loss_and_gradients(output_loss.output_loss, hidden, table, bias, ids, weights, 0.1)
    finally:
        library.thread_limit = before
    jax.tree.map(np.testing.assert_array_equal, other, found)


@pytest.mark.parametrize("path", PATHS, indirect=True)
def test_rows_that_weigh_nothing_are_not_computed(monkeypatch, path):
    monkeypatch.setattr(output_loss, "ROWS", 2)
    (hidden, table, bias, _), ids = numbers(4)
    weights = jnp.array([0.0, 1.0, 0.0, 1.0])
    loss = jax.value_and_grad(lambda hidden: output_loss.output_loss(hidden, LastLayer(table, bias), ids, weights))
    clean = loss(hidden)
    spoilt = loss(hidden.at[0].set(jnp.nan))
    jax.tree.map(np.testing.assert_array_equal, clean, spoilt)


@pytest.mark.parametrize("path", PATHS, indirect=True)
def test_the_loss_is_0_if_all_weights_are_0(path):
    (hidden, table, bias, weights), ids = numbers(3)
    found = loss_and_gradients(output_loss.output_loss, hidden, table, bias, ids, 0 * weights, 0.1)
    jax.tree.map(lambda one: np.testing.assert_array_equal(one, 0 * one), found)


@pytest.mark.parametrize("path", PATHS, indirect=True)
def test_it_is_mapped(path):
    (hidden, table, bias, weights), ids = numbers(6)
    pairs = hidden.reshape(2, 3, -1), ids.reshape(2, 3), weights.reshape(2, 3)
    each = jax.vmap(lambda hidden, ids, weights: output_loss.output_loss(hidden, LastLayer(table, bias), ids, weights))
    whole = output_loss.output_loss(hidden, LastLayer(table, bias), ids, weights)
    np.testing.assert_allclose(each(*pairs).sum(), whole, rtol=1e-5)


SOURCES = Ragged.from_sequences([[5, 6, 7], [8], [9, 3], [4, 4]])
READ, SAID = teacher_forcing(Ragged.from_sequences([[4, 6], [7], [], [5, 5, 11]]), start=1, end=2)


def trained(metrics, tied=True, epochs=2):
    keras.utils.set_random_seed(0)
    model = transformer(Transformer(layers=1, width=8, heads=2, dropout=0.1, tied=tied), Tokens(12), Tokens(10))
    model.compile("adam", loss=SmoothedCrossentropy(0.1), metrics=metrics)
    weights = np.array([1.0, 0.5, 0.0, 2.0], "float32")
    data = (SOURCES, READ), SAID
    history = fit(model, *data, sample_weight=weights, batch_size=2, epochs=epochs, validation_data=data, verbose=0)
    return history.history, model.get_weights()


@pytest.fixture(scope="module")
def without_metrics():
    return trained([])


@pytest.mark.parametrize("tied", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_training_is_that_with_the_whole_logits(without_metrics, monkeypatch, tied):
    history, weights = without_metrics if tied else trained([], tied)
    monkeypatch.setattr("unspool.layers.output_loss", _writable(reference))
    expected, their_weights = trained([], tied)
    for name in ("loss", "val_loss"):
        np.testing.assert_allclose(history[name], expected[name], rtol=1e-5)
    for one, other in zip(weights, their_weights, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-4)


def _writable(function):
    """The reference looks ids up in the logits: those that cannot be written weigh nothing, but are looked up."""
    return lambda hidden, output, ids, weights, smoothing: function(
        hidden, output, jnp.minimum(ids, len(output.table) - 1), weights, smoothing
    )


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
def test_it_is_reduced_as_the_loss_says(reduction):
    keras.utils.set_random_seed(0)
    model = transformer(Transformer(layers=1, width=8, heads=2), Tokens(12), Tokens(10))
    model.compile("sgd", SmoothedCrossentropy(0.1, reduction=reduction))
    ids = np.array([[5, 6, 7], [8, 9, 3]], "int32")
    weights = np.array([[1.0, 0.5, 0.0], [2.0, 1.0, 0.2]], "float32")
    for given in (weights, None, 0 * weights):
        found = model.evaluate((ids, ids), ids, sample_weight=given, verbose=0)
        expected = SmoothedCrossentropy(0.1, reduction=reduction)(ids, model((ids, ids)), sample_weight=given)
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_metrics_get_their_logits(without_metrics):
    history, weights = trained(["sparse_categorical_accuracy"])
    alone, same = without_metrics
    assert 0 <= history["sparse_categorical_accuracy"][-1] <= 1
    np.testing.assert_allclose(history["loss"], alone["loss"], rtol=1e-6)
    jax.tree.map(partial(np.testing.assert_allclose, atol=1e-5), weights, same)
