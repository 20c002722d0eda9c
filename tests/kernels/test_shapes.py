"""Arrays that do not fit together are refused when the call is traced, on either path."""

import jax
import pytest

from unspool import kernels
from unspool.kernels import foreign
from unspool.kernels.tokens import Embedded

from . import cells

EVERY_OPERATION = pytest.mark.parametrize("op", cells.OPERATIONS.values(), ids=cells.OPERATIONS.keys())


@EVERY_OPERATION
@pytest.mark.parametrize("path", ["native", "reference"])
def test_each_array_is_refused_by_name(op, path):
    args = cells.arguments(op, 3, 4, 2, 5)
    states = ["h0", "c0"][: op.states]
    names = ["x", *states, "kernel", "recurrent_kernel", "bias"]
    for number, name in enumerate(names):
        wrong = [a[..., :-1] if n == number else a for n, a in enumerate(args)]
        with (
            kernels.use(path),
            pytest.raises(ValueError, match=rf"^{name} has shape"),
        ):
            jax.eval_shape(lambda *a: op.native(*a, **op.options), *wrong)
    with kernels.use(path), pytest.raises(ValueError, match=r"^mask has shape \(3, 3\): \(3, 4\) is expected"):
        jax.eval_shape(lambda *a: op.native(*a, **op.options), *args, cells.masks(3, 3)["any"])
    with kernels.use(path), pytest.raises(ValueError, match=r"^x has shape \(3, 8\): \(batch, steps, features\)"):
        jax.eval_shape(lambda *a: op.native(*a, **op.options), args[0].reshape(3, 8), *args[1:])


def test_features_are_told_of_tokens_too():
    op = cells.OPERATIONS["lstm"]
    x, *others = cells.arguments(op, 3, 4, 2, 5)
    tokens = Embedded(x[..., 0].astype("int32"), x[0, :, :1])
    with pytest.raises(ValueError, match="so 1 features a step, but the weights are for 2"):
        op.native(tokens, *others)


def test_one_step_for_all():
    op = cells.OPERATIONS["lstm"]
    with pytest.raises(ValueError, match=r"x has shape \(3, 4, 2\): \(3, 1, 2\) is expected"):
        op.native(*cells.arguments(op, 3, 4, 2, 5), length=4)


@EVERY_OPERATION
def test_the_native_code_checks_too(op):
    """What reached it unchecked would be read as memory."""
    x, h0, *others = cells.arguments(op, 3, 4, 2, 5)
    c0 = others.pop(0) if op.states == 2 else None
    call = foreign.Call(op.name, length=4)
    with pytest.raises(jax.errors.JaxRuntimeError, match="unspool: h0 has shape"):
        jax.block_until_ready(foreign.forward(call, False, x, None, h0[:2], c0, *others))
