"""A classifier of texts whose LSTM was a language model before (Dai and Le, 2015; Howard and Ruder, 2018)."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

from unspool.candidates.texts.arithmetic import Floats
from unspool.candidates.texts.language_models import weights
from unspool.candidates.texts.language_models.frequent_words import LENGTH, RARE, tail
from unspool.candidates.texts.language_models.pretraining import LanguageModel
from unspool.candidates.texts.language_models.size import BATCH, WINDOW
from unspool.candidates.texts.language_models.weights import Dense, State
from unspool.data.ragged import Ragged
from unspool.kernels.recurrent import lstm
from unspool.kernels.word_convolution_weights import Loss

_TOGETHER = 50  # batches whose texts are sorted by length, so that little is padded
_LENGTHS = (16, 32, 64, 128, 192, 256, 320, LENGTH + 1)
"""Texts are padded to one of these, each of which is a compiled program."""
_RATE, _WARMING, _CLIP = 3e-3, 0.1, 1.0
_HEAD = 5.0  # times the rate of the rest, as it begins at 0
_DROPPED, _DROPPED_WORDS = 0.4, 0.15


def pooled_width(units: int) -> int:
    """How many numbers the classifier reads: the last state, the mean and the maximum of all, and a constant."""
    return 3 * units + 1


def steps_of(count: int, epochs: int) -> int:
    """How many steps the training on so many texts has."""
    return epochs * -(-count // BATCH)


def fine_tune(
    model: LanguageModel,
    texts: Ragged,
    wanted: Floats,
    loss: Loss,
    epochs: int,
    seed: int,
    advance: Callable[[int], None] = lambda done: None,
) -> tuple[Dense, Array]:
    """Train a language model's LSTM and vectors of words to tell labels.

    A linear layer reads the last state, the mean and the maximum of all. The rate rises for a tenth of the steps and
    falls to 0. A share of the words is taken for rare ones, a share of what the linear layer reads is dropped. As in
    pretraining, states carry over between windows of a text but gradients do not, as they explode over hundreds of
    words (backpropagation for text classification; Howard and Ruder, 2018).

    Args:
        model: to begin with.
        texts: N texts in its numbers.
        wanted: (N, K), from `targets.columns`; numbers standardised.
        loss: of these.
        epochs: times that each text is read.
        seed: of the order and of what is dropped.
        advance: gets how many steps are done.

    Returns:
        The weights, the linear layer in place of the projection, and the vectors of words.
    """
    random = np.random.default_rng(seed)
    units = len(model.dense.recurrent)
    head = jnp.zeros((pooled_width(units), wanted.shape[1]))
    begin = jax.tree.map(
        jnp.array, (model.dense._replace(projection=head), model.words)
    )  # the model's own stay as they are
    state = State.of(*begin)
    tails = [tail(text) for text in texts]
    lengths = np.array([len(one) for one in tails])
    steps, done, key = steps_of(len(tails), epochs), 0, jax.random.key(seed)
    for _ in range(epochs):
        for rows in _batches(lengths, random):
            length = next(one for one in _LENGTHS if one >= lengths[rows].max())
            read, mask = np.full((len(rows), length), RARE, np.int32), np.zeros((len(rows), length), bool)
            for place, row in enumerate(rows.tolist()):
                read[place, : lengths[row]], mask[place, : lengths[row]] = tails[row], True
            share = (done + 1) / steps
            rate = _RATE * min(share / _WARMING, (1 - share) / (1 - _WARMING) + 1e-3)
            given = jnp.asarray(wanted[rows], jnp.float32)
            state = _step(state, read, mask, given, np.float32(rate), np.int32(done), key, loss)
            done += 1
            advance(done)
    return state.dense, state.words


def _batches(lengths: NDArray[np.int64], random: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Rows of all texts, those of a batch of near length; every batch has as many, some texts perhaps twice."""
    order = random.permutation(len(lengths))
    short = -len(order) % BATCH
    order = np.concatenate((order, np.resize(order, short)))
    batches = []
    for begin in range(0, len(order), _TOGETHER * BATCH):
        some = order[begin : begin + _TOGETHER * BATCH]
        batches += np.split(some[np.argsort(lengths[some], kind="stable")], len(some) // BATCH)
    for place in random.permutation(len(batches)):
        yield batches[place]


@partial(jax.jit, static_argnames="loss", donate_argnums=0)
def _step(
    state: State, read: Array, mask: Array, wanted: Array, rate: Array, number: Array, key: Array, loss: Loss
) -> State:
    of_words, of_pooled = jax.random.split(jax.random.fold_in(key, number))
    rows = jnp.where(jax.random.bernoulli(of_words, _DROPPED_WORDS, read.shape), RARE, read)
    kept = jax.random.bernoulli(of_pooled, 1 - _DROPPED, (len(read), pooled_width(len(state.dense.recurrent))))
    vectors = state.words[rows.reshape(-1)]
    gradients = jax.grad(_loss, argnums=(0, 1))(state.dense, vectors, mask, wanted, kept.at[:, -1].set(True), loss)
    rates = Dense(rate, rate, rate, _HEAD * rate)
    return weights.step(state, gradients[0], rows.reshape(-1), gradients[1], (rates, rate), _CLIP)


def _loss(dense: Dense, vectors: Array, mask: Array, wanted: Array, kept: Array, loss: Loss) -> Array:
    states = _states(dense, vectors[:, :-1].reshape(*mask.shape, -1), mask)
    there = mask[:, :, None]
    words = there.sum(axis=1)
    last = jnp.take_along_axis(states, words[:, None] - 1, axis=1)[:, 0]
    mean = jnp.where(there, states, 0).sum(axis=1) / words
    pooled = jnp.concatenate((last, mean, jnp.where(there, states, -1).max(axis=1)), axis=1) / (1 - _DROPPED)
    read = jnp.concatenate((pooled, jnp.ones((len(mask), 1))), axis=1)
    mean_loss: Array = _LOSSES[loss](jnp.where(kept, read, 0) @ dense.projection, wanted)
    return mean_loss


def _states(dense: Dense, sequences: Array, mask: Array) -> Array:
    """The LSTM's states, (B, L, U); gradients do not cross windows."""
    h = c = jnp.zeros((len(mask), len(dense.recurrent)))
    states = []
    for begin in range(0, mask.shape[1], WINDOW):
        window = slice(begin, begin + WINDOW)
        of_window, h, c = lstm(sequences[:, window], h, c, *dense[:3], mask[:, window])
        h, c = lax.stop_gradient(h), lax.stop_gradient(c)
        states.append(of_window)
    return jnp.concatenate(states, axis=1)


_LOSSES: dict[Loss, Callable[[Array, Array], Any]] = {
    "sigmoid": lambda scores, wanted: (jnp.logaddexp(0, scores) - wanted * scores).mean(),
    "softmax": lambda scores, wanted: -(jax.nn.log_softmax(scores) * wanted).sum(axis=1).mean(),
    "squared": lambda scores, wanted: ((scores - wanted) ** 2).mean() / 2,
}
