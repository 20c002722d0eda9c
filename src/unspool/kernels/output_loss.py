"""Cross-entropy over a large vocabulary, together with the product that gives the logits, a few rows at a time.

Whole logits are by far the largest array in the training of a translator: 4,096 tokens by 10,000 ids take 160 MB, and
their gradient as much again, so that memory, not arithmetic, decides how long a step takes. Here the logits of a few
rows are kept only until they have been used; those of the next rows take their place. Padding, which weighs nothing, is
left out altogether.

`native/output_loss.h` does this for float32; the JAX code below is the path for other types and machines.
`models.label_smoothing.SmoothedCrossentropy` of whole logits gives the same loss.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.scipy.special import logsumexp

from unspool.kernels import path
from unspool.kernels.sharding import by_rows

ROWS = 256
"""In a chunk of the reference: few enough that its logits stay in the cache, yet enough for fast products."""


class LastLayer(NamedTuple):
    """The last layer: logits are x @ table.T + bias.

    Attributes:
        table: (V, D).
        bias: (V,).
    """

    table: Array
    bias: Array


@partial(jax.custom_vjp, nondiff_argnums=(4,))
def output_loss(hidden: Array, output: LastLayer, ids: Array, weights: Array, smoothing: float = 0.0) -> Array:
    """The weighted sum of the cross-entropy of ids, as `SmoothedCrossentropy` computes it from the logits.

    Args:
        hidden: (N, D), what the last layer reads.
        output: the last layer.
        ids: (N,) the right answers, smaller than V where they weigh something.
        weights: (N,); rows of weight 0 cost nothing.
        smoothing: the share of the probability that is wanted evenly from all ids.

    Returns:
        A number. It can be differentiated once, with respect to `hidden` and `output`.

    Example:
        >>> last = LastLayer(jnp.eye(2), jnp.zeros(2))
        >>> round(float(output_loss(jnp.array([[0.0, 2.0]]), last, jnp.array([1]), jnp.ones(1), 0.1)), 4)
        0.2269
    """

    if path.choose(hidden, *output, weights).native:
        return _native(hidden, output, ids, weights, smoothing, differentiates=False)[0]

    def add(total: Array, chunk: "_Chunk") -> Array:
        return total + _losses(chunk, output, smoothing).sum()

    total: Array = _over_chunks(add, jnp.zeros((), hidden.dtype), hidden, ids, weights)
    return total


class _Chunk(NamedTuple):
    """Some rows; `places` says which of the N they are."""

    hidden: Array
    ids: Array
    weights: Array
    places: Array


class _Sums(NamedTuple):
    """The loss of the chunks so far, and its gradient."""

    total: Array
    hidden: Array
    output: LastLayer


def _losses(chunk: _Chunk, output: LastLayer, smoothing: float) -> Array:
    logits = chunk.hidden @ output.table.T + output.bias
    wanted = jnp.take_along_axis(logits, chunk.ids[:, None], axis=-1, mode="clip")[:, 0]
    wanted = (1 - smoothing) * wanted + smoothing * logits.mean(axis=-1)
    losses: Array = chunk.weights * (logsumexp(logits, axis=-1) - wanted)
    return losses


def _forward(
    hidden: Array, output: LastLayer, ids: Array, weights: Array, smoothing: float
) -> tuple[Array, tuple[Array, LastLayer]]:
    """The loss, and its gradient at once: each row's logits are computed only once."""
    if path.choose(hidden, *output, weights).native:
        return _native(hidden, output, ids, weights, smoothing, differentiates=True)
    vocabulary = jnp.arange(len(output.table), dtype=ids.dtype)

    def add(sums: _Sums, chunk: _Chunk) -> _Sums:
        logits = chunk.hidden @ output.table.T + output.bias
        scaled = jnp.exp(logits - logits.max(axis=-1, keepdims=True))
        right = vocabulary == chunk.ids[:, None]
        target = jnp.where(right, 1 - smoothing, 0.0) + smoothing / len(vocabulary)
        shares = scaled / scaled.sum(axis=-1, keepdims=True)
        by_logits = chunk.weights[:, None] * (shares - target)
        losses = logsumexp(logits, axis=-1) - (target * logits).sum(axis=-1)
        return _Sums(
            sums.total + (chunk.weights * losses).sum(),
            sums.hidden.at[chunk.places].set(by_logits @ output.table),
            LastLayer(sums.output.table + by_logits.T @ chunk.hidden, sums.output.bias + by_logits.sum(axis=0)),
        )

    first = _Sums(jnp.zeros((), hidden.dtype), jnp.zeros_like(hidden), jax.tree.map(jnp.zeros_like, output))
    sums = _over_chunks(add, first, hidden, ids, weights)
    return sums.total, (sums.hidden, sums.output)


def _backward(smoothing: float, gradient: tuple[Array, LastLayer], of_total: Array) -> tuple[Any, ...]:
    return (*jax.tree.map(lambda array: of_total * array, gradient), None, None)


output_loss.defvjp(_forward, _backward)


def _native(
    hidden: Array, output: LastLayer, ids: Array, weights: Array, smoothing: float, differentiates: bool
) -> tuple[Array, tuple[Array, LastLayer]]:
    """The loss and, if asked for, its gradient by `hidden` and `output`, else empty arrays."""

    def call(*arrays: Array) -> Any:
        shapes = [array.shape if differentiates else (0,) for array in arrays[:3]]
        results = [jax.ShapeDtypeStruct(shape, jnp.float32) for shape in (arrays[-1].shape, *shapes)]  # type: ignore[no-untyped-call]
        foreign = jax.ffi.ffi_call("unspool_output_loss", results, vmap_method="sequential")
        return foreign(*arrays, smoothing=np.float32(smoothing), differentiates=differentiates)

    losses, by_hidden, *by_output = by_rows(call, "r..rr", "rr..")(hidden, *output, ids.astype("int32"), weights)
    return losses.sum(), (by_hidden, LastLayer(*by_output))


def _over_chunks(add: Any, first: Any, hidden: Array, ids: Array, weights: Array) -> Any:
    """Fold `add` over chunks of the rows that weigh something; of rows beyond the last, the weight is 0."""
    count = len(hidden)
    places = jnp.argsort(weights == 0, stable=True)
    places = jnp.pad(places, (0, -count % ROWS), constant_values=count)  # past the end: read as 0, written nowhere
    chunks = (jnp.count_nonzero(weights) + ROWS - 1) // ROWS

    def one(number: Array, so_far: Any) -> Any:
        rows = lax.dynamic_slice_in_dim(places, number * ROWS, ROWS)
        of_hidden, of_ids, of_weights = (
            array.at[rows].get(mode="fill", fill_value=0) for array in (hidden, ids, weights)
        )
        return add(so_far, _Chunk(of_hidden, of_ids, of_weights, rows))

    return lax.fori_loop(0, chunks, one, first)
