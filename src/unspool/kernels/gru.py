"""The gated recurrent unit (Cho et al., 2014), with the reset gate after the product (cuDNN's way) or before it."""

from functools import partial
from typing import Unpack

import jax
import jax.numpy as jnp
from jax import Array

from unspool.kernels import native, path, scan
from unspool.kernels.derivatives import REFERENCES
from unspool.kernels.shapes import check_shapes
from unspool.kernels.tokens import Embedded


def gru(
    x: Array | Embedded,
    h0: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    mask: Array | None = None,
    *,
    reset_after: bool = True,
    **options: Unpack[scan.Options],
) -> tuple[Array, Array]:
    """Run a GRU over a batch of sequences.

    With the gates in Keras's order z, r, n (which Keras calls h), and a bias for x and one for h:

        z, r = sigmoid(x_t kernel + b + h recurrent_kernel + b')
        n = tanh(x_t kernel + b + r (h recurrent_kernel + b'))     reset after
        n = tanh(x_t kernel + b + (r h) recurrent_kernel)          reset before, where there is no b'
        h' = z h + (1 - z) n

    Each array agrees with the reference's, and its gradient too, to 2e-5 of its largest value (tested).

    Args:
        x: (B, T, D); or (B, 1, D) with `length`; or `Embedded`, tokens and their vectors.
        h0: (B, U).
        kernel: (D, 3U).
        recurrent_kernel: (U, 3U).
        bias: (2, 3U), or (3U,) with `reset_after=False`.
        mask: (B, T) bool, False where a step is skipped: it carries the state on, and its output is the previous
            output; or None.
        reset_after: Where the reset gate stands.
        **options: `go_backwards`, `return_sequences`, `zero_output_for_mask`, `length`: see `scan.Options`.

    Raises:
        ValueError: The arrays' shapes do not fit together.

    Returns:
        Outputs (B, T, U) or (B, U), final h (B, U).

    Example:
        >>> import jax.numpy as jnp
        >>> x, h0 = jnp.ones((2, 5, 3)), jnp.zeros((2, 4))
        >>> outputs, h = gru(x, h0, jnp.ones((3, 12)), jnp.ones((4, 12)), jnp.zeros((2, 12)))
        >>> outputs.shape, h.shape
        ((2, 5, 4), (2, 4))
    """
    weights = (kernel, recurrent_kernel, bias)
    check_shapes(x, (h0,), weights, mask, gates=3, bias_rows=2 if reset_after else 1, length=options.get("length"))
    if not path.choose(x, h0, kernel, recurrent_kernel, bias).native:
        return gru_reference(x, h0, kernel, recurrent_kernel, bias, mask, reset_after=reset_after, **options)
    cell = "gru_after" if reset_after else "gru_before"
    outputs, (h,) = native.run(cell, x, (h0,), weights, mask, **options)
    return outputs, h


def gru_reference(
    x: Array | Embedded,
    h0: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    mask: Array | None = None,
    *,
    reset_after: bool = True,
    **options: Unpack[scan.Options],
) -> tuple[Array, Array]:
    """The same as `gru`, step by step in plain JAX."""
    recurrent_z, recurrent_r, recurrent_n = jnp.split(recurrent_kernel, 3, axis=-1)
    bias_x, bias_h = bias if reset_after else (bias, jnp.zeros_like(bias))
    bias_z, bias_r, bias_n = jnp.split(bias_h, 3)

    def step(x_t: Array, states: scan.States) -> scan.States:
        (h,) = states
        x_z, x_r, x_n = jnp.split(x_t @ kernel + bias_x, 3, axis=-1)
        z = jax.nn.sigmoid(x_z + h @ recurrent_z + bias_z)
        r = jax.nn.sigmoid(x_r + h @ recurrent_r + bias_r)
        n = jnp.tanh(x_n + (r * (h @ recurrent_n + bias_n) if reset_after else (r * h) @ recurrent_n))
        return (z * h + (1 - z) * n,)

    outputs, (h,) = scan.run(step, x, (h0,), mask, **options)
    return outputs, h


REFERENCES |= {"gru_after": gru_reference, "gru_before": partial(gru_reference, reset_after=False)}
