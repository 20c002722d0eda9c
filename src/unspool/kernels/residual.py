"""A residual connection with dropout as a JAX operation: adds a sublayer's output to its input, in training."""

from functools import partial
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from unspool.kernels import path
from unspool.kernels.dropout import dropout, hash_words, threshold_of
from unspool.kernels.sharding import by_rows


def add_dropped(x: Array, branch: Array, rate: float, key: Array) -> Array:
    """`x + dropout(branch, rate, key)` ("residual dropout", Vaswani et al., 2017, section 5.4).

    In a stack of such sums, XLA would recompute all earlier sums for each one (all later ones in the backward pass):
    more than a quarter of a Transformer's training step. It cannot look into the kernel, `native/residual.h`, and so
    computes each sum once.

    Args:
        x: (B, ..., D).
        branch: of the same shape.
        rate: the share of `branch` that becomes 0, at least 0 and less than 1.
        key: (2,) uint32, see `dropout.random_bits`.

    Returns:
        The shape of `x`.

    Example:
        >>> y = add_dropped(jnp.ones((2, 500)), jnp.ones((2, 500)), 0.5, jnp.array([3, 4], jnp.uint32))
        >>> sorted(set(y.ravel().tolist()))
        [1.0, 3.0]
    """
    if not path.choose(x, branch).native:
        return x + dropout(branch, rate, key)
    rows, width = prod(x.shape[:-1]), x.shape[-1]
    first = jnp.arange(rows, dtype=jnp.uint32) * np.uint32(width)
    flat = (array.reshape(rows, width) for array in (x, branch))
    y: Array = _add_dropped(rate, *flat, first, jnp.stack(hash_words(key)))
    return y.reshape(x.shape)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _add_dropped(rate: float, x: Array, branch: Array, first: Array, words: Array) -> Array:
    def call(x: Array, branch: Array, first: Array, words: Array) -> tuple[Array]:
        return (_foreign("", _like(x), rate)(x, branch, first, words),)

    y: Array = by_rows(call, "rrr.", "r")(x, branch, first, words)[0]
    return y


def _forward(rate: float, x: Array, branch: Array, first: Array, words: Array) -> tuple[Array, tuple[Array, Array]]:
    return _add_dropped(rate, x, branch, first, words), (first, words)


def _backward(rate: float, saved: tuple[Array, Array], slopes: Array) -> tuple[Array | None, ...]:
    def call(slopes: Array, first: Array, words: Array) -> Any:
        found = _like(slopes), _like(slopes)
        return _foreign("_gradient", found, rate, input_output_aliases={0: 0})(slopes, first, words)

    return *by_rows(call, "rr.", "rr")(slopes, *saved), None, None


_add_dropped.defvjp(_forward, _backward)


def _foreign(name: str, results: Any, rate: float, **options: Any) -> Any:
    call = jax.ffi.ffi_call(f"unspool_add_dropped{name}", results, vmap_method="sequential", **options)
    return partial(call, threshold=threshold_of(rate), scale=np.float32(1 / (1 - rate)))


def _like(array: Array) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(array.shape, array.dtype)  # type: ignore[no-untyped-call]
