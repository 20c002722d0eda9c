"""Pretraining of an LSTM language model, which predicts the next word of texts."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

from unspool.atomic_writes import write_aside
from unspool.candidates.texts.language_models import weights
from unspool.candidates.texts.language_models.frequent_words import BOUNDARY
from unspool.candidates.texts.language_models.size import LANES, NEGATIVES, WINDOW, Size
from unspool.candidates.texts.language_models.weights import Dense, State
from unspool.data.ragged import Ragged
from unspool.data.tensor_files import read_tensors, tensor_bytes
from unspool.files import DAMAGE
from unspool.kernels.recurrent import lstm

_POWER = 0.75  # of how often a word is used, in drawing negatives (Mikolov et al., 2013)
_DRAWN = 1 << 20
_RATE, _WARMING, _CLIP = 1e-2, 0.05, 1.0
DECAY = 0.1  # without it, the noise of Adam's updates makes weights grow with the number of steps
_UNITS = 256  # more are trained at a lower rate
_STEPS = 16  # in one program
SECONDS_BETWEEN_SAVES = 60.0
_SAVED = "checkpoint-language-model.safetensors"


@dataclass(frozen=True)
class LanguageModel:
    """What training gives.

    Attributes:
        dense: weights of the LSTM, and its projection to vectors of words.
        words: (V, D + 1), vectors of words and their bias.
    """

    dense: Dense
    words: Array


class Point(NamedTuple):
    """How far a training is.

    Attributes:
        done: steps.
        state: what they have changed.
        states: of the LSTM in each lane, two of (L, U).
    """

    done: int
    state: State
    states: tuple[Array, Array]


def pretrain(
    texts: Ragged,
    words: int,
    size: Size,
    seed: int,
    *,
    saves: "Saves | None" = None,
    advance: Callable[[int], None] = lambda done: None,
) -> LanguageModel:
    """Train a language model.

    Texts are read in an order drawn anew for each pass, end to end in `LANES` lanes, `WINDOW` words of each in a step;
    states go on from step to step, gradients do not (truncated backpropagation). The output vectors are the input's
    (Press and Wolf, 2017), and the right word is told from others that are drawn (sampled softmax; Jean et al., 2015),
    so that no step touches the whole vocabulary. The rate rises for a twentieth of the steps and falls to 0.
    Weight matrices are decayed; biases and word vectors are not.

    Args:
        texts: N texts in numbers below `words`, see `FrequentWords`.
        words: V, how many there are.
        size: of the model and its training.
        seed: of the weights, the order and the negatives.
        saves: where it is saved meanwhile and goes on from; None to save nothing.
        advance: gets how many steps are done.
    """
    lanes = lanes_of(len(texts.flat) + len(texts))
    counts = np.bincount(texts.flat, minlength=words).astype(np.float64) + 1
    counts[BOUNDARY] = len(texts)
    dense, vectors = weights.drawn(words, size.width, size.units, np.random.default_rng(seed))
    # Each word as probable as it is frequent: to learn that alone would take Adam a thousand steps.
    state = State.of(dense, vectors.at[:, -1].set(jnp.asarray(np.log(counts / counts.sum()), jnp.float32)))
    zeros = [jnp.zeros((lanes, size.units)) for _ in range(2)]  # two: each is given away
    point = Point(0, state, (zeros[0], zeros[1]))
    if saves:
        point = saves.latest(point)
    table, chances = _negatives(counts)
    key = jax.random.key(seed)
    stream, of_pass = np.empty((0, 0), np.int32), -1
    while point.done < size.steps:
        number, place = divmod(point.done, _steps_of_pass(texts, lanes))
        if number != of_pass:
            stream, of_pass = _stream(texts, np.random.default_rng([seed, number]), lanes), number
        count = min(_STEPS, _steps_of_pass(texts, lanes) - place, size.steps - point.done)
        windows = [stream[:, i * WINDOW : (i + 1) * WINDOW + 1] for i in range(place, place + count)]
        steps = np.arange(point.done, point.done + count)
        given = jnp.asarray(np.stack(windows)), jnp.asarray(_rates(steps, size)), jnp.asarray(steps)
        point = Point(point.done + count, *_train(*point[1:], *given, key, table, chances))
        jax.block_until_ready(point.state.words)  # type: ignore[no-untyped-call]
        if saves:
            saves.offer(point, last=point.done == size.steps)
        advance(point.done)
    return LanguageModel(point.state.dense, point.state.words)


def lanes_of(words: int) -> int:
    """How many lanes so many words are read in: few words make no more lanes than have some steps each."""
    return int(max(1, min(LANES, words // (WINDOW + 1))))


def _length(texts: Ragged, lanes: int) -> int:
    """Words in a lane, boundaries among them."""
    return max((len(texts.flat) + len(texts)) // lanes, WINDOW + 1)


def _steps_of_pass(texts: Ragged, lanes: int) -> int:
    return (_length(texts, lanes) - 1) // WINDOW


def _stream(texts: Ragged, random: np.random.Generator, lanes: int) -> NDArray[np.int32]:
    """(L, S): all texts in a new order, a boundary before each, cut into lanes."""
    shuffled = texts.take(random.permutation(len(texts)))
    flat = np.insert(shuffled.flat, shuffled.offsets[:-1], BOUNDARY).astype(np.int32)
    return np.resize(flat, (lanes, _length(texts, lanes)))


def _negatives(counts: NDArray[np.float64]) -> tuple[Array, Array]:
    """Words as often as they are drawn, and (V,) the logarithm of each one's share of them."""
    shares = counts**_POWER
    times = np.maximum(np.rint(shares / shares.sum() * _DRAWN), 1).astype(np.int64)
    return jnp.repeat(jnp.arange(len(counts)), times), jnp.asarray(np.log(times / times.sum()), jnp.float32)


