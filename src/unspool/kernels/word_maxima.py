"""The maxima over texts of a convolution over their words (Johnson and Zhang, 2015), as JAX operations.

`native/word_maxima.h` explains padding, windows and words without a vector.
"""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from unspool.kernels import path
from unspool.kernels.sharding import by_rows

Widths = tuple[int, ...]


def word_maxima(tokens: Array, vectors: Array, bias: Array, widths: Widths) -> Array:
    """The largest sum of a bias and the vectors of neighbouring tokens, for each text and filter.

    The gradient goes to the first window that has it. With n_1 .. n_S the widths, width s owns the rows from o_s on:

        z[t, s, f] = bias[s, f] + sum_{k < n_s} vectors[tokens[b, t + k], o_s + k, f]
        maxima[b, s, f] = max_t z[t, s, f]

    Args:
        tokens: (B, T) int32; negative ones are padding, those of V or more have the vector zero.
        vectors: (V, taps, F), taps the sum of the widths.
        bias: (S, F).
        widths: S numbers of tokens, each at least 1.

    Returns:
        (B, S, F).

    Raises:
        ValueError: the arrays' shapes do not fit together.

    Example:
        >>> vectors = jnp.array([[[1.0]], [[3.0]]])
        >>> word_maxima(jnp.array([[-1, 0, 1], [0, 0, -1]]), vectors, jnp.zeros((1, 1)), (1,)).ravel().tolist()
        [3.0, 1.0]
    """
    _check(tokens, vectors, bias, widths)
    if path.choose(vectors, bias).native:
        maxima: Array = _maxima(widths, tokens, vectors, bias)
    else:
        maxima = word_maxima_reference(tokens, vectors, bias, widths)
    return maxima


def word_maxima_reference(tokens: Any, vectors: Any, bias: Any, widths: Widths, ops: Any = jnp) -> Any:
    """The same as `word_maxima`, step by step.

    Args:
        tokens: as in `word_maxima`.
        vectors: as in `word_maxima`.
        bias: as in `word_maxima`.
        widths: as in `word_maxima`.
        ops: the functions to compute with: `jax.numpy`, or `keras.ops` on any backend.
    """
    words, taps, filters = vectors.shape
    length = ops.shape(tokens)[1]
    steps = ops.arange(length + 1)  # the last is after the text; a row without steps has only this one
    real = ops.pad(tokens, [(0, 0), (0, max(widths))], constant_values=-1)
    present = ops.where(real[:, : length + 1] >= 0, 1, 0)
    first = ops.argmax(present, axis=1)[:, None]
    end = ops.max(present * (steps + 1), axis=1)[:, None]
    rows = ops.concatenate([ops.reshape(vectors, (words * taps, filters)), ops.zeros((1, filters), vectors.dtype)])
    maxima, tap = [], 0
    for s, width in enumerate(widths):
        sums = bias[s]
        for k in range(width):
            word = real[:, k : k + length + 1]
            known = (word >= 0) & (word < words)
            sums = sums + ops.take(rows, ops.where(known, word * taps + (tap + k), words * taps), axis=0)
        window = (steps == first) | ((steps > first) & (steps + width <= end))
        sums = ops.where(window[:, :, None], sums, -np.inf)
        place = ops.argmax(sums, axis=1)[:, None]  # the first of equal ones; only it has a gradient
        maxima.append(ops.take_along_axis(sums, place, axis=1)[:, 0])
        tap += width
    return ops.stack(maxima, axis=1)


def trained_word_maxima(
    tokens: Array, vectors: Array, squares: Array, bias: Array, rate: Array, widths: Widths, epsilon: float
) -> Array:
    """`word_maxima`, whose backward pass takes a step of Adagrad (Duchi et al., 2011) on the vectors.

    The "gradients" that it gives for the vectors and their squares are their values after the step, as a Keras variable
    with `overwrite_with_gradient` expects. Only what reached a maximum is read or written:

        squares' = squares + g^2;  vectors' = vectors - rate g / sqrt(squares' + epsilon)

    Args:
        tokens: as in `word_maxima`.
        vectors: (V, taps, F).
        squares: (V, taps, F), the sums of squared gradients.
        bias: (S, F); its gradient is a real one.
        rate: (), the learning rate.
        widths: as in `word_maxima`.
        epsilon: added to the squares under the root.

    Returns:
        (B, S, F).
    """
    _check(tokens, vectors, bias, widths)
    native = path.choose(vectors, squares, bias).native
    maxima: Array = _trained(widths, epsilon, native, tokens, vectors, squares, bias, rate)
    return maxima


