"""The foreign calls of the native kernels, and how they are batched. `native` makes a differentiable operation of them.

An array that a call does not have travels as one of shape (0,), since a foreign call has a fixed number of arguments.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.custom_batching import custom_vmap

from unspool.kernels.sharding import by_rows


@dataclass(frozen=True)
class Cell:
    """A cell as in `native/dispatch.h`: its number, columns per unit, and vectors saved per unit."""

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
        """The attributes of the foreign call."""
        return {
            "cell": CELLS[self.cell].number,
            "length": self.length,
            "reverse": self.reverse,
            "zero_masked": self.zero_masked,
            "constant": self.constant,
            "has_mask": mask is not None,
        }


def forward(
    call: Call, saves: bool, *arrays: Any, tokens: Array | None = None
) -> tuple[Array | None, Array, Array | None, Array | None]:
    """The foreign call: y (B, T, U) or None, h (B, U), c (B, U) or None, what the backward pass needs or None.

    With tokens (B, T), x is their embedding (V, D); or it is `project`'s table of it, and the kernel None.
    """
    # x, mask, h0, c0, kernel, recurrent kernel, bias, tokens; with tokens, x has a row for each of the vocabulary
    rows = "rrrr...r" if tokens is None else ".rrr...r"
    results: tuple[Array | None, Array, Array | None, Array | None]
    results = by_rows(_forward_call(call, saves), rows, "rrrs")(*arrays, tokens)
    return results


def project(cell: str, embedding: Array, kernel: Array, bias: Array) -> Array:
    """The foreign call: what each token of an embedding (V, D) adds to a cell's gates, laid out for `forward`."""
    table: Array = _project_call(cell)(embedding, kernel, bias)
    return table


def backward(call: Call, wants_dx: bool, *arrays: Any) -> tuple[Array | None, ...]:
    """The foreign call: gradients of x (None if not wanted), h0, c0 (or None), kernel, recurrent kernel and bias."""
    # what `forward` takes, then what it saved, then the gradients of y, h and c; and the gradients of the former
    gradients: tuple[Array | None, ...] = by_rows(_backward_call(call, wants_dx), "rrrr...srrr", "rrr...")(*arrays)
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
        x: Array,
        mask: Array | None,
        h0: Array,
        c0: Array | None,
        kernel: Array | None,
        recurrent_kernel: Array,
        bias: Array,
        tokens: Array | None,
    ) -> tuple[Array | None, Array, Array | None, Array | None]:
        batch, units = (x if tokens is None else tokens).shape[0], h0.shape[1]
        results = (
            _result(batch, call.length, units) if call.wants_outputs else _result(0),
            _result(batch, units),
            _result(batch, units) if cell.states == 2 else _result(0),
            _result(call.length, batch, cell.saved * _padded(units)) if saves else _result(0),
        )
        y, h, c, saved = jax.ffi.ffi_call("unspool_forward", results)(
            x,
            _absent(jnp.bool_) if mask is None else mask,
            h0,
            _given(c0),
            _given(kernel),
            recurrent_kernel,
            bias,
            _absent(jnp.int32) if tokens is None else tokens,
            has_tokens=tokens is not None,
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
        x_has_rows = arrays[-1] is None
        has_rows = (x_has_rows, True, True, True, False, False, False, True)
        each = list(zip(arrays, in_batched, has_rows, strict=True))
        if any(jax.tree.leaves([is_batched for _, is_batched, rows in each if not rows])):
            outs = one_by_one(batched, in_batched, arrays)
        else:
            # The weights are shared: the mapped axis is just more rows.
            folded = [fold(a, is_batched, axis_size) if rows else a for a, is_batched, rows in each]
            outs = _unfold(batched(*folded), axis_size)
        return outs, jax.tree.map(lambda _: True, outs)

    return batched


@cache
def _project_call(name: str) -> Callable[..., Any]:
    cell = CELLS[name]

    def run(embedding: Array, kernel: Array, bias: Array) -> Array:
        columns = cell.gates * _padded(kernel.shape[1] // cell.gates)
        table: Array = jax.ffi.ffi_call("unspool_project", _result(embedding.shape[0], columns))(
            embedding, kernel, bias, cell=cell.number
        )
        return table

    batched = custom_vmap(run)

    @batched.def_vmap
    def rule(axis_size: int, in_batched: Any, *arrays: Any) -> tuple[Any, Any]:
        return one_by_one(batched, in_batched, arrays), True

    return batched


def _padded(units: int) -> int:
    """Units in whole vectors of the widest instruction set."""
    return -(-units // 16) * 16


def fold(array: Array | None, is_batched: Any, axis_size: int) -> Array | None:
    """The mapped axis, the first, as more rows: (N, B, ...) to (N*B, ...)."""
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


def one_by_one(function: Callable[..., Any], in_batched: Any, arrays: Any) -> Any:
    """Call the function with each element along the mapped axis, the first, in a loop."""
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
        outs = one_by_one(batched, in_batched, arrays)
        return outs, jax.tree.map(lambda _: True, outs)

    return batched
