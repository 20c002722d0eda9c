"""What the cells share: the options of a call, and the reference's loop over time with masks as Keras means them."""

from collections.abc import Callable
from typing import TypedDict, Unpack

import jax
import jax.numpy as jnp
from jax import Array, lax

from unspool.kernels.tokens import Embedded

States = tuple[Array, ...]


class Options(TypedDict, total=False):
    """How a cell walks through time; the same for every cell, native or reference."""

    go_backwards: bool
    """Process the last step first; outputs stay in processing order. Default: no."""
    return_sequences: bool
    """Give the outputs of all steps (B, T, U), not only that of the last one processed (B, U). Default: yes."""
    zero_output_for_mask: bool
    """The output of a skipped step is 0, not the previous output. Default: no."""
    length: int | None
    """Where x (B, 1, D) is one step that stands for all: their number. Default: x is (B, T, D)."""


def run(
    step: Callable[[Array, States], States],
    x: Array | Embedded,
    states: States,
    mask: Array | None,
    **options: Unpack[Options],
) -> tuple[Array, States]:
    """Apply `step` along time; the first state is the output.

    Args:
        step: (x_t (B, D), states) to states.
        x: (B, T, D), or (B, 1, D) with `length`, or `Embedded`.
        states: Each (B, U).
        mask: (B, T) bool, False where a step is skipped and carries the states on; or None.
        **options: See `Options`.

    Returns:
        Outputs (B, T, U) or (B, U), final states.
    """
    if isinstance(x, Embedded):
        x = x.vectors()
    length = options.get("length")
    if length is not None:
        x = jnp.broadcast_to(x, (x.shape[0], length, x.shape[2]))
    steps = jnp.swapaxes(x, 0, 1)
    keep = None if mask is None else jnp.swapaxes(mask, 0, 1)[..., None]
    if options.get("go_backwards", False):
        steps = steps[::-1]
        keep = None if keep is None else keep[::-1]
    zero_masked = options.get("zero_output_for_mask", False)

    def advance(old: States, inputs: tuple[Array, Array | None]) -> tuple[States, Array]:
        x_t, keep_t = inputs
        new = step(x_t, old)
        if keep_t is None:
            return new, new[0]
        new = tuple(jnp.where(keep_t, n, o) for n, o in zip(new, old, strict=True))
        return new, jnp.where(keep_t, new[0], 0) if zero_masked else new[0]

    final, outputs = lax.scan(advance, _varying_like(states, steps, keep), (steps, keep))
    if options.get("return_sequences", True):
        return jnp.swapaxes(outputs, 0, 1), final
    return last_output(final[0], mask, **options), final


def _varying_like(states: States, *inputs: Array | None) -> States:
    """The states as inside `jax.shard_map` they are after a step: other on each device, if what is read is.

    States that begin with zeros are the same everywhere, and a loop whose state becomes another kind is refused.
    """
    axes = {axis for array in (*inputs, *states) if array is not None for axis in _varying(array)}
    return tuple(
        lax.pcast(state, missing, to="varying") if (missing := tuple(sorted(axes - _varying(state)))) else state
        for state in states
    )


def _varying(array: Array) -> frozenset[str]:
    found: frozenset[str] = frozenset(jax.typeof(array).manual_axis_type.varying)
    return found


def last_output(h: Array, mask: Array | None, **options: Unpack[Options]) -> Array:
    """The output of the last step processed, from the final state h (B, U)."""
    if mask is None or not options.get("zero_output_for_mask", False) or mask.shape[1] == 0:
        return h
    return jnp.where(mask[:, 0 if options.get("go_backwards", False) else -1, None], h, 0)