def _check(tokens: Array, vectors: Array, bias: Array, widths: Widths) -> None:
    fits = tokens.ndim == 2 and vectors.ndim == 3 and vectors.shape[1] == sum(widths) and min(widths, default=0) > 0
    if not fits or bias.shape != (len(widths), vectors.shape[2]):
        shapes = f"{tokens.shape}, vectors {vectors.shape} and bias {bias.shape}"
        raise ValueError(f"tokens {shapes} do not fit each other and the widths {widths}")


def _forward(widths: Widths, tokens: Array, vectors: Array, bias: Array) -> tuple[Array, Array]:
    shape = tokens.shape[0], *bias.shape

    def call(tokens: Array, vectors: Array, bias: Array) -> Any:
        found = tuple(_shaped((tokens.shape[0], *shape[1:]), dtype) for dtype in (np.float32, np.int32))
        return _foreign("maxima", found)(tokens, vectors, bias, widths=_attribute(widths))

    maxima, where = by_rows(call, "r..", "rr")(tokens, vectors, bias)
    return maxima, where


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _maxima(widths: Widths, tokens: Array, vectors: Array, bias: Array) -> Array:
    return _forward(widths, tokens, vectors, bias)[0]


def _maxima_forward(widths: Widths, tokens: Array, vectors: Array, bias: Array) -> tuple[Array, Any]:
    maxima, where = _forward(widths, tokens, vectors, bias)
    return maxima, (tokens, where, vectors)


def _maxima_backward(widths: Widths, saved: Any, slopes: Array) -> tuple[None, Array, Array]:
    tokens, where, vectors = saved

    def call(tokens: Array, where: Array, slopes: Array) -> tuple[Array]:
        return (_foreign("gradient", _shaped(vectors.shape))(tokens, where, slopes, widths=_attribute(widths)),)

    (gradient,) = by_rows(call, "rrr", ".")(tokens, where, slopes)
    return None, gradient, slopes.sum(axis=0)


_maxima.defvjp(_maxima_forward, _maxima_backward)


@partial(jax.custom_vjp, nondiff_argnums=(0, 1, 2))
def _trained(
    widths: Widths,
    epsilon: float,
    native: bool,
    tokens: Array,
    vectors: Array,
    squares: Array,
    bias: Array,
    rate: Array,
) -> Array:
    if native:
        return _forward(widths, tokens, vectors, bias)[0]
    maxima: Array = word_maxima_reference(tokens, vectors, bias, widths)
    return maxima


def _trained_forward(widths: Widths, epsilon: float, native: bool, *arrays: Array) -> tuple[Array, Any]:
    tokens, vectors, squares, bias, rate = arrays
    if native:
        maxima, where = _forward(widths, tokens, vectors, bias)
        return maxima, (tokens, where, vectors, squares, rate)
    maxima, gradients = jax.vjp(lambda v, b: word_maxima_reference(tokens, v, b, widths), vectors, bias)
    return maxima, (gradients, vectors, squares, rate)


def _trained_backward(widths: Widths, epsilon: float, native: bool, saved: Any, slopes: Array) -> tuple[Any, ...]:
    if not native:
        gradients, vectors, squares, rate = saved
        gradient, of_bias = gradients(slopes)
        squares = squares + gradient**2
        return None, vectors - rate * gradient / jnp.sqrt(squares + epsilon), squares, of_bias, jnp.zeros_like(rate)
    tokens, where, vectors, squares, rate = saved
    # With several processes, each takes the same step on its own table, from the rows of all.
    results = tuple(_shaped(vectors.shape) for _ in range(2))
    step = _foreign("adagrad", results, input_output_aliases={4: 0, 5: 1})
    attributes = {"widths": _attribute(widths), "epsilon": np.float32(epsilon)}
    vectors, squares = step(tokens, where, slopes, rate, vectors, squares, **attributes)
    return None, vectors, squares, slopes.sum(axis=0), jnp.zeros_like(rate)


_trained.defvjp(_trained_forward, _trained_backward)


def _foreign(name: str, results: Any, **options: Any) -> Any:
    return jax.ffi.ffi_call(f"unspool_word_{name}", results, vmap_method="sequential", **options)


def _attribute(widths: Widths) -> Any:
    return np.array(widths, np.int64)


def _shaped(shape: tuple[int, ...], dtype: Any = np.float32) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(shape, dtype)  # type: ignore[no-untyped-call]
