"""N examples: inputs, targets and weights, nested as a Keras model takes them."""

from dataclasses import dataclass
from typing import Any, Self

import keras
import numpy as np
from numpy.typing import NDArray

from unspool.data.padding import pad
from unspool.data.stored_ragged import Sequences

Nested = Any
"""One array or one `Sequences`, or a dict, list or tuple of them, as a Keras model takes its inputs."""


@dataclass(frozen=True, eq=False)
class StepWeights:
    """What each step of N ragged targets weighs in loss and metrics: padding nothing, each real step the same.

    Keras divides the sum over a padded batch (B, L) by B L. So a real step gets the weight L `scale`, where `scale` is
    one over the mean length of all N: the loss of a batch is then the sum over its real steps, divided by B and the
    mean length, whatever it was padded to; and its mean over all batches is exactly the mean over all steps.

    Attributes:
        lengths: (N,) of the targets.
        given: the caller's weights: None, one for each example (N,), or one for each step.
        scale: N over the number of all steps.
    """

    lengths: NDArray[np.int64]
    given: NDArray[Any] | Sequences | None
    scale: float

    def __len__(self) -> int:
        return len(self.lengths)

    def take(self, rows: NDArray[np.integer]) -> Self:
        """The weights of the examples at `rows`, (K,)."""
        given = self.given
        if given is not None:
            given = given.take(rows) if isinstance(given, Sequences) else given[rows]
        return type(self)(self.lengths[rows], given, self.scale)

    def padded(self, length: int) -> NDArray[np.floating]:
        """(N, length), zeros in front."""
        floats = np.dtype(keras.config.floatx())
        present = np.arange(length) >= length - self.lengths[:, None]
        weights: NDArray[np.floating] = present.astype(floats) * floats.type(length * self.scale)
        if isinstance(self.given, Sequences):
            weights *= pad(self.given.load(), length)
        elif self.given is not None:
            weights *= self.given.reshape(-1, 1)
        return weights


@dataclass(frozen=True)
class Examples:
    """Inputs, targets and weights of N examples.

    Attributes:
        x: nested arrays (N, ...), each of them or N sequences.
        y: likewise, or None; an array may be None for an output without a loss.
        sample_weight: likewise, or None.
    """

    x: Nested
    y: Nested = None
    sample_weight: Nested = None

    def __len__(self) -> int:
        return len(keras.tree.flatten(self.x)[0])

    def take(self, rows: NDArray[np.integer] | slice) -> "Examples":
        """The examples at `rows`, (K,), in that order; a slice of arrays is a view, sequences in a file stay there."""
        return Examples(*(_take(part, rows) for part in (self.x, self.y, self.sample_weight)))

    @property
    def ragged(self) -> bool:
        """Whether any of it has a length of its own for each example."""
        return any(is_ragged(leaf) for part in (self.x, self.y) for leaf in keras.tree.flatten(part))

    @property
    def by_step(self) -> bool:
        """Whether any target has: a label for each step, say."""
        return any(is_ragged(leaf) for leaf in keras.tree.flatten(self.y))

    def packed(self) -> Nested:
        """The tuple that a Keras train step unpacks."""
        return keras.utils.pack_x_y_sample_weight(self.x, self.y, self.sample_weight)


def is_ragged(leaf: Any) -> bool:
    """Whether a leaf of a tree of data has a length of its own for each example."""
    return isinstance(leaf, Sequences | StepWeights)


def _take(data: Nested, rows: NDArray[np.integer] | slice) -> Nested:
    return None if data is None else keras.tree.map_structure(lambda leaf: _rows_of(leaf, rows), data)


def _rows_of(leaf: Any, rows: NDArray[np.integer] | slice) -> Any:
    if leaf is None:
        return None
    return leaf.take(np.arange(len(leaf))[rows]) if is_ragged(leaf) else leaf[rows]
