"""The layers of a network."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.answers import softmax
from unspool_runtime.networks.program import (
    AFFINE,
    DENSE,
    DENSE_COLUMNS,
    FLATTEN,
    POOLING,
    RECURRENT,
    REPEAT,
    UNFLATTEN,
    VECTOR,
    Packing,
    Program,
    Steps,
)
from unspool_runtime.networks.recurrent import Direction, Floats32, Given, State
from unspool_runtime.node import Node

MOST_STEPS = 1 << 20
MOST_NUMBERS = 1 << 26
"""Of one example, after a layer behind "repeat"."""


class Layer(ABC):
    """Reads what the layer before it gives."""

    @abstractmethod
    def __call__(self, given: Steps) -> Steps:
        """What it gives."""

    @abstractmethod
    def pack(self, packing: Packing) -> None:
        """Add it to a program."""


class Shape:
    """What is known of the numbers between layers while a network is put together.

    Attributes:
        width: of a step.
        beside: width of what is pooled beside; 0 where nothing is.
        waiting: whether `beside` has yet to be joined.
        tokens: of the vocabulary.
        embedded: whether what is given are tokens, with a vocabulary's vectors beside them.
        times: steps that a vector was repeated for, or unflattened to.
        flattened: steps that are flattened at most; 0 where none are.
        pools: whether steps are pooled.
        sequence: whether there are steps, not one vector.
        reads_forms: whether the tokens are forms of words.
    """

    def __init__(self, width: int, sequence: bool):
        self.width, self.beside, self.waiting, self.tokens, self.embedded = width, 0, False, 0, False
        self.times, self.flattened, self.pools = 0, 0, False
        self.sequence, self.reads_forms = sequence, False

    def check(self, node: Node) -> None:
        """Make sure that a layer is given numbers, not tokens.

        Raises:
            ModelError: it is not; names it.
        """
        if self.embedded or not self.width:
            raise node.wrong("it reads numbers, and is given tokens")

    def check_steps(self, node: Node, wanted: bool) -> None:
        """Make sure that a layer is given steps, or else one vector.

        Raises:
            ModelError: it is not; names it.
        """
        if self.sequence != wanted:
            raise node.wrong("it reads steps, and is given one vector" if wanted else "it reads one vector")

    def bound(self, node: Node) -> None:
        """Make sure that a file does not ask for more memory than a model needs.

        Raises:
            ModelError: it does.
        """
        if self.times * self.width > MOST_NUMBERS:
            raise node.wrong(f"{self.times:,} steps of {self.width:,} numbers are more than any model has")


class _Embedding(Layer):
    """Tokens to the vectors of a vocabulary."""

    def __init__(self, node: Node, shape: Shape):
        self._vectors = node.array("vectors", np.float32, None, None)
        self._masks = node.flag("mask_zero")
        shape.check_steps(node, True)
        if shape.width or not self._vectors.size:
            raise node.wrong("it reads tokens, and its input is none")
        shape.width, shape.tokens, shape.embedded = self._vectors.shape[1], len(self._vectors), True

    def __call__(self, given: Steps) -> Steps:
        assert given.tokens is not None
        mask = np.not_equal(given.tokens, 0).view(np.uint8) if self._masks else None
        return Steps(self._vectors, mask, given.tokens, beside=given.beside)

    def pack(self, packing: Packing) -> None:
        packing.vectors, packing.mask_zero = self._vectors, self._masks


class Forms(Layer):
    """The forms of words to the sums of their vectors. Only as the first layer."""

    def __init__(self, node: Node, shape: Shape):
        self._vectors = node.array("vectors", np.float32, None, None)
        shape.check_steps(node, True)
        if shape.width or not self._vectors.size:
            raise node.wrong("it reads forms of words, and its input is none")
        if self._vectors[0].any():
            raise node.wrong("its first vector, that of no form, is not 0")
        self.width = shape.width = self._vectors.shape[1]
        shape.tokens, shape.reads_forms = len(self._vectors), True

    def __call__(self, given: Steps) -> Steps:
        """Add the vectors of each word's forms."""
        assert given.tokens is not None
        mask = np.not_equal(given.tokens[:, :, 0], 0).view(np.uint8)
        return Steps(self._vectors[given.tokens].sum(axis=2), mask)

    def pack(self, packing: Packing) -> None:
        """Refused: native code reads what this layer gives."""
        raise TypeError("native code reads what this layer gives")


