"""The shapes of a call's arrays, checked when it is traced: a foreign call would only fail once the program runs."""

from typing import Any

from jax import Array

from unspool.kernels.tokens import Embedded


def check_shapes(
    x: Array | Embedded,
    states: tuple[Array, ...],
    weights: tuple[Array, Array, Array],
    mask: Array | None,
    *,
    gates: int,
    bias_rows: int = 1,
    length: int | None = None,
) -> None:
    """Raise unless the arrays fit together.

    Args:
        x: (B, T, D), or (B, 1, D) with `length`, or `Embedded`.
        states: each (B, U).
        weights: kernel (D, G*U), recurrent kernel (U, G*U), bias (G*U,) or (2, G*U).
        mask: (B, T), or None.
        gates: G, columns of the weights per unit.
        bias_rows: 2 for a bias of two rows.
        length: T, where x is one step that stands for all.

    Raises:
        ValueError: they do not; names the array, its shape and the expected one.

    Example:
        >>> import jax.numpy as jnp
        >>> x, h, weights = jnp.ones((2, 5, 4)), jnp.ones((2, 6)), (jnp.ones((3, 6)), jnp.ones((6, 6)), jnp.ones(6))
        >>> check_shapes(x, (h,), weights, None, gates=1)
        Traceback (most recent call last):
        ValueError: x has shape (2, 5, 4), so 4 features a step, but the weights are for 3 (kernel of shape (3, 6))
    """
    kernel, recurrent_kernel, bias = weights
    given = (*x.tokens.shape, x.embedding.shape[-1]) if isinstance(x, Embedded) else x.shape
    if len(given) != 3:
        raise ValueError(f"x has shape {given}: (batch, steps, features) is expected")
    batch, steps, features = given
    units = recurrent_kernel.shape[0]
    if kernel.shape[0] != features:
        raise ValueError(
            f"x has shape {given}, so {features} features a step, but the weights are for {kernel.shape[0]} "
            f"(kernel of shape {kernel.shape})"
        )
    columns = gates * units
    expected: dict[str, tuple[Any, tuple[int, ...]]] = {
        "kernel": (kernel, (features, columns)),
        "recurrent_kernel": (recurrent_kernel, (units, columns)),
        "bias": (bias, (columns,) if bias_rows == 1 else (bias_rows, columns)),
        **{name: (state, (batch, units)) for name, state in zip(("h0", "c0"), states, strict=False)},
    }
    if length is not None:
        expected["x"] = (x, (batch, 1, features))
    if mask is not None:
        expected["mask"] = (mask, (batch, steps if length is None else length))
    for name, (array, shape) in expected.items():
        if tuple(array.shape) != shape:
            raise ValueError(f"{name} has shape {tuple(array.shape)}: {shape} is expected")
