"""The native kernels as one differentiable JAX operation. Which arrays a cell takes is in `rnn`, `lstm` and `gru`."""

from functools import partial
from typing import Any, Unpack

import jax
from jax import Array
from jax.custom_derivatives import SymbolicZero

from unspool.kernels import scan
from unspool.kernels.foreign import CELLS, Call, backward, forward, project
from unspool.kernels.tokens import Embedded, projects_vocabulary


def run(
    cell: str,
    x: Array | Embedded,
    states: scan.States,
    weights: tuple[Array, Array, Array],
    mask: Array | None,
    **options: Unpack[scan.Options],
) -> tuple[Array, scan.States]:
    """The native counterpart of `scan.run`, for the cell of that name and (kernel, recurrent kernel, bias)."""
    length = options.get("length")
    call = Call(
        cell,
        length=(x.tokens if isinstance(x, Embedded) else x).shape[1] if length is None else length,
        reverse=options.get("go_backwards", False),
        zero_masked=options.get("zero_output_for_mask", False),
        constant=length is not None,
        wants_outputs=options.get("return_sequences", True),
    )
    h0, c0 = states if CELLS[cell].states == 2 else (states[0], None)
    over = recurrent_over_tokens if isinstance(x, Embedded) else recurrent
    outputs, h, c = over(call, x, mask, h0, c0, *weights)
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


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def recurrent_over_tokens(
    call: Call,
    x: Embedded,
    mask: Array | None,
    h0: Array,
    c0: Array | None,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
) -> tuple[Array | None, Array, Array | None]:
    """The same as `recurrent` over the tokens' vectors, to the last bit; these become an array for a gradient only."""
    if projects_vocabulary(x, columns=kernel.shape[1]):
        table = project(call.cell, x.embedding, kernel, bias)
        y, h, c, _ = forward(call, False, table, mask, h0, c0, None, recurrent_kernel, bias, tokens=x.tokens)
    else:
        y, h, c, _ = forward(call, False, x.embedding, mask, h0, c0, kernel, recurrent_kernel, bias, tokens=x.tokens)
    return y, h, c


def _over_tokens_forward(call: Call, x: Embedded, *others: Any) -> Any:
    return jax.vjp(lambda x, *others: recurrent(call, x.vectors(), *others), x, *others)


def _over_tokens_backward(_: Call, pullback: Any, gradients: Any) -> Any:
    return pullback(gradients)


recurrent_over_tokens.defvjp(_over_tokens_forward, _over_tokens_backward)
