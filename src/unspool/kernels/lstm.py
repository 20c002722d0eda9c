"""Long short-term memory (Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al., 2000)."""

import jax
import jax.numpy as jnp
from jax import Array

from unspool.kernels import native, path, scan


def lstm(
    x: Array,
    h0: Array,
    c0: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    mask: Array | None = None,
    *,
    go_backwards: bool = False,
    return_sequences: bool = True,
    zero_output_for_mask: bool = False,
    length: int | None = None,
) -> tuple[Array, Array, Array]:
    """Runs an LSTM over a batch of sequences.

    With the gates in Keras's order i, f, g, o:

        [i f g o] = x_t kernel + h recurrent_kernel + bias;  i, f, o: sigmoid, g: tanh
        c' = f c + i g;   h' = o tanh(c')

    Values agree with the reference to 2e-6, gradients to 2e-5, of the largest value in each array (tested).

    Args:
        x: (B, T, D); or (B, 1, D) with `length`.
        h0: (B, U).
        c0: (B, U).
        kernel: (D, 4U).
        recurrent_kernel: (U, 4U).
        bias: (4U,).
        mask: (B, T) bool, False where a step is to be skipped: it carries the state on, and its output is the previous
            output; or None.
        go_backwards: Process the last step first; outputs stay in processing order.
        return_sequences: All outputs, or only that of the last step processed.
        zero_output_for_mask: The output of a skipped step is 0.
        length: Where x is one step that stands for all: their number. Its product with `kernel` is made once.

    Returns:
        Outputs (B, T, U) or (B, U), final h (B, U), final c (B, U).

    Example:
        >>> import jax.numpy as jnp
        >>> x, state = jnp.ones((2, 5, 3)), jnp.zeros((2, 4))
        >>> outputs, h, c = lstm(x, state, state, jnp.ones((3, 16)), jnp.ones((4, 16)), jnp.zeros(16))
        >>> outputs.shape, bool((outputs[:, -1] == h).all())
        ((2, 5, 4), True)
    """
    if not path.choose(x, h0, c0, kernel, recurrent_kernel, bias).native:
        return lstm_reference(
            x,
            h0,
            c0,
            kernel,
            recurrent_kernel,
            bias,
            mask,
            go_backwards=go_backwards,
            return_sequences=return_sequences,
            zero_output_for_mask=zero_output_for_mask,
            length=length,
        )
    call = native.Call(
        cell="lstm",
        length=x.shape[1] if length is None else length,
        reverse=go_backwards,
        zero_masked=zero_output_for_mask,
        constant=length is not None,
        wants_outputs=return_sequences,
    )
    outputs, h, c = native.recurrent(call, x, mask, h0, c0, kernel, recurrent_kernel, bias)
    assert c is not None
    if outputs is None:
        outputs = scan.last_output(h, mask, go_backwards=go_backwards, zero_output_for_mask=zero_output_for_mask)
    return outputs, h, c


def lstm_reference(
    x: Array,
    h0: Array,
    c0: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    mask: Array | None = None,
    *,
    go_backwards: bool = False,
    return_sequences: bool = True,
    zero_output_for_mask: bool = False,
    length: int | None = None,
) -> tuple[Array, Array, Array]:
    """The same as `lstm`, step by step in plain JAX."""

    def step(x_t: Array, states: scan.States) -> scan.States:
        h, c = states
        i, f, g, o = jnp.split(x_t @ kernel + h @ recurrent_kernel + bias, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return jax.nn.sigmoid(o) * jnp.tanh(c), c

    options = {"go_backwards": go_backwards, "zero_output_for_mask": zero_output_for_mask}
    outputs, (h, c) = scan.run(step, x, (h0, c0), mask, length=length, **options)
    if not return_sequences:
        outputs = scan.last_output(h, mask, **options)
    return outputs, h, c