def _rates(at: NDArray[np.int64], size: Size) -> NDArray[np.float32]:
    done = (at + 1) / size.steps
    highest = _RATE * min(1.0, _UNITS / size.units)
    return np.asarray(highest * np.minimum(done / _WARMING, (1 - done) / (1 - _WARMING) + 1e-3), np.float32)


class Saves:
    """A training saved in a folder, whole or not at all, some time apart.

    Args:
        folder: where.
        of: what the training depends on; one of something else is not gone on with.
        work: of the model, see `LanguageModelTexts`: whoever goes on takes the same.
    """

    def __init__(self, folder: Path, of: str, work: float):
        self._path, self._of, self._work = folder / _SAVED, of, work
        self._last = time.monotonic()

    def latest(self, first: Point) -> Point:
        """How far the training had come; `first` where there is nothing of it that can be read."""
        kind = jax.tree.structure(first)
        try:
            arrays = read_tensors(self._path)
            if arrays["of"].tobytes().decode() != self._of:
                return first
            leaves = [jnp.asarray(arrays[f"leaf{i:02}"]) for i in range(1, len(jax.tree.leaves(first)))]
            saved: Point = jax.tree.unflatten(kind, [int(arrays["done"][0]), *leaves])
            return saved
        except DAMAGE:
            return first

    def offer(self, point: Point, *, last: bool) -> None:
        """Save a training, if the last time was long ago or it is at its end."""
        if not last and time.monotonic() - self._last < SECONDS_BETWEEN_SAVES:
            return
        leaves = jax.tree.leaves(point)[1:]
        arrays = {f"leaf{i:02}": np.asarray(leaf) for i, leaf in enumerate(leaves, 1)}
        arrays |= {"done": np.array([point.done]), "work": np.array([self._work])}
        arrays["of"] = np.frombuffer(self._of.encode(), np.uint8)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_aside(self._path, tensor_bytes(arrays))
        self._last = time.monotonic()


def saved_work(folder: Path) -> float | None:
    """The work of a training that was saved in a folder; None where there is none."""
    try:
        return float(read_tensors(folder / _SAVED)["work"][0])
    except DAMAGE:
        return None


def pace() -> float:
    """The 10^12 operations of a training that this machine does in a second, as busy as it is now."""
    random = np.random.default_rng(0)
    texts = Ragged.from_lengths(
        random.integers(0, 2000, LANES * (WINDOW + 1) * 33).astype(np.int32), [LANES * (WINDOW + 1) * 33]
    )
    size = Size(256, 128, 2 * _STEPS, 1)
    times: list[float] = []
    pretrain(texts, 2000, size, 0, advance=lambda done: times.append(time.perf_counter()))
    return _STEPS * size.work_of_step() / (times[1] - times[0])


@partial(jax.jit, donate_argnums=(0, 1))
def _train(
    state: State,
    states: tuple[Array, Array],
    read: Array,
    rates: Array,
    numbers: Array,
    key: Array,
    table: Array,
    chances: Array,
) -> tuple[State, tuple[Array, Array]]:
    """Some steps on windows, (S, L, WINDOW + 1)."""

    def one(carried: Any, given: Any) -> Any:
        state, states = carried
        window, rate, number = given
        others = table[jax.random.randint(jax.random.fold_in(key, number), (NEGATIVES,), 0, len(table))]
        inputs, wanted = window[:, :-1], window[:, 1:]
        rows = jnp.concatenate((inputs.reshape(-1), wanted.reshape(-1), others))
        vectors = state.words[rows]
        gradients, states = jax.grad(_loss, argnums=(0, 1), has_aux=True)(
            state.dense, vectors, states, wanted, others, chances
        )
        after = weights.step(state, gradients[0], rows, gradients[1], (Dense(*[rate] * 4), rate), _CLIP, DECAY)
        return (after, states), None

    (state, states), _ = lax.scan(one, (state, states), (read, rates, numbers))
    return state, states


def _loss(
    dense: Dense, vectors: Array, states: tuple[Array, Array], wanted: Array, others: Array, chances: Array
) -> tuple[Array, tuple[Array, Array]]:
    lanes, length = wanted.shape
    count, width = lanes * length, vectors.shape[1] - 1
    inputs, right, wrong = vectors[:count, :-1], vectors[count : 2 * count], vectors[2 * count :]
    outputs, h, c = lstm(inputs.reshape(lanes, length, width), *states, *dense[:3])
    projected = outputs.reshape(count, -1) @ dense.projection
    of_right = (projected * right[:, :-1]).sum(axis=1) + right[:, -1]
    # Each stands for as many words as it is drawn too seldom, so that all together sum to the whole vocabulary.
    of_wrong = projected @ wrong[:, :-1].T + wrong[:, -1] - chances[others] - jnp.log(len(others))
    of_wrong = jnp.where(others == wanted.reshape(-1, 1), -jnp.inf, of_wrong)
    above = jax.nn.logsumexp(jnp.concatenate((of_right[:, None], of_wrong), axis=1), axis=1)
    return (above - of_right).mean(), (lax.stop_gradient(h), lax.stop_gradient(c))
