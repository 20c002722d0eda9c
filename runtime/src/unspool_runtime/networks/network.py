"""A network as a list of layers, each reading what the one before it gives."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.networks.recurrent import Direction, Floats32, Given, State
from unspool_runtime.node import Node

MOST_STEPS = 1 << 20
MOST_NUMBERS = 1 << 26
"""Of one example, after a layer behind "repeat"."""


class Steps(NamedTuple):
    """What goes from layer to layer.

    Attributes:
        values: (B, T, D) or (B, D) float32; with `tokens` the vectors of a vocabulary, (V, D).
        mask: (B, T) uint8, 1 where a step counts, or None: all count.
        tokens: (B, T) int32, which vector each step has, or None.
        length: T where values are (B, 1, D), the same at every step; else 0.
        beside: (B, E), what was pooled of the tokens themselves, or None.
    """

    values: Floats32
    mask: NDArray[np.uint8] | None = None
    tokens: NDArray[np.int32] | None = None
    length: int = 0
    beside: Floats32 | None = None


Layer = Callable[[Steps], Steps]
Batches = Iterator[tuple[NDArray[np.int64], Steps]]
"""Which of N examples, and what a network takes of them."""


class Network:
    """Layers, one after the other.

    Args:
        node: its "layers".
        width: numbers that a step of the input has; for tokens 0.

    Attributes:
        width: numbers that the last layer gives.
        tokens: how many tokens it knows; 0 where it reads numbers.
        times: steps that it makes of a vector; 0 where it reads sequences.
    """

    def __init__(self, node: Node, width: int):
        node.choice("kind", "network")
        makers: dict[str, Callable[[Node, Shape], Layer]] = {
            "embedding": _embedding,
            "bigrams": _bigrams,
            "recurrent": Recurrent,
            "pooling": _pooling,
            "normalization": _normalization,
            "repeat": _repeat,
            "dense": _dense,
        }
        shape = Shape(width)
        self._layers = [makers[one.choice("kind", *makers)](one, shape) for one in node.nodes("layers")]
        if shape.waiting or shape.embedded or not shape.width:
            raise node.wrong("the layers do not fit each other")
        self.width, self.tokens, self.times = shape.width, shape.tokens, shape.times
        self._pools = shape.pools

    def __call__(self, steps: Steps) -> Floats32:
        """(B, ...) what the last layer gives."""
        for layer in self._layers:
            steps = layer(steps)
        return steps.values

    @property
    def streams(self) -> bool:
        """Whether it can read step by step: nothing looks ahead, and nothing is pooled over all steps."""
        recurrent = [layer for layer in self._layers if isinstance(layer, Recurrent)]
        pooled = self.times or self._pools
        return bool(recurrent) and not pooled and all(len(layer.directions) == 1 for layer in recurrent)

    def start(self, batch: int) -> list[State]:
        """The state of each recurrent layer before the first step."""
        units = [layer.directions[0].units for layer in self._layers if isinstance(layer, Recurrent)]
        return [(np.zeros((batch, size), np.float32), np.zeros((batch, size), np.float32)) for size in units]

    def step(self, values: Floats32, states: list[State]) -> tuple[Floats32, list[State]]:
        """Read one step more, (B, 1, D): what the last layer gives, and the states after it."""
        steps, after = Steps(values), list[State]()
        for layer in self._layers:
            if isinstance(layer, Recurrent):
                steps, state = layer.step(steps, states[len(after)])
                after.append(state)
            else:
                steps = layer(steps)
        return steps.values, after


class Shape:
    """What is known of the numbers between layers while a network is put together.

    Attributes:
        width: of a step.
        beside: width of what is pooled beside; 0 where nothing is.
        waiting: whether `beside` has yet to be joined.
        tokens: of the vocabulary.
        embedded: whether what is given are tokens, with a vocabulary's vectors beside them.
        times: steps that a vector was repeated for.
        pools: whether steps are pooled.
    """

    def __init__(self, width: int):
        self.width, self.beside, self.waiting, self.tokens, self.embedded = width, 0, False, 0, False
        self.times, self.pools = 0, False

    def check(self, node: Node) -> None:
        """Make sure that a layer is given numbers, not tokens.

        Raises:
            ModelError: it is not; names it.
        """
        if self.embedded or not self.width:
            raise node.wrong("it reads numbers, and is given tokens")

    def bound(self, node: Node) -> None:
        """Make sure that a file does not ask for more memory than a model needs.

        Raises:
            ModelError: it does.
        """
        if self.times * self.width > MOST_NUMBERS:
            raise node.wrong(f"{self.times:,} steps of {self.width:,} numbers are more than any model has")


def _embedding(node: Node, shape: Shape) -> Layer:
    vectors = node.array("vectors", np.float32, None, None)
    masks = node.flag("mask_zero")
    if shape.width or not vectors.size:
        raise node.wrong("it reads tokens, and its input is none")
    shape.width, shape.tokens, shape.embedded = vectors.shape[1], len(vectors), True

    def layer(given: Steps) -> Steps:
        assert given.tokens is not None
        mask = np.not_equal(given.tokens, 0).view(np.uint8) if masks else None
        return Steps(vectors, mask, given.tokens, beside=given.beside)

    return layer


def _bigrams(node: Node, shape: Shape) -> Layer:
    """Hashed pairs of neighbouring tokens, their vectors pooled: see `HashedBigrams` and "mean and maximum"."""
    vectors = node.array("vectors", np.float32, None, None)
    if shape.beside or len(vectors) < 2:
        raise node.wrong("pairs of tokens are read once, and have two numbers at least")
    shape.beside, shape.waiting = 2 * vectors.shape[1], True

    def layer(given: Steps) -> Steps:
        assert given.tokens is not None
        numbers = hashed_bigrams(given.tokens, len(vectors))
        return given._replace(beside=_mean_max(vectors[numbers], numbers != 0))

    return layer


def hashed_bigrams(tokens: NDArray[np.int32], buckets: int) -> NDArray[np.int64]:
    """The number of the pair that each token makes with the one before it: (B, T) to (B, T).

    Pairs with padding (0) or an unknown token (2) in them have the number 0; the others are hashed to 1, 2, ... by the
    last steps of MurmurHash3 (Appleby, 2011).
    """
    right = tokens.astype(np.uint32)
    left = np.zeros_like(right)
    left[:, 1:] = right[:, :-1]
    pair = left * np.uint32(0x9E3779B1) + right * np.uint32(0x85EBCA77)
    pair = (pair ^ (pair >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    pair = (pair ^ (pair >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    number = (pair ^ (pair >> np.uint32(16))) % np.uint32(buckets - 1)
    known = (left != 0) & (left != 2) & (right != 0) & (right != 2)
    return np.where(known, number.astype(np.int64) + 1, 0)


class Recurrent:
    """A recurrent layer of one direction or two, whose states stand side by side."""

    def __init__(self, node: Node, shape: Shape):
        cell, activation = node.choice("cell", "rnn", "lstm", "gru after", "gru before"), node.text("activation")
        self._every = node.choice("gives", "all", "last") == "all"
        self.directions = [
            Direction(node.node(name), cell, activation, shape.width, name == "backward")
            for name in ("forward", "backward")
            if name == "forward" or node.has(name)
        ]
        shape.width, shape.embedded = sum(one.units for one in self.directions), False
        shape.bound(node)

    def __call__(self, given: Steps) -> Steps:
        """Read whole sequences."""
        read = Given(given.values, given.mask, given.tokens, given.length)
        found = [direction(read, self._every) for direction in self.directions]
        values = found[0] if len(found) == 1 else np.concatenate(found, axis=-1)
        return Steps(np.ascontiguousarray(values), given.mask if self._every else None, beside=given.beside)

    def step(self, given: Steps, before: State) -> tuple[Steps, State]:
        """Read on from a state, in one direction."""
        values, after = self.directions[0].run(Given(given.values), self._every, before)
        return Steps(values), after


def _pooling(node: Node, shape: Shape) -> Layer:
    """Mean and maximum over the steps that count, side by side; and beside them what was pooled of pairs."""
    joins = node.flag("with_bigrams")
    if joins and not shape.waiting:
        raise node.wrong("there are no pairs of tokens to stand beside")
    shape.width = 2 * shape.width + (shape.beside if joins else 0)
    shape.waiting, shape.embedded, shape.pools = shape.waiting and not joins, False, True

    def layer(given: Steps) -> Steps:
        values = given.values if given.tokens is None else given.values[given.tokens]
        found = _mean_max(values, None if given.mask is None else given.mask != 0)
        return Steps(np.concatenate((found, given.beside), axis=1) if joins and given.beside is not None else found)

    return layer


def _mean_max(values: Floats32, there: NDArray[np.bool_] | None) -> Floats32:
    """(B, T, D) to (B, 2 D); zeros where no step is there."""
    if there is None:
        return np.concatenate((values.mean(axis=1), values.max(axis=1)), axis=1)
    shown = there[:, :, None]
    count = there.sum(axis=1, dtype=np.float32)[:, None]
    mean = np.where(shown, values, np.float32(0)).sum(axis=1) / np.maximum(count, 1)
    highest = np.where(shown, values, np.float32(-np.inf)).max(axis=1, initial=-np.inf)
    return np.concatenate((mean, np.where(count > 0, highest, np.float32(0))), axis=1)


def _normalization(node: Node, shape: Shape) -> Layer:
    """Batch normalization, whose statistics are folded into a factor and an offset for each number."""
    shape.check(node)
    scale, offset = (node.array(name, np.float32, shape.width) for name in ("scale", "offset"))
    return lambda given: Steps(given.values * scale + offset, given.mask)


def _repeat(node: Node, shape: Shape) -> Layer:
    shape.check(node)
    shape.times = times = node.whole("times", 1, MOST_STEPS)
    shape.bound(node)
    return lambda given: Steps(np.ascontiguousarray(given.values[:, None, :]), given.mask, length=times)


def _dense(node: Node, shape: Shape) -> Layer:
    shape.check(node)
    weights = node.array("weights", np.float32, shape.width, None)
    bias = node.array("bias", np.float32, weights.shape[1])
    activation = ACTIVATIONS[node.choice("activation", *ACTIVATIONS)]
    shape.width = weights.shape[1]
    shape.bound(node)
    return lambda given: Steps(activation(given.values @ weights + bias), given.mask)


def _sigmoid(x: Floats32) -> Floats32:
    found: Floats32 = np.reciprocal(1 + np.exp(-np.maximum(x, np.float32(-80))))  # below which exp would overflow
    return found


def _softmax(x: Floats32) -> Floats32:
    shifted = np.exp(x - x.max(axis=-1, keepdims=True))
    found: Floats32 = shifted / shifted.sum(axis=-1, keepdims=True)
    return found


ACTIVATIONS: dict[str, Callable[[Floats32], Floats32]] = {
    "linear": lambda x: x,
    "sigmoid": _sigmoid,
    "softmax": _softmax,
    "tanh": np.tanh,
}
