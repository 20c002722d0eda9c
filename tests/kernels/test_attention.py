"""Attention over whole sequences: kernel and reference, forward and gradient."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.nn import softmax

from unspool import kernels
from unspool.kernels import library as native_library
from unspool.kernels.attention import attend, masked_softmax, weights_of

RANDOM = np.random.default_rng(0)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.booleans(), min_size=1, max_size=6))
def test_softmax_among_those_that_may_be_looked_at(look):
    scores, look = RANDOM.normal(size=len(look)).astype("float32"), np.array(look)
    expected = np.zeros(len(look), "float32")
    if look.any():
        expected[look] = softmax(scores[look])
    np.testing.assert_allclose(masked_softmax(scores, look), expected, atol=1e-6)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_softmax_of_few_bits(dtype):
    found = masked_softmax(jnp.zeros((2, 2), dtype), np.array([[True, False], [False, False]]))
    assert found.dtype == dtype
    np.testing.assert_array_equal(found.astype("float32"), [[1, 0], [0, 0]])


def use(path):
    """Take a path within a block, if it is there."""
    if path == "native" and kernels.status().path != "native":
        pytest.skip(f"no native kernels: {kernels.status().reason}")
    return kernels.use(path)


def drawn(*shape):
    return jnp.asarray(RANDOM.normal(size=shape), jnp.float32)


def heads(batch, count, steps, read, d):
    return drawn(batch, count, steps, d), drawn(batch, count, read, d), drawn(batch, count, read, d)


def found_and_gradients(path, queries, keys, values, look):
    def weighed(*arrays):
        found = attend(*arrays, look)
        return (found * jnp.cos(jnp.arange(found.size).reshape(found.shape))).sum(), found

    with use(path):
        gradients, found = jax.jit(jax.grad(weighed, argnums=(0, 1, 2), has_aux=True))(queries, keys, values)
    return found, *gradients


def looks(batch, steps, read):
    """Masks of sources, of targets, of both, and one that leaves some queries nothing to look at."""
    before = np.tri(steps, read, dtype=bool)
    present = RANDOM.random((batch, 1, 1, read)) < 0.7
    return present, before, before & present, np.zeros((batch, 1, 1, read), bool)


@pytest.mark.parametrize(
    "shape", [(1, 1, 2, 1, 1), (2, 3, 5, 7, 5), (3, 4, 16, 16, 32), (2, 2, 130, 70, 20), (1, 2, 64, 17, 64)]
)
def test_the_kernel_is_the_reference_with_its_gradient(shape):
    arrays = heads(*shape)
    batch, _, steps, read, _ = shape
    for look in looks(batch, steps, read):
        expected = found_and_gradients("reference", *arrays, look)
        for one, other in zip(found_and_gradients("native", *arrays, look), expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=5e-6)


def test_where_nothing_may_be_looked_at_all_is_0():
    for one in found_and_gradients("native", *heads(2, 2, 3, 4, 5), np.zeros((3, 4), bool)):
        np.testing.assert_array_equal(one, 0)


def test_scores_of_any_size_are_finite():
    queries, keys, values = heads(2, 2, 3, 40, 8)
    for one in found_and_gradients("native", 1e15 * queries, 1e15 * keys, values, np.ones((3, 40), bool))[:1]:
        assert np.isfinite(one).all()


def test_a_row_has_the_same_bits_whatever_stands_beside_it():
    queries, keys, values = heads(3, 2, 70, 20, 12)
    look = RANDOM.random((3, 1, 70, 20)) < 0.8
    whole = found_and_gradients("native", queries, keys, values, look)[0]
    alone = found_and_gradients("native", queries[1:2], keys[1:2], values[1:2], look[1:2])[0]
    np.testing.assert_array_equal(whole[1:2], alone)


def test_instruction_sets_agree_and_threads_change_no_bit():
    arrays = *heads(4, 2, 9, 21, 20), RANDOM.random((4, 1, 9, 21)) < 0.8
    found, library = found_and_gradients("native", *arrays), native_library.load()
    for name in library.instruction_sets:
        with kernels.use_instruction_set(name):
            for one, other in zip(found_and_gradients("native", *arrays), found, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-5, atol=5e-6)
    before = library.thread_limit
    try:
        library.thread_limit = 1
        jax.tree.map(np.testing.assert_array_equal, found_and_gradients("native", *arrays), found)
    finally:
        library.thread_limit = before


def test_each_head_may_have_a_mask_of_its_own():
    arrays = heads(2, 3, 4, 5, 6)
    look = RANDOM.random((2, 3, 4, 5)) < 0.6
    found = found_and_gradients("native", *arrays, look)[0]
    weights = weights_of(*arrays[:2], look)
    assert not weights[~look].any()
    np.testing.assert_allclose(found.reshape(2, 4, 3, 6), jnp.einsum("bhts,bhsd->bthd", weights, arrays[2]), atol=1e-6)


@pytest.mark.parametrize("batch", [1, 2])
def test_queries_may_be_none_and_keys_the_same_for_all(batch):
    queries, keys, values = drawn(2, 3, 0, 4), drawn(batch, 3, 5, 4), drawn(batch, 3, 5, 4)
    look = np.ones((1, 5), bool)
    for one in found_and_gradients("native", queries, keys, values, look):
        np.testing.assert_array_equal(one, 0)
    queries = drawn(2, 3, 4, 4)
    expected = found_and_gradients("reference", queries, keys, values, look)
    for one, other in zip(found_and_gradients("native", queries, keys, values, look), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=5e-6)


def test_masks_may_be_numbers():
    arrays, look = heads(2, 3, 4, 5, 6), RANDOM.random((4, 5)) < 0.6
    found = found_and_gradients("native", *arrays, look.astype("int32"))
    jax.tree.map(np.testing.assert_array_equal, found, found_and_gradients("native", *arrays, look))


def test_arrays_do_not_change_their_layout_on_the_way_to_the_kernel():
    """From a layer's product to the kernel and back: this is half of what the kernel is for."""

    def layer(x, weights):
        def split(y):
            return jnp.swapaxes(y.reshape(2, 7, 3, 4), 1, 2)

        found = attend(*(split(x @ weight) for weight in weights), np.tri(7, dtype=bool))
        return (found**2).sum()

    with use("native"):
        lowered = jax.jit(jax.grad(layer, argnums=(0, 1))).lower(drawn(2, 7, 12), [drawn(12, 12)] * 3)
    program = lowered.compile().as_text()
    assert program.count('custom_call_target="unspool_attention"') == 1
    assert "[2,3,7,4]" not in program


def test_it_is_mapped():
    queries, keys, values = (array[None] for array in heads(2, 2, 3, 4, 5))
    look = np.ones((3, 4), bool)
    with use("native"):
        mapped = jax.vmap(lambda *arrays: attend(*arrays, look))(queries, keys, values)
        np.testing.assert_array_equal(mapped[0], attend(queries[0], keys[0], values[0], look))