class _Bigrams(Layer):
    """Hashed pairs of neighbouring tokens, their vectors pooled: see `HashedBigrams` and "mean and maximum"."""

    def __init__(self, node: Node, shape: Shape):
        self._vectors = node.array("vectors", np.float32, None, None)
        if shape.beside or len(self._vectors) < 2:
            raise node.wrong("pairs of tokens are read once, and have two numbers at least")
        shape.beside, shape.waiting = 2 * self._vectors.shape[1], True

    def __call__(self, given: Steps) -> Steps:
        assert given.tokens is not None
        numbers = hashed_bigrams(given.tokens, len(self._vectors))
        return given._replace(beside=_mean_max(self._vectors[numbers], numbers != 0))

    def pack(self, packing: Packing) -> None:
        packing.bigrams = self._vectors


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


class Recurrent(Layer):
    """A recurrent layer of one direction or two, whose states stand side by side."""

    def __init__(self, node: Node, shape: Shape):
        shape.check_steps(node, True)
        cell, activation = node.choice("cell", "rnn", "lstm", "gru after", "gru before"), node.text("activation")
        self._every = node.choice("gives", "all", "last") == "all"
        self.directions = [
            Direction(node.node(name), cell, activation, shape.width, name == "backward")
            for name in ("forward", "backward")
            if name == "forward" or node.has(name)
        ]
        shape.width, shape.embedded = sum(one.units for one in self.directions), False
        shape.bound(node)
        self.width = shape.width
        shape.sequence = self._every

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

    def pack(self, packing: Packing) -> None:
        """Add it to a program."""
        packing.add(RECURRENT, self.width, every=self._every, directions=self.directions)
        packing.steps = packing.steps if self._every else VECTOR


class _Pooling(Layer):
    """Mean and maximum over the steps that count, side by side; and beside them what was pooled of pairs."""

    def __init__(self, node: Node, shape: Shape):
        shape.check_steps(node, True)
        self._joins = node.flag("with_bigrams")
        if self._joins and not shape.waiting:
            raise node.wrong("there are no pairs of tokens to stand beside")
        shape.width = 2 * shape.width + (shape.beside if self._joins else 0)
        shape.waiting, shape.embedded, shape.pools = shape.waiting and not self._joins, False, True
        shape.sequence = False
        self._width = shape.width

    def __call__(self, given: Steps) -> Steps:
        values = given.values if given.tokens is None else given.values[given.tokens]
        found = _mean_max(values, None if given.mask is None else given.mask != 0)
        if self._joins and given.beside is not None:
            found = np.concatenate((found, given.beside), axis=1)
        return Steps(found)

    def pack(self, packing: Packing) -> None:
        packing.add(POOLING, self._width, pairs=packing.bigrams if self._joins else None)
        packing.steps = VECTOR


def _mean_max(values: Floats32, there: NDArray[np.bool_] | None) -> Floats32:
    """(B, T, D) to (B, 2 D); zeros where no step is there."""
    if there is None:
        return np.concatenate((values.mean(axis=1), values.max(axis=1)), axis=1)
    shown = there[:, :, None]
    count = there.sum(axis=1, dtype=np.float32)[:, None]
    mean = np.where(shown, values, np.float32(0)).sum(axis=1) / np.maximum(count, 1)
    highest = np.where(shown, values, np.float32(-np.inf)).max(axis=1, initial=-np.inf)
    return np.concatenate((mean, np.where(count > 0, highest, np.float32(0))), axis=1)


class _Normalization(Layer):
    """Batch normalization, whose statistics are folded into a factor and an offset for each number."""

    def __init__(self, node: Node, shape: Shape):
        shape.check(node)
        self._scale, self._offset = (node.array(name, np.float32, shape.width) for name in ("scale", "offset"))

    def __call__(self, given: Steps) -> Steps:
        return Steps(given.values * self._scale + self._offset, given.mask)

    def pack(self, packing: Packing) -> None:
        packing.add(AFFINE, len(self._scale), weights=self._scale, bias=self._offset)


class _Repeat(Layer):
    """A vector, so many times."""

    def __init__(self, node: Node, shape: Shape):
        shape.check(node)
        shape.check_steps(node, False)
        if shape.times:
            raise node.wrong("a vector is repeated twice")
        shape.times = self._times = node.whole("times", 1, MOST_STEPS)
        shape.sequence = True
        shape.bound(node)
        self._width = shape.width

    def __call__(self, given: Steps) -> Steps:
        return Steps(np.ascontiguousarray(given.values[:, None, :]), given.mask, length=self._times)

    def pack(self, packing: Packing) -> None:
        packing.add(REPEAT, self._width, times=self._times)
        packing.steps = self._times


