"""Long short-term memory (Hochreiter and Schmidhuber, 1997; with the forget gate of Gers et al., 2000)."""

from typing import Unpack

import jax
import jax.numpy as jnp
from jax import Array

from unspool.kernels import native, path, scan
from unspool.kernels.derivatives import REFERENCES
from unspool.kernels.shapes import check_shapes
from unspool.kernels.tokens import Embedded


def lstm(
    x: Array | Embedded,
    h0: Array,
    c0: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    mask: Array | None = None,
    **options: Unpack[scan.Options],
) -> tuple[Array, Array, Array]:
    """Run an LSTM over a batch of sequences.

    With the gates in Keras's order i, f, g, o:

        [i f g o] = x_t kernel + h recurrent_kernel + bias;  i, f, o: sigmoid, g: tanh
        c' = f c + i g;   h' = o tanh(c')

    Each array agrees with the reference's, and its gradient too, to 2e-5 of its largest value (tested).

    Args:
        x: (B, T, D); or (B, 1, D) with `length`; or `Embedded`, tokens and their vectors.
        h0: (B, U).
        c0: (B, U).
        kernel: (D, 4U).
        recurrent_kernel: (U, 4U).
        bias: (4U,).
        mask: (B, T) bool, False where a step is skipped: it carries the states on, and its output is the previous
            output; or None.
        **options: `go_backwards`, `return_sequences`, `zero_output_for_mask`, `length`: see `scan.Options`.

    Raises:
        ValueError: The arrays' shapes do not fit together.

    Returns:
        Outputs (B, T, U) or (B, U), final h (B, U), final c (B, U).

    Example:
        >>> import jax.numpy as jnp
        >>> x, state = jnp.ones((2, 5, 3)), jnp.zeros((2, 4))
        >>> outputs, h, c = lstm(x, state, state, jnp.ones((3, 16)), jnp.ones((4, 16)), jnp.zeros(16))
        >>> outputs.shape, bool((outputs[:, -1] == h).all())
        ((2, 5, 4), True)
    """
    weights = (kernel, recurrent_kernel, bias)
    check_shapes(x, (h0, c0), weights, mask, gates=4, length=options.get("length"))
    if not path.choose(x, h0, c0, kernel, recurrent_kernel, bias).native:
        return lstm_reference(x, h0, c0, kernel, recurrent_kernel, bias, mask, **options)
    outputs, (h, c) = native.run("lstm", x, (h0, c0), weights, mask, **options)
    return outputs, h, c


def lstm_reference(
    x: Array | Embedded,
    h0: Array,
    c0: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    mask: Array | None = None,
    **options: Unpack[scan.Options],
) -> tuple[Array, Array, Array]:
    """The same as `lstm`, step by step in plain JAX."""

    def step(x_t: Array, states: scan.States) -> scan.States:
        h, c = states
        i, f, g, o = jnp.split(x_t @ kernel + h @ recurrent_kernel + bias, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return jax.nn.sigmoid(o) * jnp.tanh(c), c

    outputs, (h, c) = scan.run(step, x, (h0, c0), mask, **options)
    return outputs, h, c


REFERENCES["lstm"] = lstm_reference
