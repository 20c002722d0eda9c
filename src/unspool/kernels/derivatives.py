"""The derivatives of the native kernels: reverse mode by native code, everything else by the reference.

`forward` is differentiable to any order. Its tangents are one primitive, linear in the arguments' tangents:

- transposed, for a gradient, it is the native backward pass;
- evaluated, in forward mode (`jax.jvp`, `jax.jacfwd`), and differentiated again (`jax.hessian`, gradients of
  gradients), it is what JAX makes of the reference: as exact, but several times slower, which is logged once.

What the forward pass saves for the backward pass follows from its arguments, so it has no tangent of its own.
"""

import logging
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.custom_derivatives import SymbolicZero
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from unspool.kernels import foreign
from unspool.kernels.foreign import Call

REFERENCES: dict[str, Callable[..., Any]] = {}
"""The readable reference of each cell, entered by the cell's own file."""

_WEIGHTS = slice(4, 7)
_log = logging.getLogger("unspool.kernels")


@partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def forward(call: Call, saves: bool, *arrays: Array | None) -> tuple[Array | None, Array, Array | None, Array | None]:
    """Run a cell over a batch of sequences.

    Args:
        call: everything that is not an array.
        saves: whether to give what the backward pass needs.
        *arrays: x (B, T, D), mask (B, T) or None, h0 (B, U), c0 (B, U) or None, kernel (D, G*U), recurrent kernel
            (U, G*U), bias (G*U,) or (2, G*U).

    Returns:
        y (B, T, U) or None, h (B, U), c (B, U) or None, what the backward pass needs or None.
    """
    return foreign.forward(call, saves, *arrays)