class _Flatten(Layer):
    """The differences of all steps from a mean, side by side; 0 where a step does not count or is not there."""

    def __init__(self, node: Node, shape: Shape):
        shape.check(node)
        shape.check_steps(node, True)
        if shape.times:
            raise node.wrong("it reads the steps of a series")
        self._mean = node.array("mean", np.float32, None, shape.width)
        if not self._mean.size:
            raise node.wrong("its mean has no steps")
        shape.flattened, shape.width = len(self._mean), self._mean.size
        shape.sequence = False

    def __call__(self, given: Steps) -> Steps:
        values, (length, width) = given.values, self._mean.shape
        found = np.zeros((len(values), length, width), np.float32)
        there = slice(min(values.shape[1], length))
        found[:, there] = values[:, there] - self._mean[there]
        if given.mask is not None:
            found[:, there][given.mask[:, there] == 0] = 0
        return Steps(found.reshape(len(values), -1))

    def pack(self, packing: Packing) -> None:
        packing.add(FLATTEN, self._mean.size, times=len(self._mean), weights=self._mean)
        packing.steps = VECTOR


class _Unflatten(Layer):
    """The numbers of a vector as steps."""

    def __init__(self, node: Node, shape: Shape):
        shape.check(node)
        shape.check_steps(node, False)
        self._times = node.whole("times", 1, MOST_STEPS)
        if shape.times or shape.width % self._times:
            raise node.wrong(f"{shape.width:,} numbers are not {self._times:,} steps")
        shape.times, shape.width = self._times, shape.width // self._times
        shape.sequence = True
        self._width = shape.width

    def __call__(self, given: Steps) -> Steps:
        return Steps(given.values.reshape(len(given.values), self._times, self._width))

    def pack(self, packing: Packing) -> None:
        packing.add(UNFLATTEN, self._width, times=self._times)
        packing.steps = self._times


class _Dense(Layer):
    """A product with weights, a bias and an activation. Native code gives an example the same bits in any batch."""

    def __init__(self, node: Node, shape: Shape):
        shape.check(node)
        self._weights = node.array("weights", np.float32, shape.width, None)
        self._bias = node.array("bias", np.float32, self._weights.shape[1])
        self._activation = node.choice("activation", *ACTIVATIONS)
        shape.width = self._weights.shape[1]
        shape.bound(node)

    def __call__(self, given: Steps) -> Steps:
        if self._alone is not None:
            rows = given.values.reshape(-1, given.values.shape[-1])
            found = self._alone(Steps(rows)).reshape(*given.values.shape[:-1], -1)
        else:
            found = ACTIVATIONS[self._activation](given.values @ self._weights + self._bias)
        return Steps(found, given.mask)

    def pack(self, packing: Packing) -> None:
        more = -self._weights.shape[1] % DENSE_COLUMNS
        weights, bias = np.pad(self._weights, ((0, 0), (0, more))), np.pad(self._bias, (0, more))
        activation = [*ACTIVATIONS].index(self._activation)
        packing.add(DENSE, self._weights.shape[1], activation=activation, weights=weights, bias=bias)

    @cached_property
    def _alone(self) -> Program | None:
        return Program.of([self], len(self._weights))


def _sigmoid(x: Floats32) -> Floats32:
    found: Floats32 = np.reciprocal(1 + np.exp(-np.maximum(x, np.float32(-80))))  # below which exp would overflow
    return found


ACTIVATIONS: dict[str, Callable[[Floats32], Floats32]] = {
    "linear": lambda x: x,
    "sigmoid": _sigmoid,
    "softmax": softmax,
    "tanh": np.tanh,
}
"""In the order of native/dense.h."""

_LAYERS: dict[str, Callable[[Node, Shape], Layer]] = {
    "embedding": _Embedding,
    "forms": Forms,
    "bigrams": _Bigrams,
    "recurrent": Recurrent,
    "pooling": _Pooling,
    "normalization": _Normalization,
    "repeat": _Repeat,
    "flatten": _Flatten,
    "unflatten": _Unflatten,
    "dense": _Dense,
}


def read_layer(node: Node, shape: Shape) -> Layer:
    """Read a layer and enter in the shape what it gives.

    Raises:
        ModelError: the file does not describe a layer, or it does not fit the shape.
    """
    return _LAYERS[node.choice("kind", *_LAYERS)](node, shape)
