"""The native kernels as one differentiable JAX operation. Which arrays a cell takes is in `rnn`, `lstm` and `gru`."""

from functools import partial
from typing import Any, Unpack

import jax
from jax import Array

from unspool.kernels import derivatives, foreign, scan
from unspool.kernels.foreign import CELLS, Call
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
    if isinstance(x, Embedded):
        outputs, h, c = recurrent_over_tokens(call, *x, mask, h0, c0, *weights)
    else:
        outputs, h, c = recurrent(call, x, mask, h0, c0, *weights)
    if outputs is None:
        outputs = scan.last_output(h, mask, **options)
    return outputs, (h,) if c is None else (h, c)


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
    """Run a cell over a batch of sequences.

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
    y, h, c, _ = derivatives.forward(call, False, x, mask, h0, c0, kernel, recurrent_kernel, bias)
    return y, h, c


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def recurrent_over_tokens(
    call: Call,
    tokens: Array,
    embedding: Array,
    mask: Array | None,
    h0: Array,
    c0: Array | None,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
) -> tuple[Array | None, Array, Array | None]:
    """The same as `recurrent` over the tokens' vectors, to the last bit; these become an array for a gradient only."""
    if projects_vocabulary(Embedded(tokens, embedding), columns=kernel.shape[1]):
        table = foreign.project(call.cell, embedding, kernel, bias)
        y, h, c, _ = foreign.forward(call, False, table, mask, h0, c0, None, recurrent_kernel, bias, tokens=tokens)
    else:
        y, h, c, _ = foreign.forward(
            call, False, embedding, mask, h0, c0, kernel, recurrent_kernel, bias, tokens=tokens
        )
    return y, h, c


@partial(recurrent_over_tokens.defjvp, symbolic_zeros=True)
def _over_tokens_jvp(call: Call, primals: Any, tangents: Any) -> Any:
    def over_vectors(tokens: Array, embedding: Array, *others: Any) -> Any:
        return recurrent(call, Embedded(tokens, embedding).vectors(), *others)

    return derivatives.jvp_where_it_moves(over_vectors, primals, derivatives.without_zeros(tangents))
