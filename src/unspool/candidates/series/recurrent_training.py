"""Training of a recurrent network for series, in JAX with native LSTMs."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from unspool.candidates.series.recurrent_network import Floats32, Network
from unspool.kernels import FlatSeries
from unspool.kernels.recurrent import lstm

_LEAST_STEPS, _MOST_STEPS = 400, 4000
_PASSES = 10  # over the series, if that gives a number of steps between these
_LEAST_BATCH, _MOST_BATCH = 16, 128
_TOGETHER = 50  # steps per call
_RATE, _WARMING, _CLIP = 2e-3, 50, 1.0
_DECAY = 0.99  # of the moving average of the weights
_WEIGHT_DECAY = 0.01
_NOISE, _MASKED, _DROPPED, _SMOOTHED = 0.1, 0.1, 0.3, 0.05
_FIRST, _SECOND, _TINY = 0.9, 0.999, 1e-7  # of Adam


class Weights(NamedTuple):
    """See `Network`."""

    kernel: Array
    recurrent: Array
    bias: Array
    head: Array
    intercept: Array


class State(NamedTuple):
    """Everything that training updates.

    Attributes:
        weights: of the last step.
        first: Adam's running mean of the gradients.
        second: Adam's running mean of their squares.
        average: the moving average of the weights, which the trained network uses.
    """

    weights: Weights
    first: Weights
    second: Weights
    average: Weights


class Batches(NamedTuple):
    """The batches of several steps.

    Attributes:
        series: (S, B, T, C), with zeros in front of the shorter ones.
        lengths: (S, B) int32.
        wanted: (S, B, K).
        number: (S,) int32, of the step.
    """

    series: Any
    lengths: Any
    wanted: Any
    number: Any


def train(
    series: FlatSeries,
    wanted: Floats32,
    rows: NDArray[np.int64],
    *,
    units: int,
    seed: Sequence[int],
) -> Network:
    """Train a network on some of the series.

    Its length is counted in steps, not epochs, so few series are read more often. Adam's rate (Kingma and Ba, 2015)
    rises during the first steps, then stays constant; the trained network has the moving average of the weights (Polyak
    and Juditsky, 1992). Series are augmented each time they are read: noise is added, each channel is scaled, and a
    stretch of time is masked. There is dropout before the linear layer, and labels are smoothed.

    Args:
        series: N series, standardised.
        wanted: (N, K), 1 for the class of each series, else 0.
        rows: which of them to learn from.
        units: U.
        seed: of everything random.
    """
    random = np.random.default_rng(seed)
    state = _begin(_drawn(series.channels, units, wanted.shape[1], random))
    key = jax.random.key(int(random.integers(2**31)))
    for batches in _batches(series, wanted, rows, random):
        state = _steps(state, Batches(*map(jnp.asarray, batches)), key)
    return Network(*(np.asarray(one) for one in state.average))


def _drawn(channels: int, units: int, outputs: int, random: np.random.Generator) -> Weights:
    """Initial weights: by Glorot and Bengio (2010), orthogonal from state to state, with open forget gates."""

    def uniform(*shape: int) -> Floats32:
        most = np.sqrt(6 / (shape[-2] + shape[-1]))
        return random.uniform(-most, most, shape).astype(np.float32)

    recurrent = np.linalg.qr(random.normal(size=(2, 4, units, units)))[0]
    bias = np.zeros((2, 4 * units), np.float32)
    bias[:, units : 2 * units] = 1
    drawn = (
        uniform(2, channels, 4 * units),
        np.concatenate(recurrent.swapaxes(0, 1).astype(np.float32), axis=-1),
        bias,
        uniform(4 * units, outputs),
        np.zeros(outputs, np.float32),
    )
    return Weights(*map(jnp.asarray, drawn))


def _begin(weights: Weights) -> State:
    # Copies, as each buffer is donated.
    first, second = (jax.tree.map(jnp.zeros_like, weights) for _ in range(2))
    return State(weights, first, second, jax.tree.map(jnp.array, weights))


def _batches(
    series: FlatSeries, wanted: Floats32, rows: NDArray[np.int64], random: np.random.Generator
) -> Iterator[Batches]:
    """All series in a new order in each pass, until there are enough steps; all batches are of one size."""
    size = min(max(len(rows) // 40, _LEAST_BATCH), _MOST_BATCH, len(rows))
    steps = min(max(_PASSES * len(rows) // size, _LEAST_STEPS), _MOST_STEPS) // _TOGETHER * _TOGETHER
    passes = -(-steps * size // len(rows))
    order = np.concatenate([random.permutation(rows) for _ in range(passes)])[: steps * size].reshape(steps, size)
    longest = int(series.lengths.max())
    for begin in range(0, steps, _TOGETHER):
        some = order[begin : begin + _TOGETHER]
        read = np.zeros((*some.shape, longest, series.channels), np.float32)
        for place in np.ndindex(some.shape):
            one = series[int(some[place])]
            read[place][longest - len(one) :] = one
        numbers = np.arange(begin, begin + len(some), dtype=np.int32)
        yield Batches(read, series.lengths[some].astype(np.int32), wanted[some], numbers)


@partial(jax.jit, donate_argnums=0)
def _steps(state: State, batches: Batches, key: Array) -> State:
    def step(state: State, batch: Batches) -> tuple[State, None]:
        gradients = jax.grad(_loss)(state.weights, batch, jax.random.fold_in(key, batch.number))
        return _moved(state, gradients, batch.number + 1), None

    return jax.lax.scan(step, state, batches)[0]


def _moved(state: State, gradients: Weights, number: Array) -> State:
    """One step of Adam; steps are counted from 1."""
    norm = jnp.sqrt(sum(jnp.sum(one**2) for one in gradients))
    factor = jnp.minimum(1.0, _CLIP / (norm + _TINY))
    rate = _RATE * jnp.minimum(1.0, number / _WARMING)
    decay = jnp.minimum(_DECAY, (1 + number) / (10 + number))

    def moved(weight: Array, first: Array, second: Array, average: Array, gradient: Array) -> tuple[Array, ...]:
        gradient = factor * gradient
        first = _FIRST * first + (1 - _FIRST) * gradient
        second = _SECOND * second + (1 - _SECOND) * gradient**2
        by = first / (1 - _FIRST**number) / (jnp.sqrt(second / (1 - _SECOND**number)) + _TINY)
        shrunk = _WEIGHT_DECAY * weight if weight.ndim > 1 else 0.0
        weight = weight - rate * (by + shrunk)
        return weight, first, second, decay * average + (1 - decay) * weight

    found = [moved(*of_one) for of_one in zip(*state, gradients, strict=True)]
    return State(*(Weights(*column) for column in zip(*found, strict=True)))


def _loss(weights: Weights, batch: Batches, key: Array) -> Array:
    """The cross-entropy with smoothed labels and augmented series."""
    of_noise, of_stretch, of_place, of_width, of_dropped = jax.random.split(key, 5)
    series, (count, longest, channels) = batch.series, batch.series.shape
    series = series + _NOISE * jax.random.normal(of_noise, series.shape)
    series = series * (1 + _NOISE * jax.random.normal(of_stretch, (count, 1, channels)))
    width = 2 * _MASKED * batch.lengths * jax.random.uniform(of_width, (count,))
    begin = longest - batch.lengths + (batch.lengths - width) * jax.random.uniform(of_place, (count,))
    steps = jnp.arange(longest)
    there = steps >= (longest - batch.lengths)[:, None]
    shown = there & ((steps < begin[:, None]) | (steps >= (begin + width)[:, None]))
    pooled = _pooled(weights, jnp.where(shown[:, :, None], series, 0), there)
    kept = jax.random.bernoulli(of_dropped, 1 - _DROPPED, pooled.shape)
    scores = jnp.where(kept, pooled / (1 - _DROPPED), 0) @ weights.head + weights.intercept
    wanted = (1 - _SMOOTHED) * batch.wanted + _SMOOTHED / scores.shape[1]
    return -jnp.mean(jnp.sum(wanted * jax.nn.log_softmax(scores), axis=1))


def _pooled(weights: Weights, series: Array, there: Array) -> Array:
    """(B, 4U): the mean of the states over the steps that are not padding, then their maximum."""
    zeros = jnp.zeros((len(series), weights.recurrent.shape[1]))
    forward, backward = (
        lstm(series, zeros, zeros, kernel, recurrent, bias, there, go_backwards=backwards)[0]
        for kernel, recurrent, bias, backwards in zip(*weights[:3], (False, True), strict=True)
    )
    states = jnp.concatenate((forward, backward[:, ::-1]), axis=2)
    mean = jnp.where(there[:, :, None], states, 0).sum(axis=1) / jnp.maximum(there.sum(axis=1), 1)[:, None]
    return jnp.concatenate((mean, jnp.where(there[:, :, None], states, -1).max(axis=1)), axis=1)
