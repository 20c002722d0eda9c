"""Attention in several heads over whole sequences, as a JAX operation (Vaswani et al., 2017, section 3.2)."""

import math
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, nn

from unspool.kernels import path
from unspool.kernels.sharding import by_rows


def masked_softmax(scores: Array, look: Array) -> Array:
    """Softmax over the places of the last axis that `look` allows; all 0 where it allows none.

    Args:
        scores: (..., S).
        look: booleans that broadcast to them.

    Example:
        >>> masked_softmax(jnp.zeros((2, 2)), jnp.array([[True, False], [False, False]])).tolist()
        [[1.0, 0.0], [0.0, 0.0]]
    """
    # Not -inf: where all places are masked, the gradient would be NaN.
    lowest = float(jnp.finfo(scores.dtype).min)  # type: ignore[no-untyped-call]
    return jnp.where(look, nn.softmax(jnp.where(look, scores, lowest), axis=-1), 0.0)


def weights_of(queries: Array, keys: Array, look: Array) -> Array:
    """The weight that each query gives each step, (B, H, T, S): softmax(Q K^T / sqrt(d)); arguments as in `attend`."""
    scores = jnp.einsum("bhtd,bhsd->bhts", queries, keys) / math.sqrt(queries.shape[-1])
    return masked_softmax(scores, look)


def attend(queries: Array, keys: Array, values: Array, look: Array) -> Array:
    """The weighted mean of the values for each query: `weights_of` times the values.

    XLA computes the many small products of a batch on one thread each, and moves every array between the layouts of
    layers and of heads: a quarter of a Transformer's training step where sentences are short. The kernel,
    `native/attention.h`, reads and writes the layers' layout.

    Args:
        queries: (B, H, T, d).
        keys: (B, H, S, d).
        values: likewise.
        look: which step may look at which, booleans that broadcast to (B, H, T, S).

    Returns:
        (B, T, H d). By the kernel, it can be differentiated once, in reverse mode.

    Example:
        >>> one = jnp.ones((1, 2, 3, 4))
        >>> attend(one, one, jnp.arange(24.0).reshape(1, 2, 3, 4), jnp.tri(3, dtype=bool))[0, :, 0].tolist()
        [0.0, 2.0, 4.0]
    """
    batch, heads, steps, d = queries.shape
    look = jnp.asarray(look, bool)
    look = look.reshape((1,) * (4 - look.ndim) + look.shape)
    # A single query is a step of a search, which keeps keys in the layout of heads; each head's own mask is rare.
    fits = steps > 1 and look.shape[1] == 1 and len(keys) == batch and 0 not in keys.shape
    if not fits or not path.choose(queries, keys, values).native:
        means = jnp.einsum("bhts,bhsd->bthd", weights_of(queries, keys, look), values)
        return means.reshape(batch, steps, heads * d)
    look = jnp.broadcast_to(look[:, 0], (batch, look.shape[2], keys.shape[2]))
    found: Array = _native(heads, *(_layers_layout(array) for array in (queries, keys, values)), look)
    return found


def _layers_layout(array: Array) -> Array:
    """(B, H, T, d) to (B, T, H d); XLA cancels this against the opposite before it."""
    batch, heads, steps, d = array.shape
    return jnp.swapaxes(array, 1, 2).reshape(batch, steps, heads * d)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _native(heads: int, queries: Array, keys: Array, values: Array, look: Array) -> Array:
    def call(*arrays: Array) -> tuple[Array]:
        return (_foreign("", _like(arrays[0]))(*arrays, heads=heads),)

    found: Array = by_rows(call, "rrrr", "r")(queries, keys, values, look)[0]
    return found


def _forward(heads: int, *arrays: Array) -> tuple[Array, tuple[Array, ...]]:
    return _native(heads, *arrays), arrays


def _backward(heads: int, arrays: tuple[Array, ...], slopes: Array) -> tuple[Array | None, ...]:
    def call(*arrays: Array) -> Any:
        return _foreign("_gradient", [_like(array) for array in arrays[:3]])(*arrays, heads=heads)

    return *by_rows(call, "rrrrr", "rrr")(*arrays, slopes), None


_native.defvjp(_forward, _backward)


def _foreign(name: str, results: Any) -> Any:
    return jax.ffi.ffi_call(f"unspool_attention{name}", results, vmap_method="sequential")


def _like(array: Array) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(array.shape, array.dtype)  # type: ignore[no-untyped-call]
