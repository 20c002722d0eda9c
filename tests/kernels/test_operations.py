"""Every cell against its reference: values, final states and the gradients of all arguments."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import cells

# One of everything; few rows (inputs projected ahead, across a block of 64 steps); chunks of unequal size; the shape
# that matters most; weights beyond the second-level cache, where threads share the columns.
SHAPES = [(1, 1, 1, 1), (3, 130, 7, 9), (97, 3, 5, 33), (100, 6, 64, 32)]
SHAPES += [
    pytest.param((9, 2, 300, 270), marks=pytest.mark.whole, id="(9, 2, 300, 270)"),
    pytest.param((3, 5, 4, 520), marks=pytest.mark.slow, id="(3, 5, 4, 520)"),
]
# Each pair of options in each combination.
OPTIONS = [(False, False, False), (False, True, True), (True, False, True), (True, True, False)]

pytestmark = pytest.mark.parametrize("op", cells.OPERATIONS.values(), ids=cells.OPERATIONS.keys())


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_shape(op, shape):
    cells.assert_agrees(op, cells.arguments(op, *shape))


@pytest.mark.parametrize(("go_backwards", "zero_output_for_mask", "return_sequences"), OPTIONS)
@pytest.mark.slow
def test_every_mask_and_option(op, go_backwards, zero_output_for_mask, return_sequences):
    shape = (13, 8, 3, 20)
    for mask in cells.masks(*shape[:2]).values():
        cells.assert_agrees(
            op,
            cells.arguments(op, *shape),
            mask,
            go_backwards=go_backwards,
            zero_output_for_mask=zero_output_for_mask,
            return_sequences=return_sequences,
        )


@pytest.mark.parametrize("shape", [(0, 3, 2, 4), (5, 0, 2, 4)], ids=["no rows", "no steps"])
def test_nothing_to_do(op, shape):
    args = cells.arguments(op, *shape)
    got = cells.results(op.native, op, args, None)
    assert got[0].shape == (shape[0], shape[1], shape[3])
    np.testing.assert_array_equal(got[1], args[1])
    for gradient in got[-3:]:
        assert not gradient.any()


@pytest.mark.parametrize("batch", [2, 13])
def test_constant_input_is_the_repeated_input(op, batch):
    one = cells.arguments(op, batch, 1, 6, 19)
    keep = cells.masks(batch, 11)["any"]

    def repeated(x, *rest, length, **options):
        return op.reference(jnp.repeat(x, length, axis=1), *rest, **options)

    got = cells.results(op.native, op, one, keep, length=11)
    cells.assert_same(got, cells.results(repeated, op, one, keep, length=11))


def test_comparison_can_fail(op):
    """The bound is tight enough to see a wrong gate, a lost step and a shifted mask."""
    args = cells.arguments(op, 5, 6, 3, 8)
    mask = cells.masks(5, 6)["any"]
    right = cells.results(op.reference, op, args, mask)
    *rest, recurrent, bias = args
    wrong = {
        "columns swapped": ((*rest, jnp.roll(recurrent, 8 if op.gates > 1 else 1, axis=1), bias), mask),
        "a step lost": (args, mask.at[:, -1].set(False)),
        "mask shifted": (args, jnp.roll(mask, 1, axis=1)),
    }
    for changed, keep in wrong.values():
        with pytest.raises(AssertionError, match="array"):
            cells.assert_same(cells.results(op.native, op, changed, keep), right)


def test_a_row_does_not_depend_on_the_others(op):
    args = cells.arguments(op, 40, 7, 5, 21)
    rows = 1 + op.states
    whole = op.native(*args, **op.options)
    for some in (slice(0, 1), slice(3, 6), slice(7, 20)):
        part = op.native(*(a[some] for a in args[:rows]), *args[rows:], **op.options)
        for one, all_ in zip(part, whole, strict=True):
            np.testing.assert_array_equal(one, all_[some])


def test_inference_and_training_agree_to_the_bit(op):
    args = cells.arguments(op, 9, 5, 3, 12)
    plain = op.native(*args, **op.options)
    trained = jax.vjp(lambda *a: op.native(*a, **op.options), *args)[0]
    for p, t in zip(plain, trained, strict=True):
        np.testing.assert_array_equal(p, t)


@pytest.mark.slow
def test_each_gradient_alone(op):
    """Leaving the others out (so that x needs none, or no output has one) changes nothing."""
    args = cells.arguments(op, 6, 4, 3, 5)

    def loss(function, *a):
        return (function(*a, **op.options)[-1] ** 2).sum()  # only the final state

    every = tuple(range(len(args)))
    expected = cells.jit(jax.grad(lambda *a: loss(op.reference, *a), argnums=every))(*args)
    for i in every:
        got = cells.jit(jax.grad(lambda *a: loss(op.native, *a), argnums=i))(*args)
        cells.assert_same((got,), expected[i : i + 1])


@pytest.mark.slow
def test_jit_scan_and_grad(op):
    args = cells.arguments(op, 4, 5, 8, 8)
    rows = 1 + op.states

    def through_layers(function, args):
        def layer(x, _):
            return function(x, *args[1:rows], *args[rows:], **op.options)[0], None

        def loss(args):
            x, _ = jax.lax.scan(layer, args[0], length=3)
            return (x**2).mean()

        return jax.grad(loss)(args)

    got, expected = (cells.jit(lambda a, f=f: through_layers(f, a))(args) for f in (op.native, op.reference))
    cells.assert_same(got, expected)


@pytest.mark.parametrize("shared", ["weights", "x", "nothing"])
@pytest.mark.slow
def test_vmap_and_its_gradient(op, shared):
    sets = [cells.arguments(op, 3, 4, 2, 5, seed) for seed in range(4)]
    rows = 1 + op.states
    axes = [0] * len(sets[0])
    if shared == "weights":
        axes[rows:] = [None] * 3
    if shared == "x":
        axes[0] = None
    args = [jnp.stack(a) if axis == 0 else a[0] for a, axis in zip(zip(*sets, strict=True), axes, strict=True)]
    mask = jnp.stack([cells.masks(3, 4, seed)["any"] for seed in range(4)])

    def values_and_gradients(function):
        def each(mask, *a):
            return function(*a, mask, **op.options)

        mapped = jax.vmap(each, (0, *axes))
        outs = mapped(mask, *args)
        gradients = jax.grad(lambda a: sum((o**2).sum() for o in mapped(mask, *a)))(args)
        return (*outs, *gradients)

    got, expected = (cells.jit(lambda f=f: values_and_gradients(f))() for f in (op.native, op.reference))
    cells.assert_same(got, expected)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(data=st.data())
@pytest.mark.slow
def test_any_shape_mask_and_values(op, data):
    """Against the cell in NumPy's float64, one row and one step at a time."""
    batch, length = data.draw(st.integers(1, 20), "batch"), data.draw(st.integers(1, 6), "length")
    width, units = data.draw(st.integers(1, 12), "width"), data.draw(st.integers(1, 40), "units")
    args = cells.arguments(op, batch, length, width, units, seed=data.draw(st.integers(0, 1000), "seed"))
    args = (args[0] * data.draw(st.sampled_from([0.01, 1.0, 30.0]), "scale of x"), *args[1:])
    bits = data.draw(st.lists(st.booleans(), min_size=batch * length, max_size=batch * length), "mask")
    mask = data.draw(st.sampled_from([None, np.reshape(bits, (batch, length))]), "with mask")
    flags = {n: data.draw(st.booleans(), n) for n in ("go_backwards", "zero_output_for_mask")}
    cells.assert_same(op.native(*args, mask, **op.options, **flags), cells.in_numpy(op, args, mask, **flags))
