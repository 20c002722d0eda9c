"""The native kernels as one differentiable JAX operation. Which arrays a cell takes is in `rnn`, `lstm` and `gru`.

An array that a call does not have travels as one of shape (0,), since a foreign call has a fixed number of arguments.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Unpack

import jax
import jax.numpy as jnp
from jax import Array
from jax.custom_batching import custom_vmap
from jax.custom_derivatives import SymbolicZero

from unspool.kernels import scan


@dataclass(frozen=True)
class Cell:
    """What `native/dispatch.h` says of a cell: its number, columns per unit, and vectors saved per unit."""

    number: int
    gates: int
    saved: int
    states: int = 1


CELLS = {
    "rnn_tanh": Cell(0, gates=1, saved=1),
    "rnn_relu": Cell(1, gates=1, saved=1),
    "lstm": Cell(2, gates=4, saved=6, states=2),
    "gru_after": Cell(3, gates=3, saved=5),
    "gru_before": Cell(4, gates=3, saved=4),
}


@dataclass(frozen=True)
class Call:
    """All of a call that is not an array."""

    cell: str
    length: int
    reverse: bool = False
    zero_masked: bool = False
    constant: bool = False
    """x is (B, 1, D), the same at every one of `length` steps."""
    wants_outputs: bool = True

    def attributes(self, mask: Array | None) -> dict[str, int | bool]:
        """What the foreign call is told besides its arrays."""
        return {
            "cell": CELLS[self.cell].number,
            "length": self.length,
            "reverse": self.reverse,
            "zero_masked": self.zero_masked,
            "constant": self.constant,
            "has_mask": mask is not None,
        }


def run(
    cell: str,
    x: Array,
    states: scan.States,
    weights: tuple[Array, Array, Array],
    mask: Array | None,
    **options: Unpack[scan.Options],
) -> tuple[Array, scan.States]:
    """The native counterpart of `scan.run`, for the cell of that name and (kernel, recurrent kernel, bias)."""
    length = options.get("length")
    call = Call(
        cell,
        length=x.shape[1] if length is None else length,
        reverse=options.get("go_backwards", False),
        zero_masked=options.get("zero_output_for_mask", False),
        constant=length is not None,
        wants_outputs=options.get("return_sequences", True),
    )
    h0, c0 = states if CELLS[cell].states == 2 else (states[0], None)
    outputs, h, c = recurrent(call, x, mask, h0, c0, *weights)
    if outputs is None:
        outputs = scan.last_output(h, mask, **options)
    return outputs, (h,) if c is None else (h, c)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def recurrent(
    call: Call,
    x: Array,
    mask: Array | None,
    h0: Array,
    c0: Array | None,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
) -> tuple[Array | None, Array, Array | None]:
    """Runs a cell over a batch of sequences.

    Args:
        call: Everything that is not an array.
        x: (B, T, D).
        mask: (B, T) bool, or None.
        h0: (B, U).
        c0: (B, U) for an LSTM, else None.
        kernel: (D, G*U).
        recurrent_kernel: (U, G*U).
        bias: (G*U,), or (2, G*U) for a GRU that resets after.

    Returns:
        Outputs (B, T, U) in processing order, or None if not wanted; the final h (B, U); the final c or None.
    """
    y, h, c, _ = forward(call, False, x, mask, h0, c0, kernel, recurrent_kernel, bias)
    return y, h, c


def _recurrent_forward(call: Call, *primals: Any) -> tuple[tuple[Array | None, Array, Array | None], Any]:
    wants_dx = primals[0].perturbed
    arrays = jax.tree.map(lambda p: p.value, primals, is_leaf=lambda p: hasattr(p, "perturbed"))
    y, h, c, saved = forward(call, True, *arrays)
    # A residual has to be an array or structure: whether x wants a gradient is told by the structure.
    return (y, h, c), (arrays, saved, () if wants_dx else None)


def _recurrent_backward(call: Call, residuals: Any, gradients: Any) -> tuple[Array | None, ...]:
    arrays, saved, wants_dx = residuals
    dy, dh, dc = (None if isinstance(g, SymbolicZero) else g for g in gradients)
    x, mask, h0, c0, kernel, recurrent_kernel, bias = arrays
    dx, dh0, dc0, dkernel, drecurrent, dbias = backward(
        call, wants_dx is not None, x, mask, h0, c0, kernel, recurrent_kernel, bias, saved, dy, dh, dc
    )
    return dx, None, dh0, dc0, dkernel, drecurrent, dbias


recurrent.defvjp(_recurrent_forward, _recurrent_backward, symbolic_zeros=True)


def forward(call: Call, saves: bool, *arrays: Any) -> tuple[Array | None, Array, Array | None, Array | None]:
    """The foreign call: y (B, T, U) or None, h (B, U), c (B, U) or None, what the backward pass needs or None."""
    results: tuple[Array | None, Array, Array | None, Array | None] = _forward_call(call, saves)(*arrays)
    return results


def backward(call: Call, wants_dx: bool, *arrays: Any) -> tuple[Array | None, ...]:
    """The foreign call: gradients of x (None if not wanted), h0, c0 (or None), kernel, recurrent kernel and bias."""
    gradients: tuple[Array | None, ...] = _backward_call(call, wants_dx)(*arrays)
    return gradients


def _absent(dtype: Any = jnp.float32) -> Array:
    return jnp.zeros((0,), dtype)


def _given(array: Array | None) -> Array:
    return _absent() if array is None else array


def _result(*shape: int) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(shape, jnp.float32)  # type: ignore[no-untyped-call]


@cache
def _forward_call(call: Call, saves: bool) -> Callable[..., Any]:
    cell = CELLS[call.cell]

    def run(
        x: Array, mask: Array | None, h0: Array, c0: Array | None, kernel: Array, recurrent_kernel: Array, bias: Array
    ) -> tuple[Array | None, Array, Array | None, Array | None]:
        (batch, _, _), units = x.shape, h0.shape[1]
        padded = -(-units // 16) * 16
        results = (
            _result(batch, call.length, units) if call.wants_outputs else _result(0),
            _result(batch, units),
            _result(batch, units) if cell.states == 2 else _result(0),
            _result(call.length, batch, cell.saved * padded) if saves else _result(0),
        )
        y, h, c, saved = jax.ffi.ffi_call("unspool_forward", results)(
            x,
            _absent(jnp.bool_) if mask is None else mask,
            h0,
            _given(c0),
            kernel,
            recurrent_kernel,
            bias,
            wants_outputs=call.wants_outputs,
            wants_saved=saves,
            **call.attributes(mask),
        )
        return (
            y if call.wants_outputs else None,
            h,
            c if cell.states == 2 else None,
            saved if saves else None,
        )

    batched = custom_vmap(run)

    @batched.def_vmap
    def rule(axis_size: int, in_batched: Any, *arrays: Any) -> tuple[Any, Any]:
        weights = arrays[4:]
        if any(jax.tree.leaves(in_batched[4:])):
            outs = _one_by_one(batched, in_batched, arrays)
        else:
            # The weights are shared: the mapped axis is just more rows.
            folded = [_fold(a, is_batched, axis_size) for a, is_batched in zip(arrays[:4], in_batched[:4], strict=True)]
            outs = _unfold(batched(*folded, *weights), axis_size)
        return outs, jax.tree.map(lambda _: True, outs)

    return batched


def _fold(array: Array | None, is_batched: Any, axis_size: int) -> Array | None:
    if array is None:
        return None
    if not is_batched:
        array = jnp.broadcast_to(array, (axis_size, *array.shape))
    return array.reshape(axis_size * array.shape[1], *array.shape[2:])


def _unfold(outs: Any, axis_size: int) -> Any:
    def split(array: Array, axis: int) -> Array:
        shape = (*array.shape[:axis], axis_size, array.shape[axis] // axis_size, *array.shape[axis + 1 :])
        return jnp.moveaxis(array.reshape(shape), axis, 0)

    y, h, c, saved = outs
    return tuple(None if a is None else split(a, axis) for a, axis in ((y, 0), (h, 0), (c, 0), (saved, 1)))


def _one_by_one(function: Callable[..., Any], in_batched: Any, arrays: Any) -> Any:
    leaves, structure = jax.tree.flatten(arrays)
    flags = jax.tree.leaves(in_batched)
    mapped = [leaf for leaf, is_batched in zip(leaves, flags, strict=True) if is_batched]

    def one(slices: list[Array]) -> Any:
        rest = iter(slices)
        return function(
            *jax.tree.unflatten(structure, [next(rest) if f else a for a, f in zip(leaves, flags, strict=True)])
        )

    return jax.lax.map(one, mapped)


@cache
def _backward_call(call: Call, wants_dx: bool) -> Callable[..., Any]:
    cell = CELLS[call.cell]

    def run(*arrays: Any) -> tuple[Array | None, ...]:
        x, mask, h0, c0, kernel, recurrent_kernel, bias, saved, dy, dh, dc = arrays
        results = (
            _result(*x.shape) if wants_dx else _result(0),
            _result(*h0.shape),
            _result(*h0.shape) if cell.states == 2 else _result(0),
            _result(*kernel.shape),
            _result(*recurrent_kernel.shape),
            _result(*bias.shape),
        )
        dx, dh0, dc0, *weights = jax.ffi.ffi_call("unspool_backward", results)(
            x,
            _absent(jnp.bool_) if mask is None else mask,
            h0,
            _given(c0),
            kernel,
            recurrent_kernel,
            bias,
            saved,
            _given(dy),
            _given(dh),
            _given(dc),
            has_dy=dy is not None,
            has_dh=dh is not None,
            has_dc=dc is not None,
            wants_dx=wants_dx,
            **call.attributes(mask),
        )
        return dx if wants_dx else None, dh0, dc0 if cell.states == 2 else None, *weights

    batched = custom_vmap(run)

    @batched.def_vmap
    def rule(axis_size: int, in_batched: Any, *arrays: Any) -> tuple[Any, Any]:
        # Folding would add up the weights' gradients, which are wanted for each element of the mapped axis.
        outs = _one_by_one(batched, in_batched, arrays)
        return outs, jax.tree.map(lambda _: True, outs)

    return batched
