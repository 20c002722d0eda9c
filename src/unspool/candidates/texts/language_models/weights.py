"""The weights of a language model of one LSTM layer, and Adam for them that touches only the rows of words it met."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

_START = 0.05  # weights are uniform from minus this to this
_FIRST, _SECOND, _TINY = 0.9, 0.999, 1e-8  # of Adam, as Kingma and Ba (2015) have them


class Dense(NamedTuple):
    """What every step changes.

    Attributes:
        kernel: (D, 4U) of the LSTM.
        recurrent: (U, 4U).
        bias: (4U,).
        projection: (U, D), from states to vectors of words; in a classifier what reads the states, (3U + 1, K).
    """

    kernel: Array
    recurrent: Array
    bias: Array
    projection: Array


class Moments(NamedTuple):
    """Adam's running means of gradients and of their squares; of words, (V, D + 1), by the row."""

    dense: tuple[Dense, Dense]
    words: tuple[Array, Array]
    step: Array


class State(NamedTuple):
    """All that training changes.

    Attributes:
        dense: see there.
        words: (V, D + 1), a vector for each word, and at its end how probable it is by itself.
        moments: of both.
    """

    dense: Dense
    words: Array
    moments: Moments

    @classmethod
    def of(cls, dense: Dense, words: Array) -> "State":
        """Begin to train these weights."""
        first, second = (jax.tree.map(jnp.zeros_like, (dense, words)) for _ in range(2))
        moments = Moments((first[0], second[0]), (first[1], second[1]), jnp.zeros((), jnp.int32))
        return cls(dense, words, moments)


def drawn(words: int, width: int, units: int, random: np.random.Generator) -> tuple[Dense, Array]:
    """Draw weights to begin with; the forget gate is open."""

    def uniform(*shape: int) -> Array:
        return jnp.asarray(random.uniform(-_START, _START, shape).astype(np.float32))

    bias = np.zeros(4 * units, np.float32)
    bias[units : 2 * units] = 1
    dense = Dense(uniform(width, 4 * units), uniform(units, 4 * units), jnp.asarray(bias), uniform(units, width))
    return dense, uniform(words, width + 1)


def step(
    state: State,
    gradients: Dense,
    rows: Array,
    of_rows: Array,
    rates: tuple[Dense, float | Array],
    clip: float,
    decay: float = 0.0,
) -> State:
    """One step of Adam, with decoupled weight decay (AdamW; Loshchilov and Hutter, 2019).

    Args:
        state: of the training.
        gradients: of the dense weights.
        rows: (M,) numbers of words, the same one perhaps several times.
        of_rows: (M, D + 1), the gradient of each.
        rates: of each of the dense weights, and of the words.
        clip: the norm of all gradients together that is not exceeded.
        decay: of weights: each step multiplies matrices by 1 - rate * decay; biases and word vectors are not decayed.

    Returns:
        The state after it. Words that are not among `rows` are as they were, with their moments. If the gradients are
        too large for float32, as those of a long text can become, they count as 0, though weights decay: one such
        text must not end a training of hours.
    """
    dense, words, moments = state
    count = len(words)
    met, places = jnp.unique(rows, return_inverse=True, size=len(rows), fill_value=count)
    summed = jax.ops.segment_sum(of_rows, places, len(rows))
    squares = sum(jnp.sum(leaf**2) for leaf in (*gradients, summed))
    factor = jnp.minimum(1.0, clip / (jnp.sqrt(squares) + _TINY))
    gradients, summed = jax.tree.map(
        lambda leaf: jnp.where(jnp.isfinite(squares), leaf * factor, 0), (gradients, summed)
    )
    number = moments.step + 1
    correction = jnp.sqrt(1 - _SECOND**number) / (1 - _FIRST**number)

    def means(first: Array, second: Array, gradient: Array) -> tuple[Array, Array]:
        return _FIRST * first + (1 - _FIRST) * gradient, _SECOND * second + (1 - _SECOND) * gradient**2

    def moved(first: Array, second: Array, rate: float | Array) -> Array:
        return rate * correction * first / (jnp.sqrt(second) + _TINY)

    pairs = [means(*three) for three in zip(*moments.dense, gradients, strict=True)]
    firsts, seconds = Dense(*(pair[0] for pair in pairs)), Dense(*(pair[1] for pair in pairs))
    dense = Dense(
        *(
            weight * (1 - rate * decay if weight.ndim > 1 else 1) - moved(first, second, rate)
            for weight, first, second, rate in zip(dense, firsts, seconds, rates[0], strict=True)
        )
    )
    known = [array.at[met].get(mode="fill", fill_value=0) for array in moments.words]
    first, second = means(known[0], known[1], summed)
    of_words = (
        moments.words[0].at[met].set(first, mode="drop"),
        moments.words[1].at[met].set(second, mode="drop"),
    )
    words = words.at[met].add(-moved(first, second, rates[1]), mode="drop")
    return State(dense, words, Moments((firsts, seconds), of_words, number))
