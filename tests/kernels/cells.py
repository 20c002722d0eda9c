"""What the cells' tests share: random arguments, and the comparison of an operation with its reference."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from unspool.kernels.library import Library, load
from unspool.kernels.recurrent import gru, gru_reference, lstm, lstm_reference, simple_rnn, simple_rnn_reference

# Of the largest value in each array. float32 sums in another order give about 5e-6 over these shapes; swapped gates, a
# step too few or a mask shifted by one give 1e-2 and more (`test_comparison_can_fail`).
BOUND = 2e-5


@dataclass(frozen=True)
class Operation:
    """One cell: how to call it and its reference, and the columns per unit of its weights."""

    name: str
    native: Callable[..., Any]
    reference: Callable[..., Any]
    gates: int
    states: int = 1
    bias_rows: int = 1
    options: dict[str, Any] = field(default_factory=dict)


OPERATIONS = {
    op.name: op
    for op in (
        Operation("lstm", lstm, lstm_reference, 4, states=2),
        Operation("rnn_tanh", simple_rnn, simple_rnn_reference, 1),
        Operation("rnn_relu", simple_rnn, simple_rnn_reference, 1, options={"activation": "relu"}),
        Operation("gru_after", gru, gru_reference, 3, bias_rows=2),
        Operation("gru_before", gru, gru_reference, 3, options={"reset_after": False}),
    )
}


def library() -> Library:
    found = load()
    assert isinstance(found, Library), found
    return found


def arguments(op: Operation, batch: int, length: int, width: int, units: int, seed: int = 0) -> tuple[Array, ...]:
    """X, the states, kernel, recurrent kernel, bias: all random, none zero."""
    rng = np.random.default_rng([seed, batch, length, width, units])

    def normal(*shape: int, scale: float = 1.0) -> Array:
        return jnp.asarray((scale * rng.standard_normal(shape)).astype(np.float32))

    columns = op.gates * units
    return (
        normal(batch, length, width),
        *(normal(batch, units) for _ in range(op.states)),
        normal(width, columns, scale=width**-0.5),
        normal(units, columns, scale=0.7 * units**-0.5),
        normal(*((2, columns) if op.bias_rows == 2 else (columns,)), scale=0.5),
    )


def masks(batch: int, length: int, seed: int = 0) -> dict[str, Array | None]:
    """None, padding at the back, at the front, any, and any with whole rows masked."""
    rng = np.random.default_rng([seed, batch, length])
    real = rng.integers(0, length + 1, batch)
    steps = np.arange(length)
    some = rng.random((batch, length)) < 0.6
    holes = some.copy()
    holes[:: max(1, batch // 3)] = False
    kinds = {"back": steps < real[:, None], "front": steps >= length - real[:, None], "any": some, "rows": holes}
    return {"none": None, **{name: jnp.asarray(mask) for name, mask in kinds.items()}}


def jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiles without optimizing: compiling takes most of these tests' time, and running next to none."""
    return jax.jit(function, compiler_options={"xla_backend_optimization_level": 0})


def results(function: Callable[..., Any], op: Operation, args: tuple[Array, ...], mask: Array | None, **options: Any):
    """Outputs, final states, and the gradient of a random weighting of them with respect to every argument."""
    return _compiled(function, tuple({**op.options, **options}.items()))(args, mask)


@cache
def _compiled(function: Callable[..., Any], options: tuple[tuple[str, Any], ...]) -> Callable[..., Any]:
    def weighted(args: tuple[Array, ...], mask: Array | None) -> tuple[Array, tuple[Array, ...]]:
        rng = np.random.default_rng(1)
        outs = function(*args, mask, **dict(options))
        weights = [rng.standard_normal(out.shape).astype(np.float32) for out in outs]
        return sum(jnp.vdot(w, out) for w, out in zip(weights, outs, strict=True)), outs

    def run(args: tuple[Array, ...], mask: Array | None) -> tuple[Array, ...]:
        (_, outs), gradients = jax.value_and_grad(weighted, has_aux=True)(args, mask)
        return (*outs, *gradients)

    return jit(run)


def assert_same(got: tuple[Array, ...], expected: tuple[Array, ...], bound: float = BOUND) -> None:
    assert len(got) == len(expected)
    for i, (g, e) in enumerate(zip(map(np.asarray, got), map(np.asarray, expected), strict=True)):
        assert g.shape == e.shape
        scale = max(float(np.abs(e).max(initial=0.0)), 1e-3)
        assert float(np.abs(g - e).max(initial=0.0)) <= bound * scale, f"array {i}"


def assert_agrees(op: Operation, args: tuple[Array, ...], mask: Array | None = None, **options: Any) -> None:
    got = results(op.native, op, args, mask, **options)
    if mask is None:
        mask = jnp.ones(args[0].shape[:2], bool)  # the same to the reference, and one program less to compile
    assert_same(got, results(op.reference, op, args, mask, **options))


def in_numpy(
    op: Operation,
    args: tuple[Array, ...],
    mask: np.ndarray | None,
    *,
    go_backwards: bool,
    zero_output_for_mask: bool,
) -> tuple[np.ndarray, ...]:
    """The cell once more, in float64, with neither JAX nor a shared loop."""
    x, *states, kernel, recurrent, bias = (np.asarray(a, np.float64) for a in args)
    batch, length, _ = x.shape
    outputs = np.zeros((batch, length, states[0].shape[1]))
    for b in range(batch):
        old = [s[b] for s in states]
        for s, t in enumerate(reversed(range(length)) if go_backwards else range(length)):
            keep = mask is None or mask[b, t]
            if keep:
                old = _step_in_numpy(op, x[b, t], old, kernel, recurrent, bias)
            outputs[b, s] = old[0] if keep or not zero_output_for_mask else 0
        for state, value in zip(states, old, strict=True):
            state[b] = value
    return (outputs, *states)


def _step_in_numpy(op, x, states, kernel, recurrent, bias):
    def sigmoid(v):
        return 1 / (1 + np.exp(-v))

    h, *c = states
    if op.name == "lstm":
        i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4)
        new = sigmoid(f) * c[0] + sigmoid(i) * np.tanh(g)
        return [sigmoid(o) * np.tanh(new), new]
    if op.name.startswith("rnn"):
        total = x @ kernel + h @ recurrent + bias
        return [np.tanh(total) if op.name == "rnn_tanh" else np.maximum(total, 0)]
    bias_x, bias_h = bias if op.name == "gru_after" else (bias, 0 * bias)
    xz, xr, xn = np.split(x @ kernel + bias_x, 3)
    wz, wr, wn = np.split(recurrent, 3, axis=1)
    bz, br, bn = np.split(bias_h, 3)
    z, r = sigmoid(xz + h @ wz + bz), sigmoid(xr + h @ wr + br)
    n = np.tanh(xn + (r * (h @ wn + bn) if op.name == "gru_after" else (r * h) @ wn))
    return [z * h + (1 - z) * n]
