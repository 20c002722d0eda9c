"""The simple recurrent network (Elman, 1990)."""

from functools import partial
from typing import Unpack

import jax
import jax.numpy as jnp
from jax import Array

from unspool.kernels import native, path, scan
from unspool.kernels.derivatives import REFERENCES
from unspool.kernels.shapes import check_shapes
from unspool.kernels.tokens import Embedded

ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu}


def simple_rnn(
    x: Array | Embedded,
    h0: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    mask: Array | None = None,
    *,
    activation: str = "tanh",
    **options: Unpack[scan.Options],
) -> tuple[Array, Array]:
    """Run a simple recurrent network over a batch of sequences.

        h' = activation(x_t kernel + h recurrent_kernel + bias)

    Each array agrees with the reference's, and its gradient too, to 2e-5 of its largest value (tested).

    Args:
        x: (B, T, D); or (B, 1, D) with `length`; or `Embedded`, tokens and their vectors.
        h0: (B, U).
        kernel: (D, U).
        recurrent_kernel: (U, U).
        bias: (U,).
        mask: (B, T) bool, False where a step is skipped: it carries the state on, and its output is the previous
            output; or None.
        activation: "tanh" or "relu".
        **options: `go_backwards`, `return_sequences`, `zero_output_for_mask`, `length`: see `scan.Options`.

    Raises:
        ValueError: The arrays' shapes do not fit together.

    Returns:
        Outputs (B, T, U) or (B, U), final h (B, U).

    Example:
        >>> import jax.numpy as jnp
        >>> x, h0 = jnp.ones((2, 5, 3)), jnp.zeros((2, 4))
        >>> outputs, h = simple_rnn(x, h0, jnp.ones((3, 4)), jnp.ones((4, 4)), jnp.zeros(4))
        >>> outputs.shape, h.shape
        ((2, 5, 4), (2, 4))
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation {activation!r} is not one of {', '.join(ACTIVATIONS)}")
    weights = (kernel, recurrent_kernel, bias)
    check_shapes(x, (h0,), weights, mask, gates=1, length=options.get("length"))
    if not path.choose(x, h0, kernel, recurrent_kernel, bias).native:
        return simple_rnn_reference(x, h0, kernel, recurrent_kernel, bias, mask, activation=activation, **options)
    outputs, (h,) = native.run(f"rnn_{activation}", x, (h0,), weights, mask, **options)
    return outputs, h


def simple_rnn_reference(
    x: Array | Embedded,
    h0: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    mask: Array | None = None,
    *,
    activation: str = "tanh",
    **options: Unpack[scan.Options],
) -> tuple[Array, Array]:
    """The same as `simple_rnn`, step by step in plain JAX."""

    def step(x_t: Array, states: scan.States) -> scan.States:
        return (ACTIVATIONS[activation](x_t @ kernel + states[0] @ recurrent_kernel + bias),)

    outputs, (h,) = scan.run(step, x, (h0,), mask, **options)
    return outputs, h


REFERENCES |= {f"rnn_{name}": partial(simple_rnn_reference, activation=name) for name in ACTIVATIONS}
