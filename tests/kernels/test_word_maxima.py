"""The maxima over texts of a convolution over words: kernel and reference, forward, gradient, Adagrad."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from unspool import kernels
from unspool.kernels import library as native_library
from unspool.kernels.word_maxima import trained_word_maxima, word_maxima, word_maxima_reference

WORDS = 6
# Of a few lengths, each of which is compiled once. -1 is padding, 6 and 9 have no vector.
BATCHES = st.sampled_from([(1, 1), (3, 2), (3, 7), (4, 0)]).flatmap(
    lambda shape: st.lists(
        st.lists(st.sampled_from([-1, -1, 0, 1, 2, 3, 4, 5, 6, 9]), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)
WIDTHS = st.sampled_from([(1,), (1, 2, 3), (4, 2)])


def arrays(widths, filters=18, seed=0):
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((WORDS, sum(widths), filters)).astype(np.float32)
    return jnp.array(vectors), jnp.array(random.standard_normal((len(widths), filters)).astype(np.float32))


def weights_like(maxima):
    return np.random.default_rng(1).standard_normal(maxima.shape).astype(np.float32)


def by_hand(text, vectors, bias, widths):
    """The equations, for one row, with loops."""
    real = [place for place, token in enumerate(text) if token >= 0]
    text = text[real[0] : real[-1] + 1] if real else []
    tap, found = 0, []
    for s, width in enumerate(widths):
        sums = []
        for t in range(max(len(text) - width, 0) + 1):
            total = np.array(bias[s])
            for k, token in enumerate(text[t : t + width]):
                if 0 <= token < WORDS:
                    total = total + vectors[token, tap + k]
            sums.append(total)
        found.append(np.max(sums, axis=0))
        tap += width
    return np.array(found)


def value_and_gradients(path, tokens, vectors, bias, widths):
    def weighed(vectors, bias):
        maxima = word_maxima(tokens, vectors, bias, widths)
        return (maxima * weights_like(maxima)).sum(), maxima

    with kernels.use(path):
        gradients, maxima = jax.grad(weighed, argnums=(0, 1), has_aux=True)(vectors, bias)
    return maxima, *gradients


@settings(deadline=None, max_examples=30, derandomize=True)
@given(BATCHES, WIDTHS)
def test_kernel_and_reference_are_the_equations(rows, widths):
    tokens = jnp.array(np.array(rows, np.int32).reshape(len(rows), -1))
    vectors, bias = arrays(widths)
    native, reference = (value_and_gradients(path, tokens, vectors, bias, widths) for path in ("native", "reference"))
    expected = [by_hand(row, np.asarray(vectors), np.asarray(bias), widths) for row in rows]
    np.testing.assert_allclose(native[0], expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(native[0], reference[0])
    for one, other in zip(native[1:], reference[1:], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@settings(deadline=None, max_examples=15, derandomize=True)
@given(BATCHES, WIDTHS)
def test_the_reference_is_the_same_by_kerass_functions(rows, widths):
    tokens = np.array(rows, np.int32).reshape(len(rows), -1)
    found = word_maxima_reference(tokens, *arrays(widths), widths, ops)
    np.testing.assert_array_equal(found, word_maxima_reference(jnp.array(tokens), *arrays(widths), widths))


def adagrad(path, tokens, vectors, squares, bias, widths):
    def weighed(vectors, squares, bias, rate):
        maxima = trained_word_maxima(tokens, vectors, squares, bias, rate, widths, 1e-7)
        return (maxima * weights_like(maxima)).sum(), maxima

    with kernels.use(path):
        new, maxima = jax.grad(weighed, argnums=(0, 1, 2, 3), has_aux=True)(vectors, squares, bias, jnp.float32(0.3))
    return maxima, *new


@settings(deadline=None, max_examples=20, derandomize=True)
@given(BATCHES, WIDTHS)
def test_a_step_of_adagrad_is_that_by_the_whole_gradient(rows, widths):
    tokens = jnp.array(np.array(rows, np.int32).reshape(len(rows), -1))
    vectors, bias = arrays(widths)
    squares = jnp.full(vectors.shape, 0.1)
    maxima, gradient, of_bias = value_and_gradients("reference", tokens, vectors, bias, widths)
    expected = squares + gradient**2
    expected = maxima, vectors - 0.3 * gradient / jnp.sqrt(expected + 1e-7), expected, of_bias, 0
    for path in ("native", "reference"):
        for one, other in zip(adagrad(path, tokens, vectors, squares, bias, widths), expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    changed = np.asarray(adagrad("native", tokens, vectors, squares, bias, widths)[1] != vectors)
    assert not changed[np.asarray(gradient) == 0].any()


@pytest.mark.parametrize("filters", [1, 16, 80, 130])
def test_instruction_sets_threads_and_batch_mates_change_no_bit(filters):
    tokens = jnp.array(np.random.default_rng(0).integers(-1, 8, (9, 30)).astype(np.int32))
    vectors, bias = arrays((1, 3), filters)
    squares, library = jnp.full(vectors.shape, 0.1), native_library.load()

    def everything():
        dense = value_and_gradients("native", tokens, vectors, bias, (1, 3))
        return *dense, *adagrad("native", tokens, vectors, squares, bias, (1, 3))

    found = everything()
    for name in library.instruction_sets:
        with kernels.use_instruction_set(name):
            jax.tree.map(np.testing.assert_array_equal, everything(), found)
    before = library.thread_limit
    try:
        library.thread_limit = 1
        jax.tree.map(np.testing.assert_array_equal, everything(), found)
    finally:
        library.thread_limit = before
    with kernels.use("native"):
        alone = [word_maxima(tokens[i : i + 1], vectors, bias, (1, 3))[0] for i in range(9)]
    np.testing.assert_array_equal(found[0], alone)


def test_the_step_is_taken_in_place_in_a_loop():
    """No copy of the tables is made in a step, whatever their size."""
    tokens = jnp.zeros((2, 3), jnp.int32)
    vectors, bias = arrays((1, 2))

    def body(_, tables):
        def loss(vectors, squares):
            return trained_word_maxima(tokens, vectors, squares, bias, jnp.float32(0.1), (1, 2), 1e-7).sum()

        return jax.grad(loss, argnums=(0, 1))(*tables)

    loop = jax.jit(lambda tables: jax.lax.fori_loop(0, 3, body, tables), donate_argnums=0)
    program = loop.lower((vectors, jnp.full(vectors.shape, 0.1))).compile().as_text()
    shape = f"f32[{','.join(map(str, vectors.shape))}]"
    assert "unspool_word_adagrad" in program
    assert f"{shape}{{2,1,0}} copy(" not in program


def test_it_is_mapped():
    tokens = jnp.array(np.random.default_rng(0).integers(-1, 8, (3, 2, 5)).astype(np.int32))
    vectors, bias = arrays((1, 2))
    with kernels.use("native"):
        mapped = jax.vmap(lambda some: word_maxima(some, vectors, bias, (1, 2)))(tokens)
        np.testing.assert_array_equal(mapped[1], word_maxima(tokens[1], vectors, bias, (1, 2)))


def test_no_number_hides_behind_a_maximum():
    vectors, bias = arrays((1, 2))
    tokens = jnp.array([[1, 2, 3]], jnp.int32)
    for path in ("native", "reference"):
        with kernels.use(path):
            assert np.isnan(word_maxima(tokens, vectors, bias * jnp.nan, (1, 2))).all()


@pytest.mark.parametrize("widths", [(1,), (0, 3), (3,), ()])
def test_arrays_that_do_not_fit_are_refused(widths):
    vectors, bias = arrays((1, 2))
    with pytest.raises(ValueError, match="do not fit"):
        word_maxima(jnp.zeros((1, 3), jnp.int32), vectors, bias, widths)