@partial(forward.defjvp, symbolic_zeros=True)
def _forward_jvp(call: Call, saves: bool, primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
    y, h, c, saved = forward(call, True, *primals)
    leaves, tree = jax.tree.flatten((without_zeros(tangents), primals, saved))
    moved = iter(_tangents.bind(*leaves, call=call, tree=tree))  # type: ignore[no-untyped-call]
    dy, dh, dc = (None if out is None else next(moved) for out in (y, h, c))
    if saves:
        return (y, h, c, saved), (dy, dh, dc, SymbolicZero(jax.typeof(saved)))
    return (y, h, c, None), (dy, dh, dc, None)


@partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def backward(call: Call, wants_dx: bool, *arrays: Array | None) -> tuple[Array | None, ...]:
    """Give the gradients of x (or None), h0, c0 (or None), kernel, recurrent kernel and bias.

    Args:
        call: as for `forward`.
        wants_dx: whether that of x is wanted.
        *arrays: those of `forward`, what it saved, then the gradients of y, h and c, None for each that is zero.
    """
    return foreign.backward(call, wants_dx, *arrays)


@partial(backward.defjvp, symbolic_zeros=True)
def _backward_jvp(call: Call, wants_dx: bool, primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
    """The saved array, number 7, is a function of the others: its tangent is left out."""
    _tell()
    moving = without_zeros(tangents)
    moving[7] = None

    def gradients(*arrays: Any) -> Any:
        x, mask, h0, c0, *weights, _, dy, dh, dc = arrays
        outs, pullback = jax.vjp(lambda x, h0, c0, *w: _reference(call, x, mask, h0, c0, *w), x, h0, c0, *weights)
        given = [0 * out if d is None and out is not None else d for out, d in zip(outs, (dy, dh, dc), strict=True)]
        dx, *others = pullback(tuple(given))
        return dx if wants_dx else None, *others

    return jvp_where_it_moves(gradients, primals, moving)


def jvp_where_it_moves(function: Callable[..., Any], primals: Any, tangents: Any) -> Any:
    """`jax.jvp` for arguments of which some have no tangent, which is None in its place."""
    moving = [i for i, tangent in enumerate(tangents) if tangent is not None]

    def of_the_moving(*values: Any) -> Any:
        arrays = list(primals)
        for i, value in zip(moving, values, strict=True):
            arrays[i] = value
        return function(*arrays)

    return jax.jvp(of_the_moving, [primals[i] for i in moving], [tangents[i] for i in moving])


def without_zeros(tangents: tuple[Any, ...]) -> list[Any]:
    """None in the place of each tangent that is zero, or has no place."""
    return [None if tangent is None or isinstance(tangent, SymbolicZero) else tangent for tangent in tangents]


def _reference(call: Call, x: Array, mask: Array | None, h0: Array, c0: Array | None, *weights: Array) -> Any:
    """The reference with the arguments and results of `forward`, but for what is saved."""
    states = (h0,) if c0 is None else (h0, c0)
    y, *final = REFERENCES[call.cell](
        x,
        *states,
        *weights,
        mask,
        go_backwards=call.reverse,
        zero_output_for_mask=call.zero_masked,
        length=call.length if call.constant else None,
    )
    return y if call.wants_outputs else None, final[0], None if c0 is None else final[1]


@cache
def _tell() -> None:
    _log.warning(
        "a derivative other than one gradient in reverse mode (jvp, jacfwd, hessian, a gradient of a gradient) is "
        "computed by the reference, several times slower than the kernels"
    )


# The primitive takes (tangents, arguments, saved) as `tree` flattened them; None for a tangent that is zero.
_tangents = Primitive("unspool_tangents")
_tangents.multiple_results = True


@_tangents.def_impl  # type: ignore[untyped-decorator]
def _by_reference(*leaves: Any, call: Call, tree: Any) -> list[Array]:
    _tell()
    tangents, primals, _ = tree.unflatten(leaves)
    moved: list[Array] = jax.tree.leaves(jvp_where_it_moves(partial(_reference, call), primals, tangents)[1])
    return moved


@_tangents.def_abstract_eval  # type: ignore[untyped-decorator]
def _shapes(*leaves: Any, call: Call, tree: Any) -> list[Any]:
    _, (_, _, h0, c0, *_), _ = tree.unflatten(leaves)
    rows, units = h0.shape
    y = [h0.update(shape=(rows, call.length, units))] if call.wants_outputs else []
    return [*y, h0, *([] if c0 is None else [h0])]


def _transposed(gradients: Any, *leaves: Any, call: Call, tree: Any) -> list[Any]:
    """The backward pass: gradients of the outputs to gradients of the arguments whose tangents it is linear in."""
    tangents, primals, saved = tree.unflatten(leaves)
    wanted = [isinstance(tangent, ad.UndefinedPrimal) for tangent in tangents]
    arriving = iter(None if type(d) is ad.Zero else d for d in gradients)
    has = (call.wants_outputs, True, primals[3] is not None)
    dy, dh, dc = (next(arriving) if there else None for there in has)
    dx, *others = backward(call, wanted[0], *primals, saved, dy, dh, dc)
    found = [
        d if is_wanted else None
        for d, is_wanted, tangent in zip((dx, None, *others), wanted, tangents, strict=True)
        if tangent is not None
    ]
    return found + [None] * (len(leaves) - len(found))


def _differentiated(primals: Any, tangents: Any, *, call: Call, tree: Any) -> Any:
    moving = [None if type(tangent) is ad.Zero else tangent for tangent in tangents]
    return jvp_where_it_moves(partial(_by_reference, call=call, tree=tree), primals, moving)


def _batched(leaves: Any, axes: Any, *, call: Call, tree: Any) -> Any:
    """With shared weights the mapped axis is just more rows; with others, one element after the other."""
    size = next(leaf.shape[axis] for leaf, axis in zip(leaves, axes, strict=True) if axis is not None)
    first = [leaf if axis is None else jnp.moveaxis(leaf, axis, 0) for leaf, axis in zip(leaves, axes, strict=True)]
    flags = [axis is not None for axis in axes]
    run = partial(_tangents.bind, call=call, tree=tree)
    parts = tree.unflatten(first)
    is_mapped = tree.unflatten(flags)
    if any(jax.tree.leaves([part[_WEIGHTS] for part in is_mapped[:2]])):
        outs = foreign.one_by_one(run, flags, first)
    else:
        rows = [_as_rows(part, mapped, size) for part, mapped in zip(parts[:2], is_mapped[:2], strict=True)]
        saved = parts[2] if is_mapped[2] else jnp.broadcast_to(parts[2], (size, *parts[2].shape))
        saved = jnp.moveaxis(saved, 0, 1).reshape(saved.shape[1], -1, saved.shape[3])
        outs = [out.reshape(size, -1, *out.shape[1:]) for out in run(*jax.tree.leaves((*rows, saved)))]
    return outs, [0] * len(outs)


def _as_rows(arrays: Any, is_mapped: Any, size: int) -> list[Any]:
    return [
        array if number >= _WEIGHTS.start else foreign.fold(array, mapped, size)
        for number, (array, mapped) in enumerate(zip(arrays, is_mapped, strict=True))
    ]


ad.primitive_transposes[_tangents] = _transposed
ad.primitive_jvps[_tangents] = _differentiated
batching.primitive_batchers[_tangents] = _batched
mlir.register_lowering(_tangents, mlir.lower_fun(_by_reference, multiple_results=True))
