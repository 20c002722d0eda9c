"""The reference's loop over time: `lax.scan`, with masks as Keras means them."""

from collections.abc import Callable

import jax.numpy as jnp
from jax import Array, lax

States = tuple[Array, ...]


def run(
    step: Callable[[Array, States], States],
    x: Array,
    states: States,
    mask: Array | None,
    *,
    go_backwards: bool,
    zero_output_for_mask: bool,
    length: int | None,
) -> tuple[Array, States]:
    """Applies `step` along time; the first state is the output.

    A masked step carries the states on; its output is the state carried, or 0 with `zero_output_for_mask`.

    Args:
        step: (x_t (B, D), states) to states.
        x: (B, T, D), or (B, 1, D) with `length`.
        states: Each (B, U).
        mask: (B, T) bool, False where a step is to be skipped; or None.
        go_backwards: Process the last step first; outputs stay in processing order.
        zero_output_for_mask: Masked outputs are 0.
        length: The number of steps, where x is one step that stands for all.

    Returns:
        Outputs (B, T, U), final states.
    """
    if length is not None:
        x = jnp.broadcast_to(x, (x.shape[0], length, x.shape[2]))
    steps = jnp.swapaxes(x, 0, 1)
    keep = None if mask is None else jnp.swapaxes(mask, 0, 1)[..., None]
    if go_backwards:
        steps = steps[::-1]
        keep = None if keep is None else keep[::-1]

    def advance(old: States, inputs: tuple[Array, Array | None]) -> tuple[States, Array]:
        x_t, keep_t = inputs
        new = step(x_t, old)
        if keep_t is None:
            return new, new[0]
        new = tuple(jnp.where(keep_t, n, o) for n, o in zip(new, old, strict=True))
        return new, jnp.where(keep_t, new[0], 0) if zero_output_for_mask else new[0]

    final, outputs = lax.scan(advance, states, (steps, keep))
    return jnp.swapaxes(outputs, 0, 1), final


def last_output(h: Array, mask: Array | None, *, go_backwards: bool, zero_output_for_mask: bool) -> Array:
    """The output of the last step processed, from the final state h (B, U)."""
    if mask is None or not zero_output_for_mask or mask.shape[1] == 0:
        return h
    return jnp.where(mask[:, 0 if go_backwards else -1, None], h, 0)
