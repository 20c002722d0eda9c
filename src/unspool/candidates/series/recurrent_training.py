"""Training of a recurrent network for series, in JAX with native LSTMs."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from unspool.candidates.series.recurrent_network import Floats32, Network
from unspool.kernels import FlatSeries
from unspool.kernels.recurrent import lstm

_LEAST_STEPS = 400
_ROUND = 50  # the number of steps is a multiple of it
_LEAST_BATCH, _USUAL_BATCH = 16, 128
_RATE, _WARMING, _CLIP = 2e-3, 50, 1.0
_WEIGHT_DECAY = 0.01
_FIRST, _SECOND, _TINY = 0.9, 0.999, 1e-7  # of Adam
_MOST_NUMBERS = 2**24  # that are read at once


class Method(NamedTuple):
    """How a network is trained, by how many series there are.

    Attributes:
        passes: over the series, within the limits below.
        most_steps: of training.
        most_read: steps of series that are read in all passes together, at most.
        most_batch: series of a batch, at most.
        decay: of the moving average of the weights.
        noise: the standard deviation of the noise added to a series, and of the factors that scale its channels.
        masked: the mean share of a series that is masked.
        dropped: the rate of dropout before the linear layer.
        smoothed: the share of a label that is divided equally among all classes, or between yes and no.
        loss: "softmax" and "sigmoid" are the cross-entropies of one label and of several, "squared" is for numbers.
    """

    passes: int
    most_steps: float
    most_read: float
    most_batch: int
    decay: float
    noise: float
    masked: float
    dropped: float
    smoothed: float
    loss: Literal["softmax", "sigmoid", "squared"] = "softmax"


FEW = Method(10, 4000, math.inf, 128, decay=0.99, noise=0.1, masked=0.1, dropped=0.3, smoothed=0.05)
ENOUGH = Method(20, math.inf, 2**24, 128, decay=0.999, noise=0.0, masked=0.1, dropped=0.1, smoothed=0.0)
MANY = ENOUGH._replace(passes=10, most_read=2**26, most_batch=512)


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
    method: Method = FEW,
    judge: Callable[[float], None] = lambda done: None,
) -> Network:
    """Train a network on some of the series.

    Its length is counted in steps, not epochs, so few series are read more often. Adam's rate (Kingma and Ba, 2015)
    rises during the first steps, then stays constant; the trained network has the moving average of the weights (Polyak
    and Juditsky, 1992). Series are augmented each time they are read: noise is added, each channel is scaled, and a
    stretch of time is masked. There is dropout before the linear layer, and labels are smoothed. The more series there
    are, the less is done against overfitting.

    Args:
        series: N series, standardised.
        wanted: (N, K), 1 for the class of each series, else 0, or probabilities of several labels, or standardised
            numbers.
        rows: which of them to learn from.
        units: U.
        seed: of everything random.
        method: the details, which depend on the number of series.
        judge: called with the share of the work that is done.
    """
    random = np.random.default_rng(seed)
    state = _begin(_drawn(series.channels, units, wanted.shape[1], random))
    key = jax.random.key(int(random.integers(2**31)))
    for done, batches in _batches(series, wanted, rows, random, method):
        state = _steps(state, Batches(*map(jnp.asarray, batches)), key, method)
        state.average.intercept.block_until_ready()
        judge(done)
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
    series: FlatSeries, wanted: Floats32, rows: NDArray[np.int64], random: np.random.Generator, method: Method
) -> Iterator[tuple[float, Batches]]:
    """All series in a new order in each pass, until there are enough steps; all batches are of one size.

    Each batch comes with the share of the work that it completes.
    """
    size, steps = _planned(int(series.lengths[rows].sum()), len(rows), method)
    passes = -(-steps * size // len(rows))
    order = np.concatenate([random.permutation(rows) for _ in range(passes)])[: steps * size].reshape(steps, size)
    longest = int(series.lengths.max())
    fitting = _MOST_NUMBERS // max(size * longest * series.channels, 1)
    together = next((one for one in (50, 25, 10, 5, 2) if one <= fitting), 1)
    for begin in range(0, steps, together):
        some = order[begin : begin + together]
        read = np.zeros((*some.shape, longest, series.channels), np.float32)
        for place in np.ndindex(some.shape):
            one = series[int(some[place])]
            read[place][longest - len(one) :] = one
        numbers = np.arange(begin, begin + len(some), dtype=np.int32)
        yield (begin + together) / steps, Batches(read, series.lengths[some].astype(np.int32), wanted[some], numbers)


def _planned(length: int, count: int, method: Method) -> tuple[int, int]:
    """The size of a batch and the number of steps, for `count` series with `length` steps in all."""
    usual = min(max(count // 40, _LEAST_BATCH), _USUAL_BATCH, count)
    size = min(max(count // 400, usual), method.most_batch)
    passes = min(method.passes, method.most_read / max(length, 1))
    steps = min(max(int(passes * count) // size, _LEAST_STEPS), method.most_steps)
    return size, int(steps) // _ROUND * _ROUND


@partial(jax.jit, donate_argnums=0, static_argnums=3)
def _steps(state: State, batches: Batches, key: Array, method: Method) -> State:
    rate = _RATE * math.sqrt(max(batches.wanted.shape[1] / _USUAL_BATCH, 1.0))

    def step(state: State, batch: Batches) -> tuple[State, None]:
        gradients = jax.grad(_loss)(state.weights, batch, jax.random.fold_in(key, batch.number), method)
        return _moved(state, gradients, batch.number + 1, rate, method.decay), None

    return jax.lax.scan(step, state, batches)[0]


def _moved(state: State, gradients: Weights, number: Array, most_rate: float, most_decay: float) -> State:
    """One step of Adam; steps are counted from 1."""
    norm = jnp.sqrt(sum(jnp.sum(one**2) for one in gradients))
    factor = jnp.minimum(1.0, _CLIP / (norm + _TINY))
    rate = most_rate * jnp.minimum(1.0, number / _WARMING)
    decay = jnp.minimum(most_decay, (1 + number) / (10 + number))

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


def _loss(weights: Weights, batch: Batches, key: Array, method: Method) -> Array:
    """The loss of augmented series, with smoothed labels."""
    of_noise, of_stretch, of_place, of_width, of_dropped = jax.random.split(key, 5)
    series, (count, longest, channels) = batch.series, batch.series.shape
    if method.noise:
        series = series + method.noise * jax.random.normal(of_noise, series.shape)
        series = series * (1 + method.noise * jax.random.normal(of_stretch, (count, 1, channels)))
    width = 2 * method.masked * batch.lengths * jax.random.uniform(of_width, (count,))
    begin = longest - batch.lengths + (batch.lengths - width) * jax.random.uniform(of_place, (count,))
    steps = jnp.arange(longest)
    there = steps >= (longest - batch.lengths)[:, None]
    shown = there & ((steps < begin[:, None]) | (steps >= (begin + width)[:, None]))
    pooled = _pooled(weights, jnp.where(shown[:, :, None], series, 0), there)
    kept = jax.random.bernoulli(of_dropped, 1 - method.dropped, pooled.shape)
    scores = jnp.where(kept, pooled / (1 - method.dropped), 0) @ weights.head + weights.intercept
    if method.loss == "squared":
        return jnp.mean(jnp.sum((scores - batch.wanted) ** 2, axis=1))
    if method.loss == "sigmoid":
        wanted = (1 - method.smoothed) * batch.wanted + method.smoothed / 2
        return jnp.mean(jnp.sum(jax.nn.softplus(scores) - wanted * scores, axis=1))
    wanted = (1 - method.smoothed) * batch.wanted + method.smoothed / scores.shape[1]
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
