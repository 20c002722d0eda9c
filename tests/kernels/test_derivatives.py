"""Derivatives beyond one gradient: forward mode, Hessians, gradients of gradients, and both under vmap."""

import logging

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import Mesh, PartitionSpec

from unspool.kernels import derivatives
from unspool.kernels.tokens import Embedded
from unspool.layers import GRU

from . import cells

EVERY_OPERATION = pytest.mark.parametrize("op", cells.OPERATIONS.values(), ids=cells.OPERATIONS.keys())
# Second derivatives add up more float32 numbers than first ones.
BOUND = 1e-4


def loss(function, op, mask):
    return lambda *args: sum((out**2).sum() for out in function(*args, mask, **op.options))


def both(op, transform, args, mask):
    """What a transformation gives of a loss over the kernels, and over the reference."""
    return (jax.tree.leaves(cells.jit(transform(loss(f, op, mask)))(*args)) for f in (op.native, op.reference))


def over_time_and_weights(transform, args):
    chosen = (0, len(args) - 2)  # x and the recurrent kernel
    return lambda f: transform(transform(f, argnums=chosen), argnums=chosen)


@EVERY_OPERATION
def test_forward_mode(op):
    args, mask = cells.arguments(op, 3, 4, 2, 5), cells.masks(3, 4)["any"]
    got, expected = both(op, lambda f: lambda *a: jax.jvp(f, a, a), args, mask)
    cells.assert_same(got, expected)


@EVERY_OPERATION
@pytest.mark.slow
def test_forward_mode_in_one_argument(op):
    args, mask = cells.arguments(op, 3, 4, 2, 5), cells.masks(3, 4)["any"]
    got, expected = both(op, lambda f: jax.jacfwd(f, argnums=len(args) - 1), args, mask)
    cells.assert_same(got, expected)


@EVERY_OPERATION
@pytest.mark.slow
def test_gradient_of_a_gradient(op):
    args, mask = cells.arguments(op, 2, 3, 2, 3), cells.masks(2, 3)["any"]
    got, expected = both(op, over_time_and_weights(jax.jacrev, args), args, mask)
    cells.assert_same(got, expected, BOUND)


@pytest.mark.parametrize("transform", [jax.hessian, lambda f, argnums: jax.jacrev(jax.jacfwd(f, argnums), argnums)])
@pytest.mark.slow
def test_forward_and_reverse_mode_mixed(transform):
    op = cells.OPERATIONS["lstm"]
    args, mask = cells.arguments(op, 2, 3, 2, 3), cells.masks(2, 3)["any"]
    got, expected = both(op, lambda f: transform(f, argnums=4), args, mask)
    cells.assert_same(got, expected, BOUND)


@pytest.mark.parametrize("shared", ["weights", "nothing"])
@pytest.mark.slow
def test_forward_mode_and_second_gradients_under_vmap(shared):
    op = cells.OPERATIONS["gru_after"]
    sets = [cells.arguments(op, 2, 3, 2, 3, seed) for seed in range(3)]
    axes = (0, 0) + ((None,) * 3 if shared == "weights" else (0,) * 3)
    args = [jnp.stack(a) if axis == 0 else a[0] for a, axis in zip(zip(*sets, strict=True), axes, strict=True)]

    def transform(f):
        def each(*a):
            gradient = jax.grad(f, argnums=3)
            return jax.jvp(f, a, a)[1], jax.grad(lambda w: (gradient(*a[:3], w, a[4]) ** 2).sum())(a[3])

        return jax.vmap(each, axes)

    got, expected = both(op, transform, args, None)
    cells.assert_same(got, expected, BOUND)


def test_forward_mode_over_tokens():
    op = cells.OPERATIONS["lstm"]
    _, *others = cells.arguments(op, 3, 4, 2, 5)
    tokens = jnp.array(np.random.default_rng(0).integers(0, 7, (3, 4)), jnp.int32)
    embedding = jnp.array(np.random.default_rng(1).normal(size=(7, 2)), jnp.float32)

    def transform(f):
        return lambda e, *a: jax.jvp(lambda e, *a: f(Embedded(tokens, e), *a), (e, *a), (e, *a))

    got, expected = both(op, transform, (embedding, *others), None)
    cells.assert_same(got, expected)


def test_one_gradient_is_native_and_others_are_told_once(caplog):
    op = cells.OPERATIONS["rnn_tanh"]
    args = cells.arguments(op, 2, 3, 2, 3)
    f = loss(op.native, op, None)
    derivatives._tell.cache_clear()
    with caplog.at_level(logging.WARNING, "unspool.kernels"):
        program = cells.jit(jax.grad(f)).lower(*args).as_text()
        assert "unspool_backward" in program
        assert "while" not in program, "the reference's loop has come into a gradient"
        assert not caplog.records
        for _ in range(2):
            jax.jvp(f, args, args)
    assert [record.message.partition(" (")[0] for record in caplog.records] == [
        "a derivative other than one gradient in reverse mode"
    ]


def test_shard_map():
    """One device is enough to see the check that a foreign call does not pass, and that the reference does."""
    op = cells.OPERATIONS["lstm"]
    args = cells.arguments(op, 2, 3, 2, 3)
    mesh, rows = Mesh(np.array(jax.devices()[:1]), ("data",)), PartitionSpec("data")

    def gradient(check_vma):
        def f(*a):
            part = jax.shard_map(
                lambda *a: op.native(*a)[0],
                mesh=mesh,
                in_specs=(rows,) * 3 + (PartitionSpec(),) * 3,
                out_specs=rows,
                check_vma=check_vma,
            )
            return (part(*a) ** 2).sum()

        return jax.jit(jax.grad(f, argnums=(0, 4)))

    expected = jax.grad(lambda *a: (op.reference(*a)[0] ** 2).sum(), argnums=(0, 4))(*args)
    for check_vma, native in ((False, True), (True, False)):
        assert ("unspool_backward" in gradient(check_vma).lower(*args).as_text()) == native
        cells.assert_same(gradient(check_vma)(*args), expected)


@pytest.mark.whole
@pytest.mark.parametrize("check_vma", [True, False])
def test_a_layer_under_shard_map_begins_with_states_that_are_the_same_everywhere(check_vma):
    layer, x = GRU(3), jnp.ones((2, 4, 2))
    layer.build(x.shape)
    mesh, rows = Mesh(np.array(jax.devices()[:1]), ("data",)), PartitionSpec("data")
    part = jax.shard_map(layer, mesh=mesh, in_specs=rows, out_specs=rows, check_vma=check_vma)
    cells.assert_same([jax.grad(lambda x: (part(x) ** 2).sum())(x)], [jax.grad(lambda x: (layer(x) ** 2).sum())(x)])
