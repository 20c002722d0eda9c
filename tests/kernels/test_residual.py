"""Residual connections with dropout: kernel and reference, forward and gradient."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool import kernels
from unspool.kernels import library as native_library
from unspool.kernels.dropout import dropout
from unspool.kernels.residual import add_dropped

KEY = jnp.array([3, 4], jnp.uint32)


def arrays(shape):
    random = np.random.default_rng(0)
    return tuple(jnp.array(random.standard_normal(shape).astype(np.float32)) for _ in range(3))


def sum_and_gradients(path, x, branch, slopes, rate, key=KEY):
    def weighed(x, branch):
        y = add_dropped(x, branch, rate, key)
        return (y * slopes).sum(), y

    with kernels.use(path):
        gradients, y = jax.grad(weighed, argnums=(0, 1), has_aux=True)(x, branch)
    return y, *gradients


@settings(deadline=None, max_examples=25, derandomize=True)
@given(
    st.sampled_from([(1, 1), (2, 3, 5), (3, 16), (7, 130), (0, 4)]),
    st.sampled_from([0.0, 0.3, 0.9]),
    st.tuples(*[st.integers(0, 2**32 - 1)] * 2),
)
def test_kernel_and_reference_are_the_sum(shape, rate, key):
    x, branch, slopes = arrays(shape)
    key = jnp.array(key, jnp.uint32)
    kept = np.asarray(dropout(jnp.ones(shape), rate, key)) != 0
    expected = x + np.where(kept, branch / (1 - rate), 0), slopes, np.where(kept, slopes / (1 - rate), 0)
    for path in ("native", "reference"):
        for one, other in zip(sum_and_gradients(path, x, branch, slopes, rate, key), expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("shape", [(9, 5), (300, 70), (6, 40000)])
def test_instruction_sets_and_threads_change_no_bit(shape):
    library, some = native_library.load(), arrays(shape)
    found = sum_and_gradients("native", *some, 0.4)
    for name in library.instruction_sets:
        with kernels.use_instruction_set(name):
            jax.tree.map(np.testing.assert_array_equal, sum_and_gradients("native", *some, 0.4), found)
    before = library.thread_limit
    try:
        library.thread_limit = 1
        jax.tree.map(np.testing.assert_array_equal, sum_and_gradients("native", *some, 0.4), found)
    finally:
        library.thread_limit = before


@pytest.mark.parametrize("depth", [5, 10])
def test_no_sum_of_a_stack_is_computed_twice(depth):
    """Neither the sums nor, in the backward pass, the summed gradients: this is what the kernel is for."""

    def norm(x):
        x = x - x.mean(-1, keepdims=True)
        return x / jnp.sqrt((x**2).mean(-1, keepdims=True) + 1e-6)

    def stack(x, weights):
        for number, weight in enumerate(weights):
            x = add_dropped(x, norm(x) @ weight, 0.3, KEY + np.uint32(number))
        return (x**2).sum()

    with kernels.use("native"):
        gradients = jax.jit(jax.grad(stack, argnums=(0, 1))).lower(jnp.ones((8, 4)), [jnp.ones((4, 4))] * depth)
    program = gradients.compile().as_text()
    for name in ("unspool_add_dropped", "unspool_add_dropped_gradient"):
        assert program.count(f'custom_call_target="{name}"') == depth
    fusions = [line.split(" fusion(")[1].split(")")[0] for line in program.splitlines() if " fusion(" in line]
    assert max(arguments.count("%") for arguments in fusions) <= 8  # with the reference: 36 and 72


def test_it_is_mapped():
    x, branch, _ = arrays((3, 4, 5))
    with kernels.use("native"):
        mapped = jax.vmap(lambda x, branch: add_dropped(x, branch, 0.5, KEY))(x, branch)
        np.testing.assert_array_equal(mapped[1], add_dropped(x[1], branch[1], 0.5, KEY))
